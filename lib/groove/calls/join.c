/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join.h"

#include <inttypes.h>

#include "cache.h"
#include "fork.h"
#include "hdr.h"
#include "join_handle.h"
#include "joins.h"
#include "log.h"
#include "pool.h"
#include "record.h"

/* Take a vacant record, or that of a dead join: *was has a state then. False, logged, when there is neither. */
static bool
record_get(groove_data_t *data, const struct join_owner *owner, const struct join_dead *dead, struct adopted *was)
{
	const uint64_t volume_max = data->pool.volume_max;

	data->record = record_take(data->shdata, volume_max, owner);
	if (data->record == NULL && dead != NULL)
		data->record = record_adopt(data->shdata, volume_max, owner, dead, was);
	if (data->record == NULL && dead != NULL) {
		was->state = 0;
		data->record = record_take(data->shdata, volume_max, owner); /* of one that was recovered meanwhile */
	}
	if (data->record == NULL) {
		GROOVE_LOG(ERR,
			"join: no record left: %" PRIu64
			" joins are there%s or make the groove with a larger join_max\n",
			data->join_max,
			dead != NULL ? ", and none is known to be dead; leave one,"
				     : "; leave one, join with groove_data_join_recover() if some are dead,");
		return false;
	}
	data->join_idx = (uint64_t)(data->record - data->shdata->record);
	data->cached_bits = hdr_cached(0, 0, data->join_idx);
	/* Again, now that an add sees how far this join reaches. */
	if (pool_volume_top(data->pool.shpool) <= volume_max) {
		if (was->state != 0)
			record_adopted(data->record);
		return true;
	}
	GROOVE_LOG(ERR, "join: a volume beyond volume_max %" PRIu64 " was added meanwhile\n", volume_max);
	if (was->state != 0)
		record_unadopt(data->record, was);
	else
		record_give(data->record);
	return false;
}

groove_data_t *
join_make(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead, struct adopted *was)
{
	groove_data_t data = {.shdata = shdata, .cgroup_hint = cgroup_hint};

	if (!handle_check(ljoin) || !handle_open(&data, volume0, volume_max) ||
		fork_guard_get(&data.fork_guard, &data.fork_key) != 0 || cache_map(&data) != 0)
		return NULL;
	if (joins_add(&data) != 0) {
		cache_drop(&data);
		return NULL;
	}
	if (!record_get(&data, owner, dead, was)) {
		joins_remove(data.note);
		cache_drop(&data);
		return NULL;
	}
	/* From here on nothing fails: what was adopted need not go back. */
	cache_open(&data);
	groove_data_cache_limit(&data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
	joins_complete(&data);
	*ljoin = data;
	return ljoin;
}

groove_data_t *
groove_data_join(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint)
{
	struct adopted none = {0};

	return join_make(ljoin, shdata, volume0, volume_max, cgroup_hint, NULL, NULL, &none);
}

/* Make a read-only join of a handle that knows where things are. */
static groove_data_t *
join_no_record(groove_data_t *ljoin, groove_data_t *data)
{
	data->fork_key = ~data->fork_key;
	if (joins_add(data) != 0)
		return NULL;
	*ljoin = *data;
	return ljoin;
}

groove_data_t *
groove_data_join_readonly(groove_data_t *ljoin, void *shdata, const groove_data_cfg_t *cfg, void *volume0)
{
	groove_data_t data;

	if (!handle_check(ljoin) || !join_view(&data, shdata, cfg, volume0, "join_readonly") ||
		fork_guard_get(&data.fork_guard, &data.fork_key) != 0)
		return NULL;
	data.is_torn = 1;
	return join_no_record(ljoin, &data);
}

groove_data_t *
groove_data_join_observer(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max)
{
	groove_data_t data = {.shdata = shdata};

	if (!handle_check(ljoin) || !handle_open(&data, volume0, volume_max) ||
		fork_guard_get(&data.fork_guard, &data.fork_key) != 0 || cache_map(&data) != 0)
		return NULL;
	cache_make(&data);
	if (join_no_record(ljoin, &data) == NULL) {
		cache_drop(&data);
		return NULL;
	}
	return ljoin;
}

uint64_t
groove_data_join_idx(const groove_data_t *data)
{
	return data->join_idx;
}

void *
groove_data_leave(groove_data_t *data)
{
	struct groove_join_note *note;

	if (join_is_readonly(data)) {
		note = data->note;
		if (!data->is_torn)
			cache_drop(data);
		handle_close(data);
		joins_remove(note);
		return data;
	}
	if (!join_check(data, "leave"))
		return NULL;
	groove_data_flush(data);
	cache_drop(data);
	/* What its thread ended in the midst of recovering: the next join of this record would be taken for the
	 * recoverer.
	 */
	record_resign(data->shdata, data->join_max, data->join_idx);
	record_give(data->record);
	note = data->note;
	handle_close(data);
	/* Last: the groove may be unmapped from here on. */
	joins_remove(note);
	return data;
}
