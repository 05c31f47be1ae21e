/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What freed memory is good for when the mix changes: fill a bounded memory with objects of one size, free most or half
 * of them at random, fill it with objects of another size. What comes in is compared with what was freed, in bytes,
 * and with the objects that the freed slots have room for, one by one or where they lie side by side.
 */

#include <stdio.h>

#include "calls.h"
#include "clock.h"
#include "fits.h"
#include "signals.h"

#define SHIFT_LOOK 1024 /* objects between looks at the clock */

static const uint64_t shift_szs[] = {64, 1900, 16000, 64000, 250000, 1000000, 5000000};
static const uint32_t shift_kept[] = {2, 16, 64}; /* one object in so many stays */

#define SZ_CNT	 RTE_DIM(shift_szs)
#define KEPT_CNT RTE_DIM(shift_kept)

/* What the one worker has: objects of the first size and of the second, and the slots that were freed. */
struct shift {
	void **old;
	void **new;
	struct perf_freed *freed;
	uint64_t old_cnt;
	uint64_t new_cnt;
	uint64_t freed_cnt;
	uint64_t end_ns; /* when to give up */
	bool late;	 /* it was given up */
};

/* Objects at most: an allocator of a whole process may have had memory before it was bounded. */
static uint64_t
cnt_max(const struct perf_job *job, uint64_t sz)
{
	return 2 * perf_capacity(job) / sz;
}

static uint64_t
room_sz(const struct perf_job *job)
{
	const uint64_t objs = (sizeof(void *) + sizeof(struct perf_freed)) * cnt_max(job, job->from_sz) +
			      sizeof(void *) * cnt_max(job, job->to_sz);

	return RTE_ALIGN_CEIL(sizeof(struct shift) + objs, 4096UL);
}

static bool
shift_set_up(struct perf_scene *scene)
{
	struct shift *shift = perf_room(room_sz(scene->job));

	scene->shared = shift;
	if (shift == NULL) {
		perf_scene_fail(scene, GROOVE_ERR_FULL, "no memory to remember the objects");
		return false;
	}
	shift->freed = (struct perf_freed *)(shift + 1);
	shift->old = (void **)(shift->freed + cnt_max(scene->job, scene->job->from_sz));
	shift->new = shift->old + cnt_max(scene->job, scene->job->from_sz);
	return true;
}

static void
shift_tear_down(struct perf_scene *scene)
{
	perf_room_back(scene->shared, room_sz(scene->job));
}

/* Objects of a size until there is no memory for one. Returns how many. */
static __rte_always_inline uint64_t
fill_with(struct perf_worker *worker, const struct perf_calls *calls, uint64_t sz, void **objs)
{
	struct shift *shift = worker->scene->shared;
	const uint64_t max = cnt_max(worker->scene->job, sz);
	uint64_t cnt = 0;

	while (cnt < max && !shift->late) {
		objs[cnt] = calls->alloc(worker, sz);
		if (objs[cnt] == NULL)
			break;
		cnt++;
		if (cnt % SHIFT_LOOK == 0)
			shift->late = app_clock_ns() > shift->end_ns || app_signals_caught();
	}
	return cnt;
}

/* Keep one in so many, drawn for each; those that stay close ranks. */
static __rte_always_inline void
free_most(struct perf_worker *worker, const struct perf_calls *calls, struct shift *shift)
{
	const struct perf_allocator *allocator = worker->scene->allocator;
	const struct perf_job *job = worker->scene->job;
	uint64_t kept = 0;

	for (uint64_t i = 0; i < shift->old_cnt; i++) {
		void *obj = shift->old[i];

		if (stress_draw_below(&worker->rng, job->n) == 0) {
			shift->old[kept++] = obj;
			continue;
		}
		shift->freed[shift->freed_cnt++] = (struct perf_freed){
			.addr = (uint64_t)(uintptr_t)obj,
			.sz = allocator->slot_of != NULL ? allocator->slot_of(obj) : job->from_sz,
		};
		calls->free(worker, obj);
	}
	shift->old_cnt = kept;
}

static __rte_always_inline uint64_t
shift_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;
	struct shift *shift = worker->scene->shared;

	shift->end_ns = app_clock_ns() + job->fill_ns;
	shift->old_cnt = fill_with(worker, calls, job->from_sz, shift->old);
	if (shift->late)
		return 0;
	free_most(worker, calls, shift);
	shift->new_cnt = fill_with(worker, calls, job->to_sz, shift->new);
	return shift->new_cnt;
}
PERF_STEP(shift_prepare)

static __rte_always_inline uint64_t
shift_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct shift *shift = worker->scene->shared;

	for (uint64_t i = 0; i < shift->old_cnt; i++)
		calls->free(worker, shift->old[i]);
	for (uint64_t i = 0; i < shift->new_cnt; i++)
		calls->free(worker, shift->new[i]);
	return shift->old_cnt + shift->new_cnt;
}
PERF_STEP(shift_clean)

/* Of an allocator that tells its slots: the objects that they have room for. */
static void
collect_fits(struct perf_scene *scene, struct perf_shift *result)
{
	const struct perf_allocator *allocator = scene->allocator;
	const struct perf_job *job = scene->job;
	struct shift *shift = scene->shared;
	const uint64_t slot = allocator->slot_for(job->to_sz);

	if (job->from_sz > job->to_sz)
		result->fit = (double)perf_fits_slots(shift->freed, shift->freed_cnt, allocator->slot_hdr, slot);
	else
		result->fit = (double)perf_fits_runs(shift->freed, shift->freed_cnt, allocator->slot_hdr, slot);
	result->share_fit = result->fit > 0 ? result->made / result->fit : 0;
}

/* What took too long, or freed nothing, has no figure. */
static void
shift_collect(struct perf_scene *scene)
{
	const struct perf_job *job = scene->job;
	const struct shift *shift = scene->shared;
	struct perf_shift *result = &scene->result->shift;

	if (shift->late || shift->freed_cnt == 0)
		return;
	result->freed = (double)shift->freed_cnt;
	result->made = (double)shift->new_cnt;
	result->share = result->made * (double)job->to_sz / (result->freed * (double)job->from_sz);
	if (scene->allocator->slot_of != NULL)
		collect_fits(scene, result);
}

static struct perf_variant
shift_variant(uint32_t idx)
{
	const uint32_t pair = idx / KEPT_CNT;
	const uint32_t from = pair / (SZ_CNT - 1);
	const uint32_t to = pair % (SZ_CNT - 1); /* of the others */
	struct perf_variant variant = {
		.from_sz = shift_szs[from],
		.to_sz = shift_szs[to < from ? to : to + 1],
		.n = shift_kept[idx % KEPT_CNT],
	};

	snprintf(variant.name, sizeof(variant.name), "%u>%u 1/%u", (unsigned int)variant.from_sz,
		(unsigned int)variant.to_sz, variant.n);
	return variant;
}

const struct perf_workload perf_shift = {
	.name = "shift",
	.what = "fill with A, free most or half, fill with B: bytes B : freed",
	.kind = PERF_SHIFT,
	.on_request = true,
	.lcore_max = 1,
	.variant_cnt = SZ_CNT * (SZ_CNT - 1) * KEPT_CNT,
	.variant = shift_variant,
	.set_up = shift_set_up,
	.tear_down = shift_tear_down,
	.prepare = shift_prepare_steps,
	.clean = shift_clean_steps,
	.collect = shift_collect,
};
