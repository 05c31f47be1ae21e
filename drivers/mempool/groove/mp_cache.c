/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_cache.h"

#include <rte_mempool.h>

void
mp_cache_drop(void *mempool, const uint64_t *lcores)
{
	struct rte_mempool *mp = mempool;

	for (unsigned int lcore = 0; mp->cache_size > 0 && lcore < RTE_MAX_LCORE; lcore++) {
		if ((lcores[lcore / 64] >> lcore % 64 & 1) != 0)
			mp->local_cache[lcore].len = 0;
	}
}
