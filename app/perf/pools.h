/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef POOLS_H
#define POOLS_H

/** @file The pools of the workload mempool: drivers of mempools, each with the mempool library's cache and without. */

#include <rte_common.h>

#include "perf.h"

#define PERF_POOL_SZ	  2176 /**< Bytes of an element: an mbuf with its data room. */
#define PERF_POOL_DRIVERS 4
#define PERF_POOL_CNT	  (2UL * PERF_POOL_DRIVERS) /**< They have the numbers from 1; 0: rte_mempool as it is made. */

/** What rte_mempool_set_ops_byname() takes. */
static inline const char *
perf_pool_driver(uint32_t pool)
{
	static const char *const drivers[PERF_POOL_DRIVERS] = {"groove", "ring_mp_mc", "stack", "lf_stack"};

	return drivers[(pool - 1) / 2];
}

static inline bool
perf_pool_is_cached(uint32_t pool)
{
	return pool % 2 == 0;
}

#endif /* POOLS_H */
