/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Add a volume to a groove, and take an empty one out. */

#include <groove_data.h>

#include <inttypes.h>

#include "cache.h"
#include "drain.h"
#include "epoch.h"
#include "hold.h"
#include "join_handle.h"
#include "log.h"
#include "news.h"
#include "pool.h"
#include "pool_add.h"
#include "superblock_trim.h"
#include "volume.h"

/*
 * Whether every join there is can reach the volumes up to an index. A join publishes how far it reaches, then looks
 * which volumes are there (record_take()); an add marks its volumes, then looks how far the joins reach. Sequentially
 * consistent, so at least one of two at the same moment sees the other.
 */
static bool
joins_reach(const groove_data_t *data, uint64_t volumes)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		const uint64_t state = __atomic_load_n(&data->shdata->record[i].state, __ATOMIC_SEQ_CST);

		if (record_kind(state) != RECORD_LIVE || record_volume_max(state) >= volumes)
			continue;
		GROOVE_LOG(ERR,
			"volume_add: join %" PRIu64 " reaches %" PRIu64 " volumes, not volume %" PRIu64
			": let all join with the same volume_max\n",
			i, record_volume_max(state), volumes - 1);
		return false;
	}
	return true;
}

/* What the pool alone would take: no volume, and info that it cuts. */
static bool
add_check(uint64_t footprint, const void *info, uint64_t info_sz)
{
	if (footprint == 0) {
		GROOVE_LOG(ERR, "volume_add: 0 bytes are no volume\n");
		return false;
	}
	if (info_sz > GROOVE_VOLUME_INFO_MAX || (info == NULL && info_sz != 0)) {
		GROOVE_LOG(ERR, "volume_add: info of %" PRIu64 " bytes at %p: at most %lu, not at NULL\n", info_sz,
			info, GROOVE_VOLUME_INFO_MAX);
		return false;
	}
	return true;
}

int
groove_data_volume_add(groove_data_t *data, void *mem, uint64_t footprint, const void *info, uint64_t info_sz)
{
	struct pool_range range;
	int err;

	if (!join_check(data, "volume_add") || !add_check(footprint, info, info_sz))
		return GROOVE_ERR_INVAL;
	epoch_enter(data);
	err = pool_add_ask(&data->pool, mem, footprint, info, info_sz, &range);
	if (err == GROOVE_SUCCESS && !joins_reach(data, range.idx + range.cnt))
		err = GROOVE_ERR_INVAL;
	if (err == GROOVE_SUCCESS) {
		hold_volumes(data, range.idx, range.cnt);
		err = pool_add_begin(&data->pool, &range);
	}
	/* Again, now that a join sees that they are being added. */
	if (err == GROOVE_SUCCESS && !joins_reach(data, range.idx + range.cnt)) {
		pool_add_undo(&data->pool, range.idx, range.cnt);
		err = GROOVE_ERR_INVAL;
	}
	/* The join that removed one of them may have died before it ended the drain. */
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < range.cnt; i++)
		drain_end_of(data, range.idx + i);
	/* With the table the header of the root superblock is cleared: nothing left there passes for one. */
	if (err == GROOVE_SUCCESS) {
		pool_add_end(&data->pool, &range, data->data_off - GROOVE_BLOCK_FOOTPRINT + GROOVE_DATA_HDR_FOOTPRINT);
		news_came(data, NEWS_VOLUME);
	}
	hold_drop_to(data, 0);
	epoch_leave(data);
	return err;
}

/* Take an empty volume out of reach. */
static void
retire_one(groove_data_t *data)
{
	uint64_t idx;

	epoch_enter(data);
	bool popped = volume_pop(data, &idx);

	if (!popped) {
		cache_flush(data);
		trim_all(data);
		popped = volume_pop(data, &idx);
	}
	if (popped)
		volume_retire(data, idx);
	epoch_leave(data);
}

groove_volume_t *
groove_data_volume_remove(groove_data_t *data)
{
	uint64_t idx;
	uint64_t state;

	if (!join_check(data, "volume_remove"))
		return NULL;
	if (!volume_find_retired(data, &idx, &state)) {
		retire_one(data);
		if (!volume_find_retired(data, &idx, &state))
			return NULL;
	}
	for (int i = 0; i < EPOCH_GRACE && !epoch_is_past(data, volume_state_epoch(state)); i++)
		if (!epoch_advance(data))
			break;
	if (!epoch_is_past(data, volume_state_epoch(state)))
		return NULL;
	hold_volumes(data, idx, 1);
	const bool out = pool_out(&data->pool, idx, state);
	hold_drop(data);
	if (out)
		drain_end_of(data, idx);
	return out ? pool_volume(&data->pool, idx) : NULL;
}
