/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The figures of a workload with many forms: a row for each form, a column for each allocator, in cycles. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "tsc.h"

#define NAME_WIDTH	14
#define NAME_WIDTH_LONG 20

/* The first cell of an allocator in a workload; NULL: there is none. */
static const struct perf_cell *
first_of(const struct perf_run *run, uint32_t workload, const struct perf_allocator *allocator)
{
	const struct perf_cell *first = NULL;

	/* one with a figure, if there is any: it says who the allocator is */
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload == workload && cell->allocator == allocator &&
			(first == NULL || (!perf_cell_has_figure(first) && perf_cell_has_figure(cell))))
			first = cell;
	}
	return first;
}

static int
name_width(uint32_t workload)
{
	const struct perf_variant first = perf_variant_of(perf_workloads[workload], 0);

	return first.from_sz > 0 || first.pool > 0 ? NAME_WIDTH_LONG : NAME_WIDTH;
}

static void
title_show(const struct perf_run *run, uint32_t workload, unsigned int call)
{
	printf("%-*s lc", name_width(workload), perf_figure_name(perf_workloads[workload], call));
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (first_of(run, workload, perf_allocators[i]) != NULL)
			printf(" %s", perf_title(perf_allocators[i]));
	}
	putchar('\n');
}

/* Whether a cell has a share, which may be 0. */
static bool
has_share(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_shift *shift = &cell->median.shift;

	return perf_cell_has_figure(cell) && (call == 0 ? shift->freed : shift->fit) > 0;
}

static void
figure_show(const struct perf_run *run, const struct perf_cell *row, const struct perf_allocator *allocator,
	unsigned int call)
{
	const int width = (int)strlen(perf_title(allocator));

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->allocator != allocator || !perf_cell_beside(cell, row))
			continue;
		if (has_share(cell, call))
			printf(" %*.3f", width, perf_cell_figure(cell, call));
		else if (perf_cell_figure(cell, call) > 0)
			printf(" %*.1f", width, perf_cell_figure(cell, call) / tsc_tick_ns());
		else
			printf(" %*s", width, cell->failed ? "failed" : "-");
		return;
	}
	printf(" %*s", width, "-");
}

static void
row_show(const struct perf_run *run, const struct perf_cell *row, unsigned int call)
{
	const struct perf_variant variant = perf_variant_of(perf_workloads[row->workload], row->variant);

	printf("%-*s %2" PRIu32, name_width(row->workload), variant.name, row->lcore_cnt);
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (first_of(run, row->workload, perf_allocators[i]) != NULL)
			figure_show(run, row, perf_allocators[i], call);
	}
	putchar('\n');
}

/* A row for each form and number of lcores: where one begins there is another cell than before. */
static void
rows_show(const struct perf_run *run, uint32_t workload, unsigned int call)
{
	const struct perf_cell *last = NULL;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload != workload || (last != NULL && perf_cell_beside(cell, last)))
			continue;
		row_show(run, cell, call);
		last = cell;
	}
}

void
perf_matrix_show(const struct perf_run *run, uint32_t workload)
{
	const struct perf_workload *what = perf_workloads[workload];
	const unsigned int cnt = perf_figure_cnt(what);

	printf("\n%s: %s\n", what->name, what->what);
	if (what->kind != PERF_SHIFT)
		printf("  (cycles of %.3f ns for a call)\n", tsc_tick_ns());
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		const struct perf_cell *cell = first_of(run, workload, perf_allocators[i]);

		if (cell == NULL)
			continue;
		perf_cell_who_show(cell);
		putchar('\n');
	}
	for (unsigned int call = 0; call < cnt; call++) {
		title_show(run, workload, call);
		rows_show(run, workload, call);
	}
}
