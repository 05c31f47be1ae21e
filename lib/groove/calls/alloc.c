/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* This file has the function for callers that do not compile it in. */
#define GROOVE_DATA_NO_INLINE

#include "alloc.h"

#include <inttypes.h>

#include <rte_common.h>

#include "cache.h"
#include "cache_move.h"
#include "claim.h"
#include "epoch.h"
#include "full.h"
#include "inset.h"
#include "intent.h"
#include "join_handle.h"
#include "log.h"
#include "room.h"
#include "superblock_claim.h"

#define REFILL_SUPERBLOCKS 4U /* that slots come from in one slow step: so many atomics, and no more */

int
alloc_refuse(const groove_data_t *data, uint64_t align, uint64_t sz)
{
	if (!join_check(data, "alloc"))
		return GROOVE_ERR_INVAL;
	if (align > GROOVE_DATA_ALLOC_ALIGN_MAX || (align & (align - 1)) != 0)
		GROOVE_LOG_LIMITED(ERR, "alloc: alignment %" PRIu64 ": 0 or a power of two up to %lu\n", align,
			GROOVE_DATA_ALLOC_ALIGN_MAX);
	else
		GROOVE_LOG_LIMITED(ERR, "alloc: %" PRIu64 " bytes aligned to %" PRIu64 ": at most %" PRIu64 "\n", sz,
			align, alloc_sz_max(align));
	return GROOVE_ERR_INVAL;
}

static uint64_t
tag_of(const uint64_t *tags, uint64_t i)
{
	return tags != NULL ? tags[i] : 0;
}

/* Tags of the objects from one on. */
static const uint64_t *
tags_from(const uint64_t *tags, uint64_t i)
{
	return tags != NULL ? tags + i : NULL;
}

/* Make a slot that this join holds, and that says cached, an object. */
static __rte_always_inline void *
alloc_object(const struct alloc_form *form, void *slot, uint64_t idx, uint64_t tag)
{
	const uint64_t align = hdr_align(form->bits);
	const uint64_t bits = hdr_with_idx(form->bits, idx);

	if (__builtin_expect(align > GROOVE_DATA_ALLOC_ALIGN_MAX, 0))
		return inset_make(slot, bits, tag);
	if (GROOVE_DEBUG_CHECKS)
		debug_alloc(slot, bits);
	if (__builtin_expect(align > GROOVE_LINE_SZ, 0)) {
		groove_data_hdr_t *redirect = (groove_data_hdr_t *)((uint8_t *)slot + align - GROOVE_LINE_SZ);

		/* Relaxed: the header releases it. */
		__atomic_store_n(&redirect->bits, GROOVE_DATA_HDR_TYPE_REDIRECT, __ATOMIC_RELAXED);
	}
	return groove_data_slot_fill(slot, bits, form->off, tag);
}

/* Count objects of a request that were made. */
static inline void
alloc_count(groove_data_t *data, const struct alloc_request *request, uint64_t n)
{
	counter_add(data->record, request->szc, GROOVE_COUNT_ALLOC, n, n * request->sz);
}

/*
 * Mark slots that were just claimed as cached by this join. Ends the hold of their superblock.
 *
 * So every object is made of a slot that says cached. Others may find it, and free it, as soon as it is one, and then
 * the join has one slot cached less than it has counted, whatever becomes of the object.
 */
static void
claimed_mark(groove_data_t *data, uint64_t szc, const struct sb_claimed *claimed)
{
	move_begin(data, szc, sb_entry(data, szc, claimed->block), claimed->mask, 0);
	for (uint64_t rest = claimed->mask; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, szc, claimed->block, idx), hdr_cached(szc, idx, data->join_idx));
	}
	move_end(data, szc, (uint64_t)__builtin_popcountll(claimed->mask));
	hold_drop(data);
}

/* Make objects of slots that were just claimed. Ends the hold of their superblock. */
static void
alloc_of_claimed(groove_data_t *data, const struct alloc_request *request, const struct sb_claimed *claimed,
	const uint64_t *tags, void **objs)
{
	const struct alloc_form form = alloc_form(request);
	uint64_t done = 0;

	claimed_mark(data, request->szc, claimed);
	groove_data_doing(data, form.bits);
	for (uint64_t rest = claimed->mask; rest != 0; rest &= rest - 1, done++) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		objs[done] =
			alloc_object(&form, slot_hdr(data, request->szc, claimed->block, idx), idx, tag_of(tags, done));
	}
	alloc_count(data, request, done);
}

/* Objects of a class that is not cached: what is claimed is used at once. */
static uint64_t
alloc_claimed(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	struct sb_claimed claimed;
	uint64_t done = 0;

	if (full_is_remembered(data, request->szc)) {
		*err = GROOVE_ERR_FULL;
		return 0;
	}
	epoch_enter(data);
	while (done < n) {
		*err = superblock_claim(data, request->szc, (uint32_t)RTE_MIN(n - done, SB_SLOT_MAX), &claimed);
		if (*err != GROOVE_SUCCESS)
			break;
		alloc_of_claimed(data, request, &claimed, tags_from(tags, done), objs + done);
		done += (uint64_t)__builtin_popcountll(claimed.mask);
	}
	epoch_leave(data);
	return done;
}

/* Claim slots of one superblock, so many at most, for the shelf of a class. Returns how many; 0: *err says why. */
static uint32_t
refill_once(groove_data_t *data, uint64_t szc, uint32_t want, int *err)
{
	struct sb_claimed claimed;
	uint32_t cnt;

	*err = superblock_claim(data, szc, RTE_MIN(want, SB_SLOT_MAX), &claimed);
	if (*err != GROOVE_SUCCESS)
		return 0;
	cnt = (uint32_t)__builtin_popcountll(claimed.mask);
	move_begin(data, szc, sb_entry(data, szc, claimed.block), claimed.mask, 0);
	cache_put(data, szc, claimed.block, claimed.mask);
	move_end(data, szc, cnt);
	hold_drop(data);
	return cnt;
}

/* Fill the empty shelf of a class, with half its cap or for n objects. False: the class is not cached. */
static bool
cache_refill(groove_data_t *data, uint64_t szc, uint64_t n, int *err)
{
	uint32_t done = 0;

	if (full_is_remembered(data, szc)) {
		*err = GROOVE_ERR_FULL;
		return true;
	}
	epoch_enter(data);

	const uint32_t cap = cache_refill_cap(data, szc);
	const uint32_t want = (uint32_t)RTE_MIN(RTE_MAX(n, (cap + 1UL) / 2), (uint64_t)shelf_room(data, szc));

	for (uint32_t i = 0; done < want && i < REFILL_SUPERBLOCKS; i++) {
		const uint32_t cnt = refill_once(data, szc, want - done, err);

		if (cnt == 0)
			break;
		done += cnt;
	}
	cache_of(data)->moved += done;
	epoch_leave(data);
	if (done != 0) {
		room_note_refill(data, szc);
		*err = GROOVE_SUCCESS;
	}
	return cap != 0;
}

/* Up to n objects from the cached slots. */
static uint64_t
alloc_at_hand(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n)
{
	const struct alloc_form form = alloc_form(request);
	struct groove_shelf *shelf = &data->shelf[request->szc];
	const uint64_t *top = shelf->top;
	const uint64_t cnt = RTE_MIN(n, (uint64_t)shelf_cnt(data, request->szc));

	if (cnt == 0)
		return 0;
	groove_data_doing(data, form.bits);
	for (uint64_t done = 0; done < cnt; done++) {
		const uint64_t slot = *--top;

		objs[done] = alloc_object(&form, groove_shelf_hdr(slot), groove_shelf_idx(slot), tag_of(tags, done));
	}
	shelf->top -= cnt;
	alloc_count(data, request, cnt);
	return cnt;
}

/* Up to n objects from their own class. */
static uint64_t
alloc_of_class(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done = 0;

	*err = GROOVE_SUCCESS;
	if (request->szc >= CACHE_SZC_CNT)
		return alloc_claimed(data, request, tags, objs, n, err);
	for (;;) {
		const uint64_t *left = tags_from(tags, done);

		done += alloc_at_hand(data, request, left, objs + done, n - done);
		if (done == n)
			return done;
		left = tags_from(tags, done);
		if (!cache_refill(data, request->szc, n - done, err))
			return done + alloc_claimed(data, request, left, objs + done, n - done, err);
		if (*err != GROOVE_SUCCESS)
			return done;
	}
}

/* Up to n objects from the cached slots of their own class, then of larger ones of up to so many quarters. */
static uint64_t
alloc_at_hand_upward(groove_data_t *data, const struct alloc_request *request, uint64_t quarters, const uint64_t *tags,
	void **objs, uint64_t n)
{
	const uint64_t most = RTE_MIN(alloc_szc_most(request->szc, quarters), CACHE_SZC_CNT - 1UL);
	struct alloc_request larger = *request;
	uint64_t done = 0;

	for (; larger.szc <= most && done < n; larger.szc++)
		if (larger.szc == request->szc || alloc_is_upward(request->align, larger.szc))
			done += alloc_at_hand(data, &larger, tags_from(tags, done), objs + done, n - done);
	return done;
}

/* Up to n objects from their own class. FULL means that alloc_anywhere() may do better. */
static uint64_t
alloc_objects(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done = 0;

	/* Where the class had nothing lately its objects are in larger slots, and what is cached of these is near. */
	if (full_was_said(data, request->szc))
		done = alloc_at_hand_upward(data, request, ALLOC_SPARE_QUARTERS, tags, objs, n);
	*err = GROOVE_SUCCESS;
	return done == n ? n : done + alloc_of_class(data, request, tags_from(tags, done), objs + done, n - done, err);
}

/*
 * Up to n objects in slots of their own class, and of those up to half as large again. FULL: these have nothing beyond
 * the reserve. In a look, so that this is remembered.
 */
static uint64_t
alloc_upward(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	const uint64_t most = alloc_szc_most(request->szc, ALLOC_SPARE_QUARTERS);
	struct alloc_request larger = *request;
	uint64_t done = 0;

	*err = GROOVE_ERR_FULL;
	for (; larger.szc <= most && *err == GROOVE_ERR_FULL; larger.szc++)
		if (larger.szc == request->szc || alloc_is_upward(request->align, larger.szc))
			done += alloc_of_class(data, &larger, tags_from(tags, done), objs + done, n - done, err);
	return done;
}

/* An object in a slot of its own class or a larger one. */
static void *
alloc_one(groove_data_t *data, const struct alloc_request *request, uint64_t tag, int *err)
{
	struct alloc_request found = *request;
	struct sb_claimed claimed;
	void *obj = NULL;

	epoch_enter(data);
	*err = claim_any(data, request->align, &found.szc, &claimed);
	if (*err == GROOVE_SUCCESS)
		alloc_of_claimed(data, &found, &claimed, &tag, &obj);
	epoch_leave(data);
	return obj;
}

/* The same from larger classes as well, at last one by one (claim.h). */
static uint64_t
alloc_anywhere(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done;

	full_look_begin(data, request->szc);
	done = alloc_upward(data, request, tags, objs, n, err);
	if (done < n && full_is_noted_wholly(data, request->szc))
		done += alloc_at_hand_upward(
			data, request, ALLOC_FAR_QUARTERS, tags_from(tags, done), objs + done, n - done);
	if (done == n)
		*err = GROOVE_SUCCESS;
	while (done < n && *err == GROOVE_ERR_FULL) {
		objs[done] = alloc_one(data, request, tag_of(tags, done), err);
		if (objs[done] == NULL)
			break;
		done++;
		*err = done < n ? GROOVE_ERR_FULL : GROOVE_SUCCESS;
	}
	if (*err == GROOVE_ERR_FULL)
		room_note_none(data, request->align, request->szc);
	full_look_end(data);
	return done;
}

uint64_t
alloc_all(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done;

	if (n == 0) {
		*err = GROOVE_SUCCESS;
		return 0;
	}
	if (room_is_none_still(data, request->align, request->szc)) {
		*err = GROOVE_ERR_FULL;
		return 0;
	}
	done = alloc_objects(data, request, tags, objs, n, err);
	if (*err == GROOVE_ERR_FULL)
		done += alloc_anywhere(data, request, tags_from(tags, done), objs + done, n - done, err);
	return done;
}

void *
groove_data_alloc_slowly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	int rc = GROOVE_SUCCESS;
	void *obj = NULL;

	if (groove_data_is_live(data) && alloc_is_possible(align, sz)) {
		const struct alloc_request request = alloc_request(align, sz);

		alloc_all(data, &request, &tag, &obj, 1, &rc);
	} else {
		rc = alloc_refuse(data, align, sz);
	}
	if (err != NULL)
		*err = rc;
	return obj;
}

void *
groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
#if GROOVE_DEBUG_CHECKS
	return groove_data_alloc_slowly(data, align, sz, tag, err);
#else
	return groove_data_alloc_quickly(data, align, sz, tag, err);
#endif
}
