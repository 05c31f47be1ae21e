/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "volume.h"

#include "drain.h"
#include "epoch.h"
#include "hold.h"
#include "news.h"
#include "pool.h"

bool
volume_pop(groove_data_t *data, uint64_t *idx)
{
	const bool popped = pool_pop(&data->pool, &data->record->hold[data->hold_cnt], idx);

	data->hold_cnt += popped;
	return popped;
}

void
volume_retire(groove_data_t *data, uint64_t idx)
{
	const uint64_t empty = pool_state(&data->pool, idx);

	pool_state_swap(&data->pool, idx, empty, volume_state_next(empty, VOLUME_RETIRED, epoch_stamp(data)));
	news_came(data, NEWS_VOLUME);
	hold_drop(data);
}

bool
volume_acquire(groove_data_t *data, uint64_t *volume)
{
	while (volume_pop(data, volume)) {
		if (drain_volume(data) != *volume + 1) {
			pool_use(&data->pool, *volume);
			return true;
		}
		volume_retire(data, *volume); /* for volume_remove */
	}
	return false;
}

void
volume_release(groove_data_t *data, uint64_t volume)
{
	pool_release(&data->pool, volume);
	news_came(data, NEWS_VOLUME);
	hold_drop(data);
}

bool
volume_find_retired(const groove_data_t *data, uint64_t *idx, uint64_t *state)
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

	while (volume_find_retired(data, &idx, &state)) {
		hold_volumes(data, idx, 1);
		if (pool_state_swap(&data->pool, idx, state, volume_state_next(state, VOLUME_EMPTY, 0))) {
			pool_push(&data->pool, idx);
			news_came(data, NEWS_VOLUME);
		}
		hold_drop(data);
	}
}
