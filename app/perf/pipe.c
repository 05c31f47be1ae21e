/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A pipeline: of each two lcores the even one allocates, the odd one frees. With single calls, and with bulk calls. The
 * ring between them takes a burst at a time in both.
 */

#include <rte_pause.h>

#include "calls.h"
#include "rings.h"

#define PIPE_SZ	   64
#define PIPE_ROUND 32 /* bursts, or attempts at one */

static inline struct rte_ring *
ring_of_pair(const struct perf_worker *worker)
{
	return rings_of(worker->scene, worker->idx & ~1U);
}

static __rte_always_inline bool
burst_make(struct perf_worker *worker, const struct perf_calls *calls, bool bulk, void **objs)
{
	if (bulk)
		return calls->alloc_bulk(worker, PIPE_SZ, objs, PERF_BURST);
	for (unsigned int i = 0; i < PERF_BURST; i++) {
		objs[i] = calls->alloc(worker, PIPE_SZ);
		if (unlikely(objs[i] == NULL))
			return false;
	}
	return true;
}

static __rte_always_inline uint64_t
source_round(struct perf_worker *worker, const struct perf_calls *calls, bool bulk)
{
	struct rte_ring *ring = ring_of_pair(worker);
	void *objs[PERF_BURST];
	uint64_t ops = 0;

	for (unsigned int i = 0; i < PIPE_ROUND; i++) {
		if (rte_ring_free_count(ring) < PERF_BURST) {
			rte_pause();
			continue;
		}
		if (unlikely(!burst_make(worker, calls, bulk, objs)))
			return perf_no_memory(worker, PIPE_SZ);
		for (unsigned int j = 0; j < PERF_BURST; j++)
			perf_touch(objs[j], j);
		rte_ring_sp_enqueue_bulk(ring, objs, PERF_BURST, NULL);
		ops += PERF_BURST;
	}
	return ops;
}

static __rte_always_inline uint64_t
sink_round(struct perf_worker *worker, const struct perf_calls *calls, bool bulk)
{
	struct rte_ring *ring = ring_of_pair(worker);
	void *objs[PERF_BURST];
	uint64_t ops = 0;

	for (unsigned int i = 0; i < PIPE_ROUND; i++) {
		const unsigned int n = rte_ring_sc_dequeue_burst(ring, objs, PERF_BURST, NULL);

		if (n == 0)
			rte_pause();
		else if (bulk)
			calls->free_bulk(worker, objs, n);
		for (unsigned int j = 0; !bulk && j < n; j++)
			calls->free(worker, objs[j]);
		ops += n;
	}
	return ops;
}

static __rte_always_inline uint64_t
pipe_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	return worker->idx % 2 == 0 ? source_round(worker, calls, false) : sink_round(worker, calls, false);
}
PERF_STEP(pipe_round)

static __rte_always_inline uint64_t
pipe_bulk_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	return worker->idx % 2 == 0 ? source_round(worker, calls, true) : sink_round(worker, calls, true);
}
PERF_STEP(pipe_bulk_round)

/* What is left in the rings when the time is over. */
static __rte_always_inline uint64_t
pipe_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	uint64_t ops = 0;
	uint64_t n;

	while (worker->idx % 2 == 1 && (n = sink_round(worker, calls, false)) > 0)
		ops += n;
	return ops;
}
PERF_STEP(pipe_clean)

const struct perf_workload perf_pipe = {
	.name = "pipe",
	.what = "one lcore allocates 64 bytes, another frees them",
	.fixed_sz = PIPE_SZ,
	.lcore_min = 2,
	.set_up = rings_set_up,
	.tear_down = rings_tear_down,
	.round = pipe_round_steps,
	.clean = pipe_clean_steps,
};

const struct perf_workload perf_pipe_bulk = {
	.name = "pipe-bulk",
	.what = "the same with bulk calls, where there are such",
	.fixed_sz = PIPE_SZ,
	.lcore_min = 2,
	.set_up = rings_set_up,
	.tear_down = rings_tear_down,
	.round = pipe_bulk_round_steps,
	.clean = pipe_clean_steps,
};
