/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join_handle.h"

#include <inttypes.h>
#include <string.h>

#include "config.h"
#include "log.h"

/* The guard of a read-only join never reads as its key, so that every call which does not ask for it refuses it. */
bool
join_is_readonly(const groove_data_t *data)
{
	return data != NULL && data->shdata != NULL && data->record == NULL &&
	       __atomic_load_n(data->fork_guard, __ATOMIC_RELAXED) == ~data->fork_key;
}

bool
join_is_torn(const groove_data_t *data)
{
	return join_is_readonly(data) && data->is_torn;
}

bool
join_check_look(const groove_data_t *data, const char *call)
{
	return (join_is_readonly(data) && !data->is_torn) || join_check(data, call);
}

bool
join_check(const groove_data_t *data, const char *call)
{
	if (groove_data_is_live(data))
		return true;
	if (join_is_readonly(data) && !data->is_torn)
		GROOVE_LOG_LIMITED(ERR, "%s: the join only looks: leave, and join with groove_data_join()\n", call);
	else if (join_is_readonly(data))
		GROOVE_LOG_LIMITED(ERR,
			"%s: the join is read-only, for the groove may be torn: leave, groove_region_rebuild() or, "
			"without a region, groove_data_rebuild(), join\n",
			call);
	else
		GROOVE_LOG_LIMITED(ERR, "%s: %p is no join of this process: NULL, left, or copied by fork\n", call,
			(const void *)data);
	return false;
}

void
handle_close(groove_data_t *data)
{
	static const uint64_t closed;

	memset(data, 0, sizeof(*data));
	data->fork_guard = &closed;
	data->fork_key = 1;
}

bool
handle_check(const groove_data_t *ljoin)
{
	if (ljoin != NULL && (uintptr_t)ljoin % _Alignof(groove_data_t) == 0)
		return true;
	GROOVE_LOG(ERR, "join: handle at %p: not NULL, aligned to %zu\n", (const void *)ljoin, _Alignof(groove_data_t));
	return false;
}

bool
handle_open(groove_data_t *data, void *volume0, uint64_t volume_max)
{
	if (!is_groove(data->shdata, "join") || !groove_has_pool(data->shdata, "join"))
		return false;
	if (groove_volume_pool_join(&data->pool, shdata_pool(data->shdata), volume0, volume_max) == NULL)
		return false;
	data->join_max = data->shdata->join_max;
	data->volume_shift = data->shdata->volume_shift;
	data->slice_cnt = geometry_slice_cnt(data->volume_shift);
	data->data_off = geometry_data_off(data->volume_shift);
	return true;
}

bool
join_view(groove_data_t *data, void *shdata, const groove_data_cfg_t *cfg, void *volume0, const char *call)
{
	groove_data_cfg_t full;

	if (shdata == NULL || (uintptr_t)shdata % groove_data_align() != 0 || volume0 == NULL ||
		(uintptr_t)volume0 % GROOVE_VOLUME_ALIGN != 0) {
		GROOVE_LOG(ERR,
			"%s: shared region at %p and volume 0 at %p: not NULL, aligned to %" PRIu64 " and %lu\n", call,
			shdata, volume0, groove_data_align(), GROOVE_VOLUME_ALIGN);
		return false;
	}
	if (!cfg_complete(cfg, &full))
		return false;
	if (config_is_foreign(shdata)) {
		GROOVE_LOG(ERR,
			"%s: the groove at %p has another layout or other size classes: use the library that made it\n",
			call, shdata);
		return false;
	}
	*data = (groove_data_t){
		.shdata = shdata,
		.pool = {.shpool = (uint8_t *)shdata + shdata_pool_off(full.join_max),
			.volume0 = volume0,
			.volume_max = full.volume_max,
			.volume_sz = full.volume_sz},
		.join_max = full.join_max,
		.volume_shift = floor_log2(full.volume_sz),
	};
	data->slice_cnt = geometry_slice_cnt(data->volume_shift);
	data->data_off = geometry_data_off(data->volume_shift);
	return true;
}
