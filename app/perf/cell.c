/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "run.h"
#include "text.h"

#define WHO_MAX 64

/* ---- medians ---- */

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of a figure at the same place in all samples. Of an even number of samples the mean of the middle two. */
static double
median(const struct perf_cell *cell, size_t field)
{
	double *values = calloc(cell->taken, sizeof(*values));
	const uint32_t middle = cell->taken / 2;
	double value;

	if (values == NULL)
		return 0;
	for (uint32_t i = 0; i < cell->taken; i++)
		values[i] = *(const double *)((const uint8_t *)&cell->samples[i] + field);
	qsort(values, cell->taken, sizeof(*values), compare);
	value = cell->taken % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
	free(values);
	return value;
}

#define MEDIAN(field)  median(cell, offsetof(struct perf_result, field))
#define LATENCY(field) median(cell, at + offsetof(struct perf_latency, field))

static struct perf_latency
latency_median(const struct perf_cell *cell, unsigned int call)
{
	const size_t at = offsetof(struct perf_result, latency) + call * sizeof(struct perf_latency);
	struct perf_latency latency = {
		.mean = LATENCY(mean),
		.p50 = LATENCY(p50),
		.p99 = LATENCY(p99),
		.p999 = LATENCY(p999),
		.p9999 = LATENCY(p9999),
	};

	for (uint32_t i = 0; i < cell->taken; i++)
		latency.max = RTE_MAX(latency.max, cell->samples[i].latency[call].max);
	return latency;
}

/* Of all figures of a part of the result that has nothing else. */
static void
medians(struct perf_cell *cell, size_t field, size_t sz)
{
	for (size_t at = field; at < field + sz; at += sizeof(double))
		*(double *)((uint8_t *)&cell->median + at) = median(cell, at);
}

void
perf_cell_settle(struct perf_cell *cell)
{
	cell->median = cell->samples[0]; /* version and place */
	cell->median.ns_per_op = MEDIAN(ns_per_op);
	cell->median.apart_ns[0] = MEDIAN(apart_ns[0]);
	cell->median.apart_ns[1] = MEDIAN(apart_ns[1]);
	cell->median.cpu_share = MEDIAN(cpu_share);
	cell->median.share_fresh = MEDIAN(share_fresh);
	cell->median.share_churned = MEDIAN(share_churned);
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++)
		cell->median.latency[call] = latency_median(cell, call);
	medians(cell, offsetof(struct perf_result, shift), sizeof(struct perf_shift));
	medians(cell, offsetof(struct perf_result, drift), sizeof(struct perf_drift));
}

double
perf_cell_cpu_share(const struct perf_run *run)
{
	double least = 1;

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (perf_cell_has_figure(&run->cells[i]) && !perf_is_bounded(perf_workloads[run->cells[i].workload]))
			least = RTE_MIN(least, run->cells[i].median.cpu_share);
	}
	return least;
}

/* ---- comparing ---- */

const char *
perf_call_name(unsigned int call)
{
	static const char *const names[PERF_LATENCY_CALLS] = {"alloc", "free"};

	return names[call];
}

const char *
perf_phase_name(unsigned int phase)
{
	return phase == 0 ? "fresh" : "churned";
}

const char *
perf_figure_name(const struct perf_workload *workload, unsigned int idx)
{
	if (workload->kind == PERF_SHIFT)
		return idx == 0 ? "bytes" : "objects : room";
	return perf_has_calls(workload) ? perf_call_name(idx) : "";
}

unsigned int
perf_figure_cnt(const struct perf_workload *workload)
{
	return workload->kind == PERF_TIME || workload->kind == PERF_DRIFT ? 1 : 2;
}

bool
perf_has_calls(const struct perf_workload *workload)
{
	return workload->kind == PERF_LATENCY || workload->kind == PERF_APART;
}

double
perf_cell_figure(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];

	if (!perf_cell_has_figure(cell))
		return 0;
	switch (workload->kind) {
	case PERF_APART:
		return cell->median.apart_ns[call];
	case PERF_LATENCY:
		return cell->median.latency[call].p50;
	case PERF_FILL:
		return call == 0 ? cell->median.share_fresh : cell->median.share_churned;
	case PERF_SHIFT:
		return call == 0 ? cell->median.shift.share : cell->median.shift.share_fit;
	default:
		return cell->median.ns_per_op;
	}
}

double
perf_cell_ratio(const struct perf_run *run, const struct perf_cell *cell, unsigned int call,
	const struct perf_allocator *allocator)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *other = &run->cells[i];

		if (perf_cell_beside(other, cell) && other->allocator == allocator) {
			const double figure = perf_cell_figure(other, call);

			return figure > 0 ? perf_cell_figure(cell, call) / figure : 0;
		}
	}
	return 0;
}

/* Short: all of them fit in 80 columns so. */
const char *
perf_title(const struct perf_allocator *allocator)
{
	static const char *const prefixes[] = {"groove-", "rte_"};

	for (size_t i = 0; i < RTE_DIM(prefixes); i++) {
		if (strncmp(allocator->name, prefixes[i], strlen(prefixes[i])) == 0)
			return allocator->name + strlen(prefixes[i]);
	}
	return allocator->name;
}

void
perf_cell_who(const struct perf_cell *cell, char *buf, size_t buf_sz)
{
	const struct perf_result *result = &cell->median;
	char node[16] = "?";

	if (result->node >= 0)
		snprintf(node, sizeof(node), "%d", result->node);
	snprintf(buf, buf_sz, "%s %s, %s%s, node %s", cell->allocator->name, result->version,
		result->page_sz > 0 ? app_text_bytes(result->page_sz).s : "pages ?", result->thp ? " + THP" : "", node);
}

void
perf_cell_who_show(const struct perf_cell *cell)
{
	char who[WHO_MAX];

	if (!perf_cell_has_figure(cell))
		snprintf(who, sizeof(who), "%s", cell->allocator->name);
	else
		perf_cell_who(cell, who, sizeof(who));
	printf("  %-*s", PERF_WHO_WIDTH, who);
}
