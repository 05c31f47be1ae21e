/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A burst of packets: so many buffers at once, then all of them back. */

#include "calls.h"

#define BURST_SZ    1920
#define BURST_ROUND 64 /* bursts */

static __rte_always_inline uint64_t
burst_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	void *objs[PERF_BURST];

	for (unsigned int burst = 0; burst < BURST_ROUND; burst++) {
		for (unsigned int i = 0; i < PERF_BURST; i++) {
			objs[i] = calls->alloc(worker, BURST_SZ);
			if (unlikely(objs[i] == NULL))
				return perf_no_memory(worker, BURST_SZ);
			perf_touch(objs[i], i);
		}
		for (unsigned int i = 0; i < PERF_BURST; i++)
			calls->free(worker, objs[i]);
	}
	return 2UL * BURST_ROUND * PERF_BURST;
}
PERF_STEP(burst_round)

const struct perf_workload perf_burst = {
	.name = "burst",
	.what = "32 x 1,920 bytes, then free them all",
	.fixed_sz = BURST_SZ,
	.round = burst_round_steps,
};
