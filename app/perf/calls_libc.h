/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_LIBC_H
#define CALLS_LIBC_H

/** @file malloc and free of the C library, or of the library that took their place. No handle, and no bulk calls. */

#include <stdlib.h>

#include <rte_common.h>

#include "perf.h"

static inline void *
perf_libc_alloc(struct perf_worker *worker, uint64_t sz)
{
	RTE_SET_USED(worker);
	return malloc(sz);
}

static inline void
perf_libc_free(struct perf_worker *worker, void *obj)
{
	RTE_SET_USED(worker);
	free(obj);
}

static inline void
perf_libc_free_bulk(struct perf_worker *worker, void **objs, unsigned int n)
{
	RTE_SET_USED(worker);
	for (unsigned int i = 0; i < n; i++)
		free(objs[i]);
}

static inline bool
perf_libc_alloc_bulk(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		objs[i] = malloc(sz);
		if (__builtin_expect(objs[i] == NULL, 0)) {
			perf_libc_free_bulk(worker, objs, i);
			return false;
		}
	}
	return true;
}

static const struct perf_calls perf_calls_libc = {
	.alloc = perf_libc_alloc,
	.free = perf_libc_free,
	.alloc_bulk = perf_libc_alloc_bulk,
	.free_bulk = perf_libc_free_bulk,
};

#endif /* CALLS_LIBC_H */
