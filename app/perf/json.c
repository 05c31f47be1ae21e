/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The figures for machines: a list of records with the same keys; what a workload does not measure is null. */

#include <groove_base.h>

#include "json_put.h"
#include "run.h"
#include "tsc.h"

/* A figure of 0 is one that was not taken. */
static void
put_figure(json_t *object, const char *key, double figure)
{
	app_json_put(object, key, figure > 0 ? json_real(figure) : json_null());
}

static void
put_peer(json_t *object, const struct perf_cell *cell)
{
	const struct perf_result *result = &cell->median;

	app_json_put(object, "version", json_string(result->version));
	app_json_put(object, "page_sz", result->page_sz > 0 ? json_integer((json_int_t)result->page_sz) : json_null());
	app_json_put(object, "thp", json_boolean(result->thp));
	app_json_put(object, "numa_node", result->node >= 0 ? json_integer(result->node) : json_null());
}

static void
put_latency(json_t *object, const struct perf_latency *latency)
{
	put_figure(object, "p50", latency->p50);
	put_figure(object, "p99", latency->p99);
	put_figure(object, "p999", latency->p999);
	put_figure(object, "p9999", latency->p9999);
	put_figure(object, "max", latency->max);
}

static double
ns_per_op(const struct perf_cell *cell, unsigned int call)
{
	switch (perf_workloads[cell->workload]->kind) {
	case PERF_APART:
		return cell->median.apart_ns[call];
	case PERF_LATENCY:
		return cell->median.latency[call].mean;
	default:
		return cell->median.ns_per_op;
	}
}

/* What the form of a workload is: of one that has no forms only the size, if it has one. */
static void
put_variant(json_t *object, const struct perf_cell *cell)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);
	const bool is_matrix = perf_is_matrix(workload);

	app_json_put(object, "variant", is_matrix ? json_string(variant.name) : json_null());
	app_json_put(object, "sz", variant.sz > 0 ? json_integer((json_int_t)variant.sz) : json_null());
	app_json_put(object, "n", is_matrix ? json_integer(variant.n) : json_null());
	app_json_put(object, "order",
		workload->kind == PERF_APART ? json_string(variant.lifo ? "lifo" : "fifo") : json_null());
	app_json_put(object, "touch", is_matrix ? json_boolean(variant.touch) : json_null());
}

/* call: the one, where they are apart, or the phase of fill; 0 for others. */
static json_t *
record(const struct perf_run *run, const struct perf_cell *cell, unsigned int call)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_latency *latency = &cell->median.latency[call];
	const bool is_fill = workload->kind == PERF_FILL;
	const double ns = ns_per_op(cell, call);
	json_t *object = json_object();

	app_json_put(object, "workload", json_string(workload->name));
	app_json_put(object, "allocator", json_string(cell->allocator->name));
	app_json_put(object, "lcores", json_integer(cell->lcore_cnt));
	put_variant(object, cell);
	app_json_put(object, "call", perf_has_calls(workload) ? json_string(perf_call_name(call)) : json_null());
	put_figure(object, "ns_per_op", ns);
	put_figure(object, "cycles_per_op", ns / tsc_tick_ns());
	put_figure(object, "cpu_share", cell->median.cpu_share);
	put_latency(object, latency);
	app_json_put(
		object, "sizes", is_fill ? json_string(perf_sizes_name((enum perf_sizes)cell->variant)) : json_null());
	app_json_put(object, "phase", is_fill ? json_string(perf_phase_name(call)) : json_null());
	put_figure(object, "share", is_fill ? perf_cell_figure(cell, call) : 0);
	put_figure(object, "ratio_to_groove", perf_cell_ratio(run, cell, call, &perf_groove));
	put_figure(object, "ratio_to_rte_mempool", perf_cell_ratio(run, cell, call, &perf_rte_mempool));
	app_json_put(object, "reps", json_integer(cell->taken));
	app_json_put(object, "seed", json_integer((json_int_t)run->options.seed));
	put_peer(object, cell);
	return object;
}

json_t *
perf_json(const struct perf_run *run)
{
	json_t *records = json_array();

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];
		const unsigned int cnt = perf_figure_cnt(perf_workloads[cell->workload]);

		for (unsigned int call = 0; call < cnt && perf_cell_has_figure(cell); call++)
			json_array_append_new(records, record(run, cell, call));
	}
	return json_pack("{s:o}", "records", records);
}
