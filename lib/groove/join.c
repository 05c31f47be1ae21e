/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join.h"

#include <inttypes.h>
#include <string.h>

#include "cache.h"
#include "config.h"
#include "fork.h"
#include "hdr.h"
#include "joins.h"
#include "log.h"
#include "owner.h"
#include "pool.h"
#include "recover.h"

/* ---- records ---- */

static bool
is_vacant(const struct groove_record *record, uint64_t *state)
{
	*state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	return record_kind(*state) == RECORD_VACANT;
}

/*
 * Have a vacant record for this owner alone: among owners, that is. One that died when it had come so far, or left the
 * record without saying so, is replaced.
 */
static bool
owner_take(struct groove_record *record, const struct join_owner *owner)
{
	uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_ACQUIRE);
	uint64_t vacant;

	/* The state after the answer: else the word may be of one that has joined since, and then died. Acq_rel: the
	 * state that follows carries the word to those who ask whose the join is. */
	return (word == 0 || owner_has_died(owner, word)) && is_vacant(record, &vacant) &&
	       __atomic_compare_exchange_n(
		       &record->owner, &word, owner->word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void
owner_replace(struct groove_record *record, uint64_t word, uint64_t by)
{
	__atomic_compare_exchange_n(&record->owner, &word, by, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* Take a vacant record, and publish in it how many volumes the join reaches. */
static bool
record_take_one(struct groove_record *record, uint64_t volume_max, const struct join_owner *owner)
{
	uint64_t vacant;

	if (!is_vacant(record, &vacant))
		return false;
	if (owner != NULL && !owner_take(record, owner))
		return false;
	/*
	 * The state again, now that no other owner takes it: of the last join before this one. Acquire pairs with the
	 * release in record_give(): counters go on from where the last join left them. Sequentially consistent for the
	 * look at the volumes that follows, see joins_reach().
	 */
	if (is_vacant(record, &vacant) && __atomic_compare_exchange_n(&record->state, &vacant,
						  record_state_live(vacant, volume_max, owner != NULL), false,
						  __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return true;
	if (owner != NULL)
		owner_replace(record, owner->word, 0);
	return false;
}

/* NULL when there is none. */
static struct groove_record *
record_take(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner)
{
	for (uint64_t i = 0; i < shdata->join_max; i++) {
		if (record_take_one(&shdata->record[i], volume_max, owner))
			return &shdata->record[i];
	}
	return NULL;
}

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

void
record_give(struct groove_record *record)
{
	/* Relaxed: nobody else changes them while the record is not vacant. */
	const uint64_t state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	const uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);

	__atomic_store_n(&record->state, record_state_vacant(state), __ATOMIC_RELEASE);
	/* Last: what dies before this has left a word that the next owner replaces. A mark is of one that was about to
	 * adopt the record, and takes it back itself. */
	if (record_is_owned(state) && !owner_is_marked(word))
		owner_replace(record, word, 0);
}

/* ---- handles ---- */

/* A handle that every call refuses. */
static void
handle_close(groove_data_t *data)
{
	static const uint64_t closed;

	memset(data, 0, sizeof(*data));
	data->fork_guard = &closed;
	data->fork_key = 1;
}

static bool
handle_check(const groove_data_t *ljoin)
{
	if (ljoin != NULL && (uintptr_t)ljoin % _Alignof(groove_data_t) == 0)
		return true;
	GROOVE_LOG(ERR, "join: handle at %p: not NULL, aligned to %zu\n", (const void *)ljoin, _Alignof(groove_data_t));
	return false;
}

/* What a handle says of its groove. */
static bool
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

groove_data_t *
join_owned(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead)
{
	groove_data_t data = {.shdata = shdata, .cgroup_hint = cgroup_hint};
	struct recover_report report;
	struct adopted was = {0};

	if (!handle_check(ljoin) || !handle_open(&data, volume0, volume_max) ||
		fork_guard_get(&data.fork_guard, &data.fork_key) != 0 || cache_map(&data) != 0)
		return NULL;
	if (joins_add(&data) != 0) {
		cache_drop(&data);
		return NULL;
	}
	if (!record_get(&data, owner, dead, &was)) {
		joins_remove(data.note);
		cache_drop(&data);
		return NULL;
	}
	/* From here on nothing fails: what was adopted need not go back. */
	cache_open(&data);
	joins_complete(&data);
	*ljoin = data;
	if (was.state == 0)
		return ljoin;
	recover_own(ljoin);
	recover(ljoin, dead->fn, dead->arg, &report); /* what is left, the next recovery finds */
	return ljoin;
}

groove_data_t *
groove_data_join(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint)
{
	return join_owned(ljoin, shdata, volume0, volume_max, cgroup_hint, NULL, NULL);
}

groove_data_t *
groove_data_join_recover(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	groove_data_dead_fn dead, void *arg)
{
	const struct join_dead who = {.fn = dead, .arg = arg};

	return join_owned(ljoin, shdata, volume0, volume_max, cgroup_hint, NULL, dead != NULL ? &who : NULL);
}

/* The guard of a read-only join never reads as its key, so that every call which does not ask for it refuses it. */
bool
join_is_readonly(const groove_data_t *data)
{
	return data != NULL && data->shdata != NULL && data->record == NULL &&
	       __atomic_load_n(data->fork_guard, __ATOMIC_RELAXED) == ~data->fork_key;
}

bool
join_check(const groove_data_t *data, const char *call)
{
	if (groove_data_is_live(data))
		return true;
	if (join_is_readonly(data))
		GROOVE_LOG_LIMITED(ERR,
			"%s: the join is read-only, for the groove may be torn: leave, groove_region_rebuild() or, "
			"without a region, groove_data_rebuild(), join\n",
			call);
	else
		GROOVE_LOG_LIMITED(ERR, "%s: %p is no join of this process: NULL, left, or copied by fork\n", call,
			(const void *)data);
	return false;
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

groove_data_t *
groove_data_join_readonly(groove_data_t *ljoin, void *shdata, const groove_data_cfg_t *cfg, void *volume0)
{
	groove_data_t data;

	if (!handle_check(ljoin) || !join_view(&data, shdata, cfg, volume0, "join_readonly") ||
		fork_guard_get(&data.fork_guard, &data.fork_key) != 0)
		return NULL;
	data.fork_key = ~data.fork_key;
	if (joins_add(&data) != 0)
		return NULL;
	*ljoin = data;
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
		handle_close(data);
		joins_remove(note);
		return data;
	}
	if (!join_check(data, "leave"))
		return NULL;
	groove_data_flush(data);
	cache_drop(data);
	record_give(data->record);
	note = data->note;
	handle_close(data);
	/* Last: the groove may be unmapped from here on. */
	joins_remove(note);
	return data;
}
