/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A walk while other joins run. Superblocks come and go under it, so no header is believed alone: it is one of a slot
 * only while the word of the superblock says that the slot is out, and the word carries a counter of changes. So a
 * header that was read between two looks at one word was that slot's at the time (programmer's guide, "Walks").
 *
 * Addresses only ascend, whatever becomes of the superblocks: none is visited twice, and what lives all the time is
 * reached, since its superblocks cannot go.
 */

#include <groove_data.h>

#include "epoch.h"
#include "hdr.h"
#include "join_handle.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"
#include "superblock.h"
#include "tree.h"

struct walk {
	groove_data_t *data;
	groove_data_walk_filter_t filter;
	groove_data_walk_fn fn;
	void *arg;
};

/* What there is in a slot. */
struct sight {
	uint64_t bits; /* 0: nothing, it is free or its superblock is gone */
	uint64_t tag;
	const char *problem;
};

static int
visit(const struct walk *walk, const groove_data_hdr_t *hdr, uint64_t szc, uint64_t bits, uint64_t tag)
{
	if (szc < walk->filter.szc_min || szc > walk->filter.szc_max || tag < walk->filter.tag_min ||
		tag > walk->filter.tag_max)
		return 0;
	return walk->fn(walk->arg, (uint8_t *)(uintptr_t)hdr + hdr_obj_off(bits));
}

/* What is wrong with a slot's header, or with the table's entry of the superblock that it is of; NULL: nothing. */
static const char *
problem_of(const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t szc, uint64_t idx, uint64_t bits)
{
	const char *problem = tree_word_problem(data, szc, idx, bits);
	const uint64_t inner = hdr_align(bits);

	if (problem != NULL || hdr_type(bits) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		return problem;

	const uint64_t block = addr_off(data, hdr) / GROOVE_BLOCK_FOOTPRINT;

	return sb_is(data, sb_entry(data, inner, block), inner, block) ? NULL : "its entry in the table is another's";
}

/*
 * Look at a slot as it was at some moment of the call. Looks again when somebody changed it meanwhile.
 *
 * Acquire, all of them, so that they happen in this order; the first look at the word pairs with sb_word_update(), so
 * that headers are at least those made at the superblock's birth.
 *
 * The word does not change when a join frees an object into its cache and makes the next one of the same slot. So
 * header and tag are looked at once more after it: then the tag is not that of an earlier object.
 */
static struct sight
look(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);
	const groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);

	for (;;) {
		const uint64_t word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);
		struct sight sight;

		if (idx >= sb_cnt(data, sb, szc, block) || !sb_word_has_out(word, idx))
			return (struct sight){0};
		sight.bits = hdr_load(hdr);
		sight.tag = __atomic_load_n(&hdr->info, __ATOMIC_ACQUIRE);
		sight.problem = problem_of(data, hdr, szc, idx, sight.bits);
		if (__atomic_load_n(&sb->word, __ATOMIC_ACQUIRE) == word && hdr_load(hdr) == sight.bits &&
			__atomic_load_n(&hdr->info, __ATOMIC_ACQUIRE) == sight.tag)
			return sight;
	}
}

/* bits: word of the header of a superblock at a block. */
static int
walk_superblock(const struct walk *walk, uint64_t bits, uint64_t block)
{
	const groove_data_t *data = walk->data;
	const uint64_t szc = hdr_align(bits);
	const uint32_t cnt = szc_slot_cnt(data, szc, hdr_szc(bits));
	int err = GROOVE_SUCCESS;

	for (uint32_t i = 0; err == GROOVE_SUCCESS && i < cnt; i++) {
		const struct sight sight = look(data, szc, block, i);
		const groove_data_hdr_t *hdr = slot_hdr(data, szc, block, i);

		if (sight.bits == 0)
			continue;
		if (sight.problem != NULL)
			err = tree_damage(data, hdr, sight.problem);
		else if (hdr_type(sight.bits) == GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
			err = walk_superblock(walk, sight.bits, addr_off(data, hdr) / GROOVE_BLOCK_FOOTPRINT);
		else if (hdr_type(sight.bits) == GROOVE_DATA_HDR_TYPE_ALLOC || hdr_is_freeing(sight.bits))
			/* A bulk free that has not come to its end may be refused yet: then the object lived all the
			 * time. */
			err = visit(walk, hdr, szc, sight.bits, sight.tag);
	}
	return err;
}

/* A volume is in use before its root superblock is there, and until that is gone. */
static int
walk_root(const struct walk *walk, uint64_t volume)
{
	const groove_data_t *data = walk->data;
	const groove_data_hdr_t *root = tree_root(data, volume);
	uint64_t bits;

	if (volume_state_kind(pool_state(&data->pool, volume)) != VOLUME_USED)
		return GROOVE_SUCCESS;
	bits = hdr_load(root);
	if (tree_is_superblock(data, GROOVE_DATA_SZC_VOLUME, bits))
		return walk_superblock(walk, bits, addr_off(data, root) / GROOVE_BLOCK_FOOTPRINT);
	if (bits == 0 || bits == hdr_free(GROOVE_DATA_SZC_VOLUME, 0))
		return GROOVE_SUCCESS;
	return tree_damage(data, root, "damaged header at the root of a volume in use");
}

/* In an epoch, so that the volume stays where it is; not for a join that only looks. */
static int
walk_volume(const struct walk *walk, uint64_t volume)
{
	int err;

	epoch_enter_look(walk->data);
	err = walk_root(walk, volume);
	epoch_leave_look(walk->data);
	return err;
}

/* ---- a groove that may be torn: by the headers alone, past what cannot be ---- */

static int
torn_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	const struct walk *walk = arg;
	const groove_data_hdr_t *hdr = slot_hdr(walk->data, szc, block, idx);

	if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_ALLOC)
		return GROOVE_SUCCESS;
	return visit(walk, hdr, szc, bits, __atomic_load_n(&hdr->info, __ATOMIC_RELAXED));
}

static int
torn_damaged(void *arg, uint64_t szc, uint64_t block, uint64_t idx)
{
	(void)arg;
	(void)szc;
	(void)block;
	(void)idx;
	return GROOVE_SUCCESS;
}

static int
walk_torn_volume(struct walk *walk, uint64_t volume)
{
	static const struct tree_ops ops = {.slot = torn_slot, .damaged = torn_damaged};
	const uint64_t bits = hdr_load(tree_root(walk->data, volume));

	return tree_is_superblock(walk->data, GROOVE_DATA_SZC_VOLUME, bits) ? tree_walk(walk->data, volume, &ops, walk)
									    : GROOVE_SUCCESS;
}

int
groove_data_walk(groove_data_t *data, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg)
{
	static const groove_data_walk_filter_t everything = {.tag_max = UINT64_MAX, .szc_max = UINT64_MAX};
	struct walk walk = {data, filter != NULL ? *filter : everything, fn, arg};
	const bool torn = join_is_torn(data);
	int err = GROOVE_SUCCESS;

	if (!torn && !join_check_look(data, "walk"))
		return GROOVE_ERR_INVAL;
	if (fn == NULL) {
		GROOVE_LOG(ERR, "walk: NULL function\n");
		return GROOVE_ERR_INVAL;
	}
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < data->pool.volume_max; i++)
		err = torn ? walk_torn_volume(&walk, i) : walk_volume(&walk, i);
	return err;
}
