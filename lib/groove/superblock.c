/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock.h"

#include <inttypes.h>

#include <rte_common.h>

#include "cache.h"
#include "debug_checks.h"
#include "drain.h"
#include "epoch.h"
#include "hdr.h"
#include "hold.h"
#include "intent.h"
#include "list.h"
#include "log.h"
#include "pool.h"
#include "reserve.h"
#include "volume.h"

/* Superblocks to look at, at most, when one of large slots became empty. */
#define SETTLE_MOST 32UL

static uint64_t *
active_slot(const groove_data_t *data, uint64_t group, uint64_t szc)
{
	return &data->shdata->active[group][szc];
}

/* Whether a slot is still as it was read: what it leads to has been there all the time then. */
static bool
slot_is(const uint64_t *slot, uint64_t head)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE) == head;
}

static uint64_t *
list_of(const groove_data_t *data, uint64_t group, uint64_t szc)
{
	return &data->shdata->list[group][szc];
}

/* List of the join's own group. */
static uint64_t *
list_own(const groove_data_t *data, uint64_t szc)
{
	return list_of(data, join_group(data, szc) % LIST_GROUP_CNT, szc);
}

static uint64_t *
list_aside(const groove_data_t *data, uint64_t szc)
{
	return list_of(data, LIST_ASIDE, szc);
}

/* Lists of its groups that a class has. */
static uint64_t
list_cnt(uint64_t szc)
{
	return RTE_MIN(groove_data_szc_cfg[szc].cgroup_mask + 1UL, (uint64_t)LIST_GROUP_CNT);
}

/* All lists that it has. */
static uint64_t
list_all_cnt(uint64_t szc)
{
	return list_cnt(szc) + LIST_CNT - LIST_GROUP_CNT;
}

/* The i-th of them: those of groups, the one aside, that of what is being drained. */
static uint64_t *
list_at(const groove_data_t *data, uint64_t i, uint64_t szc)
{
	return list_of(data, i < list_cnt(szc) ? i : LIST_GROUP_CNT + i - list_cnt(szc), szc);
}

/* The list that a superblock belongs into: the join's own, or that of what is being drained. */
static uint64_t *
list_home(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	return drain_has(data, block) ? list_of(data, LIST_DRAIN, szc) : list_own(data, szc);
}

static int
corrupt(uint64_t szc, uint64_t block, const char *what)
{
	GROOVE_LOG_LIMITED(ERR, "superblock of class %" PRIu64 " at block %" PRIu64 ": %s\n", szc, block, what);
	return GROOVE_ERR_CORRUPT;
}

/* ---- lists ---- */

/* Put a superblock that is listed by its word, and held, into a list. */
static void
list_insert(const groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t block)
{
	uint32_t *link = entry_link(data, sb_entry(data, szc, block));
	uint64_t head = __atomic_load_n(list, __ATOMIC_RELAXED);

	do
		__atomic_store_n(link, list_head_first(head), __ATOMIC_RELAXED);
	while (!list_head_swap(list, &head, (uint32_t)block));
}

/* Put a held superblock into the list of its class. */
static void
list_push(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct sb_step step = sb_step(data, szc);

	if (sb_word_update(&sb_entry(data, szc, block)->word, sb_shelve, &step, NULL))
		list_insert(data, szc, list_home(data, szc, block), block);
	else
		corrupt(szc, block, "to be listed, not held");
}

/* A superblock that was taken out of the list is the taker's. */
static int
list_unshelve(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct groove_sb *sb = sb_entry(data, szc, block);
	struct sb_step step = sb_step(data, szc);

	if (!sb_is(data, sb, szc, block) || !sb_word_update(&sb->word, sb_unshelve, &step, NULL))
		return corrupt(szc, block, "in the list, not listed");
	return GROOVE_SUCCESS;
}

/*
 * Take the first superblock out of a list; it is held, and listed by its word still. GROOVE_ERR_EMPTY when there is
 * none. Nothing is held then.
 */
static int
list_pop(groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t *block)
{
	uint64_t head = __atomic_load_n(list, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */

	for (;;) {
		const uint64_t first = list_head_first(head);

		if (first == 0)
			return GROOVE_ERR_EMPTY;
		if (!pool_uses_block(data, first)) {
			/* Unless the list has changed meanwhile, and the volume has gone since. */
			const uint64_t now = __atomic_load_n(list, __ATOMIC_ACQUIRE);

			if (now == head)
				return corrupt(szc, first, "in the list, out of the volumes in use");
			head = now;
			continue;
		}

		struct groove_sb *sb = sb_entry(data, szc, first);
		/* Relaxed: if it was popped meanwhile the link may be anything, and the swap fails on the tag. */
		const uint32_t next = __atomic_load_n(entry_link(data, sb), __ATOMIC_RELAXED);

		hold_sb(data, sb);
		if (list_head_swap(list, &head, next)) {
			*block = first;
			if (sb_is(data, sb, szc, first))
				return GROOVE_SUCCESS;
			hold_drop(data);
			return corrupt(szc, first, "in the list, but there is another");
		}
		hold_drop(data);
	}
}

/* ---- birth and return ---- */

/*
 * Take memory for a superblock of szc: a slot of its parent's, or a volume. idx: of the slot. The parent, or the
 * volume, is held then.
 */
static int
memory_take(groove_data_t *data, uint64_t szc, uint64_t *block, uint64_t *idx)
{
	const uint64_t parent = szc_parent(data, szc);
	struct sb_claimed claimed;

	if (parent == SZC_LARGEST && reserve_is_reached(data, szc))
		return GROOVE_ERR_FULL;
	if (parent == GROOVE_DATA_SZC_VOLUME) {
		uint64_t volume;

		if (!volume_acquire(data, &volume))
			return GROOVE_ERR_FULL;
		*block = volume_block(data, volume) + data->data_off / GROOVE_BLOCK_FOOTPRINT;
		*idx = 0;
		return GROOVE_SUCCESS;
	}

	const int err = superblock_claim(data, parent, 1, &claimed);

	if (err != GROOVE_SUCCESS)
		return err;
	*idx = (uint64_t)__builtin_ctzll(claimed.mask);
	*block = addr_off(data, slot_hdr(data, parent, claimed.block, *idx)) / GROOVE_BLOCK_FOOTPRINT;
	return GROOVE_SUCCESS;
}

/* Block of the superblock whose slot idx a superblock of szc is. */
static uint64_t
memory_parent(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	const uint64_t parent = szc_parent(data, szc);
	const uint64_t off = groove_data_superblock_first(parent) + idx * groove_data_szc_cfg[parent].obj_footprint;

	return block - off / GROOVE_BLOCK_FOOTPRINT;
}

/* Hold what the memory will be given back to, before its header says free. */
static void
memory_hold(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	const uint64_t parent = szc_parent(data, szc);

	if (parent == GROOVE_DATA_SZC_VOLUME)
		hold_volumes(data, block_volume(data, block), 1);
	else
		hold_sb(data, sb_entry(data, parent, memory_parent(data, szc, block, idx)));
}

/* Give it back; the header there says free by now. Ends the hold. */
static void
memory_give(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	const uint64_t parent = szc_parent(data, szc);

	if (parent == GROOVE_DATA_SZC_VOLUME)
		volume_release(data, block_volume(data, block));
	else
		superblock_put(data, parent, memory_parent(data, szc, block, idx), 1UL << idx);
}

/* Make a superblock, held, all slots free. */
static int
superblock_new(groove_data_t *data, uint64_t szc, uint64_t *block)
{
	const uint64_t held = data->hold_cnt;
	struct sb_step step = sb_step(data, szc);
	uint64_t idx;
	const int err = memory_take(data, szc, block, &idx);

	if (err != GROOVE_SUCCESS)
		return err;

	struct groove_sb *sb = sb_entry(data, szc, *block);

	if (GROOVE_DEBUG_CHECKS)
		debug_birth(data, szc, *block, step.cnt);
	/* Headers at birth, so that nothing an earlier user wrote passes for one. */
	for (uint32_t i = 0; i < step.cnt; i++)
		hdr_store(slot_hdr(data, szc, *block, i), hdr_free(szc, i));
	/* Release pairs with sb_is() and the like: a join with a stale slot, list head or header may read it any time,
	 * and then sees as well that what was here before has gone. */
	__atomic_store_n(entry_id(data, sb), sb_id(data, szc, *block), __ATOMIC_RELEASE);
	hold_sb(data, sb);
	if (!sb_word_update(&sb->word, sb_birth, &step, NULL)) {
		hold_drop_to(data, held);
		return corrupt(szc, *block, "to be born, there already");
	}
	birth_begin(data, szc, sb, 0);
	hdr_store((groove_data_hdr_t *)block_addr(data, *block), hdr_superblock(szc, szc_parent(data, szc), idx));
	birth_end(data, szc, 1);
	hold_keep_last(data, held);
	return GROOVE_SUCCESS;
}

/* Whether the word of a header can be that of a superblock of szc at a block: of the volume's root, or in a slot that
 * its parent has, and behind its parent. */
static bool
is_superblock_hdr(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t bits)
{
	const uint64_t parent = szc_parent(data, szc);
	const uint64_t idx = hdr_idx(bits);
	const uint64_t off = block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT;

	if (bits != hdr_superblock(szc, parent, idx))
		return false;
	if (parent == GROOVE_DATA_SZC_VOLUME)
		return idx == 0 && off == data->data_off;
	return idx < szc_cnt(data, parent) && off >= data->data_off + groove_data_superblock_first(parent) +
							      idx * groove_data_szc_cfg[parent].obj_footprint;
}

void
superblock_return(groove_data_t *data, uint64_t szc, uint64_t block)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);
	struct groove_sb *sb = sb_entry(data, szc, block);
	struct sb_step step = sb_step(data, szc);
	const uint64_t idx = hdr_idx(hdr_load(hdr));

	memory_hold(data, szc, block, idx);
	birth_begin(data, szc, sb, INTENT_OUT);
	hdr_store(hdr, hdr_free(szc_parent(data, szc), idx));
	sb_word_update(&sb->word, sb_bury, &step, NULL);
	/* So that no header leads here. After the word, as recovery finds a superblock that is returning by its id;
	 * before the put of the memory, and so before another birth. Release as in superblock_new(). */
	__atomic_store_n(entry_id(data, sb), 0, __ATOMIC_RELEASE);
	birth_end(data, szc, -1UL);
	memory_give(data, szc, block, idx);
}

bool
superblock_is_finished(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const groove_data_hdr_t *hdr = (const groove_data_hdr_t *)block_addr(data, block);

	return is_superblock_hdr(data, szc, block, hdr_load(hdr));
}

bool
superblock_is_unused(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	for (uint32_t i = 0; i < szc_cnt(data, szc); i++)
		if (hdr_load(slot_hdr(data, szc, block, i)) != hdr_free(szc, i))
			return false;
	return true;
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
		struct sb_step step = sb_step(data, szc);

		if (sb_word_place(word) != SB_HELD || !sb_word_empty(word, step.cnt))
			return false;
		if (!superblock_is_unused(data, szc, block)) {
			corrupt(szc, block, "empty by its word, not by the headers of its slots, it stays");
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
		corrupt(szc, block, "damaged header, it stays");
	else if (superblock_dissolve(data, szc, block)) {
		superblock_return(data, szc, block);
		return;
	}
	list_push(data, szc, block);
}

/* Return or list again a superblock that was taken out of a list. Ends the hold. */
static int
listed_settle(groove_data_t *data, uint64_t szc, uint64_t block)
{
	const int err = list_unshelve(data, szc, block);

	if (err == GROOVE_SUCCESS)
		superblock_settle(data, szc, block);
	hold_drop(data);
	return err;
}

/* ---- claim ---- */

/*
 * Take a superblock, whose name is written down, out of an active slot that is still as it was read; it is held, or
 * full, afterwards.
 */
static int
slot_withdraw(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head, bool *held)
{
	const uint64_t block = list_head_first(head);
	struct sb_step step = sb_step(data, szc);

	*held = false;
	if (!list_head_swap(slot, &head, 0))
		return GROOVE_SUCCESS;
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_withdraw, &step, NULL))
		return corrupt(szc, block, "in an active slot, not active");
	*held = sb_word_place(step.word) == SB_HELD;
	return GROOVE_SUCCESS;
}

/* Put a superblock that is active by its word into a slot; list it when there is one already. */
static void
slot_insert(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block)
{
	struct sb_step step = sb_step(data, szc);
	uint64_t head = __atomic_load_n(slot, __ATOMIC_RELAXED);

	if (list_head_first(head) == 0 && list_head_swap(slot, &head, (uint32_t)block))
		return;
	/* Another was faster: back to held. Full, if a join that came too late claimed the last slot meanwhile. */
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_withdraw, &step, NULL))
		corrupt(szc, block, "to be active, is not");
	else if (sb_word_place(step.word) == SB_HELD)
		superblock_settle(data, szc, block);
}

/* Make a held superblock the active one; list it when there is one already. */
static void
slot_install(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block)
{
	struct sb_step step = sb_step(data, szc);

	if (list_head_first(__atomic_load_n(slot, __ATOMIC_RELAXED)) != 0)
		superblock_settle(data, szc, block);
	else if (sb_word_update(&sb_entry(data, szc, block)->word, sb_install, &step, NULL))
		slot_insert(data, szc, slot, block);
	else
		corrupt(szc, block, "to be active, not held");
}

/* Take a superblock out of an active slot that is still as it was read, to return it or list it. */
static int
slot_clear(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head)
{
	const uint64_t block = list_head_first(head);
	bool held;
	int err;

	hold_sb(data, sb_entry(data, szc, block));
	err = slot_withdraw(data, szc, slot, head, &held);
	if (held)
		superblock_settle(data, szc, block);
	hold_drop(data);
	return err;
}

/*
 * Put back what was claimed too late: the superblock that the slot named is gone, and another has its entry. Slots of
 * that one were claimed, so it stays until they are put back. False when there is no such superblock either.
 */
static bool
claim_undo(groove_data_t *data, uint64_t volume, struct groove_sb *sb, uint64_t mask)
{
	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED);
	const uint64_t szc = sb_id_szc(id);
	const uint64_t block = volume_block(data, volume) + sb_id_block(id);

	if (superblock_can_be(data, szc, block) && sb_entry(data, szc, block) == sb)
		return superblock_put(data, szc, block, mask) == GROOVE_SUCCESS;
	hold_drop(data);
	return false;
}

/*
 * Claim from the superblock in an active slot, and take it out when it has no free slot.
 * GROOVE_ERR_EMPTY when there is none. This and what follows: with success the superblock is held, else nothing is.
 */
static int
claim_active(groove_data_t *data, uint64_t szc, uint64_t *slot, uint32_t want, struct sb_claimed *claimed)
{
	for (;;) {
		uint64_t head = __atomic_load_n(slot, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */
		const uint64_t block = list_head_first(head);
		struct sb_step step = sb_step(data, szc);
		bool held;

		if (block == 0)
			return GROOVE_ERR_EMPTY;
		/* Before its word: the claim is for as many slots as superblocks of this class have. */
		if (!pool_uses_block(data, block) || !sb_is(data, sb_entry(data, szc, block), szc, block)) {
			if (slot_is(slot, head))
				return corrupt(szc, block, "in an active slot, but there is none, or another");
			continue;
		}
		if (drain_has(data, block)) {
			const int err = slot_clear(data, szc, slot, head);

			if (err != GROOVE_SUCCESS)
				return err;
			continue;
		}

		struct groove_sb *sb = sb_entry(data, szc, block);

		step.want = want;
		hold_sb(data, sb);
		if (sb_word_update(&sb->word, sb_claim, &step, NULL)) {
			*claimed = (struct sb_claimed){block, step.mask};
			if (sb_is(data, sb, szc, block))
				return GROOVE_SUCCESS;
			/* Ends the hold: the name is that of the entry. */
			if (!claim_undo(data, block_volume(data, block), sb, step.mask) || slot_is(slot, head))
				return corrupt(szc, block, "in an active slot, but there is another");
			continue;
		}
		/* A superblock in a slot is active. If it is not, and the slot has not changed, neither is what it
		 * seems. */
		if (sb_word_place(step.word) != SB_ACTIVE) {
			hold_drop(data);
			if (slot_is(slot, head))
				return corrupt(szc, block, "in an active slot, not active");
			continue;
		}

		const int err = slot_withdraw(data, szc, slot, head, &held);

		/* A put came in between: it has free slots again, and is ours. */
		if (err == GROOVE_SUCCESS && held)
			slot_install(data, szc, slot, block);
		hold_drop(data);
		if (err != GROOVE_SUCCESS)
			return err;
	}
}

/*
 * Take the first superblock out of the own list, or of another; out of what is, or was, being drained only when nothing
 * is. GROOVE_ERR_EMPTY when there is none.
 */
static int
list_pop_any(groove_data_t *data, uint64_t szc, uint64_t *block)
{
	const uint64_t cnt = list_all_cnt(szc) - (drain_volume(data) != 0);
	int err = list_pop(data, szc, list_own(data, szc), block);

	for (uint64_t i = 0; err == GROOVE_ERR_EMPTY && i < cnt; i++)
		err = list_pop(data, szc, list_at(data, i, szc), block);
	return err;
}

/* The same, and what is being drained is moved to its list on the way. */
static int
list_pop_kept(groove_data_t *data, uint64_t szc, uint64_t *block)
{
	uint64_t left = data->pool.volume_max * table_cnt(data->volume_shift); /* more there cannot be */
	int err = list_pop_any(data, szc, block);

	while (err == GROOVE_SUCCESS && drain_has(data, *block)) {
		if (left-- == 0) {
			hold_drop(data);
			return corrupt(szc, *block, "in a list without end");
		}
		err = listed_settle(data, szc, *block);
		if (err == GROOVE_SUCCESS)
			err = list_pop_any(data, szc, block);
	}
	return err;
}

/* Claim from a listed superblock, and make it the active one. GROOVE_ERR_EMPTY when there is none. */
static int
claim_listed(groove_data_t *data, uint64_t szc, uint64_t *slot, uint32_t want, struct sb_claimed *claimed)
{
	struct sb_step step = sb_step(data, szc);
	uint64_t block = 0;
	const int err = list_pop_kept(data, szc, &block);

	if (err != GROOVE_SUCCESS)
		return err;
	step.want = want;
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_claim_taken, &step, NULL)) {
		hold_drop(data);
		return corrupt(szc, block, "in the list, not listed or without free slots");
	}
	*claimed = (struct sb_claimed){block, step.mask};
	if (sb_word_place(step.word) == SB_ACTIVE)
		slot_insert(data, szc, slot, block);
	return GROOVE_SUCCESS;
}

/* Claim from a new superblock, and make it the active one. */
static int
claim_new(groove_data_t *data, uint64_t szc, uint64_t *slot, uint32_t want, struct sb_claimed *claimed)
{
	struct sb_step step = sb_step(data, szc);
	uint64_t block = 0;
	const int err = superblock_new(data, szc, &block);

	if (err != GROOVE_SUCCESS)
		return err;
	step.want = want;
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_claim_held, &step, NULL)) {
		hold_drop(data);
		return corrupt(szc, block, "held, without free slots");
	}
	*claimed = (struct sb_claimed){block, step.mask};
	if (sb_word_place(step.word) == SB_HELD)
		slot_install(data, szc, slot, block);
	return GROOVE_SUCCESS;
}

/* Claim from the active superblocks of the other groups. GROOVE_ERR_FULL when they have none. */
static int
claim_foreign(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++) {
		const int err = claim_active(data, szc, active_slot(data, group, szc), want, claimed);

		if (err != GROOVE_ERR_EMPTY)
			return err;
	}
	return GROOVE_ERR_FULL;
}

/* Claim from the active superblock, or a listed one. GROOVE_ERR_EMPTY when there is none. */
static int
claim_near(groove_data_t *data, uint64_t szc, uint64_t *slot, uint32_t want, struct sb_claimed *claimed)
{
	const int err = claim_active(data, szc, slot, want, claimed);

	return err == GROOVE_ERR_EMPTY ? claim_listed(data, szc, slot, want, claimed) : err;
}

/*
 * Of slots that were claimed keep those whose headers say free. The others were free by a stray bit alone: they stay
 * out, as their headers say they are. GROOVE_ERR_CORRUPT when none is left.
 */
static int
claim_check(groove_data_t *data, uint64_t szc, struct sb_claimed *claimed)
{
	const uint64_t mask = claimed->mask;

	/* All at once on the way from memory, or from the cache of the lcore that freed them. */
	for (uint64_t rest = mask; rest != 0; rest &= rest - 1)
		prefetch_write(slot_hdr(data, szc, claimed->block, (uint64_t)__builtin_ctzll(rest)));
	for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		if (__builtin_expect(hdr_load(slot_hdr(data, szc, claimed->block, idx)) != hdr_free(szc, idx), 0))
			claimed->mask &= ~(1UL << idx);
	}
	if (__builtin_expect(claimed->mask == mask, 1))
		return GROOVE_SUCCESS;
	corrupt(szc, claimed->block, "slots are free by its word, not by their headers");
	if (claimed->mask != 0)
		return GROOVE_SUCCESS;
	hold_drop(data);
	return GROOVE_ERR_CORRUPT;
}

int
superblock_claim(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	uint64_t *slot = active_slot(data, join_group(data, szc), szc);
	int err = claim_near(data, szc, slot, want, claimed);

	if (err == GROOVE_ERR_EMPTY)
		err = claim_new(data, szc, slot, want, claimed);
	if (err == GROOVE_ERR_FULL)
		err = claim_foreign(data, szc, want, claimed);
	return err == GROOVE_SUCCESS ? claim_check(data, szc, claimed) : err;
}

/* ---- sift ---- */

/* What came by when lists were sifted. */
struct sift {
	uint64_t left;	 /* superblocks to look at, at most */
	uint64_t sought; /* block of one that is looked for; 0: none */
	bool found;
};

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
	struct sb_step step = sb_step(data, szc);

	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_touch, &step, NULL))
		return corrupt(szc, block, "in the list, not listed");
	list_insert(data, szc, list_fit(data, szc, to, block), block);
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
		struct sb_step step = sb_step(data, szc);
		uint64_t block = 0;
		int err = list_pop(data, szc, from, &block);

		if (err != GROOVE_SUCCESS)
			return err;

		uint64_t *word = &sb_entry(data, szc, block)->word;

		sift->found |= block == sift->sought;
		/* Relaxed: only a hint whether it pays. */
		if (sb_word_empty(__atomic_load_n(word, __ATOMIC_RELAXED), step.cnt)) {
			err = listed_settle(data, szc, block);
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
static int
lists_sift_all(groove_data_t *data, uint64_t szc, struct sift *sift)
{
	const int err = list_sift(data, szc, list_aside(data, szc), list_own(data, szc), sift);

	return err == GROOVE_ERR_EMPTY ? lists_sift(data, szc, sift) : err;
}

/* ---- put ---- */

/* Return the first superblock of a list to its parent if it is empty. */
static void
list_settle_first(groove_data_t *data, uint64_t szc, uint64_t *list)
{
	uint64_t block = list_head_first(__atomic_load_n(list, __ATOMIC_ACQUIRE)); /* pairs with list_head_swap() */

	/* Relaxed: only a hint whether it pays. */
	if (block == 0 || !pool_uses_block(data, block) ||
		!sb_word_empty(
			__atomic_load_n(&sb_entry(data, szc, block)->word, __ATOMIC_RELAXED), szc_cnt(data, szc)))
		return;
	if (list_pop(data, szc, list, &block) == GROOVE_SUCCESS)
		listed_settle(data, szc, block);
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

void
superblock_put_on(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t before, uint64_t after)
{
	const enum sb_place place = sb_word_place(after);

	/* Now the superblock may be gone, unless it was full: then it is ours. */
	if (sb_word_place(before) == SB_FULL && place == SB_LISTED)
		list_insert(data, szc, list_home(data, szc, block), block);
	else if (sb_word_place(before) == SB_FULL)
		superblock_settle(data, szc, block);
	hold_drop(data);
	if (sb_word_place(before) == SB_LISTED && sb_word_empty(after, szc_cnt(data, szc)))
		lists_settle(data, szc);
}

int
superblock_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	struct sb_step step = sb_step(data, szc);
	uint64_t before;

	step.mask = mask;
	/* In range: a forged header may lead to a superblock before its volume. */
	if (!block_in_range(data, block) || !sb_is(data, sb_entry(data, szc, block), szc, block) ||
		!sb_word_update(&sb_entry(data, szc, block)->word, sb_put, &step, &before)) {
		hold_drop(data);
		return corrupt(szc, block, "slots to put are free already, or it is none");
	}
	superblock_put_on(data, szc, block, before, step.word);
	return GROOVE_SUCCESS;
}

/* ---- trim ---- */

static void
trim_slot(groove_data_t *data, uint64_t szc, uint64_t *slot)
{
	const uint64_t head = __atomic_load_n(slot, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */
	const uint64_t block = list_head_first(head);

	if (block == 0)
		return;
	if (!pool_uses_block(data, block) || !sb_is(data, sb_entry(data, szc, block), szc, block)) {
		/* Else another took it out meanwhile, and where it was there is something else by now, or nothing. */
		if (slot_is(slot, head))
			corrupt(szc, block, "in an active slot, but there is none, or another");
		return;
	}

	/* Relaxed: only a hint whether it pays. */
	const uint64_t word = __atomic_load_n(&sb_entry(data, szc, block)->word, __ATOMIC_RELAXED);

	if (!sb_word_empty(word, szc_cnt(data, szc)))
		return;
	slot_clear(data, szc, slot, head);
}

/* Superblocks of a class, by the counters. */
static uint64_t
superblock_cnt(const groove_data_t *data, uint64_t szc)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		cnt += __atomic_load_n(&data->shdata->record[i].superblock_cnt[szc], __ATOMIC_RELAXED);
	return (int64_t)cnt < 0 ? 0 : cnt;
}

void
superblock_trim(groove_data_t *data, uint64_t szc)
{
	/* Each once into the list aside and once out of it, or twice out. */
	struct sift sift = {.left = 4 * superblock_cnt(data, szc) + 1};

	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++)
		trim_slot(data, szc, active_slot(data, group, szc));
	lists_sift_all(data, szc, &sift);
}

bool
superblock_in_slot(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++)
		/* Acquire pairs with list_head_swap(). */
		if (list_head_first(__atomic_load_n(active_slot(data, group, szc), __ATOMIC_ACQUIRE)) == block)
			return true;
	return false;
}

int
superblock_in_list(groove_data_t *data, uint64_t szc, uint64_t block, bool *found)
{
	struct sift sift = {.left = 4 * superblock_cnt(data, szc) + 1, .sought = block};
	/* Each list has become empty once. What was in none of them then, and did not move, is in none. */
	const int err = lists_sift_all(data, szc, &sift);

	*found = sift.found;
	if (sift.found || err == GROOVE_ERR_EMPTY)
		return GROOVE_SUCCESS;
	return err == GROOVE_SUCCESS ? GROOVE_ERR_AGAIN : err;
}

uint64_t
superblock_stamp(const groove_data_t *data, uint64_t szc)
{
	uint64_t stamp = __atomic_load_n(&pool_shared(&data->pool)->head, __ATOMIC_ACQUIRE) >> 32;

	while (szc != GROOVE_DATA_SZC_VOLUME) {
		for (uint64_t i = 0; i < list_all_cnt(szc); i++)
			stamp += __atomic_load_n(list_at(data, i, szc), __ATOMIC_ACQUIRE) >> 32;
		szc = szc_parent(data, szc);
	}
	return stamp;
}
