/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "pool_add.h"

#include <inttypes.h>
#include <string.h>

#include <rte_common.h>

#include "log.h"
#include "pool.h"

static int
pool_add_check(const groove_volume_pool_t *pool, const void *mem, uint64_t footprint)
{
	if (mem == NULL || pool->volume0 == NULL) {
		GROOVE_LOG(ERR, "volume_add: NULL memory\n");
		return GROOVE_ERR_INVAL;
	}
	if (footprint % pool->volume_sz != 0) {
		GROOVE_LOG(ERR, "volume_add: %" PRIu64 " bytes are not a number of volumes of %" PRIu64 "\n", footprint,
			pool->volume_sz);
		return GROOVE_ERR_INVAL;
	}

	const uintptr_t volume0 = (uintptr_t)pool->volume0;
	const uint64_t off = (uintptr_t)mem - volume0;
	const uint64_t reach = pool->volume_max * pool->volume_sz;

	if ((uintptr_t)mem < volume0 || off > reach || footprint > reach - off || off % pool->volume_sz != 0) {
		GROOVE_LOG(ERR, "volume_add: %p + %" PRIu64 " is not a range of volumes of [%p, %p)\n", mem, footprint,
			pool->volume0, (void *)(volume0 + reach));
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

void
pool_add_undo(const groove_volume_pool_t *pool, uint64_t first, uint64_t cnt)
{
	for (uint64_t i = first; i < first + cnt; i++) {
		const uint64_t adding = pool_state(pool, i);

		pool_state_swap(pool, i, adding, volume_state_next(adding, VOLUME_OUT, 0));
	}
}

/* Take a volume from OUT to ADDING. */
static bool
pool_add_take(const groove_volume_pool_t *pool, uint64_t idx)
{
	const uint64_t out = pool_state(pool, idx);

	return volume_state_kind(out) == VOLUME_OUT &&
	       pool_state_swap(pool, idx, out, volume_state_next(out, VOLUME_ADDING, 0));
}

int
pool_add_ask(const groove_volume_pool_t *pool, const void *mem, uint64_t footprint, const void *info, uint64_t info_sz,
	struct pool_range *range)
{
	const int err = pool_add_check(pool, mem, footprint);

	if (err != GROOVE_SUCCESS)
		return err;
	range->cnt = footprint / pool->volume_sz;
	range->idx = ((uintptr_t)mem - (uintptr_t)pool->volume0) / pool->volume_sz;
	/* A copy, as the info may lie in the volume's own header: that of a volume that was removed before. */
	range->info_sz = info != NULL ? RTE_MIN(info_sz, GROOVE_VOLUME_INFO_MAX) : 0;
	if (range->info_sz != 0)
		memcpy(range->info, info, range->info_sz);
	return GROOVE_SUCCESS;
}

static int
pool_add_refuse(uint64_t idx)
{
	GROOVE_LOG(ERR, "volume_add: volume %" PRIu64 " is in the groove already: remove it first\n", idx);
	return GROOVE_ERR_INVAL;
}

int
pool_add_begin(const groove_volume_pool_t *pool, const struct pool_range *range)
{
	for (uint64_t i = range->idx; i < range->idx + range->cnt; i++)
		if (volume_state_kind(pool_state(pool, i)) != VOLUME_OUT)
			return pool_add_refuse(i);
	for (uint64_t i = range->idx; i < range->idx + range->cnt; i++) {
		if (pool_add_take(pool, i))
			continue;
		pool_add_undo(pool, range->idx, i - range->idx); /* another was faster */
		return pool_add_refuse(i);
	}
	return GROOVE_SUCCESS;
}

void
pool_add_end(const groove_volume_pool_t *pool, const struct pool_range *range, uint64_t clear_sz)
{
	/* From the highest, so that the lowest is popped first. */
	for (uint64_t i = range->idx + range->cnt; i-- > range->idx;) {
		groove_volume_t *volume = pool_volume(pool, i);

		memset(volume, 0, GROOVE_BLOCK_FOOTPRINT + clear_sz);
		volume->magic = GROOVE_VOLUME_MAGIC;
		volume->idx = i;
		volume->sz = pool->volume_sz;
		volume->info_sz = range->info_sz;
		memcpy(volume->info, range->info, range->info_sz);

		const uint64_t adding = pool_state(pool, i);

		pool_state_swap(pool, i, adding, volume_state_next(adding, VOLUME_EMPTY, 0));
		pool_push(pool, i);
	}
	pool_recount(pool);
}
