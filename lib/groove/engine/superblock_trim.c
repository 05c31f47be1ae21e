/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_trim.h"

#include "heads.h"
#include "pool.h"
#include "superblock.h"
#include "superblock_return.h"
#include "superblock_slot.h"

static void
trim_slot(groove_data_t *data, uint64_t szc, uint64_t *slot)
{
	const uint64_t head = __atomic_load_n(slot, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */
	const uint64_t block = list_head_first(head);

	if (block == 0)
		return;
	if (!pool_uses_block(data, block) || !sb_is(data, sb_entry(data, szc, block), szc, block)) {
		/* Else another took it out meanwhile, and where it was there is something else by now, or nothing. */
		if (sb_slot_is(slot, head))
			sb_corrupt(szc, block, "in an active slot, but there is none, or another");
		return;
	}
	if (sb_seems_empty(data, szc, block))
		sb_slot_clear(data, szc, slot, head);
}

/* Superblocks of a class, by the counters. */
static uint64_t
superblock_cnt(const groove_data_t *data, uint64_t szc)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		cnt += __atomic_load_n(&data->shdata->record[i].superblock_cnt[szc], __ATOMIC_RELAXED);
	return (int64_t)cnt < 0 ? 0 : cnt;
}

/* Whether there is anything in a list of a class. */
static bool
has_listed(const groove_data_t *data, uint64_t szc)
{
	bool listed = false;

	for (uint64_t i = 0; i < list_all_cnt(szc) && !listed; i++)
		/* Acquire pairs with list_head_swap(). */
		listed = list_head_first(__atomic_load_n(list_at(data, i, szc), __ATOMIC_ACQUIRE)) != 0;
	return listed;
}

uint64_t
superblock_trim(groove_data_t *data, uint64_t szc)
{
	struct sift sift = {0};
	uint64_t most;

	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++)
		trim_slot(data, szc, sb_slot_of(data, group, szc));
	if (!has_listed(data, szc))
		return 0;
	/* Each once into the list aside and once out of it, or twice out. */
	most = 4 * superblock_cnt(data, szc) + 1;
	sift.left = most;
	sb_lists_sift_all(data, szc, &sift);
	return most - sift.left;
}

uint64_t
trim_all(groove_data_t *data)
{
	uint64_t cnt = 0;

	/* From the smallest: what a class returns may empty a superblock of a larger one. */
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		if (szc_in_use(data, szc))
			cnt += superblock_trim(data, szc);
	return cnt;
}

bool
superblock_in_slot(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++)
		/* Acquire pairs with list_head_swap(). */
		if (list_head_first(__atomic_load_n(sb_slot_of(data, group, szc), __ATOMIC_ACQUIRE)) == block)
			return true;
	return false;
}

int
superblock_in_list(groove_data_t *data, uint64_t szc, uint64_t block, bool *found)
{
	struct sift sift = {.left = 4 * superblock_cnt(data, szc) + 1, .sought = block};
	/* Each list has become empty once. What was in none of them then, and did not move, is in none. */
	const int err = sb_lists_sift_all(data, szc, &sift);

	*found = sift.found;
	if (sift.found || err == GROOVE_ERR_EMPTY)
		return GROOVE_SUCCESS;
	return err == GROOVE_SUCCESS ? GROOVE_ERR_AGAIN : err;
}
