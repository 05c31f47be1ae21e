/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache_share.h"

#include <rte_common.h>

#define SHARE_PART 64U /* all joins may cache one part of so many of the groove; */
#define SHARE_OWN  8U  /* one of so many of this is for all records alike: a join may have its own always */

/* Whether the bytes that a join has, or is to have, are its own, or as many again are left of the rest by the others.
 */
static bool
share_fits(const groove_data_t *data, uint64_t keep)
{
	const uint64_t part = (pool_volume_cnt(data->pool.shpool) << data->volume_shift) / SHARE_PART;
	uint64_t left = part - part / SHARE_OWN;

	if (keep <= part / SHARE_OWN / data->join_max)
		return true;
	for (uint64_t i = 0; i < data->join_max && 2 * keep <= left; i++) {
		/* Sequentially consistent: see cache_share_take(). What cannot be has been damaged. */
		const uint64_t other = __atomic_load_n(&data->shdata->record[i].keep, __ATOMIC_SEQ_CST);

		if (i != data->join_idx)
			left -= RTE_MIN(left, RTE_MIN(other, GROOVE_DATA_CACHE_JOIN_BYTES));
	}
	return 2 * keep <= left;
}

/*
 * What it is to have is written first, then what the others have is read: both sequentially consistent, so of two joins
 * that do this at the same time at least one sees the other, and what stays is never more than the part.
 */
bool
cache_share_take(groove_data_t *data, uint64_t keep)
{
	/* Relaxed: only this join writes it. */
	const uint64_t before = __atomic_load_n(&data->record->keep, __ATOMIC_RELAXED);

	__atomic_exchange_n(&data->record->keep, keep, __ATOMIC_SEQ_CST);
	if (share_fits(data, keep))
		return true;
	cache_share_give(data, before);
	return false;
}

bool
cache_share_is_over(const groove_data_t *data)
{
	const uint64_t keep = __atomic_load_n(&data->record->keep, __ATOMIC_RELAXED);

	return keep != 0 && !share_fits(data, keep);
}
