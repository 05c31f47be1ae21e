/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "free.h"

#include <inttypes.h>

#include "cache.h"
#include "cache_move.h"
#include "debug_checks.h"
#include "intent.h"
#include "join_handle.h"
#include "log.h"

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

/* Why an address after the header of a live object is not that object: the header, or the address, is wrong. */
static int
refuse_mismatch(void *obj, uint64_t bits)
{
	uint8_t *hdr = (uint8_t *)groove_data_object_hdr(obj);
	const uint64_t off = hdr_obj_off(bits);

	if (hdr_szc(bits) >= GROOVE_DATA_SZC_SLICE || hdr + off == (uint8_t *)obj ||
		!hdr_object_fits(bits, off, groove_data_szc_cfg[hdr_szc(bits)].obj_footprint))
		return refuse_damaged(obj, bits, "has a damaged header");
	GROOVE_LOG_LIMITED(ERR, "free: %p: is inside the object at %p, or the header before that is damaged\n", obj,
		(void *)(hdr + off));
	return GROOVE_ERR_CORRUPT;
}

/* Why a header that is not that of a live object is none. */
static int
refuse_type(const void *obj, uint64_t type)
{
	if (hdr_is_freeing(type))
		type = GROOVE_DATA_HDR_TYPE_FREEING; /* of any join */
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

__rte_cold int
free_refuse(void *obj, enum free_finding finding, uint64_t bits)
{
	switch (finding) {
	case FIND_MISALIGNED:
		return refuse(GROOVE_ERR_INVAL, obj, "is not aligned to 16 as all objects are");
	case FIND_OUTSIDE:
		return refuse(GROOVE_ERR_INVAL, obj, "is not in the volumes of this groove");
	case FIND_UNUSED:
		return refuse(GROOVE_ERR_INVAL, obj, "is in a volume that is not in use");
	case FIND_TYPE:
		return refuse_type(obj, hdr_type(bits));
	case FIND_DAMAGED:
		return refuse_mismatch(obj, bits);
	case FIND_CONTRADICTED:
		return refuse_damaged(obj, bits, "is live by its header, not by the superblock that it should be in");
	case FIND_OVERRUN:
		return GROOVE_DEBUG_CHECKS ? debug_refuse(obj, bits) : GROOVE_ERR_CORRUPT;
	case FIND_LATE:
		return refuse(GROOVE_ERR_INVAL, obj, "was freed at the same moment (double free?)");
	default:
		return GROOVE_SUCCESS;
	}
}

/* Whether a header and what the table says contradict each other at one moment, in which the word did not change. */
static bool
is_contradicted(const groove_data_t *data, const struct free_target *target)
{
	const struct groove_sb *sb = free_entry(data, target);
	/* Acquire, all of them, so that they happen in this order; pair with sb_word_update() and the stores of ids. */
	const uint64_t word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);
	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_ACQUIRE);
	const bool differ = !free_id_fits(target, free_superblock_off(data, target), id) ||
			    (GROOVE_DEBUG_CHECKS && !sb_word_has_out(word, hdr_idx(target->bits)));

	return differ && hdr_load(target->hdr) == target->bits && __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE) == word;
}

enum free_finding
free_find_surely(const groove_data_t *data, void *obj, struct free_target *target)
{
	for (;;) {
		const enum free_finding finding = free_find(data, obj, target);

		if (finding != FIND_CONTRADICTED || is_contradicted(data, target))
			return finding;
	}
}

void
free_keep(groove_data_t *data, const struct free_target *target, bool cached)
{
	const uint64_t szc = hdr_szc(target->bits);
	groove_data_hdr_t *hdr = target->hdr;

	if (GROOVE_DEBUG_CHECKS) {
		debug_poison(hdr, target->bits);
		hdr = cached ? quarantine_swap(data, szc, hdr) : hdr;
		if (hdr == NULL)
			return;
	}

	const uint64_t idx = hdr_idx(GROOVE_DEBUG_CHECKS ? hdr_load(hdr) : target->bits);

	if (cached)
		cache_push(&data->shelf[szc], hdr, idx);
	else
		cache_put_back(data, szc, slot_superblock(data, szc, hdr, idx), 1UL << idx);
}

/* Free an object that was found, with any room there is for it. */
static int
free_found(groove_data_t *data, void *obj, const struct free_target *target)
{
	const uint64_t szc = hdr_szc(target->bits);
	const uint64_t idx = hdr_idx(target->bits);
	const bool cached = cache_has_room(data, szc);
	enum free_finding finding;

	groove_data_doing(data, target->bits);
	finding = free_win(data, target, hdr_cached(szc, idx, data->join_idx));
	if (finding != FIND_OBJECT)
		return free_refuse(obj, finding, target->bits);
	free_count(data, szc, 1, hdr_sz(target->bits));
	free_keep(data, target, cached);
	return GROOVE_SUCCESS;
}

int
free_any(groove_data_t *data, void *obj)
{
	struct free_target target = {0};
	const enum free_finding finding = free_find_surely(data, obj, &target);

	return finding == FIND_OBJECT ? free_found(data, obj, &target) : free_refuse(obj, finding, target.bits);
}

/* What groove_data_free() does unless all is as it mostly is. */
static __rte_noinline int
free_slowly(groove_data_t *data, void *obj)
{
	if (!join_check(data, "free") || obj == NULL)
		return GROOVE_ERR_INVAL;
	return free_any(data, obj);
}

int
groove_data_free(groove_data_t *data, void *obj)
{
	struct free_target target;

	if (__builtin_expect(
		    GROOVE_DEBUG_CHECKS || !groove_data_is_live(data) || !free_find_usual(data, obj, &target), 0))
		return free_slowly(data, obj);

	struct groove_shelf *shelf = target.shelf;
	uint64_t *count = &shelf->count->calls[GROOVE_COUNT_FREE];

	if (__builtin_expect(
		    shelf->top == shelf->limit || groove_count_is_due(__atomic_load_n(count, __ATOMIC_RELAXED)), 0))
		return free_slowly(data, obj);
	groove_data_doing(data, target.bits);
	if (__builtin_expect(free_win(data, &target, hdr_retake(target.bits, data->cached_bits)) != FIND_OBJECT, 0))
		return free_refuse(obj, FIND_LATE, target.bits);
	cache_push(shelf, target.hdr, hdr_idx(target.bits));
	groove_count_add(count, groove_count_delta(1, hdr_sz(target.bits)));
	return GROOVE_SUCCESS;
}
