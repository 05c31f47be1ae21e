/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "volume.h"

#include "epoch.h"
#include "hdr.h"
#include "pool.h"
#include "superblock.h"

int
groove_data_volume_add(groove_data_t *data, void *mem, uint64_t footprint, const void *info, uint64_t info_sz)
{
	int err;

	if (!join_check(data, "volume_add"))
		return GROOVE_ERR_INVAL;
	epoch_enter(data); /* so that recovery sees that the volumes are being added */
	/* With the table the header of the root superblock is cleared: nothing left there passes for one. */
	err = pool_add(&data->pool, mem, footprint, info, info_sz,
		data->data_off - GROOVE_BLOCK_FOOTPRINT + GROOVE_DATA_HDR_FOOTPRINT);
	epoch_leave(data);
	return err;
}

/* Find a retired volume; false when there is none. */
static bool
retired_find(const groove_data_t *data, uint64_t *idx, uint64_t *state)
{
	for (uint64_t i = 0; i < data->pool.volume_max; i++) {
		*state = pool_state(&data->pool, i);
		if (volume_state_kind(*state) != VOLUME_RETIRED)
			continue;
		*idx = i;
		return true;
	}
	return false;
}

void
volume_unretire(groove_data_t *data)
{
	uint64_t idx;
	uint64_t state;

	while (retired_find(data, &idx, &state))
		if (pool_state_swap(&data->pool, idx, state, volume_state(VOLUME_EMPTY, 0)))
			pool_push(&data->pool, idx);
}

void
trim_all(groove_data_t *data)
{
	/* From the smallest: what a class returns may empty a superblock of a larger one. */
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		if (szc_in_use(data, szc))
			superblock_trim(data, szc);
}

/* Take an empty volume out of reach. */
static void
retire_one(groove_data_t *data)
{
	uint64_t idx;

	epoch_enter(data);
	bool popped = pool_pop(&data->pool, &idx);

	if (!popped) {
		trim_all(data);
		popped = pool_pop(&data->pool, &idx);
	}
	if (popped)
		pool_state_swap(&data->pool, idx, volume_state(VOLUME_EMPTY, 0),
			volume_state(VOLUME_RETIRED, epoch_stamp(data)));
	epoch_leave(data);
}

groove_volume_t *
groove_data_volume_remove(groove_data_t *data)
{
	uint64_t idx;
	uint64_t state;

	if (!join_check(data, "volume_remove"))
		return NULL;
	if (!retired_find(data, &idx, &state)) {
		retire_one(data);
		if (!retired_find(data, &idx, &state))
			return NULL;
	}
	for (int i = 0; i < EPOCH_GRACE && !epoch_is_past(data, volume_state_epoch(state)); i++)
		if (!epoch_advance(data))
			break;
	if (!epoch_is_past(data, volume_state_epoch(state)) || !pool_out(&data->pool, idx, state))
		return NULL;
	return pool_volume(&data->pool, idx);
}

int
groove_data_flush(groove_data_t *data)
{
	return join_check(data, "flush") ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}

int
groove_data_trim(groove_data_t *data)
{
	if (!join_check(data, "trim"))
		return GROOVE_ERR_INVAL;
	epoch_enter(data);
	trim_all(data);
	epoch_leave(data);
	return GROOVE_SUCCESS;
}
