/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_COUNT_H
#define CALLS_COUNT_H

/**
 * @file
 * groove's calls as app/perf makes them, each reported to the counter. The workloads of app/perf are compiled with this
 * header before all others, and take these calls for those of calls_groove.h.
 */

#include "calls_groove.h"
#include "count.h"

static inline void *
perf_count_alloc(struct perf_worker *worker, uint64_t sz)
{
	void *obj;

	count_enter(COUNT_ALLOC);
	obj = perf_groove_alloc(worker, sz);
	count_leave(&obj, obj != NULL);
	return obj;
}

static inline void
perf_count_free(struct perf_worker *worker, void *obj)
{
	count_enter(COUNT_FREE);
	perf_groove_free(worker, obj);
	count_leave(&obj, 1);
}

static inline bool
perf_count_alloc_bulk(struct perf_worker *worker, uint64_t sz, void **objs, unsigned int n)
{
	bool done;

	count_enter(COUNT_ALLOC);
	done = perf_groove_alloc_bulk(worker, sz, objs, n);
	count_leave(objs, done ? n : 0);
	return done;
}

static inline void
perf_count_free_bulk(struct perf_worker *worker, void **objs, unsigned int n)
{
	count_enter(COUNT_FREE);
	perf_groove_free_bulk(worker, objs, n);
	count_leave(objs, n);
}

static const struct perf_calls perf_calls_count = {
	.alloc = perf_count_alloc,
	.free = perf_count_free,
	.alloc_bulk = perf_count_alloc_bulk,
	.free_bulk = perf_count_free_bulk,
};

/* From here on. */
#define perf_calls_groove perf_calls_count

#endif /* CALLS_COUNT_H */
