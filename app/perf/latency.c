/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* churn, with a clock around each call: how long a single call can take. */

#include "calls.h"
#include "histogram.h"
#include "slots.h"
#include "tsc.h"

enum { CALL_ALLOC, CALL_FREE };

struct latency {
	struct histogram calls[PERF_LATENCY_CALLS];
};

/* Shared, so that it is still there when the workers have ended. */
static struct latency *
latency_of(const struct perf_worker *worker)
{
	return (struct latency *)worker->scene->shared + worker->idx;
}

static bool
latency_set_up(struct perf_scene *scene)
{
	scene->shared = perf_room(scene->job->lcore_cnt * sizeof(struct latency));
	if (scene->shared != NULL)
		return true;
	perf_scene_fail(scene, GROOVE_ERR_FULL, "no memory for histograms");
	return false;
}

static void
latency_tear_down(struct perf_scene *scene)
{
	perf_room_back(scene->shared, scene->job->lcore_cnt * sizeof(struct latency));
}

static __rte_always_inline uint64_t
latency_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	return slots_fill(worker, calls);
}
PERF_STEP(latency_prepare)

static __rte_always_inline bool
turn(struct perf_worker *worker, const struct perf_calls *calls, struct latency *latency)
{
	void **slot = slots_draw(worker->mem, &worker->rng);
	const uint64_t sz = slots_next_sz(worker->mem);
	void *obj = *slot;
	const uint64_t start = tsc_read();

	calls->free(worker, obj);

	const uint64_t freed = tsc_read();

	obj = calls->alloc(worker, sz);

	const uint64_t made = tsc_read();

	*slot = obj;
	if (unlikely(obj == NULL)) {
		perf_no_memory(worker, sz);
		return false;
	}
	perf_touch(obj, made);
	histogram_add(&latency->calls[CALL_FREE], freed - start);
	histogram_add(&latency->calls[CALL_ALLOC], made - freed);
	return true;
}

static __rte_always_inline uint64_t
latency_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct latency *latency = latency_of(worker);

	for (uint64_t i = 0; i < SLOTS_ROUND; i++) {
		if (unlikely(!turn(worker, calls, latency)))
			return 0;
	}
	return 2 * SLOTS_ROUND;
}
PERF_STEP(latency_round)

static __rte_always_inline uint64_t
latency_warmed(struct perf_worker *worker, const struct perf_calls *calls)
{
	RTE_SET_USED(calls);
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++)
		histogram_clear(&latency_of(worker)->calls[call]);
	return 0;
}
PERF_STEP(latency_warmed)

static __rte_always_inline uint64_t
latency_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	return slots_empty(worker, calls);
}
PERF_STEP(latency_clean)

static struct perf_latency
latency_read(const struct histogram *histogram)
{
	const double ns = tsc_tick_ns();

	return (struct perf_latency){
		.mean = histogram->cnt > 0 ? (double)histogram->sum / (double)histogram->cnt * ns : 0,
		.p50 = (double)histogram_quantile(histogram, 0.5) * ns,
		.p99 = (double)histogram_quantile(histogram, 0.99) * ns,
		.p999 = (double)histogram_quantile(histogram, 0.999) * ns,
		.p9999 = (double)histogram_quantile(histogram, 0.9999) * ns,
		.max = (double)histogram->max * ns,
	};
}

static void
latency_collect(struct perf_scene *scene)
{
	struct latency *all = scene->shared;

	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++) {
		for (unsigned int i = 1; i < scene->job->lcore_cnt; i++)
			histogram_merge(&all[0].calls[call], &all[i].calls[call]);
		scene->result->latency[call] = latency_read(&all[0].calls[call]);
	}
}

const struct perf_workload perf_latency = {
	.name = "latency",
	.what = "churn with rdtscp around each call",
	.kind = PERF_LATENCY,
	.set_up = latency_set_up,
	.tear_down = latency_tear_down,
	.prepare = latency_prepare_steps,
	.warmed = latency_warmed_steps,
	.round = latency_round_steps,
	.clean = latency_clean_steps,
	.collect = latency_collect,
};
