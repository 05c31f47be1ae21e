/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_claim.h"

#include "drain.h"
#include "full.h"
#include "hdr.h"
#include "heads.h"
#include "hold.h"
#include "pool.h"
#include "prefetch.h"
#include "reserve.h"
#include "superblock.h"
#include "superblock_birth.h"
#include "superblock_list.h"
#include "superblock_return.h"
#include "superblock_slot.h"
#include "superblock_trim.h"
#include "volume.h"

/* ---- memory for a new one ---- */

/* A slot that was claimed. */
static struct memory
memory_of(uint64_t host, const struct sb_claimed *claimed)
{
	const uint64_t idx = (uint64_t)__builtin_ctzll(claimed->mask);

	return (struct memory){host, claimed->block + slot_off(host, idx) / GROOVE_BLOCK_FOOTPRINT, idx};
}

/* Take memory for a superblock of szc: a slot of its parent's, or a volume. */
static int
memory_take(groove_data_t *data, uint64_t szc, struct memory *memory)
{
	const uint64_t parent = szc_parent(data, szc);
	struct sb_claimed claimed;

	if (parent == SZC_LARGEST && reserve_is_reached(data, szc))
		return GROOVE_ERR_FULL;
	if (parent == GROOVE_DATA_SZC_VOLUME) {
		uint64_t volume;

		if (!volume_acquire(data, &volume))
			return GROOVE_ERR_FULL;
		*memory = (struct memory){
			parent, volume_block(data, volume) + data->data_off / GROOVE_BLOCK_FOOTPRINT, 0};
		return GROOVE_SUCCESS;
	}

	const int err = superblock_claim_own(data, parent, 1, &claimed);

	if (err == GROOVE_SUCCESS)
		*memory = memory_of(parent, &claimed);
	return err;
}

/* ---- claim ---- */

/*
 * Put back what was claimed too late: the superblock that the slot named is gone, and another has its entry. Slots of
 * that one were claimed, so it stays until they are put back. False when there is no such superblock either.
 */
static bool
claim_undo(groove_data_t *data, struct groove_sb *sb, uint64_t mask)
{
	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED);
	const uint64_t szc = sb_id_szc(id);
	const uint64_t block = sb_id_block(data, sb, id);

	if (superblock_can_be(data, szc, block, sb_id_cnt(id)) && sb_entry(data, szc, block) == sb)
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
		struct sb_step step = {.want = want};
		bool held;

		if (block == 0)
			return GROOVE_ERR_EMPTY;
		/* Before its word: the claim is for as many slots as it has. */
		if (pool_uses_block(data, block))
			step.cnt = sb_cnt(data, sb_entry(data, szc, block), szc, block);
		if (step.cnt == 0) {
			if (sb_slot_is(slot, head))
				return sb_corrupt(szc, block, "in an active slot, but there is none, or another");
			continue;
		}
		if (drain_has(data, block)) {
			const int err = sb_slot_clear(data, szc, slot, head);

			if (err != GROOVE_SUCCESS)
				return err;
			continue;
		}

		struct groove_sb *sb = sb_entry(data, szc, block);

		hold_sb(data, sb);
		if (sb_word_update(&sb->word, sb_claim, &step, NULL)) {
			*claimed = (struct sb_claimed){block, step.mask};
			/* With another count it is another superblock, of the same class but in another slot. */
			if (sb_cnt(data, sb, szc, block) == step.cnt)
				return GROOVE_SUCCESS;
			/* Ends the hold: the name is that of the entry. */
			if (!claim_undo(data, sb, step.mask) || sb_slot_is(slot, head))
				return sb_corrupt(szc, block, "in an active slot, but there is another");
			continue;
		}
		/* A superblock in a slot is active. If it is not, and the slot has not changed, neither is what it
		 * seems. */
		if (sb_word_place(step.word) != SB_ACTIVE) {
			hold_drop(data);
			if (sb_slot_is(slot, head))
				return sb_corrupt(szc, block, "in an active slot, not active");
			continue;
		}

		const int err = sb_slot_withdraw(data, szc, slot, head, &held);

		/* A put came in between: it has free slots again, and is ours. */
		if (err == GROOVE_SUCCESS && held)
			sb_slot_install(data, szc, slot, block);
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
	int err = sb_list_pop(data, szc, list_own(data, szc), block);

	for (uint64_t i = 0; err == GROOVE_ERR_EMPTY && i < cnt; i++)
		err = sb_list_pop(data, szc, list_at(data, i, szc), block);
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
			return sb_corrupt(szc, *block, "in a list without end");
		}
		err = sb_listed_settle(data, szc, *block);
		if (err == GROOVE_SUCCESS)
			err = list_pop_any(data, szc, block);
	}
	return err;
}

/* Claim from a listed superblock, and make it the active one. GROOVE_ERR_EMPTY when there is none. */
static int
claim_listed(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	uint64_t block = 0;
	const int err = list_pop_kept(data, szc, &block);

	if (err != GROOVE_SUCCESS)
		return err;

	struct sb_step step = sb_step(data, szc, block);

	step.want = want;
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_claim_taken, &step, NULL)) {
		hold_drop(data);
		return sb_corrupt(szc, block, "in the list, not listed or without free slots");
	}
	*claimed = (struct sb_claimed){block, step.mask};
	if (sb_word_place(step.word) == SB_ACTIVE)
		sb_slot_insert(data, szc, slot_own(data, szc), block);
	return GROOVE_SUCCESS;
}

/* Claim from a superblock that was just made, and make it the active one. */
static int
claim_made(groove_data_t *data, uint64_t szc, uint64_t block, uint32_t want, struct sb_claimed *claimed)
{
	struct sb_step step = sb_step(data, szc, block);

	step.want = want;
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_claim_held, &step, NULL)) {
		hold_drop(data);
		return sb_corrupt(szc, block, "held, without free slots");
	}
	*claimed = (struct sb_claimed){block, step.mask};
	if (sb_word_place(step.word) == SB_HELD)
		sb_slot_install(data, szc, slot_own(data, szc), block);
	return GROOVE_SUCCESS;
}

/* Claim from a new superblock in a slot of its parent's, or a volume. */
static int
claim_new(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	struct memory memory;
	int err = memory_take(data, szc, &memory);

	if (err == GROOVE_SUCCESS)
		err = superblock_make(data, szc, &memory);
	return err == GROOVE_SUCCESS ? claim_made(data, szc, memory.block, want, claimed) : err;
}

/* Claim from the active superblocks of the other groups. GROOVE_ERR_FULL when they have none. */
static int
claim_foreign(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	for (uint64_t group = 0; group <= groove_data_szc_cfg[szc].cgroup_mask; group++) {
		const int err = claim_active(data, szc, sb_slot_of(data, group, szc), want, claimed);

		if (err != GROOVE_ERR_EMPTY)
			return err;
	}
	return GROOVE_ERR_FULL;
}

/*
 * Claim from the superblocks of a class: the active superblock, a listed one, or, for a join that takes all, those of
 * other groups. GROOVE_ERR_EMPTY when there is none.
 */
static int
claim_there(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	int err;

	if (full_is_known(data, FULL_THERE, szc))
		return GROOVE_ERR_EMPTY;
	err = claim_active(data, szc, slot_own(data, szc), want, claimed);
	if (err == GROOVE_ERR_EMPTY)
		err = claim_listed(data, szc, want, claimed);
	if (err == GROOVE_ERR_EMPTY && cache_of(data)->takes_all)
		err = claim_foreign(data, szc, want, claimed);
	if (err != GROOVE_ERR_EMPTY && err != GROOVE_ERR_FULL)
		return err;
	full_note(data, FULL_THERE, szc);
	return GROOVE_ERR_EMPTY;
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
	sb_corrupt(szc, claimed->block, "slots are free by its word, not by their headers");
	if (claimed->mask != 0)
		return GROOVE_SUCCESS;
	hold_drop(data);
	return GROOVE_ERR_CORRUPT;
}

int
superblock_claim_own(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	int err;

	if (full_is_known(data, FULL_OWN, szc))
		return GROOVE_ERR_FULL;
	err = claim_there(data, szc, want, claimed);
	if (err == GROOVE_ERR_EMPTY)
		err = claim_new(data, szc, want, claimed);
	if (err == GROOVE_ERR_FULL && !cache_of(data)->takes_all)
		err = claim_foreign(data, szc, want, claimed);
	if (err == GROOVE_ERR_FULL)
		full_note(data, FULL_OWN, szc);
	return err == GROOVE_SUCCESS ? claim_check(data, szc, claimed) : err;
}

/* ---- in slots of other classes ---- */

/* What a slot of a host becomes first, on the way to superblocks of szc. */
static uint64_t
way_first(uint64_t szc, uint64_t host)
{
	const struct szc_way *way = &szc_ways[szc_hosts[szc].way_first];

	while (way->host != host)
		way++;
	return way->first;
}

/* Split a slot of a host, which is held, into superblocks until one of szc can be made of a slot of the last. */
static int
memory_split(groove_data_t *data, uint64_t szc, struct memory *memory)
{
	for (;;) {
		const uint64_t first = way_first(szc, memory->host);
		struct sb_claimed claimed;
		int err;

		if (first == szc)
			return GROOVE_SUCCESS;
		err = superblock_make(data, first, memory);
		if (err == GROOVE_SUCCESS)
			err = claim_made(data, first, memory->block, 1, &claimed);
		if (err != GROOVE_SUCCESS)
			return err;
		*memory = memory_of(first, &claimed);
	}
}

/* Claim a free slot that there is of the host of a way. GROOVE_ERR_EMPTY or _FULL when there is none. */
static int
claim_host(groove_data_t *data, const struct szc_way *way, struct sb_claimed *claimed)
{
	int err;

	if (way->host == SZC_LARGEST && reserve_is_reached(data, way->first))
		return GROOVE_ERR_FULL;
	err = claim_there(data, way->host, 1, claimed);
	return err == GROOVE_SUCCESS ? claim_check(data, way->host, claimed) : err;
}

/* Whether nothing but what was claimed is out of a superblock. Relaxed: only a hint what is better. */
static bool
claimed_is_alone(const groove_data_t *data, uint64_t szc, const struct sb_claimed *claimed)
{
	const struct groove_sb *sb = sb_entry(data, szc, claimed->block);
	const uint64_t free = sb_word_free(__atomic_load_n(&sb->word, __ATOMIC_RELAXED));

	return (free | claimed->mask) == sb_all_free(sb_cnt(data, sb, szc, claimed->block));
}

/*
 * Take memory for a superblock of szc, or one around it: a free slot of the host that has least left over. Of a host
 * that has an empty superblock, which would be larger pieces as a slot of its own host, all of these are returned
 * first.
 */
static int
memory_find(groove_data_t *data, uint64_t szc, struct memory *memory)
{
	const struct szc_way *ways = &szc_ways[szc_hosts[szc].way_first];
	uint64_t trims = szc_hosts[szc].way_cnt;

	for (uint64_t i = 0; i < szc_hosts[szc].way_cnt; i++) {
		struct sb_claimed claimed;
		const int err = claim_host(data, &ways[i], &claimed);

		if (err == GROOVE_ERR_EMPTY || err == GROOVE_ERR_FULL)
			continue;
		if (err != GROOVE_SUCCESS)
			return err;
		*memory = memory_of(ways[i].host, &claimed);
		if (trims == 0 || !claimed_is_alone(data, memory->host, &claimed))
			return GROOVE_SUCCESS;
		superblock_put(data, memory->host, claimed.block, claimed.mask);
		superblock_trim(data, memory->host);
		trims--;
		i = UINT64_MAX; /* from the first: there is another host now */
	}
	return GROOVE_ERR_FULL;
}

/* Claim from a new superblock in a slot of another class. */
static int
claim_in_host(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	struct memory memory;
	int err = memory_find(data, szc, &memory);

	if (err == GROOVE_SUCCESS)
		err = memory_split(data, szc, &memory);
	if (err == GROOVE_SUCCESS)
		err = superblock_make(data, szc, &memory);
	return err == GROOVE_SUCCESS ? claim_made(data, szc, memory.block, want, claimed) : err;
}

int
superblock_claim(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	int err;

	if (full_is_known(data, FULL_ANY, szc))
		return GROOVE_ERR_FULL;
	err = superblock_claim_own(data, szc, want, claimed);
	if (err == GROOVE_ERR_FULL)
		err = claim_in_host(data, szc, want, claimed);
	if (err == GROOVE_ERR_FULL)
		full_note(data, FULL_ANY, szc);
	return err;
}
