/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_RTE_MALLOC_H
#define CALLS_RTE_MALLOC_H

/** @file rte_malloc's calls. No bulk calls; which heap is the same for all workers. */

#include <rte_common.h>
#include <rte_malloc.h>

#include "perf.h"

/** Socket id of the heap: SOCKET_ID_ANY, or that of a heap of our own. Written by the allocator's open. */
extern int perf_rte_malloc_socket;

static inline void *
perf_rte_malloc_alloc(struct perf_worker *worker, uint64_t sz)
{
	RTE_SET_USED(worker);
	return rte_malloc_socket(NULL, sz, 0, perf_rte_malloc_socket);
}

static inline void
perf_rte_malloc_free(struct perf_worker *worker, void *obj)
{
	RTE_SET_USED(worker);
	rte_free(obj);
}

static inline void
perf_rte_malloc_free_bulk(struct perf_worker *worker, void **objs, unsigned int n)
{
	RTE_SET_USED(worker);
	for (unsigned int i = 0; i < n; i++)
		rte_free(objs[i]);
}

static inline bool
perf_rte_malloc_alloc_bulk(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		objs[i] = perf_rte_malloc_alloc(worker, sz);
		if (__builtin_expect(objs[i] == NULL, 0)) {
			perf_rte_malloc_free_bulk(worker, objs, i);
			return false;
		}
	}
	return true;
}

static const struct perf_calls perf_calls_rte_malloc = {
	.alloc = perf_rte_malloc_alloc,
	.free = perf_rte_malloc_free,
	.alloc_bulk = perf_rte_malloc_alloc_bulk,
	.free_bulk = perf_rte_malloc_free_bulk,
};

#endif /* CALLS_RTE_MALLOC_H */
