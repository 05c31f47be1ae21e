/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Random slots: free what is there, allocate another of a random size, write its first line. */

#include "calls.h"
#include "slots.h"

static __rte_always_inline uint64_t
churn_prepare(struct perf_worker *worker, const struct perf_calls *calls)
{
	return slots_fill(worker, calls);
}
PERF_STEP(churn_prepare)

static __rte_always_inline uint64_t
churn_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct slots *slots = worker->mem;

	for (uint64_t i = 0; i < SLOTS_ROUND; i++) {
		void **slot = slots_draw(slots, &worker->rng);
		const uint64_t sz = slots_next_sz(slots);

		calls->free(worker, *slot);
		*slot = calls->alloc(worker, sz);
		if (unlikely(*slot == NULL))
			return perf_no_memory(worker, sz);
		perf_touch(*slot, i);
	}
	return 2 * SLOTS_ROUND;
}
PERF_STEP(churn_round)

static __rte_always_inline uint64_t
churn_clean(struct perf_worker *worker, const struct perf_calls *calls)
{
	return slots_empty(worker, calls);
}
PERF_STEP(churn_clean)

const struct perf_workload perf_churn = {
	.name = "churn",
	.what = "8,192 random slots per lcore, random sizes, first line written",
	.prepare = churn_prepare_steps,
	.round = churn_round_steps,
	.clean = churn_clean_steps,
};
