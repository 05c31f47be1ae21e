/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include <string.h>

#include "log.h"
#include "pool.h"
#include "stats.h"

struct szc_sum
stats_sum(const groove_data_t *data, uint64_t szc)
{
	struct szc_sum sum = {0};

	/*
	 * Frees before allocs, so that no free is counted without its alloc: acquire pairs with groove_count_add().
	 * Whoever freed an object had it from the alloc, which was counted before.
	 */
	for (uint64_t i = 0; i < data->join_max; i++)
		sum.free_cnt += __atomic_load_n(&data->shdata->record[i].count[szc].free_cnt, __ATOMIC_ACQUIRE);
	for (uint64_t i = 0; i < data->join_max; i++) {
		const struct groove_count *count = &data->shdata->record[i].count[szc];

		sum.alloc_cnt += __atomic_load_n(&count->alloc_cnt, __ATOMIC_RELAXED);
		sum.req_bytes += __atomic_load_n(&count->req_bytes, __ATOMIC_RELAXED);
		sum.slot_cnt += __atomic_load_n(&count->slot_cnt, __ATOMIC_RELAXED);
		sum.superblock_cnt += __atomic_load_n(&data->shdata->record[i].superblock_cnt[szc], __ATOMIC_RELAXED);
	}
	return sum;
}

/* A sum of differences that others change while it is made may come out below zero for a moment. */
static uint64_t
not_below_zero(uint64_t sum)
{
	return (int64_t)sum < 0 ? 0 : sum;
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
	if (!join_check(data, "stats"))
		return GROOVE_ERR_INVAL;
	if (stats == NULL) {
		GROOVE_LOG(ERR, "stats: nowhere to write to: NULL\n");
		return GROOVE_ERR_INVAL;
	}
	memset(stats, 0, sizeof(*stats));
	stats_volumes(data, stats);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum sum = stats_sum(data, szc);
		const uint64_t obj_cnt = sum.alloc_cnt - sum.free_cnt;

		stats->szc[szc] = (groove_data_szc_stats_t){
			.alloc_cnt = sum.alloc_cnt,
			.free_cnt = sum.free_cnt,
			.obj_cnt = obj_cnt,
			.req_bytes = not_below_zero(sum.req_bytes),
			.slot_bytes = obj_cnt * groove_data_szc_cfg[szc].obj_footprint,
			.superblock_cnt = not_below_zero(sum.superblock_cnt),
			.cached_cnt = not_below_zero(sum.slot_cnt - obj_cnt),
		};
		stats_add(&stats->total, &stats->szc[szc]);
	}
	return GROOVE_SUCCESS;
}
