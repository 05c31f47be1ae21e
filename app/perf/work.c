/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What an allocator costs a program that also does something: an object, work on its first 64 bytes, and back with it;
 * one at a time with single calls, or eight with bulk calls. The same work on memory of one's own is timed by turns,
 * and is not counted. What a CPU does of a call while it still works is not counted either, as in any program.
 */

#include <stdio.h>

#include "calls.h"
#include "tsc.h"

#define WORK_SZ	   256
#define WORK_BULK  8
#define WORK_ROUND 512 /* objects */
#define WORK_WORDS 8   /* 64 bytes */
#define WORK_STEPS 36  /* each waits for a multiplication and an addition: about 4 cycles */

enum { PART_WITH, PART_ALONE };

struct work {
	uint64_t words[WORK_BULK][WORK_WORDS];
};

static __rte_always_inline void
work_on(void *obj)
{
	uint64_t *words = obj;
	uint64_t x = words[0] | 1;

	for (unsigned int i = 0; i < WORK_STEPS; i++) {
		uint64_t *word = &words[i % WORK_WORDS];

		x = x * 0x9e3779b97f4a7c15UL + *word;
		/* an atomic store, so that no compiler drops it before a free that it knows */
		__atomic_store_n(word, x, __ATOMIC_RELAXED);
	}
}

static __rte_always_inline uint64_t
work_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	RTE_SET_USED(calls);
	worker->mem = perf_room(sizeof(struct work));
	return worker->mem != NULL ? 0 : perf_no_memory(worker, sizeof(struct work));
}
PERF_STEP(work_prepare)

static __rte_always_inline bool
work_single(struct perf_worker *worker, const struct perf_calls *calls)
{
	for (unsigned int i = 0; i < WORK_ROUND; i++) {
		void *obj = calls->alloc(worker, WORK_SZ);

		if (unlikely(obj == NULL))
			return false;
		work_on(obj);
		calls->free(worker, obj);
	}
	return true;
}

static __rte_always_inline bool
work_bulk(struct perf_worker *worker, const struct perf_calls *calls)
{
	void *objs[WORK_BULK];

	for (unsigned int i = 0; i < WORK_ROUND / WORK_BULK; i++) {
		if (unlikely(!calls->alloc_bulk(worker, WORK_SZ, objs, WORK_BULK)))
			return false;
		for (unsigned int j = 0; j < WORK_BULK; j++)
			work_on(objs[j]);
		calls->free_bulk(worker, objs, WORK_BULK);
	}
	return true;
}

/* The work, as on objects of so many at a time. */
static __rte_always_inline void
work_alone(struct work *work, unsigned int n)
{
	for (unsigned int i = 0; i < WORK_ROUND / n; i++) {
		for (unsigned int j = 0; j < n; j++)
			work_on(work->words[j]);
	}
}

static __rte_always_inline uint64_t
work_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const bool bulk = worker->scene->job->n > 1;
	const uint64_t start = tsc_read();

	if (unlikely(!(bulk ? work_bulk(worker, calls) : work_single(worker, calls))))
		return perf_no_memory(worker, WORK_SZ);

	const uint64_t done = tsc_read();

	if (bulk)
		work_alone(worker->mem, WORK_BULK);
	else
		work_alone(worker->mem, 1);
	worker->ticks[PART_ALONE] += tsc_read() - done;
	worker->ticks[PART_WITH] += done - start;
	return 2UL * WORK_ROUND;
}
PERF_STEP(work_round)

static __rte_always_inline uint64_t
work_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	RTE_SET_USED(calls);
	perf_room_back(worker->mem, sizeof(struct work));
	return 0;
}
PERF_STEP(work_clean)

/* Calls so cheap that they hide behind the work have no figure. */
static void
work_collect(struct perf_scene *scene)
{
	double ticks = 0;
	uint64_t ops = 0;

	for (unsigned int i = 0; i < scene->job->lcore_cnt; i++) {
		const struct perf_worker *worker = &scene->workers[i];

		ticks += (double)worker->ticks[PART_WITH] - (double)worker->ticks[PART_ALONE];
		ops += worker->ops;
	}
	scene->result->ns_per_op = RTE_MAX(ticks, 0.0) * tsc_tick_ns() / (double)RTE_MAX(ops, 1UL);
}

static struct perf_variant
work_variant(uint32_t idx)
{
	struct perf_variant variant = {.sz = WORK_SZ, .n = idx == 0 ? 1 : WORK_BULK, .touch = true};

	snprintf(variant.name, sizeof(variant.name), "%ux%u", WORK_SZ, variant.n);
	return variant;
}

const struct perf_workload perf_work = {
	.name = "work",
	.what = "256 bytes, worked on for 150 cycles, freed; less the work",
	.fixed_sz = WORK_SZ,
	.variant_cnt = 2,
	.variant = work_variant,
	.prepare = work_prepare_steps,
	.round = work_round_steps,
	.clean = work_clean_steps,
	.collect = work_collect,
};
