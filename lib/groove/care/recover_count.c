/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The counters of a dead join: what it had done, less what it had only begun.
 */

#include <stdlib.h>

#include "epoch.h"
#include "hdr.h"
#include "intent.h"
#include "recovery.h"
#include "superblock.h"

/* Count the slots of a superblock that dead joins have cached. */
static void
slots_count(struct recovery *recovery, struct superblock *found)
{
	const groove_data_t *data = recovery->data;
	bool unmarked = false;

	for (uint64_t rest = recover_slots_inherited(recovery, found, RECORD_DEAD, &unmarked); rest != 0;
		rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const uint64_t owner = recover_header_owner(data, found, idx, recover_peek(recovery, found, idx));

		if (owner - recovery->first < recovery->cnt)
			recovery->cached[(owner - recovery->first) * GROOVE_DATA_SZC_CNT + found->szc]++;
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

	uint64_t *slot_cnt = &record->count[szc].slot_cnt;

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

/* Calls of a class that were counted and not made: n allocs, or -n frees. */
static void
settle_calls(struct groove_record *record, uint64_t szc, int64_t n)
{
	struct groove_count *count = &record->count[szc];
	uint64_t *calls = n > 0 ? &count->allocs : &count->frees;
	const uint64_t cnt = (uint64_t)(n > 0 ? n : -n);
	uint64_t req = count->req_bytes;
	uint64_t back; /* bytes that were counted too early */

	if ((record->call & 1) != 0 && call_szc(record->call) == szc) {
		/* The bytes of those that were made. */
		const uint64_t made = call_obj_cnt(record->call) - cnt;
		const uint64_t delta = made * call_sz(record->call);
		const uint64_t now = call_req(record->call) + (n > 0 ? delta : -delta);

		back = (n > 0 ? req - now : now - req) & CALL_REQ_MASK;
	} else {
		/* The bytes before: 16 bits are enough, as it was less than 64 KiB. */
		back = (uint16_t)(n > 0 ? req - *calls : *calls - req);
	}
	req += n > 0 ? -back : back;
	/* The bytes first: then what is left is a count whose bytes were not counted. */
	__atomic_store_n(&count->req_bytes, req, __ATOMIC_RELEASE);
	__atomic_store_n(calls, *calls - (cnt << 16), __ATOMIC_RELEASE);
}

/* Objects that a record has allocated less freed. */
static int64_t
record_obj_cnt(const struct groove_count *count)
{
	const uint64_t diff = groove_count_calls(count->allocs) - groove_count_calls(count->frees);

	return (int64_t)(diff << 16) >> 16;
}

/* Make the counters of a dead join say what it has done. */
static void
settle(struct recovery *recovery, uint64_t owner)
{
	groove_data_t *data = recovery->data;
	struct groove_record *record = record_of(data, owner);
	const uint32_t *cached = &recovery->cached[(owner - recovery->first) * GROOVE_DATA_SZC_CNT];
	const uint64_t state = state_of(data, owner);

	epoch_enter(data);
	settle_move(recovery, owner);
	settle_birth(data, owner);
	epoch_leave(data);
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct groove_count *count = &record->count[szc];
		const int64_t early = record_obj_cnt(count) - (int64_t)(count->slot_cnt - cached[szc]);

		if (early != 0)
			settle_calls(record, szc, early);
	}
	__atomic_store_n(&record->call, 0, __ATOMIC_RELEASE);
	if (!recovery->own)
		state_swap(data, owner, state, record_state_next(state, RECORD_SETTLED, data->join_idx));
}

void
recover_write_off(struct groove_record *record)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		__atomic_store_n(
			&record->count[szc].slot_cnt, (uint64_t)record_obj_cnt(&record->count[szc]), __ATOMIC_RELEASE);
}

/* Settle the counters of some joins, as far as this one is to. cached: counts by join and class, zeros. */
static void
settle_some(struct recovery *recovery, uint64_t first, uint64_t cnt, uint32_t *cached)
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
	uint32_t cached[GROOVE_DATA_SZC_CNT] = {0};

	settle_some(recovery, join_idx, 1, cached);
}

void
recover_settle_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;
	uint32_t *cached;

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
