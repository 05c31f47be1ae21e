/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Every lcore frees what others allocated: random sizes, handed on in a circle of rings. */

#include <rte_pause.h>

#include "calls.h"
#include "rings.h"
#include "slots.h"

#define MIXED_ROUND 32 /* bursts, or attempts at one */
#define MIXED_SZS   8192

struct mixed {
	struct rte_ring *in;
	struct rte_ring *out;
	uint64_t next;
	uint32_t szs[MIXED_SZS]; /* to come, over and over */
};

static __rte_always_inline uint64_t
mixed_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;
	struct mixed *mixed = perf_room(sizeof(*mixed));

	RTE_SET_USED(calls);
	worker->mem = mixed;
	if (mixed == NULL)
		return perf_no_memory(worker, sizeof(*mixed));
	mixed->in = rings_of(worker->scene, worker->idx);
	mixed->out = rings_of(worker->scene, (worker->idx + 1) % job->lcore_cnt);
	for (unsigned int i = 0; i < MIXED_SZS; i++)
		mixed->szs[i] = (uint32_t)slots_draw_sz(&worker->rng, job->sz_max);
	return 0;
}
PERF_STEP(mixed_prepare)

static __rte_always_inline bool
mixed_send(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct mixed *mixed = worker->mem;
	void *objs[PERF_BURST];

	for (unsigned int i = 0; i < PERF_BURST; i++) {
		const uint64_t sz = mixed->szs[mixed->next++ % MIXED_SZS];

		objs[i] = calls->alloc(worker, sz);
		if (unlikely(objs[i] == NULL)) {
			perf_no_memory(worker, sz);
			return false;
		}
		perf_touch(objs[i], i);
	}
	rte_ring_sp_enqueue_bulk(mixed->out, objs, PERF_BURST, NULL);
	return true;
}

static __rte_always_inline unsigned int
mixed_receive(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct mixed *mixed = worker->mem;
	void *objs[PERF_BURST];
	const unsigned int n = rte_ring_sc_dequeue_burst(mixed->in, objs, PERF_BURST, NULL);

	for (unsigned int i = 0; i < n; i++)
		calls->free(worker, objs[i]);
	return n;
}

/* Never waits for another worker, which may have ended. */
static __rte_always_inline uint64_t
mixed_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct mixed *mixed = worker->mem;
	uint64_t ops = 0;

	for (unsigned int i = 0; i < MIXED_ROUND; i++) {
		const bool room = rte_ring_free_count(mixed->out) >= PERF_BURST;
		const unsigned int n = mixed_receive(worker, calls);

		if (room && unlikely(!mixed_send(worker, calls)))
			return 0;
		if (!room && n == 0)
			rte_pause();
		ops += n + (room ? PERF_BURST : 0);
	}
	return ops;
}
PERF_STEP(mixed_round)

static __rte_always_inline uint64_t
mixed_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	uint64_t ops = 0;
	unsigned int n;

	if (worker->mem == NULL)
		return 0;
	while ((n = mixed_receive(worker, calls)) > 0)
		ops += n;
	perf_room_back(worker->mem, sizeof(struct mixed));
	return ops;
}
PERF_STEP(mixed_clean)

const struct perf_workload perf_mixed_free = {
	.name = "mixed-free",
	.what = "every lcore frees what others allocated, random sizes",
	.lcore_min = 2,
	.any_lcore_cnt = true,
	.set_up = rings_set_up,
	.tear_down = rings_tear_down,
	.prepare = mixed_prepare_steps,
	.round = mixed_round_steps,
	.clean = mixed_clean_steps,
};
