/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The counters of a dead join: what it had done, less what it had only begun.
 */

#include <stdlib.h>

#include <rte_common.h>

#include "epoch.h"
#include "hdr.h"
#include "intent.h"
#include "recovery.h"
#include "superblock.h"

static struct recover_cached *
cached_of(const struct recovery *recovery, uint64_t owner, uint64_t szc)
{
	return &recovery->cached[(owner - recovery->first) * GROOVE_DATA_SZC_CNT + szc];
}

/* Count a slot with a header. */
static void
cached_count(struct recover_cached *cached, uint64_t bits)
{
	cached->slot_cnt++;
	if (!hdr_is_freeing(bits))
		return;
	cached->freeing_cnt++;
	cached->freeing_bytes += hdr_sz(bits);
}

/* Count the slots of a superblock that dead joins have cached, or were freeing. */
static void
slots_count(struct recovery *recovery, struct superblock *found)
{
	const groove_data_t *data = recovery->data;
	bool unmarked = false;

	for (uint64_t rest = recover_slots_inherited(recovery, found, RECORD_DEAD, &unmarked); rest != 0;
		rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const uint64_t bits = recover_peek(recovery, found, idx);
		const uint64_t owner = recover_header_owner(data, found, idx, bits);

		if (owner - recovery->first < recovery->cnt)
			cached_count(cached_of(recovery, owner, found->szc), bits);
	}
}

/* The superblock that a dead join's intent is about; false when it is gone. */
static bool
intent_superblock(const groove_data_t *data, uint64_t intent, struct superblock *found)
{
	const uint64_t number = intent & (INTENT_OUT - 1);
	const uint64_t volume = number / table_cnt(data->volume_shift);

	if (!recover_volume_in_use(data, volume))
		return false;

	struct groove_sb *sb = &volume_table(data, volume)[number % table_cnt(data->volume_shift)];

	/* By its id, as it may have been dissolved: but there is no other as long as the dead join holds it. Acquire
	 * pairs with sb_word_update(): the id is not older than the word. */
	found->sb = sb;
	found->word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);

	return recover_read_id(data, __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED), found) &&
	       found->szc == intent_szc(intent);
}

/*
 * Of the slots that a dead join had on the move those that it has cached: only it and its recoverer make a header say
 * so, or end it. If the word changed meanwhile the superblock may have gone, and the bytes read be a user's: then once
 * more.
 */
static uint64_t
moving_cached_cnt(struct recovery *recovery, uint64_t owner, const struct groove_record *record)
{
	struct superblock found;
	uint64_t cnt;

	do {
		cnt = 0;
		if (!intent_superblock(recovery->data, record->move, &found))
			return 0;
		for (uint64_t rest = record->move_slots & SB_FREE_MASK; rest != 0; rest &= rest - 1) {
			const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

			cnt += recover_peek(recovery, &found, idx) == hdr_cached(found.szc, idx, owner);
		}
	} while (cnt != 0 && !superblock_unchanged(&found));
	return cnt;
}

static void
settle_move(struct recovery *recovery, uint64_t owner)
{
	groove_data_t *data = recovery->data;
	struct groove_record *record = record_of(data, owner);
	const uint64_t szc = intent_szc(record->move);

	if (record->move == 0 || szc >= GROOVE_DATA_SZC_CNT)
		return;

	uint64_t *slot_cnt = &record->slot_cnt[szc];

	if (*slot_cnt == record->move_base) {
		const uint64_t all = (uint64_t)__builtin_popcountll(record->move_slots & SB_FREE_MASK);
		const uint64_t cached = moving_cached_cnt(recovery, owner, record);

		__atomic_store_n(slot_cnt,
			record->move_base + ((record->move & INTENT_OUT) != 0 ? cached - all : cached),
			__ATOMIC_RELEASE);
	}
	__atomic_store_n(&record->move, 0, __ATOMIC_RELEASE);
}

static void
settle_birth(const groove_data_t *data, uint64_t owner)
{
	struct groove_record *record = record_of(data, owner);
	const uint64_t szc = intent_szc(record->birth);
	const bool out = (record->birth & INTENT_OUT) != 0;
	struct superblock found;

	if (record->birth == 0 || szc >= GROOVE_DATA_SZC_CNT)
		return;

	const bool finished =
		intent_superblock(data, record->birth, &found) && superblock_is_finished(data, found.szc, found.block);

	__atomic_store_n(&record->superblock_cnt[szc], record->birth_base + finished - out, __ATOMIC_RELEASE);
	__atomic_store_n(&record->birth, 0, __ATOMIC_RELEASE);
}

#define OBJ_MOST (1UL << 41) /* no groove has more: 2^17 volumes of 1 GiB, of cache lines */

/*
 * Count frees that were made: a bulk free may have been of more objects than are counted at once. All bytes with the
 * first part: if the recoverer dies before the last, what says freeing is more than is left, and its bytes are counted.
 * Of counters that are damaged nothing can be made.
 */
static void
settle_frees(struct groove_record *record, uint64_t szc, uint64_t n, uint64_t bytes)
{
	while (n != 0 && n <= OBJ_MOST) {
		const uint64_t part = RTE_MIN(n, (1UL << COUNTER_NOTE_CALLS) - 1);

		counter_add(record, szc, GROOVE_COUNT_FREE, part, bytes);
		counter_note(record, szc, GROOVE_COUNT_FREE);
		n -= part;
		bytes = 0;
	}
}

/*
 * Count the calls of a class that were made and not counted: n allocs, or -n frees. What says freeing is among them, or
 * all bytes were counted by a recoverer before this one.
 */
static void
settle_calls(struct groove_record *record, uint64_t szc, int64_t n, const struct recover_cached *cached)
{
	const uint64_t sz = hdr_sz(record->doing);
	const uint64_t frees = n < 0 ? (uint64_t)-n : 0;

	/* It may have died before it noted the total. */
	counter_note(record, szc, GROOVE_COUNT_ALLOC);
	counter_note(record, szc, GROOVE_COUNT_FREE);
	if (n > 0)
		counter_add(record, szc, GROOVE_COUNT_ALLOC, (uint64_t)n, (uint64_t)n * sz);
	else if (frees >= cached->freeing_cnt)
		settle_frees(record, szc, frees, cached->freeing_bytes + (frees - cached->freeing_cnt) * sz);
	else
		settle_frees(record, szc, frees, 0);
}

/* Make the counters of a dead join say what it has done. */
static void
settle(struct recovery *recovery, uint64_t owner)
{
	groove_data_t *data = recovery->data;
	struct groove_record *record = record_of(data, owner);
	const uint64_t state = state_of(data, owner);

	epoch_enter(data);
	settle_move(recovery, owner);
	settle_birth(data, owner);
	epoch_leave(data);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct recover_cached *cached = cached_of(recovery, owner, szc);
		const uint64_t obj_cnt = record->slot_cnt[szc] - cached->slot_cnt;

		settle_calls(record, szc, (int64_t)(obj_cnt - counter_objects(record, szc)), cached);
	}
	if (!recovery->own)
		state_swap(data, owner, state, record_state_next(state, RECORD_SETTLED, data->join_idx));
}

void
recover_write_off(struct groove_record *record)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		__atomic_store_n(&record->slot_cnt[szc], counter_objects(record, szc), __ATOMIC_RELEASE);
}

/* Settle the counters of some joins, as far as this one is to. cached: by join and class, zeros. */
static void
settle_some(struct recovery *recovery, uint64_t first, uint64_t cnt, struct recover_cached *cached)
{
	recovery->first = first;
	recovery->cnt = cnt;
	recovery->cached = cached;
	recover_each(recovery, slots_count);
	for (uint64_t i = first; i < first + cnt; i++)
		if (recover_is_mine(recovery, i, RECORD_DEAD))
			settle(recovery, i);
	recovery->cached = NULL;
}

void
recover_settle_one(struct recovery *recovery, uint64_t join_idx)
{
	struct recover_cached cached[GROOVE_DATA_SZC_CNT] = {0};

	settle_some(recovery, join_idx, 1, cached);
}

void
recover_settle_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;
	struct recover_cached *cached;

	if (recover_dead_cnt(data, RECORD_DEAD) == 0)
		return;
	cached = calloc(data->join_max * GROOVE_DATA_SZC_CNT, sizeof(*cached));
	if (cached != NULL)
		settle_some(recovery, 0, data->join_max, cached);
	for (uint64_t i = 0; cached == NULL && i < data->join_max; i++)
		if (recover_is_mine(recovery, i, RECORD_DEAD))
			recover_settle_one(recovery, i);
	free(cached);
}
