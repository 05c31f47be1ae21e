/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_GROOVE_H
#define CALLS_GROOVE_H

/** @file groove's calls. The handle of a worker is its join. */

#include <groove.h>

#include "perf.h"

static inline void *
perf_groove_alloc(struct perf_worker *worker, uint64_t sz)
{
	int err;

	return groove_data_alloc(worker->handle, 0, sz, 0, &err);
}

static inline void
perf_groove_free(struct perf_worker *worker, void *obj)
{
	const int err = groove_data_free(worker->handle, obj);

	if (__builtin_expect(err != GROOVE_SUCCESS, 0))
		perf_scene_fail(worker->scene, err, "cannot free %p: %s", obj, groove_strerror(err));
}

static inline bool
perf_groove_alloc_bulk(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n)
{
	return groove_data_alloc_bulk(worker->handle, 0, sz, NULL, objs, n) == GROOVE_SUCCESS;
}

static inline void
perf_groove_free_bulk(struct perf_worker *worker, void **objs, unsigned int n)
{
	const int err = groove_data_free_bulk(worker->handle, objs, n);

	if (__builtin_expect(err != GROOVE_SUCCESS, 0))
		perf_scene_fail(worker->scene, err, "cannot free a bulk of %u: %s", n, groove_strerror(err));
}

static const struct perf_calls perf_calls_groove = {
	.alloc = perf_groove_alloc,
	.free = perf_groove_free,
	.alloc_bulk = perf_groove_alloc_bulk,
	.free_bulk = perf_groove_free_bulk,
};

#endif /* CALLS_GROOVE_H */
