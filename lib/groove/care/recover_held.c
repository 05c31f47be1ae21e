/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What dead joins had named as held: the places of superblocks, slots of them, volumes.
 */

#include <inttypes.h>

#include "epoch.h"
#include "hdr.h"
#include "hold.h"
#include "log.h"
#include "pool.h"
#include "recovery.h"
#include "superblock.h"
#include "superblock_return.h"
#include "superblock_trim.h"
#include "tree.h"

#define TRIES 64 /* looks at a thing that others change, until it is left for the next time */

/*
 * A thing that dead joins may have had, as it was first read: the place of a superblock, its slots, or a volume. It is
 * named as held if the word changes.
 */
struct thing {
	const struct thing_ops *ops;
	uint64_t number;	     /* of the entry, or index of the volume */
	uint64_t word;		     /* the superblock's, or state of the volume */
	const struct superblock *sb; /* NULL: a volume */
	uint64_t slots;		     /* that look() has found to be out for nobody */
};

struct thing_ops {
	/* Whether a name is that of the thing. */
	bool (*has)(uint64_t name, uint64_t number, uint64_t word);
	/* Look where it is. FINDING_LOST: nowhere. */
	enum finding (*look)(struct recovery *recovery, struct thing *thing);
	/* Put it where it should be if its word is still the same. */
	enum finding (*take)(struct recovery *recovery, const struct thing *thing);
};

/*
 * Whether another join, living or with counters that are not settled, has named something as in its hands. Acquire
 * pairs with hold_drop_to(), and with hold_keep_last() as names are read from the top down.
 */
static bool
is_held(const groove_data_t *data, const struct thing *thing)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		const enum record_kind kind = record_kind(state_of(data, i));

		if (i == data->join_idx || kind == RECORD_VACANT || kind == RECORD_SETTLED)
			continue;
		for (uint64_t h = HOLD_MAX; h-- > 0;)
			if (thing->ops->has(__atomic_load_n(&record_of(data, i)->hold[h], __ATOMIC_ACQUIRE),
				    thing->number, thing->word))
				return true;
	}
	return false;
}

/*
 * Recover a thing: names, look, names, swap. The names before the look, for a join that had it and has put it back
 * since is not found by the names after it; the names after the look, for one that has taken it since. What is named
 * both times by none, and was nowhere in between, is nobody's, unless its word has changed: then the swap in take()
 * fails.
 */
static enum finding
thing_recover(struct recovery *recovery, struct thing *thing)
{
	enum finding finding;

	if (is_held(recovery->data, thing))
		return FINDING_LEFT;
	finding = thing->ops->look(recovery, thing);
	if (finding != FINDING_LOST)
		return finding;
	if (is_held(recovery->data, thing))
		return FINDING_LEFT;
	return thing->ops->take(recovery, thing);
}

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
	struct sb_step step = {.cnt = found->cnt};

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

/* ---- the place of a superblock ---- */

/* Whether a superblock is in the slot or list that its word says. */
static enum finding
place_look(struct recovery *recovery, struct thing *thing)
{
	groove_data_t *data = recovery->data;
	const struct superblock *found = thing->sb;
	int err = GROOVE_SUCCESS;
	bool there = false;

	if (sb_word_place(found->word) == SB_ACTIVE)
		there = superblock_in_slot(data, found->szc, found->block);
	else if (sb_word_place(found->word) == SB_LISTED)
		err = superblock_in_list(data, found->szc, found->block, &there);
	if (err != GROOVE_SUCCESS)
		return FINDING_CHANGED;
	return there ? FINDING_DONE : FINDING_LOST;
}

/* Return a superblock that is out of its slot or list. Its name is written down. */
static enum finding
place_take(struct recovery *recovery, const struct thing *thing)
{
	struct sb_step step = {.cnt = thing->sb->cnt};

	if (!sb_word_swap(&thing->sb->sb->word, thing->word, sb_adopt, &step))
		return FINDING_CHANGED;
	if (sb_word_place(step.word) != SB_FULL)
		superblock_inherit(recovery, thing->sb);
	return FINDING_DONE;
}

static const struct thing_ops place_ops = {.has = hold_has_entry, .look = place_look, .take = place_take};

/* ---- slots of a superblock ---- */

/* Whether the memory of a slot is that of a superblock, in the making or on its way back. */
static bool
slot_has_superblock(const groove_data_t *data, const struct superblock *found, uint64_t idx)
{
	const uint64_t block = addr_off(data, slot_hdr(data, found->szc, found->block, idx)) / GROOVE_BLOCK_FOOTPRINT;

	/* No other superblock has the entry of one that may begin there: it would lie around the slot or be apart from
	 * it by less than its size. Acquire pairs with sb_word_update(). */
	for (uint64_t szc = 0; szc < found->szc; szc++)
		if (szc_may_lie_in(data, szc, found->szc) &&
			sb_word_place(__atomic_load_n(&sb_entry(data, szc, block)->word, __ATOMIC_ACQUIRE)) != SB_NONE)
			return true;
	return false;
}

/* Slots of a superblock that are out though their headers say free. */
static uint64_t
slots_unmarked(struct recovery *recovery, const struct superblock *found)
{
	uint64_t slots = 0;

	for (uint64_t rest = recover_slots_out(found); rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		if (recover_peek(recovery, found, idx) == hdr_free(found->szc, idx))
			slots |= 1UL << idx;
	}
	return slots;
}

/* Slots that were claimed, or about to be put, and are not those of a superblock in the making. */
static enum finding
slots_look(struct recovery *recovery, struct thing *thing)
{
	thing->slots = slots_unmarked(recovery, thing->sb);
	if (thing->slots == 0)
		return superblock_unchanged(thing->sb) ? FINDING_DONE : FINDING_CHANGED;
	for (uint64_t rest = thing->slots; rest != 0; rest &= rest - 1)
		if (slot_has_superblock(recovery->data, thing->sb, (uint64_t)__builtin_ctzll(rest)))
			return FINDING_LEFT;
	return FINDING_LOST;
}

/* Put them. The superblock's name is written down. */
static enum finding
slots_take(struct recovery *recovery, const struct thing *thing)
{
	groove_data_t *data = recovery->data;
	const struct superblock *found = thing->sb;
	struct sb_step step = {.cnt = found->cnt, .mask = thing->slots};

	if (!sb_word_swap(&found->sb->word, thing->word, sb_put, &step))
		return FINDING_CHANGED;
	recovery->report->slot_cnt += (uint64_t)__builtin_popcountll(step.mask);
	hold_sb(data, found->sb); /* which the next call drops */
	superblock_put_on(data, found->szc, found->block, found->word, &step);
	return FINDING_DONE;
}

static const struct thing_ops slots_ops = {.has = hold_has_entry, .look = slots_look, .take = slots_take};

/* Recover the place of the superblock at an entry, or its slots. */
static enum finding
entry_recover(struct recovery *recovery, uint64_t number, const struct thing_ops *ops)
{
	groove_data_t *data = recovery->data;
	const uint64_t volume = number / table_cnt(data->volume_shift);
	enum finding finding = FINDING_DONE;
	struct superblock found;

	epoch_enter(data);
	if (recover_volume_in_use(data, volume) &&
		recover_read(data, &volume_table(data, volume)[number % table_cnt(data->volume_shift)], &found)) {
		struct thing thing = {.ops = ops, .number = number, .word = found.word, .sb = &found};

		hold_sb_if(data, found.sb, found.word);
		if (!superblock_unchanged(&found))
			finding = FINDING_CHANGED;
		else if (ops != &place_ops || sb_word_place(found.word) != SB_FULL) /* which is in no place */
			finding = thing_recover(recovery, &thing);
		hold_drop(data);
	}
	epoch_leave(data);
	return finding;
}

/* ---- volumes ---- */

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

/* Whether an empty volume is in the pool, or one in use has a root superblock. */
static enum finding
volume_look(struct recovery *recovery, struct thing *thing)
{
	const groove_data_t *data = recovery->data;
	const enum volume_kind kind = volume_state_kind(thing->word);
	bool there = false;

	if (kind == VOLUME_EMPTY && pool_has(&data->pool, thing->number, &there) != GROOVE_SUCCESS)
		return FINDING_CHANGED;
	if (kind == VOLUME_USED)
		there = volume_has_root(data, thing->number);
	return there ? FINDING_DONE : FINDING_LOST;
}

/*
 * Finish or undo what a dead join had begun with a volume: one that was being added is out again, any other is in the
 * pool. One that was being removed was received by no caller, so it is in again, once its header is mended.
 */
static enum finding
volume_take(struct recovery *recovery, const struct thing *thing)
{
	const groove_volume_pool_t *pool = &recovery->data->pool;
	const uint64_t idx = thing->number;
	const enum volume_kind kind = volume_state_kind(thing->word);
	const enum volume_kind to = kind == VOLUME_ADDING     ? VOLUME_OUT
				    : kind == VOLUME_REMOVING ? VOLUME_REMOVING
							      : VOLUME_EMPTY;
	const uint64_t next = volume_state_next(thing->word, to, 0);

	if (!pool_state_swap(pool, idx, thing->word, next))
		return FINDING_CHANGED;
	if (kind == VOLUME_REMOVING) {
		pool_volume(pool, idx)->magic = GROOVE_VOLUME_MAGIC;
		pool_state_swap(pool, idx, next, volume_state_next(next, VOLUME_EMPTY, 0));
	}
	if (kind != VOLUME_ADDING)
		pool_push(pool, idx);
	return FINDING_DONE;
}

static const struct thing_ops volume_ops = {.has = hold_has_volume, .look = volume_look, .take = volume_take};

static enum finding
volume_recover(struct recovery *recovery, uint64_t idx)
{
	groove_data_t *data = recovery->data;
	const uint64_t state = idx < data->pool.volume_max ? pool_state(&data->pool, idx) : 0;
	const enum volume_kind kind = volume_state_kind(state);
	struct thing thing = {.ops = &volume_ops, .number = idx, .word = state};
	enum finding finding;

	if (kind == VOLUME_OUT || kind == VOLUME_RETIRED || kind >= VOLUME_KIND_CNT)
		return FINDING_DONE;
	epoch_enter(data); /* so that its table stays readable */
	hold_volume_if(data, idx, state);
	finding = pool_state(&data->pool, idx) == state ? thing_recover(recovery, &thing) : FINDING_CHANGED;
	hold_drop(data);
	epoch_leave(data);
	return finding;
}

/* ---- names ---- */

enum finding
recover_name_once(struct recovery *recovery, uint64_t name)
{
	enum finding finding = FINDING_DONE;

	if (hold_kind(name) == HOLD_ENTRY) {
		finding = entry_recover(recovery, hold_entry(name), &place_ops);
		return finding == FINDING_DONE ? entry_recover(recovery, hold_entry(name), &slots_ops) : finding;
	}
	for (uint64_t i = 0; hold_kind(name) == HOLD_VOLUMES && i < hold_volume_cnt(name); i++)
		if (volume_recover(recovery, hold_volume(name) + i) != FINDING_DONE)
			finding = FINDING_LEFT;
	return finding;
}

bool
recover_name(struct recovery *recovery, uint64_t name)
{
	for (int i = 0; i < TRIES; i++)
		if (recover_name_once(recovery, name) == FINDING_DONE)
			return true;
	return false;
}

bool
recover_names(struct recovery *recovery, struct groove_record *record, bool superblocks)
{
	for (uint64_t h = HOLD_MAX; h-- > 0;) {
		if (record->hold[h] == 0 || (hold_kind(record->hold[h]) == HOLD_ENTRY) != superblocks)
			continue;
		if (!recover_name(recovery, record->hold[h]))
			return false;
		/* Release: a recoverer of this one finds it done. */
		__atomic_store_n(&record->hold[h], 0, __ATOMIC_RELEASE);
	}
	return true;
}
