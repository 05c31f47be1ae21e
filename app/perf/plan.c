/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdlib.h>

#include <groove_base.h>
#include <groove_tile.h>

#include "clock.h"
#include "complain.h"
#include "run.h"
#include "seat.h"

#define NS_PER_MS   (APP_NS_PER_S / 1000)
#define MATRIX_PART 10 /* of --rep-ms, for each of many forms */
#define DRIFT_FILLS 10 /* a drift may take as long as so many fills */

struct perf_job
perf_plan_job(const struct perf_run *run, const struct perf_cell *cell, uint32_t rep)
{
	const struct perf_options *options = &run->options;
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const bool bounded = perf_is_bounded(workload);
	struct perf_job job = {
		.lcore_cnt = cell->lcore_cnt,
		.bounded = bounded,
		.sz_max = options->sz_max,
		.seed = options->seed + (bounded ? rep : 0),
		.fill_ns = options->fill_s * APP_NS_PER_S * (workload->kind == PERF_DRIFT ? DRIFT_FILLS : 1),
		.turns = options->turns,
		.rep_ns = options->rep_ms * NS_PER_MS / (perf_is_matrix(workload) ? MATRIX_PART : 1),
		.volume_sz = options->volume_sz,
		.volume_cnt = options->volume_cnt,
	};

	perf_job_form(&job, cell->workload, cell->variant);
	return job;
}

/* ---- cells ---- */

static int
cell_add(struct perf_run *run, const struct perf_cell *like)
{
	struct perf_cell *cells = realloc(run->cells, (run->cell_cnt + 1) * sizeof(*cells));
	struct perf_cell *cell;

	if (cells == NULL)
		return GROOVE_ERR_FULL;
	run->cells = cells;
	cell = &cells[run->cell_cnt];
	*cell = *like;
	cell->samples = calloc(like->sample_cnt, sizeof(*cell->samples));
	if (cell->samples == NULL)
		return GROOVE_ERR_FULL;
	run->cell_cnt++;
	run->todo += like->sample_cnt;
	return GROOVE_SUCCESS;
}

/* A cell for each allocator that can do it. */
static int
cells_add(struct perf_run *run, const struct perf_cell *like)
{
	const struct perf_variant variant = perf_variant_of(perf_workloads[like->workload], like->variant);
	int err = GROOVE_SUCCESS;

	for (unsigned int i = 0; i < perf_allocator_cnt && err == GROOVE_SUCCESS; i++) {
		struct perf_cell cell = *like;

		cell.allocator = perf_allocators[i];
		if (variant.pool > 0 && cell.allocator != &perf_rte_mempool)
			continue;
		if (run->options.allocators[i] && (!cell.allocator->only_fixed || variant.sz > 0))
			err = cell_add(run, &cell);
	}
	return err;
}

/* ---- workloads ---- */

static int
lcores_add(struct perf_run *run, struct perf_cell *like)
{
	const struct perf_workload *workload = perf_workloads[like->workload];
	const uint32_t most = perf_workload_lcores(workload, run->lcore_cnt);
	int err = GROOVE_SUCCESS;

	if (workload->lcore_min <= 1) {
		like->lcore_cnt = 1;
		err = cells_add(run, like);
	}
	if (err == GROOVE_SUCCESS && most > 1) {
		like->lcore_cnt = most;
		err = cells_add(run, like);
	}
	return err;
}

static bool
is_chosen(const struct perf_options *options, const struct perf_workload *workload, uint32_t idx)
{
	const struct perf_variant variant = perf_variant_of(workload, idx);

	if (workload->kind == PERF_FILL)
		return options->sizes[idx];
	if (workload->kind == PERF_SHIFT)
		return perf_options_have_shift(options, variant.from_sz, variant.to_sz, variant.n);
	if (!perf_is_matrix(workload))
		return true;
	return perf_options_have_n(options, variant.n) &&
	       (workload->fixed_sz > 0 || perf_options_have_sz(options, variant.sz));
}

static int
workload_add(struct perf_run *run, uint32_t idx)
{
	const struct perf_workload *workload = perf_workloads[idx];
	struct perf_cell like = {.workload = idx, .sample_cnt = (uint32_t)run->options.reps};
	int err = GROOVE_SUCCESS;

	if (perf_workload_lcores(workload, run->lcore_cnt) == 0) {
		app_warn("%s: left out, it takes two lcores; give -l more", workload->name);
		return GROOVE_SUCCESS;
	}
	if (perf_is_bounded(workload))
		like.sample_cnt = (uint32_t)run->options.fill_reps;
	for (; like.variant < perf_variant_cnt(workload) && err == GROOVE_SUCCESS; like.variant++) {
		if (is_chosen(&run->options, workload, like.variant))
			err = lcores_add(run, &like);
	}
	return err;
}

int
perf_plan(struct perf_run *run)
{
	int err = GROOVE_SUCCESS;

	run->lcore_cnt = groove_tile_cnt();
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (run->options.allocators[i])
			run->options.allocators[i] = perf_seat_possible(perf_allocators[i]);
	}
	for (uint32_t i = 0; i < perf_workload_cnt && err == GROOVE_SUCCESS; i++) {
		if (run->options.workloads[i])
			err = workload_add(run, i);
	}
	if (err != GROOVE_SUCCESS)
		app_complain("no memory for %" PRIu64 " repetitions, lower --reps", run->options.reps);
	if (err == GROOVE_SUCCESS && run->cell_cnt == 0) {
		app_complain("nothing to run: none of these allocators does any of these workloads here");
		err = GROOVE_ERR_INVAL;
	}
	return err;
}
