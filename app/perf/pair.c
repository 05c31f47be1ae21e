/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The least that an allocator can be asked for: an object, and away with it. */

#include "calls.h"

#define PAIR_SZ	   64
#define PAIR_ROUND 4096UL

static __rte_always_inline uint64_t
pair_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	for (uint64_t i = 0; i < PAIR_ROUND; i++) {
		void *obj = calls->alloc(worker, PAIR_SZ);

		if (unlikely(obj == NULL))
			return perf_no_memory(worker, PAIR_SZ);
		perf_touch(obj, i);
		calls->free(worker, obj);
	}
	return 2 * PAIR_ROUND;
}
PERF_STEP(pair_round)

const struct perf_workload perf_pair = {
	.name = "pair",
	.what = "64 bytes, allocated, written, freed",
	.fixed_sz = PAIR_SZ,
	.round = pair_round_steps,
};
