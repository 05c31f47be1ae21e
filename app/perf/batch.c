/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * So many objects one by one, then all of them back, the first one first (FIFO) or the last one first (LIFO). The time
 * of the allocs and that of the frees are taken apart. Nobody writes to the objects.
 */

#include <stdio.h>

#include "calls.h"
#include "tsc.h"

#define BATCH_MAX   2048
#define BATCH_ROUND 2048 /* objects */
#define BATCH_FORMS 6	 /* of each size */
#define READS	    1000 /* of the clock, to see what one takes */

enum { CALL_ALLOC, CALL_FREE };

struct batch {
	uint64_t read_ticks; /* what a read of the clock takes */
	void *objs[BATCH_MAX];
};

/* The least that lies between two reads with nothing in between. */
static uint64_t
read_ticks(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < READS; i++) {
		const uint64_t start = tsc_read();

		least = RTE_MIN(least, tsc_read() - start);
	}
	return least;
}

static __rte_always_inline uint64_t
batch_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct batch *batch = perf_room(sizeof(*batch));

	RTE_SET_USED(calls);
	worker->mem = batch;
	if (batch == NULL)
		return perf_no_memory(worker, sizeof(*batch));
	batch->read_ticks = read_ticks();
	return 0;
}
PERF_STEP(batch_prepare)

static __rte_always_inline bool
batch_alloc(struct perf_worker *worker, const struct perf_calls *calls, uint64_t sz, void **objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		objs[i] = calls->alloc(worker, sz);
		if (unlikely(objs[i] == NULL))
			return false;
	}
	return true;
}

static __rte_always_inline void
batch_free(struct perf_worker *worker, const struct perf_calls *calls, bool lifo, void **objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		calls->free(worker, objs[lifo ? n - 1 - i : i]);
}

/* Add what passed between two reads of the clock, less what one read takes. */
static __rte_always_inline void
ticks_add(struct perf_worker *worker, unsigned int call, uint64_t from, uint64_t to)
{
	const struct batch *batch = worker->mem;

	worker->ticks[call] += to - from > batch->read_ticks ? to - from - batch->read_ticks : 0;
}

static __rte_always_inline uint64_t
batch_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;
	void **objs = ((struct batch *)worker->mem)->objs;

	for (unsigned int i = 0; i < BATCH_ROUND / job->n; i++) {
		const uint64_t start = tsc_read();

		if (unlikely(!batch_alloc(worker, calls, job->fixed_sz, objs, job->n)))
			return perf_no_memory(worker, job->fixed_sz);

		const uint64_t made = tsc_read();

		batch_free(worker, calls, job->lifo, objs, job->n);
		ticks_add(worker, CALL_FREE, made, tsc_read());
		ticks_add(worker, CALL_ALLOC, start, made);
	}
	return 2UL * BATCH_ROUND;
}
PERF_STEP(batch_round)

static __rte_always_inline uint64_t
batch_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	RTE_SET_USED(calls);
	perf_room_back(worker->mem, sizeof(struct batch));
	return 0;
}
PERF_STEP(batch_clean)

/* Half of the calls are allocs. */
static void
batch_collect(struct perf_scene *scene)
{
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++) {
		uint64_t ticks = 0;
		uint64_t ops = 0;

		for (unsigned int i = 0; i < scene->job->lcore_cnt; i++) {
			ticks += scene->workers[i].ticks[call];
			ops += scene->workers[i].ops / 2;
		}
		scene->result->apart_ns[call] = (double)ticks * tsc_tick_ns() / (double)RTE_MAX(ops, 1UL);
	}
}

static struct perf_variant
batch_variant(uint32_t idx)
{
	static const uint32_t ns[] = {32, 256, BATCH_MAX};
	struct perf_variant variant = {
		.sz = perf_form_szs[idx / BATCH_FORMS],
		.n = ns[idx % BATCH_FORMS / 2],
		.lifo = idx % 2 != 0,
	};

	snprintf(variant.name, sizeof(variant.name), "%ux%u %s", (unsigned int)variant.sz, variant.n,
		variant.lifo ? "lifo" : "fifo");
	return variant;
}

const struct perf_workload perf_batch = {
	.name = "batch",
	.what = "n objects, one by one, then all freed; alloc and free apart",
	.kind = PERF_APART,
	.variant_cnt = BATCH_FORMS * PERF_FORM_SZ_CNT,
	.variant = batch_variant,
	.prepare = batch_prepare_steps,
	.round = batch_round_steps,
	.clean = batch_clean_steps,
	.collect = batch_collect,
};
