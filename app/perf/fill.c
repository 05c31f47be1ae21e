/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * How much of a bounded memory holds bytes that somebody asked for: allocate until the first failure, free a random
 * half, and so on. Each lcore has objects of its own, and stops at its own first failure.
 */

#include <stdio.h>

#include "calls.h"
#include "clock.h"
#include "signals.h"
#include "sizes.h"

#define FILL_LOOK    1024 /* objects between looks at the clock */
#define FILL_ROUNDS  10
#define FILL_PER_OBJ 32 /* bytes of capacity per object, at least: the mean of no distribution is below */

struct fill {
	uint64_t cnt;	/* objects */
	uint64_t bytes; /* asked for */
	uint64_t bytes_fresh;
	uint64_t bytes_churned;
	uint64_t end_ns; /* when to give up */
	bool late;	 /* it was given up */
	struct {
		void *obj;
		uint64_t sz;
	} objs[];
};

static uint64_t
fill_cnt_max(const struct perf_job *job)
{
	return perf_capacity(job) / FILL_PER_OBJ;
}

static uint64_t
fill_sz(const struct perf_job *job)
{
	return RTE_ALIGN_CEIL(sizeof(struct fill) + fill_cnt_max(job) * sizeof(((struct fill *)NULL)->objs[0]), 4096UL);
}

static struct fill *
fill_of(const struct perf_scene *scene, unsigned int idx)
{
	return (struct fill *)((uint8_t *)scene->shared + idx * fill_sz(scene->job));
}

static bool
fill_set_up(struct perf_scene *scene)
{
	scene->shared = perf_room(scene->job->lcore_cnt * fill_sz(scene->job));
	if (scene->shared != NULL)
		return true;
	perf_scene_fail(scene, GROOVE_ERR_FULL, "no memory to remember the objects");
	return false;
}

static void
fill_tear_down(struct perf_scene *scene)
{
	perf_room_back(scene->shared, scene->job->lcore_cnt * fill_sz(scene->job));
}

static __rte_always_inline void
fill_up(struct perf_worker *worker, const struct perf_calls *calls, struct fill *fill)
{
	const struct perf_job *job = worker->scene->job;
	const uint64_t cnt_max = fill_cnt_max(job);

	for (uint64_t i = 1; fill->cnt < cnt_max; i++) {
		const uint64_t sz = perf_sizes_draw((enum perf_sizes)job->variant, &worker->rng);
		void *obj = calls->alloc(worker, sz);

		if (obj == NULL)
			return;
		fill->objs[fill->cnt].obj = obj;
		fill->objs[fill->cnt++].sz = sz;
		fill->bytes += sz;
		if (i % FILL_LOOK == 0 && (app_clock_ns() > fill->end_ns || app_signals_caught())) {
			fill->late = true;
			return;
		}
	}
}

/* Fill up together. False: some lcore gave up; it is the same for all, the next fill_up() being a barrier away. */
static __rte_always_inline bool
fill_all(struct perf_worker *worker, const struct perf_calls *calls, struct fill *fill)
{
	bool late = false;

	fill_up(worker, calls, fill);
	perf_barrier(worker);
	for (unsigned int i = 0; i < worker->scene->job->lcore_cnt; i++)
		late |= fill_of(worker->scene, i)->late;
	return !late;
}

/* Free each object on a coin toss; those that stay close ranks. */
static __rte_always_inline void
fill_halve(struct perf_worker *worker, const struct perf_calls *calls, struct fill *fill)
{
	uint64_t kept = 0;

	for (uint64_t i = 0; i < fill->cnt; i++) {
		if (stress_draw(&worker->rng) & 1) {
			fill->bytes -= fill->objs[i].sz;
			calls->free(worker, fill->objs[i].obj);
		} else {
			fill->objs[kept++] = fill->objs[i];
		}
	}
	fill->cnt = kept;
}

/* A share that took too long is left out. */
static __rte_always_inline uint64_t
fill_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct fill *fill = fill_of(worker->scene, worker->idx);

	*fill = (struct fill){0};
	fill->end_ns = app_clock_ns() + worker->scene->job->fill_ns;
	if (!fill_all(worker, calls, fill))
		return 0;
	fill->bytes_fresh = fill->bytes;
	for (unsigned int i = 0; i < FILL_ROUNDS; i++) {
		fill_halve(worker, calls, fill);
		perf_barrier(worker);
		if (!fill_all(worker, calls, fill))
			return 0;
	}
	fill->bytes_churned = fill->bytes;
	return fill->cnt;
}
PERF_STEP(fill_prepare)

static __rte_always_inline uint64_t
fill_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct fill *fill = fill_of(worker->scene, worker->idx);

	for (uint64_t i = 0; i < fill->cnt; i++)
		calls->free(worker, fill->objs[i].obj);
	return fill->cnt;
}
PERF_STEP(fill_clean)

static void
fill_collect(struct perf_scene *scene)
{
	const double capacity = (double)perf_capacity(scene->job);
	struct perf_result *result = scene->result;

	for (unsigned int i = 0; i < scene->job->lcore_cnt; i++) {
		const struct fill *fill = fill_of(scene, i);

		result->share_fresh += (double)fill->bytes_fresh / capacity;
		result->share_churned += (double)fill->bytes_churned / capacity;
	}
}

static struct perf_variant
fill_variant(uint32_t idx)
{
	struct perf_variant variant = {0};

	snprintf(variant.name, sizeof(variant.name), "%s", perf_sizes_name((enum perf_sizes)idx));
	return variant;
}

const struct perf_workload perf_fill = {
	.name = "fill",
	.what = "share of memory that holds requested bytes at first failure",
	.kind = PERF_FILL,
	.variant_cnt = PERF_SIZES_CNT,
	.variant = fill_variant,
	.set_up = fill_set_up,
	.tear_down = fill_tear_down,
	.prepare = fill_prepare_steps,
	.clean = fill_clean_steps,
	.collect = fill_collect,
};
