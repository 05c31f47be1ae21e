/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* This file has the function that callers get who do not have it compiled in. */
#define GROOVE_DATA_NO_INLINE

#include "alloc.h"

#include <inttypes.h>

#include "claim.h"
#include "epoch.h"
#include "log.h"

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
			align, GROOVE_DATA_ALLOC_FOOTPRINT_MAX - hdr_obj_off(align));
	return GROOVE_ERR_INVAL;
}

/* Claim up to want slots. Inside an epoch. */
static int
claim_slots(groove_data_t *data, uint64_t szc, uint64_t want, struct sb_claimed *claimed)
{
	const int err = superblock_claim(data, szc, want < SB_SLOT_MAX ? (uint32_t)want : SB_SLOT_MAX, claimed);

	if (err == GROOVE_SUCCESS)
		groove_count_add(&data->record->count[szc].slot_cnt, (uint64_t)__builtin_popcountll(claimed->mask));
	return err;
}

static uint64_t
tag_of(const uint64_t *tags, uint64_t i)
{
	return tags != NULL ? tags[i] : 0;
}

/* Objects of a class that is not cached: what is claimed is used at once. */
static uint64_t
alloc_claimed(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	struct sb_claimed claimed;
	uint64_t done = 0;

	epoch_enter(data);
	while (done < n && (*err = claim_slots(data, request->szc, n - done, &claimed)) == GROOVE_SUCCESS) {
		for (; claimed.mask != 0; claimed.mask &= claimed.mask - 1, done++) {
			const uint64_t idx = (uint64_t)__builtin_ctzll(claimed.mask);

			objs[done] = alloc_object(
				request, slot_hdr(data, request->szc, claimed.block, idx), idx, tag_of(tags, done));
		}
	}
	epoch_leave(data);
	return done;
}

/* Fill the empty shelf of a class that is cached. */
static int
cache_refill(groove_data_t *data, uint64_t szc)
{
	struct sb_claimed claimed;
	int err;

	epoch_enter(data);
	cache_age(data);
	err = claim_slots(data, szc, (data->shelf[szc].cap + 1U) / 2, &claimed);
	if (err == GROOVE_SUCCESS)
		cache_put(data, szc, claimed.block, claimed.mask);
	epoch_leave(data);
	return err;
}

/* Up to n objects from the slots at hand. */
static uint64_t
alloc_at_hand(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n)
{
	const struct alloc_request local = *request; /* which no store can change */
	struct groove_shelf *shelf = &data->shelf[local.szc];
	const uint64_t *top = shelf->top;
	uint64_t done = 0;

	for (; done < n && top[-1] != 0; done++, top--) {
		const uint64_t slot = top[-1];

		objs[done] = alloc_object(&local, groove_shelf_hdr(slot), groove_shelf_idx(slot), tag_of(tags, done));
	}
	shelf->top -= done;
	return done;
}

uint64_t
alloc_objects(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done = 0;

	*err = GROOVE_SUCCESS;
	if (data->shelf[request->szc].cap == 0)
		return alloc_claimed(data, request, tags, objs, n, err);
	for (;;) {
		done += alloc_at_hand(data, request, tags != NULL ? tags + done : NULL, objs + done, n - done);
		if (done == n)
			return done;
		*err = cache_refill(data, request->szc);
		if (*err != GROOVE_SUCCESS)
			return done;
	}
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
	if (*err == GROOVE_SUCCESS) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(claimed.mask);

		groove_count_add(&data->record->count[found.szc].slot_cnt, 1);
		obj = alloc_object(&found, slot_hdr(data, found.szc, claimed.block, idx), idx, tag);
	}
	epoch_leave(data);
	return obj;
}

uint64_t
alloc_anywhere(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done = 0;

	*err = GROOVE_SUCCESS;
	while (done < n) {
		objs[done] = alloc_one(data, request, tag_of(tags, done), err);
		if (objs[done] == NULL)
			break;
		done++;
	}
	return done;
}

void
alloc_count_each(groove_data_t *data, const struct alloc_request *request, void *const *objs, uint64_t n)
{
	struct alloc_request found = *request;

	for (uint64_t i = 0; i < n; i++) {
		found.szc = hdr_szc(hdr_load(groove_data_object_hdr(objs[i])));
		alloc_count(data, &found, 1);
	}
}

void *
groove_data_alloc_slowly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	int rc = GROOVE_SUCCESS;
	void *obj = NULL;

	if (groove_data_is_live(data) && alloc_is_possible(align, sz)) {
		const struct alloc_request request = alloc_request(align, sz);

		if (alloc_objects(data, &request, &tag, &obj, 1, &rc) != 0)
			alloc_count(data, &request, 1);
		else if (rc == GROOVE_ERR_FULL && alloc_anywhere(data, &request, &tag, &obj, 1, &rc) != 0)
			alloc_count_each(data, &request, &obj, 1);
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
	return groove_data_alloc_quickly(data, align, sz, tag, err);
}
