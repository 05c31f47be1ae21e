/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include <inttypes.h>
#include <stdlib.h>

#include "cache.h"
#include "config.h"
#include "epoch.h"
#include "hdr.h"
#include "hold.h"
#include "intent.h"
#include "join_handle.h"
#include "log.h"
#include "pool.h"
#include "record.h"
#include "recover.h"
#include "superblock.h"
#include "superblock_return.h"
#include "superblock_trim.h"
#include "tree.h"

/*
 * Recovery: return what dead joins left, while others work. The programmer's guide, "Recovery", has the argument.
 *
 * 1. Become the heir of each dead join, by a swap of its record's state: from here on only the heir changes the record
 *    and the slots that the dead join cached.
 * 2. Count what it cached, and settle its counters: they say what it had done, less what it had only begun.
 * 3. Return the slots that it cached.
 * 4. Look at all that it had named as in its hands: return what nobody has any more.
 * 5. Give back its record.
 *
 * An heir may die in its turn: its own heir goes on with its estate and those it was the heir of. A living join that
 * has the same thing in its hands makes recovery leave it for the next time, and all else is returned.
 */

#define TRIES 64 /* looks at a thing that others change, until it is left for the next time */

struct listing;

struct recovery {
	groove_data_t *data;
	struct recover_report *report;
	uint32_t *cached;	 /* while they are counted: slots cached, by class, of some joins */
	uint64_t first;		 /* of these joins */
	uint64_t cnt;		 /* how many */
	struct listing *listing; /* while a search looks at lists */
	bool own;     /* of the dead join whose record this one has taken over, not of those it is the heir of */
	bool left;    /* something was left that the search is for */
	bool damaged; /* something cannot be */
};

/* What came of looking at a thing. */
enum finding {
	FINDING_DONE,	 /* it is where it should be */
	FINDING_LEFT,	 /* a living join has it in its hands */
	FINDING_CHANGED, /* while it was looked at */
};

static struct groove_record *
record_of(const groove_data_t *data, uint64_t join_idx)
{
	return &data->shdata->record[join_idx];
}

/* State of a record. Acquire pairs with the release of whoever changed it. */
static uint64_t
state_of(const groove_data_t *data, uint64_t join_idx)
{
	return __atomic_load_n(&record_of(data, join_idx)->state, __ATOMIC_ACQUIRE);
}

/* Change the state of a record. Acq_rel: heirs see what their forerunners did. */
static bool
state_swap(const groove_data_t *data, uint64_t join_idx, uint64_t old, uint64_t state)
{
	return __atomic_compare_exchange_n(
		&record_of(data, join_idx)->state, &old, state, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Whether this join is the heir of a record of a kind. */
static bool
is_heir(const groove_data_t *data, uint64_t state, enum record_kind kind)
{
	return record_kind(state) == kind && record_heir(state) == data->join_idx;
}

/* ---- 1: heirs ---- */

/* Become the heir of those that are dead. */
static void
claim_dead(groove_data_t *data, groove_data_dead_fn dead, void *arg)
{
	for (uint64_t i = 0; dead != NULL && i < data->join_max; i++) {
		/* Before the question: if another took the record after it, the swap fails on the incarnation. */
		const uint64_t state = state_of(data, i);

		if (i != data->join_idx && record_kind(state) == RECORD_LIVE && dead(arg, i) != 0)
			state_swap(data, i, state, record_state_next(state, RECORD_DEAD, data->join_idx));
	}
}

/* Become the heir of those whose heir is dead, or has resigned. False when there was none. */
static bool
claim_inherited(groove_data_t *data)
{
	bool any = false;

	for (uint64_t i = 0; i < data->join_max; i++) {
		const uint64_t state = state_of(data, i);
		const uint64_t heir = record_heir(state);

		if (!record_is_dead(state) || heir == data->join_idx || heir >= data->join_max ||
			record_kind(state_of(data, heir)) == RECORD_LIVE)
			continue;
		any |= state_swap(data, i, state, record_state_next(state, record_kind(state), data->join_idx));
	}
	return any;
}

/* Whether what a record's join had is this join's to return, and how far that has come. */
static bool
is_mine(const struct recovery *recovery, uint64_t join_idx, enum record_kind kind)
{
	if (recovery->own)
		return join_idx == recovery->data->join_idx;
	return join_idx < recovery->data->join_max && is_heir(recovery->data, state_of(recovery->data, join_idx), kind);
}

/* ---- what is held ---- */

/*
 * Whether another join, living or with counters that are not settled, has named something as in its hands. Acquire
 * pairs with hold_drop_to(), and with hold_keep_last() as names are read from the top down.
 */
static bool
is_held(const groove_data_t *data, bool (*has)(uint64_t, uint64_t, uint64_t), uint64_t thing, uint64_t word)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		const enum record_kind kind = record_kind(state_of(data, i));

		if (i == data->join_idx || kind == RECORD_VACANT || kind == RECORD_SETTLED)
			continue;
		for (uint64_t h = HOLD_MAX; h-- > 0;)
			if (has(__atomic_load_n(&record_of(data, i)->hold[h], __ATOMIC_ACQUIRE), thing, word))
				return true;
	}
	return false;
}

/* ---- walking the superblocks ---- */

/* A superblock, as its entry tells. */
struct superblock {
	struct groove_sb *sb;
	uint64_t word;
	uint64_t szc;
	uint64_t block;
};

/* Read an entry. False when there is no superblock, or what is there cannot be one. */
static bool
superblock_read(const groove_data_t *data, uint64_t volume, struct groove_sb *sb, struct superblock *found)
{
	/* Acquire pairs with sb_word_update(): the id was stored before the word said that there is one. */
	found->sb = sb;
	found->word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);
	if (sb_word_place(found->word) == SB_NONE || sb_word_place(found->word) >= SB_PLACE_CNT)
		return false;

	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED);

	found->szc = sb_id_szc(id);
	found->block = volume_block(data, volume) + sb_id_block(id);
	return superblock_can_be(data, found->szc, found->block) && sb_entry(data, found->szc, found->block) == sb;
}

static bool
superblock_unchanged(const struct superblock *found)
{
	return __atomic_load_n(&found->sb->word, __ATOMIC_ACQUIRE) == found->word;
}

/* Bits of slots of a superblock that are out. */
static uint64_t
slots_out(const groove_data_t *data, const struct superblock *found)
{
	if (sb_word_place(found->word) < SB_FULL)
		return 0;
	return sb_all_free(szc_cnt(data, found->szc)) & ~sb_word_free(found->word);
}

/*
 * Read the header of a slot that may cease to be one at any time, and become memory of a user: what it says is only
 * used if it was one, so ThreadSanitizer need not know of it.
 */
static __attribute__((__no_sanitize__("thread"))) uint64_t
header_peek(struct recovery *recovery, const struct superblock *found, uint64_t idx)
{
	recovery->report->header_cnt++;
	return __atomic_load_n(
		&slot_hdr(recovery->data, found->szc, found->block, idx)->bits, __ATOMIC_ACQUIRE); /* hdr_store() */
}

/* Whether a volume has superblocks. Inside an epoch its table stays readable then. */
static bool
volume_in_use(const groove_data_t *data, uint64_t volume)
{
	return volume < data->pool.volume_max && volume_state_kind(pool_state(&data->pool, volume)) == VOLUME_USED;
}

/* Join that has a slot with this header in its cache, or in a bulk free; join_max: none. */
static uint64_t
header_owner(const groove_data_t *data, const struct superblock *found, uint64_t idx, uint64_t bits)
{
	if (hdr_is_freeing(bits) && hdr_szc(bits) == found->szc && hdr_idx(bits) == idx)
		return hdr_freer(bits);
	if (bits == hdr_cached(found->szc, idx, hdr_owner(bits)))
		return hdr_owner(bits);
	return data->join_max;
}

/*
 * Slots of a superblock whose headers say that a dead join has them, whose heir this one is, with a record of a kind.
 * unmarked: set when there are also some that say free.
 */
static uint64_t
slots_peek(struct recovery *recovery, const struct superblock *found, enum record_kind kind, bool *unmarked)
{
	const groove_data_t *data = recovery->data;
	uint64_t slots = 0;

	for (uint64_t rest = slots_out(data, found); rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const uint64_t bits = header_peek(recovery, found, idx);
		const uint64_t owner = header_owner(data, found, idx, bits);

		*unmarked |= bits == hdr_free(found->szc, idx);
		if (is_mine(recovery, owner, kind))
			slots |= 1UL << idx;
	}
	return slots;
}

/*
 * The same, surely: if the word changed meanwhile the superblock may have gone, and what was read be a user's bytes, in
 * which anything may be. Then once more, with what is there now. What is found stays until the heir ends it.
 */
static uint64_t
slots_inherited(struct recovery *recovery, struct superblock *found, enum record_kind kind, bool *unmarked)
{
	const groove_data_t *data = recovery->data;

	for (;;) {
		const uint64_t slots = slots_peek(recovery, found, kind, unmarked);

		if (slots == 0 || superblock_unchanged(found))
			return slots;
		if (!superblock_read(data, addr_volume(data, found->sb), found->sb, found))
			return 0;
	}
}

/* Count the slots of a superblock that dead joins have cached. */
static void
slots_count(struct recovery *recovery, struct superblock *found)
{
	const groove_data_t *data = recovery->data;
	bool unmarked = false;

	for (uint64_t rest = slots_inherited(recovery, found, RECORD_DEAD, &unmarked); rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const uint64_t owner = header_owner(data, found, idx, header_peek(recovery, found, idx));

		if (owner - recovery->first < recovery->cnt)
			recovery->cached[(owner - recovery->first) * GROOVE_DATA_SZC_CNT + found->szc]++;
	}
}

/* Do something with each superblock of a volume. */
static void
volume_each(struct recovery *recovery, uint64_t volume, void (*fn)(struct recovery *recovery, struct superblock *found))
{
	groove_data_t *data = recovery->data;

	epoch_enter(data);

	const uint64_t cnt = volume_in_use(data, volume) ? table_cnt(data->volume_shift) : 0;
	struct groove_sb *table = volume_table(data, volume);

	for (uint64_t i = 0; i < cnt; i++) {
		struct superblock found;

		/* Relaxed: most are of no superblock. */
		if (sb_word_place(__atomic_load_n(&table[i].word, __ATOMIC_RELAXED)) != SB_NONE &&
			superblock_read(data, volume, &table[i], &found))
			fn(recovery, &found);
	}
	epoch_leave(data);
}

static void
superblock_each(struct recovery *recovery, void (*fn)(struct recovery *recovery, struct superblock *found))
{
	for (uint64_t i = 0; i < recovery->data->pool.volume_max; i++)
		volume_each(recovery, i, fn);
}

/* ---- 2: counters ---- */

/* The superblock that a dead join's intent is about; false when it is gone. */
static bool
intent_superblock(const groove_data_t *data, uint64_t intent, struct superblock *found)
{
	const uint64_t number = intent & (INTENT_OUT - 1);
	const uint64_t volume = number / table_cnt(data->volume_shift);

	if (!volume_in_use(data, volume))
		return false;

	struct groove_sb *sb = &volume_table(data, volume)[number % table_cnt(data->volume_shift)];

	/* By its id, as it may have been dissolved: but there is no other as long as the dead join holds it. Acquire
	 * pairs with sb_word_update(): the id is not older than the word. */
	found->sb = sb;
	found->word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);

	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED);

	found->szc = sb_id_szc(id);
	found->block = volume_block(data, volume) + sb_id_block(id);
	return found->szc == intent_szc(intent) && superblock_can_be(data, found->szc, found->block) &&
	       sb_entry(data, found->szc, found->block) == sb;
}

/*
 * Of the slots that a dead join had on the move those that it has cached: only it and its heir make a header say so, or
 * end it. If the word changed meanwhile the superblock may have gone, and the bytes read be a user's: then once more.
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

			cnt += header_peek(recovery, &found, idx) == hdr_cached(found.szc, idx, owner);
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
		/* The bytes before: 16 bits tell, as it was less than 64 KiB. */
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

/* What a settled join has cached is out of its count: it goes back now. */
static void
write_off(struct groove_record *record)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		__atomic_store_n(
			&record->count[szc].slot_cnt, (uint64_t)record_obj_cnt(&record->count[szc]), __ATOMIC_RELEASE);
}

/* ---- 4: what was in hand ---- */

static void
damage_log(const struct superblock *found, const char *what)
{
	GROOVE_LOG_LIMITED(ERR, "recover: superblock of class %" PRIu64 " at block %" PRIu64 ": %s\n", found->szc,
		found->block, what);
}

/* Take over a superblock that nobody has any more, and whose name is written down. */
static void
superblock_inherit(struct recovery *recovery, const struct superblock *found)
{
	groove_data_t *data = recovery->data;
	const bool returning = sb_word_place(found->word) == SB_RETURNING;
	struct sb_step step = sb_step(data, found->szc);

	/* Nothing of what is half made or half returned is in use: else its word is damaged. */
	if (returning && !superblock_is_unused(data, found->szc, found->block)) {
		damage_log(found, "returning by its word, in use by the headers of its slots");
		recovery->damaged = true;
		return;
	}
	if (superblock_is_finished(data, found->szc, found->block)) {
		if (returning)
			superblock_return(data, found->szc, found->block);
		else
			superblock_settle(data, found->szc, found->block);
		return;
	}
	/* Half made, or half returned. Its memory is that of its parent, which the dead join held as well. The id
	 * stays: once the word says none, another recovery may put the memory, and the id be the next one's. */
	if (!returning && !sb_word_update(&found->sb->word, sb_dissolve, &step, NULL))
		recovery->damaged = true;
	else
		sb_word_update(&found->sb->word, sb_bury, &step, NULL);
}

/* Whether a superblock is where its word says. */
static enum finding
place_check(groove_data_t *data, const struct superblock *found, bool *there)
{
	int err = GROOVE_SUCCESS;

	*there = false;
	if (sb_word_place(found->word) == SB_ACTIVE)
		*there = superblock_in_slot(data, found->szc, found->block);
	else if (sb_word_place(found->word) == SB_LISTED)
		err = superblock_in_list(data, found->szc, found->block, there);
	return err == GROOVE_SUCCESS ? FINDING_DONE : FINDING_CHANGED;
}

/* Return a superblock that is out of its slot or list, unless a living join has it. Its name is written down. */
static enum finding
place_recover(struct recovery *recovery, const struct superblock *found, uint64_t number)
{
	groove_data_t *data = recovery->data;
	struct sb_step step = sb_step(data, found->szc);
	enum finding finding;
	bool there;

	if (sb_word_place(found->word) == SB_FULL)
		return FINDING_DONE;
	if (is_held(data, hold_has_entry, number, found->word))
		return FINDING_LEFT;
	finding = place_check(data, found, &there);
	if (finding != FINDING_DONE || there)
		return finding;
	if (is_held(data, hold_has_entry, number, found->word))
		return FINDING_LEFT;
	if (!sb_word_swap(&found->sb->word, found->word, sb_adopt, &step))
		return FINDING_CHANGED;
	if (sb_word_place(step.word) != SB_FULL)
		superblock_inherit(recovery, found);
	return FINDING_DONE;
}

/* Whether the memory of a slot is that of a superblock, in the making or on its way back. */
static bool
slot_has_superblock(const groove_data_t *data, const struct superblock *found, uint64_t idx)
{
	const uint64_t block = addr_off(data, slot_hdr(data, found->szc, found->block, idx)) / GROOVE_BLOCK_FOOTPRINT;

	/* All superblocks in slots of one class have the same size, so the same place in the table. */
	for (uint64_t szc = 0; szc < found->szc; szc++) {
		if (!szc_in_use(data, szc) || szc_parent(data, szc) != found->szc)
			continue;
		/* Acquire pairs with sb_word_update(). */
		return sb_word_place(__atomic_load_n(&sb_entry(data, szc, block)->word, __ATOMIC_ACQUIRE)) != SB_NONE;
	}
	return false;
}

/* Slots of a superblock that are out though their headers say free. */
static uint64_t
slots_unmarked(struct recovery *recovery, const struct superblock *found)
{
	uint64_t slots = 0;

	for (uint64_t rest = slots_out(recovery->data, found); rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		if (header_peek(recovery, found, idx) == hdr_free(found->szc, idx))
			slots |= 1UL << idx;
	}
	return slots;
}

/* Put slots that were claimed, or about to be put, unless a living join has them. Its name is written down. */
static enum finding
slots_recover(struct recovery *recovery, const struct superblock *found, uint64_t number)
{
	groove_data_t *data = recovery->data;
	struct sb_step step = sb_step(data, found->szc);

	if (is_held(data, hold_has_entry, number, found->word))
		return FINDING_LEFT;
	step.mask = slots_unmarked(recovery, found);
	if (step.mask == 0)
		return superblock_unchanged(found) ? FINDING_DONE : FINDING_CHANGED;
	for (uint64_t rest = step.mask; rest != 0; rest &= rest - 1)
		if (slot_has_superblock(data, found, (uint64_t)__builtin_ctzll(rest)))
			return FINDING_LEFT;
	if (is_held(data, hold_has_entry, number, found->word))
		return FINDING_LEFT;
	if (!sb_word_swap(&found->sb->word, found->word, sb_put, &step))
		return FINDING_CHANGED;
	recovery->report->slot_cnt += (uint64_t)__builtin_popcountll(step.mask);
	hold_sb(data, found->sb); /* which the next call drops */
	superblock_put_on(data, found->szc, found->block, found->word, step.word);
	return FINDING_DONE;
}

/* Recover the place of the superblock at an entry, or its slots. */
static enum finding
entry_recover(struct recovery *recovery, uint64_t number,
	enum finding (*recover)(struct recovery *, const struct superblock *, uint64_t))
{
	groove_data_t *data = recovery->data;
	const uint64_t volume = number / table_cnt(data->volume_shift);
	enum finding finding = FINDING_DONE;
	struct superblock found;

	epoch_enter(data);
	if (volume_in_use(data, volume) &&
		superblock_read(
			data, volume, &volume_table(data, volume)[number % table_cnt(data->volume_shift)], &found)) {
		hold_sb_if(data, found.sb, found.word);
		finding = superblock_unchanged(&found) ? recover(recovery, &found, number) : FINDING_CHANGED;
		hold_drop(data);
	}
	epoch_leave(data);
	return finding;
}

/* Whether there is a superblock at the root of a volume, made or in the making. */
static bool
volume_has_root(const groove_data_t *data, uint64_t volume)
{
	const uint64_t block = volume_block(data, volume) + data->data_off / GROOVE_BLOCK_FOOTPRINT;

	/* Its header says so last and ceases to first. If it does, and the word does not, the word is damaged. */
	if (tree_is_superblock(data, GROOVE_DATA_SZC_VOLUME, hdr_load(tree_root(data, volume))))
		return true;
	/* All have the same size, so the same place in the table. */
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		if (szc_in_use(data, szc) && szc_parent(data, szc) == GROOVE_DATA_SZC_VOLUME)
			return sb_word_place(__atomic_load_n(&sb_entry(data, szc, block)->word, __ATOMIC_ACQUIRE)) !=
			       SB_NONE;
	return false;
}

/* Finish or undo what a dead join had begun with a volume, whose name is written down. */
static enum finding
volume_inherit_one(struct recovery *recovery, uint64_t idx, uint64_t state)
{
	groove_data_t *data = recovery->data;
	const enum volume_kind kind = volume_state_kind(state);
	bool there = false;

	/* Before and after: one that is about to put it there may have done so since, with the same state. */
	if (is_held(data, hold_has_volume, idx, state))
		return FINDING_LEFT;
	if (kind == VOLUME_EMPTY && pool_has(&data->pool, idx, &there) != GROOVE_SUCCESS)
		return FINDING_CHANGED;
	if (kind == VOLUME_USED)
		there = volume_has_root(data, idx);
	if (there)
		return FINDING_DONE;
	if (is_held(data, hold_has_volume, idx, state))
		return FINDING_LEFT;

	/* One that was being removed: nobody has got it, so it is in again, once its header is mended. */
	const enum volume_kind to = kind == VOLUME_ADDING     ? VOLUME_OUT
				    : kind == VOLUME_REMOVING ? VOLUME_REMOVING
							      : VOLUME_EMPTY;
	const uint64_t next = volume_state_next(state, to, 0);

	if (!pool_state_swap(&data->pool, idx, state, next))
		return FINDING_CHANGED;
	if (kind == VOLUME_REMOVING) {
		pool_volume(&data->pool, idx)->magic = GROOVE_VOLUME_MAGIC;
		pool_state_swap(&data->pool, idx, next, volume_state_next(next, VOLUME_EMPTY, 0));
	}
	if (kind != VOLUME_ADDING)
		pool_push(&data->pool, idx);
	return FINDING_DONE;
}

static enum finding
volume_recover(struct recovery *recovery, uint64_t idx)
{
	groove_data_t *data = recovery->data;
	const uint64_t state = idx < data->pool.volume_max ? pool_state(&data->pool, idx) : 0;
	const enum volume_kind kind = volume_state_kind(state);
	enum finding finding;

	if (kind == VOLUME_OUT || kind == VOLUME_RETIRED || kind >= VOLUME_KIND_CNT)
		return FINDING_DONE;
	epoch_enter(data); /* so that its table stays readable */
	hold_volume_if(data, idx, state);
	finding = pool_state(&data->pool, idx) == state ? volume_inherit_one(recovery, idx, state) : FINDING_CHANGED;
	hold_drop(data);
	epoch_leave(data);
	return finding;
}

/* Recover what a name in a dead join's record stands for. */
static enum finding
name_recover_once(struct recovery *recovery, uint64_t name)
{
	enum finding finding = FINDING_DONE;

	if (hold_kind(name) == HOLD_ENTRY) {
		finding = entry_recover(recovery, hold_entry(name), place_recover);
		return finding == FINDING_DONE ? entry_recover(recovery, hold_entry(name), slots_recover) : finding;
	}
	for (uint64_t i = 0; hold_kind(name) == HOLD_VOLUMES && i < hold_volume_cnt(name); i++)
		if (volume_recover(recovery, hold_volume(name) + i) != FINDING_DONE)
			finding = FINDING_LEFT;
	return finding;
}

static bool
name_recover(struct recovery *recovery, uint64_t name)
{
	for (int i = 0; i < TRIES; i++)
		if (name_recover_once(recovery, name) == FINDING_DONE)
			return true;
	return false;
}

/* Recover the superblocks that a dead join had named, or the rest. From the last, as each is in one named before it. */
static bool
names_recover(struct recovery *recovery, struct groove_record *record, bool superblocks)
{
	for (uint64_t h = HOLD_MAX; h-- > 0;) {
		if (record->hold[h] == 0 || (hold_kind(record->hold[h]) == HOLD_ENTRY) != superblocks)
			continue;
		if (!name_recover(recovery, record->hold[h]))
			return false;
		/* Release: an heir of this one finds it done. */
		__atomic_store_n(&record->hold[h], 0, __ATOMIC_RELEASE);
	}
	return true;
}

/* ---- 3: what was cached ---- */

/* Return slots that a dead join cached. */
static void
slots_return(struct recovery *recovery, const struct superblock *found, uint64_t slots)
{
	groove_data_t *data = recovery->data;

	hold_sb(data, found->sb);
	for (uint64_t rest = slots; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, found->szc, found->block, idx), hdr_free(found->szc, idx));
	}
	superblock_put(data, found->szc, found->block, slots);
	recovery->report->slot_cnt += (uint64_t)__builtin_popcountll(slots);
}

/* Return what dead joins have cached, and what was lost by damage. */
static void
superblock_search(struct recovery *recovery, struct superblock *found)
{
	groove_data_t *data = recovery->data;
	const enum sb_place place = sb_word_place(found->word);
	bool lost = place == SB_HELD || place == SB_RETURNING;
	const uint64_t slots = slots_inherited(recovery, found, RECORD_SETTLED, &lost);

	if (slots != 0)
		slots_return(recovery, found, slots);
	if (lost && name_recover_once(recovery, hold_name_entry(entry_number(data, found->sb))) != FINDING_DONE)
		recovery->left = true;
}

/* Return what the dead join cached whose record this one has taken over, as a live one does that counts it. */
static void
superblock_put_own(struct recovery *recovery, struct superblock *found)
{
	groove_data_t *data = recovery->data;
	bool unmarked = false;
	const uint64_t slots = slots_inherited(recovery, found, RECORD_LIVE, &unmarked);

	/* In the midst of a bulk free: it is finished for them. */
	for (uint64_t rest = slots; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, found->szc, found->block, idx), hdr_cached(found->szc, idx, data->join_idx));
	}
	if (slots != 0)
		cache_put_back(data, found->szc, found->block, slots);
}

/* ---- 5: the whole ---- */

static uint64_t
heir_cnt(const groove_data_t *data, enum record_kind kind)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		cnt += is_heir(data, state_of(data, i), kind);
	return cnt;
}

/* Settle the counters of some joins, as far as this one is to. cached: counts by join and class, zeros. */
static void
settle_some(struct recovery *recovery, uint64_t first, uint64_t cnt, uint32_t *cached)
{
	recovery->first = first;
	recovery->cnt = cnt;
	recovery->cached = cached;
	superblock_each(recovery, slots_count);
	for (uint64_t i = first; i < first + cnt; i++)
		if (is_mine(recovery, i, RECORD_DEAD))
			settle(recovery, i);
	recovery->cached = NULL;
}

/* One alone, which needs no memory. */
static void
settle_one(struct recovery *recovery, uint64_t join_idx)
{
	uint32_t cached[GROOVE_DATA_SZC_CNT] = {0};

	settle_some(recovery, join_idx, 1, cached);
}

/* Settle the counters of all that this join has become the heir of: in one pass where there is memory to count with. */
static void
settle_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;
	uint32_t *cached;

	if (heir_cnt(data, RECORD_DEAD) == 0)
		return;
	cached = calloc(data->join_max * GROOVE_DATA_SZC_CNT, sizeof(*cached));
	if (cached != NULL)
		settle_some(recovery, 0, data->join_max, cached);
	for (uint64_t i = 0; cached == NULL && i < data->join_max; i++)
		if (is_mine(recovery, i, RECORD_DEAD))
			settle_one(recovery, i);
	free(cached);
}

/* Give a record back. Release: who takes it sees its counters; pairs with record_take(). */
static void
record_bury(const groove_data_t *data, uint64_t join_idx)
{
	struct groove_record *record = record_of(data, join_idx);

	__atomic_fetch_and(&record->epoch, 0, __ATOMIC_ACQ_REL); /* as epoch_leave() */
	record_give(record);
}

/* Return what all whose heir this join is had. */
static void
return_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;

	for (uint64_t i = 0; i < data->join_max; i++)
		if (is_heir(data, state_of(data, i), RECORD_SETTLED))
			write_off(record_of(data, i));
	superblock_each(recovery, superblock_search);
	for (uint64_t i = 0; i < data->join_max; i++) {
		/* Volumes last: one that has a superblock half returned is not empty until that is gone. */
		if (!is_heir(data, state_of(data, i), RECORD_SETTLED) ||
			!names_recover(recovery, record_of(data, i), true) ||
			!names_recover(recovery, record_of(data, i), false))
			continue;
		record_bury(data, i);
		recovery->report->join_cnt++;
	}
	pool_recount(&data->pool);
}

/* Whether the state of a record cannot be, so that nobody can tell whether its join lives. Logged. */
static bool
any_damaged(const groove_data_t *data)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		if (record_kind(state_of(data, i)) != RECORD_DAMAGED)
			continue;
		GROOVE_LOG(ERR,
			"recover: record %" PRIu64 " has the damaged state %#" PRIx64
			": what its join has stays, leave all and rebuild\n",
			i, state_of(data, i));
		return true;
	}
	return false;
}

/* ---- what a dead join had in hand whose record was taken over ---- */

static void
search_become_due(groove_data_t *data)
{
	uint64_t search = __atomic_load_n(&data->shdata->search, __ATOMIC_RELAXED);

	/* Release: whoever ends the search has seen what the dead join left. */
	while (!__atomic_compare_exchange_n(
		&data->shdata->search, &search, (search | SEARCH_DUE) + 2, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

/* Forget the names of a dead join, and clear them; a search finds what they stand for. */
static void
names_forget(groove_data_t *data)
{
	struct groove_record *record = data->record;
	uint64_t names = 0;

	for (uint64_t h = 0; h < HOLD_MAX; h++)
		names |= record->hold[h];
	if (names == 0)
		return;
	search_become_due(data); /* first: it is due also when this join dies here */
	for (uint64_t h = HOLD_MAX; h-- > 0;)
		__atomic_store_n(&record->hold[h], 0, __ATOMIC_RELEASE);
}

void
recover_own(groove_data_t *data)
{
	struct recover_report report = {0};
	struct recovery recovery = {.data = data, .report = &report, .own = true};

	settle_one(&recovery, data->join_idx);
	names_forget(data);
	superblock_each(&recovery, superblock_put_own);
}

/* Entries of superblocks that are listed by their words. */
struct listing {
	struct listed {
		uint64_t entry;
		uint64_t word;
	} * listed; /* NULL: they are counted alone */
	uint64_t cnt;
	uint64_t room;
};

static void
listing_add(struct recovery *recovery, struct superblock *found)
{
	struct listing *listing = recovery->listing;

	if (sb_word_place(found->word) != SB_LISTED)
		return;
	if (listing->cnt < listing->room)
		listing->listed[listing->cnt] =
			(struct listed){.entry = entry_number(recovery->data, found->sb), .word = found->word};
	listing->cnt++;
}

/* Look again at one that was listed, unless its word has changed: then a join has taken it out of a list since. */
static void
listing_search(struct recovery *recovery, const struct listed *listed)
{
	groove_data_t *data = recovery->data;
	const uint64_t volume = listed->entry / table_cnt(data->volume_shift);
	bool same;

	epoch_enter(data);
	same = volume_in_use(data, volume) &&
	       __atomic_load_n(&volume_table(data, volume)[listed->entry % table_cnt(data->volume_shift)].word,
		       __ATOMIC_ACQUIRE) == listed->word;
	epoch_leave(data);
	if (same && !name_recover(recovery, hold_name_entry(listed->entry)))
		recovery->left = true;
}

/* Take each superblock out of its list once, and put it back: that changes its word. */
static void
lists_touch(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		if (!szc_in_use(data, szc))
			continue;
		epoch_enter(data);
		superblock_trim(data, szc);
		epoch_leave(data);
	}
}

/* Find those that are listed and in no list: of all that are listed, what can be touched by no join. */
static void
search_lists(struct recovery *recovery)
{
	struct listing listing = {0};

	recovery->listing = &listing;
	superblock_each(recovery, listing_add);
	listing.room = listing.cnt + listing.cnt / 8 + 64; /* others go on */
	listing.cnt = 0;
	listing.listed = calloc(listing.room, sizeof(*listing.listed));
	if (listing.listed == NULL) {
		GROOVE_LOG(ERR, "recover: no memory to search with: %" PRIu64 " bytes; make room, call again\n",
			listing.room * sizeof(*listing.listed));
		recovery->left = true;
		recovery->listing = NULL;
		return;
	}
	superblock_each(recovery, listing_add);
	if (listing.cnt > listing.room) {
		recovery->left = true;
		listing.cnt = listing.room;
	}
	lists_touch(recovery->data);
	for (uint64_t i = 0; i < listing.cnt; i++)
		listing_search(recovery, &listing.listed[i]);
	free(listing.listed);
	recovery->listing = NULL;
}

/* As superblock_search(), also what is active and in no slot. */
static void
superblock_search_all(struct recovery *recovery, struct superblock *found)
{
	const groove_data_t *data = recovery->data;

	if (sb_word_place(found->word) == SB_ACTIVE && !superblock_in_slot(data, found->szc, found->block) &&
		name_recover_once(recovery, hold_name_entry(entry_number(data, found->sb))) != FINDING_DONE)
		recovery->left = true;
	else
		superblock_search(recovery, found);
}

/* From the inside out: what lies in another superblock is recovered before that. */
#define SEARCH_PASSES 16

static bool
search_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;

	for (int i = 0; i < SEARCH_PASSES; i++) {
		recovery->left = false;
		superblock_each(recovery, superblock_search_all);
		search_lists(recovery);
		for (uint64_t v = 0; v < data->pool.volume_max; v++)
			if (!name_recover(recovery, hold_name_volumes(v, 1)))
				recovery->left = true;
		if (!recovery->left)
			return true;
	}
	return false;
}

/* Search if that is due. False when it stays so. */
static bool
search(struct recovery *recovery)
{
	uint64_t *word = &recovery->data->shdata->search;
	uint64_t due = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	if ((due & SEARCH_DUE) == 0)
		return true;
	/* Fails when it has become due again since. */
	return search_all(recovery) &&
	       __atomic_compare_exchange_n(word, &due, due & ~SEARCH_DUE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Whether there is something left of a dead join. */
static bool
dead_are_left(const groove_data_t *data)
{
	for (uint64_t i = 0; i < data->join_max; i++)
		if (record_is_dead(state_of(data, i)))
			return true;
	return false;
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

int
recover(groove_data_t *data, groove_data_dead_fn dead, void *arg, struct recover_report *report)
{
	struct recovery recovery = {.data = data, .report = report};
	bool searched;
	int err;

	*report = (struct recover_report){0};
	if (!join_check(data, "recover"))
		return GROOVE_ERR_INVAL;
	err = check_reach(data);
	if (err != GROOVE_SUCCESS)
		return err;
	claim_dead(data, dead, arg);
	while (claim_inherited(data))
		;
	settle_all(&recovery);
	if (dead == NULL || heir_cnt(data, RECORD_SETTLED) != 0)
		return_all(&recovery);
	searched = search(&recovery);
	record_resign(data->shdata, data->join_max, data->join_idx); /* so that any other may go on with what is left */
	if (recovery.damaged || any_damaged(data))
		return GROOVE_ERR_CORRUPT;
	return dead_are_left(data) || !searched ? GROOVE_ERR_AGAIN : GROOVE_SUCCESS;
}

int
groove_data_recover(groove_data_t *data, groove_data_dead_fn dead, void *arg)
{
	struct recover_report report;

	return recover(data, dead, arg, &report);
}
