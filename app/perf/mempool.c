/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Bulks of a mempool, got and put, by drivers of mempools, with the mempool library's cache and without. */

#include <stdio.h>

#include "calls.h"
#include "pools.h"

#define MEMPOOL_BULK_MAX 256
#define MEMPOOL_ROUND	 8192 /* elements */

static const uint32_t ns[] = {32, MEMPOOL_BULK_MAX};

static __rte_always_inline uint64_t
mempool_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;
	void *objs[MEMPOOL_BULK_MAX];

	for (unsigned int bulk = 0; bulk < MEMPOOL_ROUND / job->n; bulk++) {
		if (unlikely(!calls->alloc_bulk(worker, job->fixed_sz, objs, job->n)))
			return perf_no_memory(worker, job->fixed_sz);
		calls->free_bulk(worker, objs, job->n);
	}
	return 2UL * MEMPOOL_ROUND;
}
PERF_STEP(mempool_round)

static struct perf_variant
mempool_variant(uint32_t idx)
{
	struct perf_variant variant = {
		.sz = PERF_POOL_SZ,
		.n = ns[idx / PERF_POOL_CNT],
		.pool = 1 + idx % PERF_POOL_CNT,
	};

	snprintf(variant.name, sizeof(variant.name), "%u %s%s", (unsigned int)variant.n, perf_pool_driver(variant.pool),
		perf_pool_is_cached(variant.pool) ? " cache" : "");
	return variant;
}

const struct perf_workload perf_mempool = {
	.name = "mempool",
	.what = "n elements of a mempool, got with one call, put with another",
	.fixed_sz = PERF_POOL_SZ,
	.on_request = true,
	.variant_cnt = PERF_POOL_CNT * RTE_DIM(ns),
	.variant = mempool_variant,
	.round = mempool_round_steps,
};
