/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A mix that changes slowly: the mean of the sizes goes up and down by doublings, four times, while the bytes that live
 * stay at 85 % of a bounded memory. A turn frees a random object and allocates as many others as then have room. Each
 * lcore has objects of its own.
 */

#include "calls.h"
#include "clock.h"
#include "signals.h"

#define DRIFT_LIVE_PERCENT 85
#define DRIFT_WAVES	   4
#define DRIFT_DOUBLINGS	   4	/* of the mean, in half a wave: up to half of the largest size */
#define DRIFT_STEPS	   1024 /* into which each of these is cut */
#define DRIFT_LOOK	   1024 /* turns between looks at the clock */
#define DRIFT_PER_OBJ	   8	/* bytes of an object, at least */
#define DRIFT_PARTS	   64	/* of the first fill, with a look at the clock after each */

struct drift_obj {
	void *obj;
	uint64_t sz;
};

/* What a worker has seen between two points of the picture. */
struct drift_point {
	uint64_t calls;
	uint64_t ns;
	uint64_t fulls;
	uint64_t live; /* bytes, at the end */
	uint64_t mean; /* of the sizes that are drawn then */
};

struct drift {
	uint64_t cnt;	/* objects */
	uint64_t live;	/* bytes */
	uint64_t next;	/* size of the object to come */
	uint64_t calls; /* since the point before */
	uint64_t fulls;
	uint64_t end_ns; /* when to give up */
	bool late;	 /* it was given up */
	struct drift_point points[PERF_DRIFT_POINTS];
	struct drift_obj objs[];
};

/* Bytes that live on a worker. */
static uint64_t
target_of(const struct perf_job *job)
{
	return perf_capacity(job) / 100 * DRIFT_LIVE_PERCENT / job->lcore_cnt;
}

static uint64_t
drift_sz(const struct perf_job *job)
{
	return RTE_ALIGN_CEIL(
		sizeof(struct drift) + (target_of(job) / DRIFT_PER_OBJ + 1) * sizeof(struct drift_obj), 4096UL);
}

static struct drift *
drift_of(const struct perf_scene *scene, unsigned int idx)
{
	return (struct drift *)((uint8_t *)scene->shared + idx * drift_sz(scene->job));
}

static bool
drift_set_up(struct perf_scene *scene)
{
	scene->shared = perf_room(scene->job->lcore_cnt * drift_sz(scene->job));
	if (scene->shared != NULL)
		return true;
	perf_scene_fail(scene, GROOVE_ERR_FULL, "no memory to remember the objects");
	return false;
}

static void
drift_tear_down(struct perf_scene *scene)
{
	perf_room_back(scene->shared, scene->job->lcore_cnt * drift_sz(scene->job));
}

/* The mean of the sizes at a turn of so many: in each wave up, then down, as far in each step as in any other. */
static uint64_t
mean_at(uint64_t turn, uint64_t turns, uint64_t sz_max)
{
	const uint64_t least = RTE_MAX(sz_max >> (DRIFT_DOUBLINGS + 1), (uint64_t)PERF_SZ_MIN);
	const uint64_t steps = 2UL * DRIFT_DOUBLINGS * DRIFT_STEPS;
	const uint64_t step = turn * DRIFT_WAVES * steps / turns % steps;
	const uint64_t height = step < steps / 2 ? step : steps - step;
	const uint64_t base = least << (height / DRIFT_STEPS);

	return base + base * (height % DRIFT_STEPS) / DRIFT_STEPS;
}

static inline uint64_t
draw_sz(struct perf_worker *worker, uint64_t mean)
{
	const uint64_t sz = 1 + stress_draw_below(&worker->rng, 2 * mean);

	return RTE_MIN(RTE_MAX(sz, (uint64_t)PERF_SZ_MIN), RTE_MAX(worker->scene->job->sz_max, (uint64_t)PERF_SZ_MIN));
}

static bool
is_late(const struct drift *drift)
{
	return app_clock_ns() > drift->end_ns || app_signals_caught();
}

/* Objects until the next one has no room below the target, or the allocator has no memory for it. */
static __rte_always_inline void
refill(struct perf_worker *worker, const struct perf_calls *calls, struct drift *drift, uint64_t mean, uint64_t target)
{
	while (drift->live + drift->next <= target) {
		const uint64_t sz = drift->next;
		void *obj = calls->alloc(worker, sz);

		drift->calls++;
		drift->next = draw_sz(worker, mean);
		if (unlikely(obj == NULL)) {
			drift->fulls++;
			return;
		}
		perf_touch(obj, sz);
		drift->objs[drift->cnt++] = (struct drift_obj){.obj = obj, .sz = sz};
		drift->live += sz;
	}
}

static __rte_always_inline void
free_one(struct perf_worker *worker, const struct perf_calls *calls, struct drift *drift)
{
	struct drift_obj *which;

	if (drift->cnt == 0)
		return;
	which = &drift->objs[stress_draw_below(&worker->rng, drift->cnt)];
	calls->free(worker, which->obj);
	drift->calls++;
	drift->live -= which->sz;
	*which = drift->objs[--drift->cnt];
}

/* The turns [from, to) of so many. */
static __rte_always_inline void
turns_make(struct perf_worker *worker, const struct perf_calls *calls, uint64_t from, uint64_t to, uint64_t turns)
{
	const struct perf_job *job = worker->scene->job;
	struct drift *drift = drift_of(worker->scene, worker->idx);
	const uint64_t target = target_of(job);
	uint64_t mean = mean_at(from, turns, job->sz_max);

	for (uint64_t turn = from; turn < to && !drift->late; turn++) {
		if (turn % DRIFT_LOOK == 0) {
			mean = mean_at(turn, turns, job->sz_max);
			drift->late = is_late(drift);
		}
		free_one(worker, calls, drift);
		refill(worker, calls, drift, mean, target);
	}
}

/* What happened up to a point of the picture. */
static __rte_always_inline void
point_make(struct perf_worker *worker, const struct perf_calls *calls, unsigned int idx, uint64_t turns)
{
	struct drift *drift = drift_of(worker->scene, worker->idx);
	const uint64_t to = turns * (idx + 1) / PERF_DRIFT_POINTS;
	const uint64_t start = app_clock_ns();

	drift->calls = 0;
	drift->fulls = 0;
	turns_make(worker, calls, turns * idx / PERF_DRIFT_POINTS, to, turns);
	drift->points[idx] = (struct drift_point){
		.calls = drift->calls,
		.ns = app_clock_ns() - start,
		.fulls = drift->fulls,
		.live = drift->live,
		.mean = mean_at(to, turns, worker->scene->job->sz_max),
	};
}

static __rte_always_inline uint64_t
drift_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;
	struct drift *drift = drift_of(worker->scene, worker->idx);
	const uint64_t turns = RTE_MAX(job->turns / job->lcore_cnt, (uint64_t)PERF_DRIFT_POINTS);
	const uint64_t mean = mean_at(0, turns, job->sz_max);

	drift->end_ns = app_clock_ns() + job->fill_ns;
	drift->next = draw_sz(worker, mean);
	for (unsigned int part = 1; part <= DRIFT_PARTS && !drift->late; part++) {
		refill(worker, calls, drift, mean, target_of(job) * part / DRIFT_PARTS);
		drift->late = is_late(drift);
	}
	perf_barrier(worker);
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS && !drift->late; i++)
		point_make(worker, calls, i, turns);
	return 0;
}
PERF_STEP(drift_prepare)

static __rte_always_inline uint64_t
drift_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct drift *drift = drift_of(worker->scene, worker->idx);

	for (uint64_t i = 0; i < drift->cnt; i++)
		calls->free(worker, drift->objs[i].obj);
	return drift->cnt;
}
PERF_STEP(drift_clean)

/* ---- figures ---- */

/* What all workers did between two points. */
static struct drift_point
point_sum(const struct perf_scene *scene, unsigned int first, unsigned int end)
{
	struct drift_point sum = {0};

	for (unsigned int lcore = 0; lcore < scene->job->lcore_cnt; lcore++) {
		const struct drift *drift = drift_of(scene, lcore);

		for (unsigned int i = first; i < end; i++) {
			sum.calls += drift->points[i].calls;
			sum.ns += drift->points[i].ns;
			sum.fulls += drift->points[i].fulls;
			sum.live += drift->points[i].live;
			sum.mean = drift->points[i].mean;
		}
	}
	return sum;
}

static double
ns_of(struct drift_point point)
{
	return point.calls > 0 ? (double)point.ns / (double)point.calls : 0;
}

static void
drift_collect(struct perf_scene *scene)
{
	const double capacity = (double)perf_capacity(scene->job);
	const unsigned int wave = PERF_DRIFT_POINTS / DRIFT_WAVES;
	struct perf_drift *result = &scene->result->drift;

	for (unsigned int lcore = 0; lcore < scene->job->lcore_cnt; lcore++) {
		if (drift_of(scene, lcore)->late)
			return;
	}
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		const struct drift_point point = point_sum(scene, i, i + 1);

		result->points[i] = (struct perf_drift_point){
			.mean_sz = (double)point.mean,
			.share = (double)point.live / capacity,
			.fulls = (double)point.fulls,
			.ns = ns_of(point),
		};
	}

	const struct drift_point all = point_sum(scene, 0, PERF_DRIFT_POINTS);

	scene->result->ns_per_op = ns_of(all);
	result->fulls = (double)all.fulls;
	result->share = (double)all.live / capacity / PERF_DRIFT_POINTS;
	result->ns_first = ns_of(point_sum(scene, 0, wave));
	result->ns_last = ns_of(point_sum(scene, PERF_DRIFT_POINTS - wave, PERF_DRIFT_POINTS));
}

const struct perf_workload perf_drift = {
	.name = "drift",
	.what = "sizes whose mean moves, 85 % of memory live: failures, ns",
	.kind = PERF_DRIFT,
	.on_request = true,
	.set_up = drift_set_up,
	.tear_down = drift_tear_down,
	.prepare = drift_prepare_steps,
	.clean = drift_clean_steps,
	.collect = drift_collect,
};
