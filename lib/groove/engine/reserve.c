/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "reserve.h"

#include <rte_common.h>

#include "counter.h"
#include "list.h"
#include "pool.h"
#include "shelf.h"
#include "superblock.h"

/*
 * Of the slots that all volumes in use have, one in so many is kept, and at most so many. Found by trial, with a
 * simulation of what groove-perf fill does to two volumes of 1 GiB.
 */
#define RESERVE_PART 8U
#define RESERVE_MAX  16U

#define FEW_OBJS   5U		     /* fewer objects are soon all freed, so their superblocks come back, */
#define FEW_MAX	   (RESERVE_MAX / 2) /* and leave less */
#define AGAIN_PART 4U		     /* one more large object is looked for, for so many that are live */

#define ASKS 32U /* calls for which an answer stays good */

/* Free slots of a superblock, if it is one of that class. Relaxed: a hint. */
static uint64_t
slots_free(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);

	return sb_word_slots(__atomic_load_n(&sb->word, __ATOMIC_RELAXED), sb_cnt(data, sb, szc, block));
}

/* Free slots of the largest class in a slice at a block. */
static uint32_t
slice_cnt_free(const groove_data_t *data, uint64_t block)
{
	return (uint32_t)__builtin_popcountll(slots_free(data, SZC_LARGEST, block));
}

/* Free slots of the largest class in a volume, those that its free slices would have among them. */
static uint32_t
volume_cnt_free(const groove_data_t *data, uint64_t volume)
{
	const uint64_t root = volume_block(data, volume) + data->data_off / GROOVE_BLOCK_FOOTPRINT;
	uint32_t cnt = 0;
	uint64_t free;

	if (data->slice_cnt == 1)
		return slice_cnt_free(data, root);
	free = slots_free(data, GROOVE_DATA_SZC_SLICE, root);
	for (uint32_t i = 0; i < data->slice_cnt; i++) {
		const uint64_t off = addr_off(data, slot_hdr(data, GROOVE_DATA_SZC_SLICE, root, i));

		cnt += (free >> i & 1) != 0 ? groove_data_szc_cfg[SZC_LARGEST].obj_cnt
					    : slice_cnt_free(data, off / GROOVE_BLOCK_FOOTPRINT);
	}
	return cnt;
}

/* Objects of the largest size: how many are live, and how many were freed: a hint. */
struct large_cnt {
	uint64_t live;
	uint64_t freed;
};

static struct large_cnt
large_cnt(const groove_data_t *data)
{
	struct large_cnt cnt = {0};

	/* What one join allocated another may have freed. */
	for (uint64_t i = 0; i < data->join_max; i++) {
		const struct groove_record *record = &data->shdata->record[i];

		/* That no join ever had, as most are. */
		if (__atomic_load_n(&record->state, __ATOMIC_RELAXED) == 0)
			continue;
		for (uint64_t szc = RESERVE_SZC; szc <= SZC_LARGEST; szc++) {
			const uint64_t frees = counter_read(record, szc, GROOVE_COUNT_FREE).calls;

			cnt.live += counter_read(record, szc, GROOVE_COUNT_ALLOC).calls - frees;
			cnt.freed += frees;
		}
	}
	/* Less than none for a moment, when frees were counted that came after the allocs here. */
	if ((int64_t)cnt.live < 0)
		cnt.live = 0;
	return cnt;
}

/* Whether no more than what is kept, so many at most, is left. Relaxed: a hint. */
static bool
is_left(const groove_data_t *data, uint64_t most)
{
	uint64_t volumes = pool_volume_cnt(data->pool.shpool);
	uint32_t all = 0;
	uint32_t free = 0;

	if (list_head_first(__atomic_load_n(&pool_shared(&data->pool)->head, __ATOMIC_RELAXED)) != 0)
		return false;
	for (uint64_t i = 0; i < data->pool.volume_max && volumes > 0 && free <= most; i++) {
		if (volume_state_kind(pool_state(&data->pool, i)) != VOLUME_USED)
			continue;
		volumes--;
		all += data->slice_cnt * groove_data_szc_cfg[SZC_LARGEST].obj_cnt;
		free += volume_cnt_free(data, i);
	}
	return free <= RTE_MIN(all / RESERVE_PART, most);
}

/* The same for a join that takes all there is: it leaves what large objects will take that come instead of others. */
static bool
is_left_again(const groove_data_t *data)
{
	const struct large_cnt large = large_cnt(data);
	const uint64_t again = RTE_MIN(large.freed, large.live / AGAIN_PART);

	return again != 0 && is_left(data, RTE_MIN(again, (uint64_t)RESERVE_MAX));
}

/* Whether superblocks of a class are soon empty again: few slots fit in one, and in these are no superblocks. */
static bool
is_soon_empty(const groove_data_t *data, uint64_t szc)
{
	if (szc_slot_cnt(data, szc, SZC_LARGEST) >= FEW_OBJS)
		return false;
	for (uint64_t i = 0; i < szc; i++)
		if (groove_data_szc_cfg[i].parent_szc == szc)
			return false;
	return true;
}

static bool
work_out(const groove_data_t *data, bool few)
{
	if (cache_of(data)->takes_all)
		return !few && is_left_again(data);
	return is_left(data, few ? FEW_MAX : RESERVE_MAX) && large_cnt(data).live != 0;
}

/*
 * The same in a look for memory that is short (full.h), which asks again and again: what was worked out before stays
 * good for some time, unless a slot came that could make it less.
 */
static bool
look_up(const groove_data_t *data)
{
	struct groove_full *full = &cache_of(data)->full;
	const uint64_t came = full->came[RESERVE_SZC >> NEWS_SHIFT];
	const bool all = cache_of(data)->takes_all;

	if (full->reserve[all].asks == 0 || full->reserve[all].came != came) {
		full->reserve[all].is_reached = work_out(data, false);
		full->reserve[all].asks = ASKS;
		full->reserve[all].came = came;
	}
	full->reserve[all].asks--;
	return full->reserve[all].is_reached;
}

bool
reserve_is_reached(const groove_data_t *data, uint64_t szc)
{
	struct groove_cache *cache = cache_of(data);
	const bool few = is_soon_empty(data, szc);

	if (!few && cache->full.looks)
		return look_up(data);
	if (!few && !cache->takes_all && cache->reserve_asks > 0) {
		cache->reserve_asks--;
		return true;
	}
	if (!work_out(data, few))
		return false;
	cache->reserve_asks = ASKS;
	return true;
}
