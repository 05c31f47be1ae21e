/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "text.h"

#define WHO_MAX	    64
#define WHO_WIDTH   36
#define COL_WIDTH   20
#define NAME_WIDTH  14
#define RATIO_WIDTH 18

static void
head_show(const struct perf_run *run, uint32_t idx, const char *unit)
{
	const struct perf_workload *workload = perf_workloads[idx];

	printf("\n%s: %s", workload->name, workload->what);
	if (workload->fixed_sz == 0 && !workload->is_fill)
		printf(", to %s", app_text_bytes(run->options.sz_max).s);
	printf("\n  (%s)\n", unit);
}

static const char *
plural(uint32_t cnt)
{
	return cnt == 1 ? "" : "s";
}

/* Whether a cell is the first of its allocator, in its workload and sizes: it begins a row. */
static bool
begins_row(const struct perf_run *run, uint32_t i)
{
	const struct perf_cell *cell = &run->cells[i];

	for (uint32_t j = 0; j < i; j++) {
		if (run->cells[j].workload == cell->workload && run->cells[j].allocator == cell->allocator &&
			run->cells[j].sizes == cell->sizes)
			return false;
	}
	return true;
}

/* The head of each column of lcores: those of the first allocator. */
static void
columns_show(const struct perf_run *run, uint32_t first)
{
	char text[WHO_MAX];

	printf("  %-*s", WHO_WIDTH, "");
	for (uint32_t i = first; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload != run->cells[first].workload || cell->sizes != run->cells[first].sizes)
			break;
		if (cell->allocator != run->cells[first].allocator)
			continue;
		snprintf(text, sizeof(text), "%" PRIu32 " lcore%s", cell->lcore_cnt, plural(cell->lcore_cnt));
		printf("%*s", COL_WIDTH, text);
	}
	putchar('\n');
}

/* What stands in the place of a figure that is missing. */
static const char *
missing_text(const struct perf_cell *cell)
{
	return cell->failed ? "failed" : "-";
}

static void
who_show(const struct perf_cell *cell)
{
	char who[WHO_MAX];

	if (!perf_cell_has_figure(cell))
		snprintf(who, sizeof(who), "%s", cell->allocator->name);
	else
		perf_cell_who(cell, who, sizeof(who));
	printf("  %-*s", WHO_WIDTH, who);
}

/* ---- times ---- */

static void
time_show(const struct perf_run *run, const struct perf_cell *cell)
{
	const double ratio = perf_cell_ratio(run, cell, 0);
	char text[WHO_MAX];

	if (!perf_cell_has_figure(cell))
		snprintf(text, sizeof(text), "%s", missing_text(cell));
	else if (ratio > 0)
		snprintf(text, sizeof(text), "%.2f %7.2f x", cell->median.ns_per_op, ratio);
	else
		snprintf(text, sizeof(text), "%.2f", cell->median.ns_per_op);
	printf("%*s", COL_WIDTH, text);
}

/* ---- shares ---- */

/* A share that is not known took too long. */
static void
share_text(double share, char *buf, size_t buf_sz)
{
	if (share > 0)
		snprintf(buf, buf_sz, "%.3f", share);
	else
		snprintf(buf, buf_sz, "slow");
}

static void
share_show(const struct perf_cell *cell)
{
	char fresh[8];
	char churned[8];
	char text[WHO_MAX];

	share_text(cell->median.share_fresh, fresh, sizeof(fresh));
	share_text(cell->median.share_churned, churned, sizeof(churned));
	if (!perf_cell_has_figure(cell))
		snprintf(text, sizeof(text), "%s", missing_text(cell));
	else
		snprintf(text, sizeof(text), "%s then %s", fresh, churned);
	printf("%*s", COL_WIDTH, text);
}

/* ---- rows ---- */

/* All figures of the allocator of a cell, in its workload and sizes. */
static void
row_show(const struct perf_run *run, uint32_t first)
{
	const struct perf_cell *cell = &run->cells[first];

	who_show(cell);
	for (uint32_t i = first; i < run->cell_cnt; i++) {
		const struct perf_cell *other = &run->cells[i];

		if (other->workload != cell->workload || other->allocator != cell->allocator ||
			other->sizes != cell->sizes)
			continue;
		if (perf_workloads[cell->workload]->is_fill)
			share_show(other);
		else
			time_show(run, other);
	}
	putchar('\n');
}

static void
rows_show(const struct perf_run *run, uint32_t workload)
{
	const bool is_fill = perf_workloads[workload]->is_fill;
	uint32_t sizes = PERF_SIZES_CNT;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload != workload || !begins_row(run, i))
			continue;
		if (sizes != cell->sizes && is_fill)
			printf(" %s: %s\n", perf_sizes_name((enum perf_sizes)cell->sizes),
				perf_sizes_what((enum perf_sizes)cell->sizes));
		if (sizes != cell->sizes)
			columns_show(run, i);
		sizes = cell->sizes;
		row_show(run, i);
	}
}

static void
latency_row_show(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_latency *latency = &cell->median.latency[call];

	printf("  %-*s %5" PRIu32 "  %-5s", NAME_WIDTH, cell->allocator->name, cell->lcore_cnt, perf_call_name(call));
	if (!perf_cell_has_figure(cell))
		printf(" %s\n", missing_text(cell));
	else
		printf(" %8.0f %8.0f %8.0f %8.0f %10.0f\n", latency->p50, latency->p99, latency->p999, latency->p9999,
			latency->max);
}

static void
latencies_show(const struct perf_run *run, uint32_t workload)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (run->cells[i].workload == workload && begins_row(run, i)) {
			who_show(&run->cells[i]);
			putchar('\n');
		}
	}
	printf("  %-*s %5s  %-5s %8s %8s %8s %8s %10s\n", NAME_WIDTH, "", "lcore", "call", "p50", "p99", "p99.9",
		"p99.99", "max");
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++) {
		for (uint32_t i = 0; i < run->cell_cnt; i++) {
			if (run->cells[i].workload == workload)
				latency_row_show(&run->cells[i], call);
		}
	}
}

void
perf_table_show(const struct perf_run *run, uint32_t workload)
{
	if (perf_workloads[workload]->is_latency) {
		head_show(run, workload, "ns");
		latencies_show(run, workload);
	} else if (perf_workloads[workload]->is_fill) {
		head_show(run, workload, "fresh, then after ten rounds of freeing half");
		rows_show(run, workload);
	} else {
		head_show(run, workload, "ns per call, x groove's");
		rows_show(run, workload);
	}
}

/* ---- groove to its peers ---- */

/* The cell of an allocator for the same workload as one of another; NULL: there is none. */
static const struct perf_cell *
cell_beside(const struct perf_run *run, const struct perf_cell *cell, const struct perf_allocator *allocator)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *other = &run->cells[i];

		if (other->allocator == allocator && other->workload == cell->workload &&
			other->lcore_cnt == cell->lcore_cnt && other->sizes == cell->sizes)
			return other;
	}
	return NULL;
}

static void
ratio_show(const struct perf_run *run, const struct perf_cell *peer, unsigned int call, int width)
{
	const double ratio = peer != NULL ? perf_cell_ratio(run, peer, call) : 0;

	if (ratio > 0)
		printf(" %*.3f", width, 1 / ratio);
	else
		printf(" %*s", width, "-");
}

static void
ratios_name_show(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	char name[WHO_MAX];

	if (workload->is_fill)
		snprintf(name, sizeof(name), "%s %s", perf_sizes_name((enum perf_sizes)cell->sizes),
			perf_phase_name(call));
	else
		snprintf(name, sizeof(name), "%s%s%s", workload->name, workload->is_latency ? " p50 " : "",
			workload->is_latency ? perf_call_name(call) : "");
	printf(" %-*s %3" PRIu32, RATIO_WIDTH, name, cell->lcore_cnt);
}

/* Whether an allocator has a column: it was chosen, and is not groove itself. */
static bool
is_peer(const struct perf_run *run, unsigned int allocator)
{
	return run->options.allocators[allocator] && perf_allocators[allocator] != &perf_groove;
}

/* Name of a peer's column: all of them fit in 80 columns so. */
static const char *
peer_title(const struct perf_allocator *peer)
{
	static const char own[] = "groove-";

	return strncmp(peer->name, own, sizeof(own) - 1) == 0 ? peer->name + sizeof(own) - 1 : peer->name;
}

static void
ratios_row_show(const struct perf_run *run, const struct perf_cell *cell, unsigned int call)
{
	ratios_name_show(cell, call);
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		const struct perf_allocator *peer = perf_allocators[i];

		if (is_peer(run, i))
			ratio_show(run, cell_beside(run, cell, peer), call, (int)strlen(peer_title(peer)));
	}
	putchar('\n');
}

static void
ratios_head_show(const struct perf_run *run)
{
	printf("\ngroove : peer, of times (below 1: groove is faster)\n"
	       "and of shares of fill (above 1: groove holds more)\n"
	       " %-*s %3s",
		RATIO_WIDTH, "", "lc.");
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (is_peer(run, i))
			printf(" %s", peer_title(perf_allocators[i]));
	}
	putchar('\n');
}

void
perf_table_ratios(const struct perf_run *run)
{
	bool begun = false;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->allocator != &perf_groove || !perf_cell_has_figure(cell))
			continue;
		if (!begun)
			ratios_head_show(run);
		begun = true;
		for (unsigned int call = 0; call < perf_figure_cnt(perf_workloads[cell->workload]); call++)
			ratios_row_show(run, cell, call);
	}
}
