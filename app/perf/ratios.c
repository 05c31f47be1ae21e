/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove to its peers: a row for each figure, a column for each of the others. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

#define NAME_MAX    64
#define RATIO_WIDTH 18

/* The cell of an allocator for the same workload as one of another; NULL: there is none. */
static const struct perf_cell *
cell_beside(const struct perf_run *run, const struct perf_cell *cell, const struct perf_allocator *allocator)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (run->cells[i].allocator == allocator && perf_cell_beside(&run->cells[i], cell))
			return &run->cells[i];
	}
	return NULL;
}

static void
ratio_show(const struct perf_run *run, const struct perf_cell *peer, unsigned int call, int width)
{
	const double ratio = peer != NULL ? perf_cell_ratio(run, peer, call, &perf_groove) : 0;

	if (ratio > 0)
		printf(" %*.3f", width, 1 / ratio);
	else
		printf(" %*s", width, "-");
}

/* What a row is called. Under a line with the workload and the call of a matrix: by the form alone. */
static void
name_show(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);
	char name[NAME_MAX];

	if (perf_is_matrix(workload))
		snprintf(name, sizeof(name), "%s", variant.name);
	else if (workload->kind == PERF_FILL)
		snprintf(name, sizeof(name), "%s %s", variant.name, perf_phase_name(call));
	else if (workload->kind == PERF_LATENCY)
		snprintf(name, sizeof(name), "%s p50 %s", workload->name, perf_call_name(call));
	else
		snprintf(name, sizeof(name), "%s", workload->name);
	printf(" %-*s %3" PRIu32, RATIO_WIDTH, name, cell->lcore_cnt);
}

/* Whether an allocator has a column: it was chosen, and is not groove itself. */
static bool
is_peer(const struct perf_run *run, unsigned int allocator)
{
	return run->options.allocators[allocator] && perf_allocators[allocator] != &perf_groove;
}

static void
row_show(const struct perf_run *run, const struct perf_cell *cell, unsigned int call)
{
	name_show(cell, call);
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		const struct perf_allocator *peer = perf_allocators[i];

		if (is_peer(run, i))
			ratio_show(run, cell_beside(run, cell, peer), call, (int)strlen(perf_title(peer)));
	}
	putchar('\n');
}

static void
head_show(const struct perf_run *run)
{
	printf("\ngroove : peer, of times (below 1: groove is faster)\n"
	       "and of shares of memory (above 1: groove holds more)\n"
	       " %-*s %3s",
		RATIO_WIDTH, "", "lc.");
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (is_peer(run, i))
			printf(" %s", perf_title(perf_allocators[i]));
	}
	putchar('\n');
}

static bool
has_row(const struct perf_cell *cell)
{
	return cell->allocator == &perf_groove && perf_cell_has_figure(cell);
}

/* All forms of a workload, first with one figure, then with the next. */
static void
matrix_show(const struct perf_run *run, uint32_t workload)
{
	const unsigned int cnt = perf_figure_cnt(perf_workloads[workload]);

	for (unsigned int call = 0; call < cnt; call++) {
		printf(" %s%s%s\n", perf_workloads[workload]->name, cnt > 1 ? ", " : "",
			perf_figure_name(perf_workloads[workload], call));
		for (uint32_t i = 0; i < run->cell_cnt; i++) {
			if (run->cells[i].workload == workload && has_row(&run->cells[i]))
				row_show(run, &run->cells[i], call);
		}
	}
}

void
perf_ratios_show(const struct perf_run *run)
{
	uint32_t shown = UINT32_MAX; /* the matrix that has its rows */
	bool begun = false;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (!has_row(cell) || cell->workload == shown)
			continue;
		if (!begun)
			head_show(run);
		begun = true;
		if (perf_is_matrix(perf_workloads[cell->workload])) {
			shown = cell->workload;
			matrix_show(run, shown);
			continue;
		}
		for (unsigned int call = 0; call < perf_figure_cnt(perf_workloads[cell->workload]); call++)
			row_show(run, cell, call);
	}
}
