/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include <string.h>

#include "counter.h"
#include "epoch.h"
#include "hdr.h"
#include "join_handle.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"
#include "stats.h"

struct szc_sum
stats_sum(const groove_data_t *data, uint64_t szc)
{
	struct szc_sum sum = {0};
	uint64_t alloc_bytes = 0;
	uint64_t free_bytes = 0;

	/*
	 * Frees before allocs, so that no free is counted without its alloc: acquire, in counter_read(), pairs with the
	 * stores of the counts. A join that was given an object to free had it from the alloc, which was counted
	 * before.
	 */
	for (uint64_t i = 0; i < data->join_max; i++) {
		const struct counter_total frees = counter_read(&data->shdata->record[i], szc, GROOVE_COUNT_FREE);

		sum.free_cnt += frees.calls;
		free_bytes += frees.bytes;
	}
	for (uint64_t i = 0; i < data->join_max; i++) {
		const struct groove_record *record = &data->shdata->record[i];
		const struct counter_total allocs = counter_read(record, szc, GROOVE_COUNT_ALLOC);

		sum.alloc_cnt += allocs.calls;
		alloc_bytes += allocs.bytes;
		sum.slot_cnt += __atomic_load_n(&record->slot_cnt[szc], __ATOMIC_RELAXED);
		sum.superblock_cnt += __atomic_load_n(&record->superblock_cnt[szc], __ATOMIC_RELAXED);
	}
	sum.obj_cnt = sum.alloc_cnt - sum.free_cnt;
	sum.req_bytes = counter_less(alloc_bytes, free_bytes);
	return sum;
}

/* Calls of a class and direction that were counted, of all joins. */
static uint64_t
stats_calls(const groove_data_t *data, uint64_t szc, unsigned int dir)
{
	uint64_t calls = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		calls += counter_read(&data->shdata->record[i], szc, dir).calls;
	return calls;
}

uint64_t
stats_slot_bytes_least(const groove_data_t *data)
{
	uint64_t alloc_cnt[GROOVE_DATA_SZC_CNT];
	uint64_t bytes = 0;

	/*
	 * All allocs before all frees: acquire, in counter_read(), pairs with the stores of the counts. A free is
	 * counted before its slot leaves the join, and an alloc after the slot came. So of two objects that had the
	 * same memory, one after the other, the free of the first is seen where the alloc of the second is.
	 */
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		alloc_cnt[szc] = stats_calls(data, szc, GROOVE_COUNT_ALLOC);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t live = counter_less(alloc_cnt[szc], stats_calls(data, szc, GROOVE_COUNT_FREE));

		bytes += stats_not_below_zero(live) * groove_data_szc_cfg[szc].obj_footprint;
	}
	return bytes;
}

static void
stats_volumes(const groove_data_t *data, groove_data_stats_t *stats)
{
	for (uint64_t i = 0; i < data->pool.volume_max; i++) {
		const enum volume_kind kind = volume_state_kind(pool_state(&data->pool, i));

		if (kind == VOLUME_OUT || kind == VOLUME_ADDING || kind == VOLUME_REMOVING)
			continue;
		stats->volume_cnt++;
		stats->volume_empty_cnt += kind != VOLUME_USED;
	}
	for (uint64_t i = 0; i < data->join_max; i++)
		stats->join_cnt +=
			record_kind(__atomic_load_n(&data->shdata->record[i].state, __ATOMIC_RELAXED)) == RECORD_LIVE;
}

static void
stats_add(groove_data_szc_stats_t *total, const groove_data_szc_stats_t *szc)
{
	total->alloc_cnt += szc->alloc_cnt;
	total->free_cnt += szc->free_cnt;
	total->obj_cnt += szc->obj_cnt;
	total->req_bytes += szc->req_bytes;
	total->slot_bytes += szc->slot_bytes;
	total->superblock_cnt += szc->superblock_cnt;
	total->cached_cnt += szc->cached_cnt;
}

int
groove_data_stats(const groove_data_t *data, groove_data_stats_t *stats)
{
	if (!join_check_look(data, "stats"))
		return GROOVE_ERR_INVAL;
	if (stats == NULL) {
		GROOVE_LOG(ERR, "stats: nowhere to write to: NULL\n");
		return GROOVE_ERR_INVAL;
	}
	memset(stats, 0, sizeof(*stats));
	stats_volumes(data, stats);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum sum = stats_sum(data, szc);
		const uint64_t obj_cnt =
			stats_not_below_zero(sum.obj_cnt); /* a walk may lead to what is not counted yet */

		stats->szc[szc] = (groove_data_szc_stats_t){
			.alloc_cnt = sum.alloc_cnt,
			.free_cnt = sum.free_cnt,
			.obj_cnt = obj_cnt,
			.req_bytes = stats_not_below_zero(sum.req_bytes),
			.slot_bytes = obj_cnt * groove_data_szc_cfg[szc].obj_footprint,
			.superblock_cnt = stats_not_below_zero(sum.superblock_cnt),
			.cached_cnt = stats_not_below_zero(sum.slot_cnt - sum.obj_cnt),
		};
		stats_add(&stats->total, &stats->szc[szc]);
	}
	return GROOVE_SUCCESS;
}

/*
 * Bytes of the slot that a superblock is; 0: it is a root, or gone by now. Its header may be a user's bytes then, and
 * what it says is only used if it was one: so ThreadSanitizer need not know of it.
 */
static __attribute__((__no_sanitize__("thread"))) uint64_t
superblock_slot_sz(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const groove_data_hdr_t *hdr = (const groove_data_hdr_t *)block_addr(data, block);
	const uint64_t bits = __atomic_load_n(&hdr->bits, __ATOMIC_RELAXED);
	const uint64_t host = hdr_szc(bits);

	if (bits != hdr_superblock(szc, host, hdr_idx(bits)) || !szc_in_use(data, host))
		return 0;
	return groove_data_szc_cfg[host].obj_footprint;
}

/* Add the superblock of an entry by what were its word and id: its slots, less the slot of another that it takes. */
static void
volume_stats_add(const groove_data_t *data, const struct groove_sb *sb, uint64_t word, uint32_t id,
	groove_data_volume_stats_t *stats)
{
	const uint64_t szc = sb_id_szc(id);
	const uint32_t cnt = sb_id_cnt(id);
	const uint64_t block = sb_id_block(data, sb, id);
	const uint64_t free_cnt = (uint64_t)__builtin_popcountll(sb_word_slots(word, cnt));

	if (!superblock_can_be(data, szc, block, cnt)) /* returned since, its id is 0 */
		return;
	stats->free_bytes += free_cnt * groove_data_szc_cfg[szc].obj_footprint;
	stats->used_bytes += (cnt - free_cnt) * groove_data_szc_cfg[szc].obj_footprint;
	stats->used_bytes -= superblock_slot_sz(data, szc, block);
	stats->superblock_cnt++;
}

static void
volume_stats_sum(const groove_data_t *data, uint64_t volume, groove_data_volume_stats_t *stats)
{
	const struct groove_sb *table = volume_table(data, volume);
	const uint32_t *ids = volume_ids(data, volume);

	for (uint64_t i = 0; i < table_cnt(data->volume_shift); i++) {
		/* Relaxed: entry by entry, as it is now. */
		const uint64_t word = __atomic_load_n(&table[i].word, __ATOMIC_RELAXED);
		const enum sb_place place = sb_word_place(word);

		if (place != SB_NONE && place != SB_RETURNING)
			volume_stats_add(data, &table[i], word, __atomic_load_n(&ids[i], __ATOMIC_RELAXED), stats);
	}
	if (stats->superblock_cnt == 0)
		stats->free_bytes = data->pool.volume_sz - data->data_off;
	/* While others allocate and free, a superblock may be seen without the one around it. */
	stats->used_bytes = stats_not_below_zero(stats->used_bytes);
}

int
groove_data_volume_stats(groove_data_t *data, const groove_volume_t *volume, groove_data_volume_stats_t *stats)
{
	int err = GROOVE_ERR_INVAL;

	if (!join_check_look(data, "volume_stats"))
		return GROOVE_ERR_INVAL;
	if (stats == NULL) {
		GROOVE_LOG(ERR, "volume_stats: nowhere to write to: NULL\n");
		return GROOVE_ERR_INVAL;
	}

	const uint64_t off = addr_off(data, volume);
	const uint64_t idx = off >> data->volume_shift;

	memset(stats, 0, sizeof(*stats));
	epoch_enter_look(data); /* so that the table stays mapped */
	if (volume != NULL && idx < data->pool.volume_max && (off & (data->pool.volume_sz - 1)) == 0 &&
		pool_in_groove(&data->pool, idx)) {
		volume_stats_sum(data, idx, stats);
		err = GROOVE_SUCCESS;
	}
	epoch_leave_look(data);
	if (err != GROOVE_SUCCESS)
		GROOVE_LOG(ERR, "volume_stats: %p is no volume of this groove\n", (const void *)volume);
	return err;
}
