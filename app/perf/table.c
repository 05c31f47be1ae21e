/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>

#include "run.h"
#include "text.h"

#define TEXT_MAX   64
#define COL_WIDTH  20
#define NAME_WIDTH 14

static void
head_show(const struct perf_run *run, uint32_t idx, const char *unit)
{
	const struct perf_workload *workload = perf_workloads[idx];

	printf("\n%s: %s", workload->name, workload->what);
	if (workload->fixed_sz == 0 && workload->kind != PERF_FILL)
		printf(", to %s", app_text_bytes(run->options.sz_max).s);
	printf("\n  (%s)\n", unit);
}

static const char *
plural(uint32_t cnt)
{
	return cnt == 1 ? "" : "s";
}

/* Whether a cell is the first of its allocator, in its workload and variant: it begins a row. */
static bool
begins_row(const struct perf_run *run, uint32_t i)
{
	const struct perf_cell *cell = &run->cells[i];

	for (uint32_t j = 0; j < i; j++) {
		if (run->cells[j].workload == cell->workload && run->cells[j].allocator == cell->allocator &&
			run->cells[j].variant == cell->variant)
			return false;
	}
	return true;
}

/* The head of each column of lcores: those of the first allocator. */
static void
columns_show(const struct perf_run *run, uint32_t first)
{
	char text[TEXT_MAX];

	printf("  %-*s", PERF_WHO_WIDTH, "");
	for (uint32_t i = first; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload != run->cells[first].workload || cell->variant != run->cells[first].variant)
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

/* ---- times ---- */

static void
time_show(const struct perf_run *run, const struct perf_cell *cell)
{
	const double ratio = perf_cell_ratio(run, cell, 0, &perf_groove);
	char text[TEXT_MAX];

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
	char text[TEXT_MAX];

	share_text(cell->median.share_fresh, fresh, sizeof(fresh));
	share_text(cell->median.share_churned, churned, sizeof(churned));
	if (!perf_cell_has_figure(cell))
		snprintf(text, sizeof(text), "%s", missing_text(cell));
	else
		snprintf(text, sizeof(text), "%s then %s", fresh, churned);
	printf("%*s", COL_WIDTH, text);
}

/* ---- rows ---- */

/* All figures of the allocator of a cell, in its workload and variant. */
static void
row_show(const struct perf_run *run, uint32_t first)
{
	const struct perf_cell *cell = &run->cells[first];

	perf_cell_who_show(cell);
	for (uint32_t i = first; i < run->cell_cnt; i++) {
		const struct perf_cell *other = &run->cells[i];

		if (other->workload != cell->workload || other->allocator != cell->allocator ||
			other->variant != cell->variant)
			continue;
		if (perf_workloads[cell->workload]->kind == PERF_FILL)
			share_show(other);
		else
			time_show(run, other);
	}
	putchar('\n');
}

static void
rows_show(const struct perf_run *run, uint32_t workload)
{
	const bool is_fill = perf_workloads[workload]->kind == PERF_FILL;
	uint32_t variant = UINT32_MAX;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (cell->workload != workload || !begins_row(run, i))
			continue;
		if (variant != cell->variant && is_fill)
			printf(" %s: %s\n", perf_sizes_name((enum perf_sizes)cell->variant),
				perf_sizes_what((enum perf_sizes)cell->variant));
		if (variant != cell->variant)
			columns_show(run, i);
		variant = cell->variant;
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
			perf_cell_who_show(&run->cells[i]);
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
	if (perf_is_matrix(perf_workloads[workload])) {
		perf_matrix_show(run, workload);
	} else if (perf_workloads[workload]->kind == PERF_DRIFT) {
		head_show(run, workload, "ns: time of a call");
		perf_drift_show(run, workload);
	} else if (perf_workloads[workload]->kind == PERF_LATENCY) {
		head_show(run, workload, "ns");
		latencies_show(run, workload);
	} else if (perf_workloads[workload]->kind == PERF_FILL) {
		head_show(run, workload, "fresh, then after ten rounds of freeing half");
		rows_show(run, workload);
	} else {
		head_show(run, workload, "ns per call, x groove's");
		rows_show(run, workload);
	}
}
