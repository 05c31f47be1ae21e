/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join.h"

#include <inttypes.h>
#include <string.h>

#include "fork.h"
#include "log.h"
#include "pool.h"

static const groove_data_cfg_t data_cfg_default = {
	.volume_sz = GROOVE_VOLUME_FOOTPRINT,
	.join_max = GROOVE_DATA_JOIN_DEFAULT,
};

/* A configuration with the defaults filled in. False, logged, when a value is out of range. */
static bool
cfg_complete(const groove_data_cfg_t *cfg, groove_data_cfg_t *full)
{
	*full = cfg != NULL ? *cfg : data_cfg_default;
	if (full->volume_sz == 0)
		full->volume_sz = data_cfg_default.volume_sz;
	if (full->join_max == 0)
		full->join_max = data_cfg_default.join_max;
	if (full->volume_sz < GROOVE_VOLUME_FOOTPRINT_MIN || full->volume_sz > GROOVE_VOLUME_FOOTPRINT_MAX ||
		(full->volume_sz & (full->volume_sz - 1)) != 0) {
		GROOVE_LOG(ERR, "volume size %" PRIu64 " is no power of two from %lu to %lu\n", full->volume_sz,
			GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX);
		return false;
	}

	const uint64_t reach = GROOVE_VOLUME_REACH / full->volume_sz;

	if (full->volume_max == 0)
		full->volume_max = reach;
	if (full->volume_max > reach) {
		GROOVE_LOG(ERR, "%" PRIu64 " volumes of %" PRIu64 " bytes: at most %" PRIu64 "\n", full->volume_max,
			full->volume_sz, reach);
		return false;
	}
	if (full->join_max > GROOVE_DATA_JOIN_MAX) {
		GROOVE_LOG(ERR, "%" PRIu64 " joins: at most %lu\n", full->join_max, GROOVE_DATA_JOIN_MAX);
		return false;
	}
	return true;
}

uint64_t
groove_data_align(void)
{
	return _Alignof(struct groove_shdata);
}

uint64_t
groove_data_footprint(void)
{
	return groove_data_footprint_cfg(NULL);
}

uint64_t
groove_data_footprint_cfg(const groove_data_cfg_t *cfg)
{
	groove_data_cfg_t full;

	if (!cfg_complete(cfg, &full))
		return 0;
	return shdata_pool_off(full.join_max) + groove_volume_pool_footprint(full.volume_max);
}

void *
groove_data_new(void *shmem)
{
	return groove_data_new_cfg(shmem, NULL);
}

void *
groove_data_new_cfg(void *shmem, const groove_data_cfg_t *cfg)
{
	struct groove_shdata *shdata = shmem;
	groove_data_cfg_t full;

	if (shmem == NULL || (uintptr_t)shmem % groove_data_align() != 0) {
		GROOVE_LOG(ERR, "new: shared memory at %p: not NULL, aligned to %" PRIu64 "\n", shmem,
			groove_data_align());
		return NULL;
	}
	if (!cfg_complete(cfg, &full))
		return NULL;

	const uint64_t footprint = groove_data_footprint_cfg(&full);

	memset(shdata, 0, footprint);
	shdata->version = SHDATA_VERSION;
	shdata->volume_shift = floor_log2(full.volume_sz);
	shdata->volume_max = full.volume_max;
	shdata->join_max = full.join_max;
	shdata->footprint = footprint;
	shdata->epoch = 1;
	groove_volume_pool_new(shdata_pool(shdata), full.volume_max, full.volume_sz);
	/* Release: who sees the magic sees a groove. Pairs with is_groove(). */
	__atomic_store_n(&shdata->magic, SHDATA_MAGIC, __ATOMIC_RELEASE);
	return shmem;
}

static bool
is_groove(const void *shmem, const char *call)
{
	const struct groove_shdata *shdata = shmem;

	if (shmem == NULL || (uintptr_t)shmem % groove_data_align() != 0) {
		GROOVE_LOG(ERR, "%s: shared region at %p: not NULL, aligned to %" PRIu64 "\n", call, shmem,
			groove_data_align());
		return false;
	}
	if (__atomic_load_n(&shdata->magic, __ATOMIC_ACQUIRE) != SHDATA_MAGIC) {
		GROOVE_LOG(ERR, "%s: no groove at %p: magic %#" PRIx64 "\n", call, shmem, shdata->magic);
		return false;
	}
	if (shdata->version != SHDATA_VERSION) {
		GROOVE_LOG(ERR, "%s: the groove at %p has layout %u, this library reads layout %u\n", call, shmem,
			shdata->version, SHDATA_VERSION);
		return false;
	}

	const groove_data_cfg_t cfg = {
		.volume_sz = shdata->volume_shift < 64 ? 1UL << shdata->volume_shift : 0,
		.volume_max = shdata->volume_max,
		.join_max = shdata->join_max,
	};

	/* A zero would stand for a default there. */
	if (cfg.volume_sz == 0 || cfg.volume_max == 0 || cfg.join_max == 0 ||
		groove_data_footprint_cfg(&cfg) != shdata->footprint) {
		GROOVE_LOG(ERR, "%s: the groove at %p has a damaged configuration\n", call, shmem);
		return false;
	}
	return true;
}

/* Take a vacant record; NULL when there is none. */
static struct groove_record *
record_take(struct groove_shdata *shdata)
{
	for (uint64_t i = 0; i < shdata->join_max; i++) {
		uint64_t vacant = RECORD_VACANT;

		/* Acquire pairs with the release in record_give(): counters go on from where the last join left them. */
		if (__atomic_compare_exchange_n(
			    &shdata->record[i].state, &vacant, RECORD_LIVE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &shdata->record[i];
	}
	return NULL;
}

static void
record_give(struct groove_record *record)
{
	__atomic_store_n(&record->state, RECORD_VACANT, __ATOMIC_RELEASE);
}

/* A handle that every call refuses. */
static void
handle_close(groove_data_t *data)
{
	static const uint64_t closed;

	memset(data, 0, sizeof(*data));
	data->fork_guard = &closed;
	data->fork_key = 1;
}

groove_data_t *
groove_data_join(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint)
{
	groove_data_t data = {.shdata = shdata, .cgroup_hint = cgroup_hint};

	if (ljoin == NULL || (uintptr_t)ljoin % _Alignof(groove_data_t) != 0) {
		GROOVE_LOG(
			ERR, "join: handle at %p: not NULL, aligned to %zu\n", (void *)ljoin, _Alignof(groove_data_t));
		return NULL;
	}
	if (!is_groove(shdata, "join"))
		return NULL;
	if (groove_volume_pool_join(&data.pool, shdata_pool(data.shdata), volume0, volume_max) == NULL)
		return NULL;
	if (fork_guard_get(&data.fork_guard, &data.fork_key) != 0)
		return NULL;
	data.join_max = data.shdata->join_max;
	data.volume_shift = data.shdata->volume_shift;
	data.slice_cnt = geometry_slice_cnt(data.volume_shift);
	data.data_off = geometry_data_off(data.volume_shift);
	data.record = record_take(data.shdata);
	if (data.record == NULL) {
		GROOVE_LOG(ERR,
			"join: no record left: %" PRIu64 " joins are there; leave one, recover the dead ones, or make "
			"the groove with a larger join_max\n",
			data.shdata->join_max);
		return NULL;
	}
	*ljoin = data;
	return ljoin;
}

bool
join_check(const groove_data_t *data, const char *call)
{
	if (join_is_live(data))
		return true;
	GROOVE_LOG_LIMITED(
		ERR, "%s: %p is no join of this process: NULL, left, or copied by fork\n", call, (const void *)data);
	return false;
}

uint64_t
groove_data_join_idx(const groove_data_t *data)
{
	return (uint64_t)(data->record - data->shdata->record);
}

void *
groove_data_leave(groove_data_t *data)
{
	if (!join_check(data, "leave"))
		return NULL;
	groove_data_flush(data);
	record_give(data->record);
	handle_close(data);
	return data;
}

void *
groove_data_delete(void *shdata)
{
	struct groove_shdata *shared = shdata;

	if (!is_groove(shdata, "delete"))
		return NULL;
	for (uint64_t i = 0; i < shared->join_max; i++) {
		if (__atomic_load_n(&shared->record[i].state, __ATOMIC_ACQUIRE) == RECORD_VACANT)
			continue;
		GROOVE_LOG(ERR, "delete: join %" PRIu64 " is still there: leave first, or recover if it is dead\n", i);
		return NULL;
	}
	groove_volume_pool_delete(shdata_pool(shared));
	__atomic_store_n(&shared->magic, 0, __ATOMIC_RELEASE);
	return shdata;
}
