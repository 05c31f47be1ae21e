/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* DPDK's rte_mempool with its largest cache per lcore: objects of one size. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <groove_base.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "calls_rte_mempool.h"
#include "complain.h"
#include "pools.h"

#define POOL_PER_LCORE 4096 /* objects: a cache may hold one and a half times its size, a ring 1,024 */

static struct rte_mempool *pool;

static void
rte_mempool_version(char *buf, size_t buf_sz)
{
	snprintf(buf, buf_sz, "%s", rte_version() + strcspn(rte_version(), "0123456789"));
}

/* A pool of the workload mempool. */
static struct rte_mempool *
pool_make(const struct perf_job *job)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("perf", POOL_PER_LCORE * rte_lcore_count(), (unsigned int)job->fixed_sz,
			perf_pool_is_cached(job->pool) ? RTE_MEMPOOL_CACHE_MAX_SIZE : 0, 0, SOCKET_ID_ANY, 0);

	if (mp == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(mp, perf_pool_driver(job->pool), NULL) == 0 &&
		rte_mempool_populate_default(mp) > 0)
		return mp;
	rte_mempool_free(mp);
	return NULL;
}

static int
rte_mempool_open(const struct perf_job *job)
{
	if (job->pool > 0)
		pool = pool_make(job);
	else
		pool = rte_mempool_create("perf", POOL_PER_LCORE * rte_lcore_count(), (unsigned int)job->fixed_sz,
			RTE_MEMPOOL_CACHE_MAX_SIZE, 0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, 0);
	if (pool != NULL)
		return GROOVE_SUCCESS;
	app_complain(
		"rte_mempool: no pool for objects of %" PRIu64 " bytes: %s", job->fixed_sz, rte_strerror(rte_errno));
	return GROOVE_ERR_FULL;
}

static int
rte_mempool_close(bool all_freed)
{
	const bool lost = all_freed && !rte_mempool_full(pool);

	rte_mempool_free(pool);
	pool = NULL;
	if (!lost)
		return GROOVE_SUCCESS;
	app_complain("rte_mempool: objects are missing, all were freed");
	return GROOVE_ERR_CORRUPT;
}

static bool
rte_mempool_join(struct perf_worker *worker)
{
	worker->handle = pool;
	return true;
}

const struct perf_allocator perf_rte_mempool = {
	.name = "rte_mempool",
	.family = PERF_RTE_MEMPOOL,
	.calls = &perf_calls_rte_mempool,
	.only_fixed = true,
	.version = rte_mempool_version,
	.open = rte_mempool_open,
	.close = rte_mempool_close,
	.join = rte_mempool_join,
};
