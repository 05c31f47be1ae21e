/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_H
#define CALLS_H

/**
 * @file
 * The families, and how a step is compiled for each.
 *
 * A step is written once, as
 *
 *     static __rte_always_inline uint64_t
 *     pair_round(struct perf_worker *worker, const struct perf_calls *calls)
 *
 * and PERF_STEP(pair_round) makes pair_round_steps of it, a function per family.
 */

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "calls_groove.h"
#include "calls_libc.h"
#include "calls_rte_malloc.h"
#include "calls_rte_mempool.h"

#define PERF_STEP_FAMILY(step, family)                                                                                 \
	static uint64_t step##_##family(struct perf_worker *worker)                                                    \
	{                                                                                                              \
		return step(worker, &perf_calls_##family);                                                             \
	}

#define PERF_STEP(step)                                                                                                \
	PERF_STEP_FAMILY(step, groove)                                                                                 \
	PERF_STEP_FAMILY(step, libc)                                                                                   \
	PERF_STEP_FAMILY(step, rte_malloc)                                                                             \
	PERF_STEP_FAMILY(step, rte_mempool)                                                                            \
	static const perf_step_fn step##_steps[PERF_FAMILY_CNT] = {                                                    \
		[PERF_GROOVE] = step##_groove,                                                                         \
		[PERF_LIBC] = step##_libc,                                                                             \
		[PERF_RTE_MALLOC] = step##_rte_malloc,                                                                 \
		[PERF_RTE_MEMPOOL] = step##_rte_mempool,                                                               \
	};

/** Write to the first cache line of an object of at least PERF_SZ_MIN bytes, as its user would. */
static inline void
perf_touch(void *obj, uint64_t value)
{
	/* an atomic store, so that no compiler drops it as dead before a free that it knows */
	__atomic_store_n((uint64_t *)obj, value, __ATOMIC_RELAXED);
}

#endif /* CALLS_H */
