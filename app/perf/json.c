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

/* A figure that was taken, or not; 0 is one. */
static void
put_if(json_t *object, const char *key, bool taken, double figure)
{
	app_json_put(object, key, taken ? json_real(figure) : json_null());
}

/* A whole number; 0 is none. */
static void
put_whole(json_t *object, const char *key, uint64_t number)
{
	app_json_put(object, key, number > 0 ? json_integer((json_int_t)number) : json_null());
}

static void
put_peer(json_t *object, const struct perf_cell *cell)
{
	const struct perf_result *result = &cell->median;

	app_json_put(object, "version", json_string(result->version));
	put_whole(object, "page_sz", result->page_sz);
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
	const bool is_timed = is_matrix && !perf_is_bounded(workload);

	app_json_put(object, "variant", is_matrix ? json_string(variant.name) : json_null());
	put_whole(object, "sz", variant.sz);
	put_whole(object, "n", is_timed ? variant.n : 0);
	app_json_put(object, "order",
		workload->kind == PERF_APART ? json_string(variant.lifo ? "lifo" : "fifo") : json_null());
	app_json_put(object, "touch", is_timed ? json_boolean(variant.touch) : json_null());
}

static json_t *
drift_points(const struct perf_run *run, const struct perf_drift *drift)
{
	json_t *points = json_array();

	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		const struct perf_drift_point *point = &drift->points[i];

		json_array_append_new(points,
			json_pack("{s:I, s:f, s:f, s:f, s:f}", "turn",
				(json_int_t)(run->options.turns * (i + 1) / PERF_DRIFT_POINTS), "mean_sz",
				point->mean_sz, "share", point->share, "fulls", point->fulls, "ns_per_op", point->ns));
	}
	return points;
}

/* What only shift and drift have. */
static void
put_shape(json_t *object, const struct perf_run *run, const struct perf_cell *cell)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);
	const struct perf_shift *shift = &cell->median.shift;
	const struct perf_drift *drift = &cell->median.drift;
	const bool drifted = workload->kind == PERF_DRIFT && drift->share > 0;
	const bool falls = variant.from_sz > variant.to_sz;

	put_whole(object, "from_sz", variant.from_sz);
	put_whole(object, "to_sz", variant.to_sz);
	put_whole(object, "kept_of", workload->kind == PERF_SHIFT ? variant.n : 0);
	put_figure(object, "objs_freed", shift->freed);
	put_if(object, "objs_made", shift->freed > 0, shift->made);
	put_if(object, "objs_by_slots", falls && shift->fit > 0, shift->fit);
	put_if(object, "share_of_slots", falls && shift->fit > 0, shift->share_fit);
	put_if(object, "objs_by_neighbours", !falls && shift->fit > 0, shift->fit);
	put_if(object, "share_of_neighbours", !falls && shift->fit > 0, shift->share_fit);
	put_if(object, "fulls", drifted, drift->fulls);
	put_figure(object, "ns_first", drift->ns_first);
	put_figure(object, "ns_last", drift->ns_last);
	app_json_put(object, "series", drifted ? drift_points(run, drift) : json_null());
}

/* Share of the memory, or of what was freed, which may be 0. */
static void
put_share(json_t *object, const struct perf_cell *cell, unsigned int call)
{
	switch (perf_workloads[cell->workload]->kind) {
	case PERF_FILL:
		put_figure(object, "share", perf_cell_figure(cell, call));
		break;
	case PERF_SHIFT:
		put_if(object, "share", cell->median.shift.freed > 0, cell->median.shift.share);
		break;
	default:
		put_figure(object, "share", cell->median.drift.share);
		break;
	}
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
	put_share(object, cell, call);
	put_shape(object, run, cell);
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
		const struct perf_workload *workload = perf_workloads[cell->workload];
		/* the two figures of a shift are of one kind of call */
		const unsigned int cnt = workload->kind == PERF_SHIFT ? 1 : perf_figure_cnt(workload);

		for (unsigned int call = 0; call < cnt && perf_cell_has_figure(cell); call++)
			json_array_append_new(records, record(run, cell, call));
	}
	return json_pack("{s:o}", "records", records);
}
