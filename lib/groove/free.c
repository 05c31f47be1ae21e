/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "free.h"

#include <inttypes.h>

#include "cache.h"
#include "epoch.h"
#include "hdr.h"
#include "log.h"
#include "pool.h"
#include "superblock.h"

static int
refuse(int err, const void *obj, const char *why)
{
	GROOVE_LOG_LIMITED(ERR, "free: %p: %s\n", obj, why);
	return err;
}

static int
refuse_damaged(const void *obj, uint64_t bits, const char *why)
{
	GROOVE_LOG_LIMITED(ERR,
		"free: %p: %s: type %#" PRIx64 ", index %" PRIu64 ", class %" PRIu64 ", alignment %" PRIu64
		", size %" PRIu64 "\n",
		obj, why, hdr_type(bits), hdr_idx(bits), hdr_szc(bits), hdr_align(bits), hdr_sz(bits));
	return GROOVE_ERR_CORRUPT;
}

/* Why a header that is not that of a live object is none. */
static int
refuse_type(const void *obj, uint64_t type)
{
	switch (type) {
	case GROOVE_DATA_HDR_TYPE_FREE:
	case GROOVE_DATA_HDR_TYPE_CACHED:
	case GROOVE_DATA_HDR_TYPE_FREEING:
		return refuse(GROOVE_ERR_INVAL, obj, "is free already (double free?)");
	case GROOVE_DATA_HDR_TYPE_SUPERBLOCK:
		return refuse(GROOVE_ERR_INVAL, obj, "is a superblock, no object");
	default:
		return refuse(
			GROOVE_ERR_INVAL, obj, "has no header before it: no object, or its header was overwritten");
	}
}

/*
 * Check that an address can be that of an object: alignment, range, volume in use. All of it before anything near the
 * address is read.
 */
static int
free_check_addr(const groove_data_t *data, const void *obj)
{
	const uint64_t off = addr_off(data, obj);
	const uint64_t volume = off >> data->volume_shift;
	const uint64_t first = data->data_off + GROOVE_LINE_SZ + GROOVE_DATA_HDR_FOOTPRINT;

	if ((uintptr_t)obj % GROOVE_DATA_HDR_ALIGN != 0)
		return refuse(GROOVE_ERR_INVAL, obj, "is not aligned to 16 as all objects are");
	if ((uintptr_t)obj < (uintptr_t)data->pool.volume0 || volume >= data->pool.volume_max)
		return refuse(GROOVE_ERR_INVAL, obj, "is not in the volumes of this groove");
	if (volume_state_kind(pool_state(&data->pool, volume)) != VOLUME_USED)
		return refuse(GROOVE_ERR_INVAL, obj, "is in a volume that is not in use");
	if ((off & (data->pool.volume_sz - 1)) < first)
		return refuse(GROOVE_ERR_INVAL, obj, "is in the tables of a volume");
	return GROOVE_SUCCESS;
}

/* Find the slot that a header describes, and check that the header is where it says. */
static int
free_check_place(const groove_data_t *data, const void *obj, struct free_target *target)
{
	const uint64_t szc = hdr_szc(target->bits);
	const uint64_t idx = hdr_idx(target->bits);

	if (szc >= GROOVE_DATA_SZC_SLICE || idx >= szc_cnt(data, szc) || !hdr_object_fits(target->bits, szc) ||
		(uint8_t *)target->hdr + hdr_obj_off(hdr_align(target->bits)) != (const uint8_t *)obj)
		return refuse_damaged(obj, target->bits, "has a damaged header");

	const uint64_t slot = groove_data_superblock_first(szc) + idx * groove_data_szc_cfg[szc].obj_footprint;
	const uint64_t off = addr_off(data, target->hdr);
	const uint64_t in_volume = off & (data->pool.volume_sz - 1);

	if (in_volume < data->data_off + slot || (off - slot) % GROOVE_BLOCK_FOOTPRINT != 0)
		return refuse_damaged(obj, target->bits, "is not where its header says");
	target->block = (off - slot) / GROOVE_BLOCK_FOOTPRINT;
	return GROOVE_SUCCESS;
}

/* Whether the superblock of a slot is there and has the slot in use, by its word. */
static bool
slot_in_use(const groove_data_t *data, const struct free_target *target, uint64_t word)
{
	const uint64_t szc = hdr_szc(target->bits);
	const enum sb_place place = sb_word_place(word);

	return sb_is(data, sb_entry(data, szc, target->block), szc, target->block) && place != SB_NONE &&
	       place < SB_RETURNING && (sb_word_free(word) >> hdr_idx(target->bits) & 1) == 0;
}

/*
 * Find the object of a header of one type. Header and word are two reads: when they contradict each other, another may
 * have freed the object in between. It is damage only if neither has changed when both are read again: the word counts
 * its changes, so the header was read again while the word was what it is.
 */
static int
find_typed(const groove_data_t *data, void *obj, uint64_t type, struct free_target *target)
{
	int err = free_check_addr(data, obj);

	if (err != GROOVE_SUCCESS)
		return err;
	target->hdr = groove_data_object_hdr(obj);
	for (;;) {
		target->bits = hdr_load(target->hdr);
		if (hdr_type(target->bits) != type)
			return refuse_type(obj, hdr_type(target->bits));
		err = free_check_place(data, obj, target);
		if (err != GROOVE_SUCCESS)
			return err;

		const uint64_t *shared = &sb_entry(data, hdr_szc(target->bits), target->block)->word;
		const uint64_t word = __atomic_load_n(shared, __ATOMIC_ACQUIRE); /* pairs with sb_word_update() */

		if (slot_in_use(data, target, word))
			return GROOVE_SUCCESS;
		if (hdr_load(target->hdr) == target->bits && __atomic_load_n(shared, __ATOMIC_ACQUIRE) == word)
			return refuse_damaged(obj, target->bits, "is live by its header, not by its superblock");
	}
}

int
free_find(const groove_data_t *data, void *obj, struct free_target *target)
{
	return find_typed(data, obj, GROOVE_DATA_HDR_TYPE_ALLOC, target);
}

int
free_win(const struct free_target *target, const void *obj, uint64_t word)
{
	uint64_t bits = target->bits;

	/* Release pairs with the hdr_load() of a second free; acquire with nothing, what comes next is ordered by the
	 * put. */
	if (__atomic_compare_exchange_n(&target->hdr->bits, &bits, word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return GROOVE_SUCCESS;
	return refuse(GROOVE_ERR_INVAL, obj, "was freed at the same moment (double free?)");
}

/* The word of a slot that this join is about to have in hand. */
static uint64_t
word_in_hand(const groove_data_t *data, uint64_t bits)
{
	if (cache_magazine(data, hdr_szc(bits)) == NULL)
		return hdr_free(hdr_szc(bits), hdr_idx(bits));
	return hdr_cached(hdr_szc(bits), hdr_idx(bits), groove_data_join_idx(data));
}

/* Take a slot that was won, whose header says so, in hand: cache it, or put it back. */
static int
slot_keep(groove_data_t *data, const struct free_target *target)
{
	const uint64_t szc = hdr_szc(target->bits);
	const uint64_t idx = hdr_idx(target->bits);
	struct magazine *magazine = cache_magazine(data, szc);
	int err = GROOVE_SUCCESS;

	if (magazine != NULL) {
		magazine_push(magazine, &(struct cache_slot){target->hdr, idx});
		if (magazine->cnt < magazine->cap)
			return GROOVE_SUCCESS;
	}
	epoch_enter(data);
	if (magazine != NULL)
		cache_spill(data, szc);
	else
		err = superblock_put(data, szc, target->block, 1UL << idx);
	epoch_leave(data);
	if (magazine == NULL && err == GROOVE_SUCCESS)
		join_count(&join_counts(data, szc)->slot_cnt, -1UL);
	return err;
}

static void
count_free(groove_data_t *data, const struct free_target *target)
{
	struct record_count *count = join_counts(data, hdr_szc(target->bits));

	join_count(&count->free_cnt, 1);
	join_count(&count->req_bytes, -hdr_sz(target->bits));
}

void
free_undo(void *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);

	hdr_store(hdr, hdr_retype(hdr_load(hdr), GROOVE_DATA_HDR_TYPE_ALLOC));
}

int
free_freeing(groove_data_t *data, void *obj)
{
	struct free_target target;
	int err = find_typed(data, obj, GROOVE_DATA_HDR_TYPE_FREEING, &target);

	if (err != GROOVE_SUCCESS)
		return err;
	hdr_store(target.hdr, word_in_hand(data, target.bits));
	err = slot_keep(data, &target);
	if (err == GROOVE_SUCCESS)
		count_free(data, &target);
	return err;
}

int
free_uncounted(groove_data_t *data, void *obj, struct free_target *target)
{
	int err = free_find(data, obj, target);

	if (err == GROOVE_SUCCESS)
		err = free_win(target, obj, word_in_hand(data, target->bits));
	return err == GROOVE_SUCCESS ? slot_keep(data, target) : err;
}

int
groove_data_free(groove_data_t *data, void *obj)
{
	struct free_target target;
	int err;

	if (!join_check(data, "free") || obj == NULL)
		return GROOVE_ERR_INVAL;
	err = free_uncounted(data, obj, &target);
	if (err == GROOVE_SUCCESS)
		count_free(data, &target);
	return err;
}
