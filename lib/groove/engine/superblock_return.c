/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_return.h"

#include "drain.h"
#include "epoch.h"
#include "hdr.h"
#include "heads.h"
#include "hold.h"
#include "intent.h"
#include "news.h"
#include "pool.h"
#include "reserve.h"
#include "shelf.h"
#include "superblock.h"
#include "superblock_list.h"
#include "volume.h"

/* Superblocks to look at, at most, when one of large slots became empty. */
#define SETTLE_MOST 32UL

/* ---- memory back to the parent ---- */

/* Block of the superblock of host whose slot idx is at a block. */
static uint64_t
memory_around(uint64_t host, uint64_t block, uint64_t idx)
{
	return block - slot_off(host, idx) / GROOVE_BLOCK_FOOTPRINT;
}

/* Hold what the memory will be given back to, before its header says free. */
static void
memory_hold(groove_data_t *data, uint64_t host, uint64_t block, uint64_t idx)
{
	if (host == GROOVE_DATA_SZC_VOLUME)
		hold_volumes(data, block_volume(data, block), 1);
	else
		hold_sb(data, sb_entry(data, host, memory_around(host, block, idx)));
}

/* Give it back; the header there says free by now. Ends the hold. */
static void
memory_give(groove_data_t *data, uint64_t host, uint64_t block, uint64_t idx)
{
	if (host == GROOVE_DATA_SZC_VOLUME)
		volume_release(data, block_volume(data, block));
	else
		superblock_put(data, host, memory_around(host, block, idx), 1UL << idx);
}

void
superblock_return(groove_data_t *data, uint64_t szc, uint64_t block)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);
	struct groove_sb *sb = sb_entry(data, szc, block);
	struct sb_step step = {0};
	const uint64_t bits = hdr_load(hdr);
	const uint64_t host = hdr_szc(bits);
	const uint64_t idx = hdr_idx(bits);

	memory_hold(data, host, block, idx);
	birth_begin(data, szc, sb, INTENT_OUT);
	hdr_store(hdr, hdr_free(host, idx));
	sb_word_update(&sb->word, sb_bury, &step, NULL);
	/* So that no header leads here. After the word, as recovery finds a superblock that is returning by its id;
	 * before the put of the memory, and so before another birth. Release as in superblock_make(). */
	__atomic_store_n(entry_id(data, sb), 0, __ATOMIC_RELEASE);
	birth_end(data, szc, -1UL);
	memory_give(data, host, block, idx);
}

/*
 * Dissolve a superblock that is held, if it is empty. What its word says the headers of its slots must say as well: its
 * memory is about to be others', and one stray bit in the word would be enough to give away an object.
 */
static bool
superblock_dissolve(groove_data_t *data, uint64_t szc, uint64_t block)
{
	uint64_t *shared = &sb_entry(data, szc, block)->word;

	for (;;) {
		const uint64_t word = __atomic_load_n(shared, __ATOMIC_ACQUIRE); /* pairs with sb_word_update() */
		struct sb_step step = sb_step(data, szc, block);

		if (sb_word_place(word) != SB_HELD || !sb_word_empty(word, step.cnt))
			return false;
		if (!superblock_is_unused(data, szc, block)) {
			sb_corrupt(szc, block, "empty by its word, not by the headers of its slots, it stays");
			return false;
		}
		if (sb_word_swap(shared, word, sb_dissolve, &step))
			return true;
	}
}

void
superblock_settle(groove_data_t *data, uint64_t szc, uint64_t block)
{
	if (!superblock_is_finished(data, szc, block))
		sb_corrupt(szc, block, "damaged header, it stays");
	else if (superblock_dissolve(data, szc, block)) {
		superblock_return(data, szc, block);
		return;
	}
	sb_list_push(data, szc, block);
}

int
sb_listed_settle(groove_data_t *data, uint64_t szc, uint64_t block)
{
	const int err = sb_list_unshelve(data, szc, block);

	if (err == GROOVE_SUCCESS)
		superblock_settle(data, szc, block);
	hold_drop(data);
	return err;
}

/* ---- sift the lists for empty ones ---- */

/* The list that a superblock goes into which was taken out of one: that of what is being drained has no others. */
static uint64_t *
list_fit(const groove_data_t *data, uint64_t szc, uint64_t *to, uint64_t block)
{
	uint64_t *drained = list_of(data, LIST_DRAIN, szc);

	if (to == list_aside(data, szc))
		return to;
	if (drain_has(data, block))
		return drained;
	return to == drained ? list_own(data, szc) : to;
}

/* Put a superblock that was taken out of a list into another. */
static int
list_move(groove_data_t *data, uint64_t szc, uint64_t *to, uint64_t block)
{
	struct sb_step step = {0};

	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_touch, &step, NULL))
		return sb_corrupt(szc, block, "in the list, not listed");
	sb_list_insert(data, szc, list_fit(data, szc, to, block), block);
	return GROOVE_SUCCESS;
}

/*
 * Take one superblock after the other out of a list, return those that are empty, and put the others into another: the
 * one aside, or from there back. So no more than one is ever out of everybody's reach. GROOVE_ERR_EMPTY once there was
 * none left.
 */
static int
list_sift(groove_data_t *data, uint64_t szc, uint64_t *from, uint64_t *to, struct sift *sift)
{
	for (; sift->left > 0; sift->left--) {
		uint64_t block = 0;
		int err = sb_list_pop(data, szc, from, &block);

		if (err != GROOVE_SUCCESS)
			return err;
		sift->found |= block == sift->sought;
		if (sb_seems_empty(data, szc, block)) {
			err = sb_listed_settle(data, szc, block);
		} else {
			err = list_move(data, szc, to, block);
			hold_drop(data);
		}
		if (err != GROOVE_SUCCESS)
			return err;
	}
	return GROOVE_SUCCESS;
}

/*
 * Look at all superblocks in the lists of a class: from each into the one aside, and from there back into the same, so
 * that each group keeps its own. Only where two look at one time may one group's come into another's.
 */
static int
lists_sift(groove_data_t *data, uint64_t szc, struct sift *sift)
{
	uint64_t *aside = list_aside(data, szc);
	int err = GROOVE_ERR_EMPTY;

	for (uint64_t i = 0; err == GROOVE_ERR_EMPTY && i < list_all_cnt(szc); i++) {
		uint64_t *list = list_at(data, i, szc);

		if (list == aside)
			continue;
		err = list_sift(data, szc, list, aside, sift);
		if (err == GROOVE_ERR_EMPTY)
			err = list_sift(data, szc, aside, list, sift);
	}
	return err;
}

/* The same, after what is in the one aside, where others may have left something. */
int
sb_lists_sift_all(groove_data_t *data, uint64_t szc, struct sift *sift)
{
	const int err = list_sift(data, szc, list_aside(data, szc), list_own(data, szc), sift);

	return err == GROOVE_ERR_EMPTY ? lists_sift(data, szc, sift) : err;
}

/* Return the first superblock of a list to its parent if it is empty. */
static void
list_settle_first(groove_data_t *data, uint64_t szc, uint64_t *list)
{
	uint64_t block = list_head_first(__atomic_load_n(list, __ATOMIC_ACQUIRE)); /* pairs with list_head_swap() */

	if (block == 0 || !pool_uses_block(data, block) || !sb_seems_empty(data, szc, block))
		return;
	if (sb_list_pop(data, szc, list, &block) == GROOVE_SUCCESS)
		sb_listed_settle(data, szc, block);
}

/*
 * One superblock in the lists became empty: look at the first of each, or, where memory comes in large pieces, at some
 * more, which goes on where it ended the last time.
 */
static void
lists_settle(groove_data_t *data, uint64_t szc)
{
	struct sift sift = {.left = SETTLE_MOST};

	epoch_enter(data);
	if (szc >= CACHE_SZC_CNT)
		lists_sift(data, szc, &sift);
	else
		for (uint64_t i = 0; i < list_all_cnt(szc); i++)
			list_settle_first(data, szc, list_at(data, i, szc));
	epoch_leave(data);
}

/* ---- put ---- */

/* Write down that slots were put, for a look at what can be given back (calls/room.h). */
static void
put_note(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct groove_room *room = &cache_of(data)->room;

	room->put[room->put_cnt++ % ROOM_PUTS] = block << NEWS_SZC_SHIFT | szc;
}

/*
 * Whether no slot of a superblock, as its word was when slots were put, has an object by its header: then what is not
 * free is cached, or superblocks. A hint: it may have gone meanwhile.
 */
static bool
has_no_object(groove_data_t *data, uint64_t szc, uint64_t block, const struct sb_step *step)
{
	uint64_t rest = sb_all_free(step->cnt) & ~sb_word_free(step->word);

	epoch_enter(data);
	if (!pool_uses_block(data, block))
		rest = 0;
	while (rest != 0) {
		const uint64_t type = hdr_type(hdr_load(slot_hdr(data, szc, block, (uint64_t)__builtin_ctzll(rest))));

		if (type == GROOVE_DATA_HDR_TYPE_ALLOC)
			break;
		rest &= rest - 1;
	}
	epoch_leave(data);
	return rest == 0;
}

/*
 * Let others know of slots that a look may have missed, and that no list or slot will show to be new: a superblock of
 * which the rest is cached by another, or lies in superblocks that are empty, is of use to that one from now on.
 */
static void
put_announce(groove_data_t *data, uint64_t szc, uint64_t block, const struct sb_step *step)
{
	if (szc >= RESERVE_SZC)
		news_came(data, szc); /* one more of these may be all that the reserve lacks */
	if (sb_word_empty(step->word, step->cnt) || (!cache_of(data)->spills && has_no_object(data, szc, block, step)))
		news_emptied(data, szc, block);
}

void
superblock_put_on(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t before, const struct sb_step *step)
{
	const enum sb_place place = sb_word_place(step->word);

	put_note(data, szc, block);
	/* Now the superblock may be gone, unless it was full: then it is ours. */
	if (sb_word_place(before) == SB_FULL && place == SB_LISTED)
		sb_list_insert(data, szc, list_home(data, szc, block), block);
	else if (sb_word_place(before) == SB_FULL)
		superblock_settle(data, szc, block);
	hold_drop(data);
	/* Unless it is this join that returned it, or could not as it is damaged. */
	if (sb_word_place(before) != SB_FULL || place == SB_LISTED)
		put_announce(data, szc, block, step);
	if (sb_word_place(before) == SB_LISTED && sb_word_empty(step->word, step->cnt))
		lists_settle(data, szc);
}

int
superblock_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	struct sb_step step = {.mask = mask};
	uint64_t before;

	/* In range: a forged header may lead to a superblock before its volume. */
	if (block_in_range(data, block))
		step.cnt = sb_cnt(data, sb_entry(data, szc, block), szc, block);
	if (step.cnt == 0 || !sb_word_update(&sb_entry(data, szc, block)->word, sb_put, &step, &before)) {
		hold_drop(data);
		return sb_corrupt(szc, block, "slots to put are free already, or it is none");
	}
	superblock_put_on(data, szc, block, before, &step);
	return GROOVE_SUCCESS;
}
