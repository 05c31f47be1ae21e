/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_RTE_MEMPOOL_H
#define CALLS_RTE_MEMPOOL_H

/** @file rte_mempool's calls. The handle is the pool, the same for all workers; sizes are the pool's. */

#include <rte_common.h>
#include <rte_mempool.h>

#include "perf.h"

static inline void *
perf_rte_mempool_alloc(struct perf_worker *worker, uint64_t sz)
{
	void *obj;

	RTE_SET_USED(sz);
	return rte_mempool_get(worker->handle, &obj) == 0 ? obj : NULL;
}

static inline void
perf_rte_mempool_free(struct perf_worker *worker, void *obj)
{
	rte_mempool_put(worker->handle, obj);
}

static inline bool
perf_rte_mempool_alloc_bulk(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n)
{
	RTE_SET_USED(sz);
	return rte_mempool_get_bulk(worker->handle, objs, n) == 0;
}

static inline void
perf_rte_mempool_free_bulk(struct perf_worker *worker, void **objs, unsigned int n)
{
	rte_mempool_put_bulk(worker->handle, objs, n);
}

static const struct perf_calls perf_calls_rte_mempool = {
	.alloc = perf_rte_mempool_alloc,
	.free = perf_rte_mempool_free,
	.alloc_bulk = perf_rte_mempool_alloc_bulk,
	.free_bulk = perf_rte_mempool_free_bulk,
};

#endif /* CALLS_RTE_MEMPOOL_H */
