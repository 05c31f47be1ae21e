/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include <inttypes.h>

#include "cache.h"
#include "config.h"
#include "epoch.h"
#include "hdr.h"
#include "list.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"
#include "stats.h"
#include "tree.h"

/*
 * Recovery of an idle groove: the headers are the truth, everything else is made anew from them. Each step of alloc,
 * free, birth and return changes the header of a slot in one store, at a moment when the rest can be told from it:
 *
 *   a slot says free    until it is an object or a finished superblock, and again before its bit is put back;
 *   a volume is in use  before its root superblock is made, and until that has become free again.
 *
 * So whatever was claimed, cached or held by a dead join is a slot that says free, and comes back.
 */

struct recovery {
	groove_data_t *data;
	const bool *gone; /* by join: dead */
	struct szc_sum found[GROOVE_DATA_SZC_CNT];
};

/* Empty a list or slot. The tag moves on, so nobody takes an old head for the new one. */
static void
head_clear(uint64_t *head)
{
	__atomic_store_n(head, list_head_next(*head, 0), __ATOMIC_RELAXED);
}

static void
circulation_clear(const groove_data_t *data)
{
	struct groove_shdata *shdata = data->shdata;

	for (uint64_t group = 0; group < LIST_ROW_CNT; group++)
		for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
			head_clear(&shdata->list[group][szc]);
	for (uint64_t group = 0; group < GROOVE_DATA_SZC_CGROUP_MAX; group++)
		for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
			head_clear(&shdata->active[group][szc]);
	head_clear(&pool_shared(&data->pool)->head);
}

static void
table_clear(const groove_data_t *data, uint64_t volume)
{
	struct groove_sb *table = volume_table(data, volume);

	for (uint64_t i = 0; i < table_cnt(data->volume_shift); i++)
		__atomic_store_n(&table[i].word, sb_word_next(table[i].word, SB_NONE, 0), __ATOMIC_RELAXED);
}

static int
rebuild_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	struct recovery *recovery = arg;
	const uint64_t type = hdr_type(bits);
	const bool lost = type == GROOVE_DATA_HDR_TYPE_CACHED &&
			  !cache_owner_lives(recovery->data, recovery->gone, hdr_owner(bits));

	if (type == GROOVE_DATA_HDR_TYPE_FREEING || lost)
		hdr_store(slot_hdr(recovery->data, szc, block, idx), hdr_free(szc, idx));
	if (type == GROOVE_DATA_HDR_TYPE_ALLOC) {
		recovery->found[szc].alloc_cnt++;
		recovery->found[szc].req_bytes += hdr_sz(bits);
	}
	return GROOVE_SUCCESS;
}

/* Slots of a superblock that say free. Counts those that are objects, or at hand of a join. */
static uint64_t
slots_free(struct recovery *recovery, uint64_t szc, uint64_t block)
{
	const groove_data_t *data = recovery->data;
	uint64_t free = 0;

	for (uint32_t i = 0; i < szc_cnt(data, szc); i++) {
		const uint64_t bits = hdr_load(slot_hdr(data, szc, block, i));

		if (bits == hdr_free(szc, i))
			free |= 1UL << i;
		else if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
			recovery->found[szc].slot_cnt++;
	}
	return free;
}

/* All slots are settled: give the superblock its word and place, or its memory back if it is empty. */
static int
rebuild_leave(void *arg, uint64_t szc, uint64_t block)
{
	struct recovery *recovery = arg;
	groove_data_t *data = recovery->data;
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);
	struct groove_sb *sb = sb_entry(data, szc, block);
	uint64_t *list = &data->shdata->list[0][szc];
	const uint64_t free = slots_free(recovery, szc, block);

	if (free == sb_all_free(szc_cnt(data, szc))) {
		hdr_store(hdr, hdr_free(szc_parent(data, szc), hdr_idx(hdr_load(hdr))));
		return GROOVE_SUCCESS;
	}
	recovery->found[szc].superblock_cnt++;
	__atomic_store_n(&sb->id, sb_id(data, szc, block), __ATOMIC_RELAXED);
	__atomic_store_n(&sb->word, sb_word_next(sb->word, free != 0 ? SB_LISTED : SB_FULL, free), __ATOMIC_RELAXED);
	if (free != 0) {
		__atomic_store_n(&sb->next, list_head_first(*list), __ATOMIC_RELAXED);
		/* Release pairs with the loads of the head. */
		__atomic_store_n(list, list_head_next(*list, (uint32_t)block), __ATOMIC_RELEASE);
	}
	return GROOVE_SUCCESS;
}

/* Header of the root superblock of a volume. */
static const groove_data_hdr_t *
volume_root(const groove_data_t *data, uint64_t volume)
{
	return (const groove_data_hdr_t *)(block_addr(data, volume_block(data, volume)) + data->data_off);
}

static bool
volume_has_root(const groove_data_t *data, uint64_t volume)
{
	return volume_state_kind(pool_state(&data->pool, volume)) == VOLUME_USED &&
	       hdr_type(hdr_load(volume_root(data, volume))) == GROOVE_DATA_HDR_TYPE_SUPERBLOCK;
}

static int
rebuild_volume(struct recovery *recovery, uint64_t volume)
{
	static const struct tree_ops ops = {.slot = rebuild_slot, .leave = rebuild_leave};
	groove_data_t *data = recovery->data;
	const uint64_t state = pool_state(&data->pool, volume);
	const enum volume_kind kind = volume_state_kind(state);

	if (kind == VOLUME_ADDING) /* by a dead join: it never was in the groove */
		pool_state_swap(&data->pool, volume, state, volume_state(VOLUME_OUT, 0));
	if (kind == VOLUME_REMOVING) { /* by a dead join: nobody has got it */
		pool_volume(&data->pool, volume)->magic = GROOVE_VOLUME_MAGIC;
		pool_state_swap(&data->pool, volume, state, volume_state(VOLUME_EMPTY, 0));
	}
	if (kind != VOLUME_USED && kind != VOLUME_EMPTY)
		return GROOVE_SUCCESS;
	table_clear(data, volume);
	if (volume_has_root(data, volume)) {
		const int err = tree_walk(data, volume, &ops, recovery);

		if (err != GROOVE_SUCCESS || volume_has_root(data, volume))
			return err;
	}
	pool_state_swap(&data->pool, volume, state, volume_state(VOLUME_EMPTY, 0));
	return GROOVE_SUCCESS;
}

/* From the highest, so that the lowest is popped first. */
static void
rebuild_pool(const groove_data_t *data)
{
	uint64_t cnt = 0;

	for (uint64_t i = data->pool.volume_max; i-- > 0;) {
		const enum volume_kind kind = volume_state_kind(pool_state(&data->pool, i));

		if (kind == VOLUME_EMPTY)
			pool_push(&data->pool, i);
		cnt += kind != VOLUME_OUT;
	}
	__atomic_store_n(&pool_shared(&data->pool)->volume_cnt, cnt, __ATOMIC_RELAXED);
}

/* Correct the sums of the counters in this join's record: a dead join may have died before it counted. */
static void
rebuild_counters(struct recovery *recovery)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum *found = &recovery->found[szc];
		const struct szc_sum sum = stats_sum(recovery->data, szc);
		struct groove_count *own = &recovery->data->record->count[szc];
		const int64_t missing = (int64_t)(found->alloc_cnt - (sum.alloc_cnt - sum.free_cnt));

		groove_count_add(
			missing > 0 ? &own->alloc_cnt : &own->free_cnt, (uint64_t)(missing > 0 ? missing : -missing));
		groove_count_add(&own->req_bytes, found->req_bytes - sum.req_bytes);
		groove_count_add(
			&recovery->data->record->superblock_cnt[szc], found->superblock_cnt - sum.superblock_cnt);
		groove_count_add(&own->slot_cnt, found->slot_cnt - sum.slot_cnt);
	}
}

static bool
is_dead(const groove_data_t *data, uint64_t join_idx, groove_data_dead_fn dead, void *arg)
{
	return dead != NULL && join_idx != groove_data_join_idx(data) &&
	       record_kind(__atomic_load_n(&data->shdata->record[join_idx].state, __ATOMIC_ACQUIRE)) == RECORD_LIVE &&
	       dead(arg, join_idx) != 0;
}

/* Whether the shared region can be trusted as far as it must be, and this join reaches all volumes. */
static int
check_reach(const groove_data_t *data)
{
	if (!config_is_sound(data)) {
		GROOVE_LOG(ERR, "recover: damaged configuration at %p\n", (const void *)data->shdata);
		return GROOVE_ERR_CORRUPT;
	}

	const uint64_t top = pool_volume_top(pool_shared(&data->pool));

	if (top <= data->pool.volume_max)
		return GROOVE_SUCCESS;
	GROOVE_LOG(ERR,
		"recover: volume %" PRIu64 " is beyond the join's volume_max %" PRIu64 ": join with a larger one\n",
		top - 1, data->pool.volume_max);
	return GROOVE_ERR_INVAL;
}

/* Whether a join is in a call, as far as it matters. */
static bool
is_inside(const groove_data_t *data, uint64_t join_idx)
{
	struct groove_record *record = &data->shdata->record[join_idx];

	/* Acquire pairs with epoch_leave() and busy_leave(). */
	return __atomic_fetch_add(&record->epoch, 0, __ATOMIC_ACQ_REL) != 0 ||
	       __atomic_load_n(&record->busy, __ATOMIC_ACQUIRE) != 0;
}

/* Whether no living join is inside a call. Marks in gone who is dead. */
static int
check_idle(const groove_data_t *data, groove_data_dead_fn dead, void *arg, bool *gone)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		gone[i] = is_dead(data, i, dead, arg);
		if (!gone[i] && is_inside(data, i))
			return GROOVE_ERR_AGAIN;
	}
	return GROOVE_SUCCESS;
}

/* Walk all headers, changing nothing, so that damage is found before anything is rebuilt. */
static int
check_headers(const groove_data_t *data)
{
	static const struct tree_ops ops = {0};
	int err = GROOVE_SUCCESS;

	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < data->pool.volume_max; i++)
		if (volume_has_root(data, i))
			err = tree_walk(data, i, &ops, NULL);
	return err;
}

static void
records_bury(groove_data_t *data, const bool *gone)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		struct groove_record *record = &data->shdata->record[i];

		if (!gone[i])
			continue;
		__atomic_fetch_and(&record->epoch, 0, __ATOMIC_ACQ_REL); /* as epoch_leave() */
		__atomic_store_n(&record->busy, 0, __ATOMIC_RELAXED);
		/* Release: who takes the record sees its counters. Pairs with record_take(). */
		__atomic_store_n(&record->state, record_state(RECORD_VACANT, 0), __ATOMIC_RELEASE);
	}
}

int
groove_data_recover(groove_data_t *data, groove_data_dead_fn dead, void *arg)
{
	bool gone[GROOVE_DATA_JOIN_MAX] = {false};
	struct recovery recovery = {.data = data, .gone = gone};
	int err;

	if (!join_check(data, "recover"))
		return GROOVE_ERR_INVAL;
	err = check_reach(data);
	if (err == GROOVE_SUCCESS)
		err = check_idle(data, dead, arg, gone);
	if (err == GROOVE_SUCCESS)
		err = check_headers(data);
	if (err != GROOVE_SUCCESS)
		return err;

	circulation_clear(data);
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < data->pool.volume_max; i++)
		err = rebuild_volume(&recovery, i);
	rebuild_pool(data);
	rebuild_counters(&recovery);
	records_bury(data, gone);
	return err;
}
