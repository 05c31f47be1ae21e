/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "alloc.h"

#include <inttypes.h>

#include "cache.h"
#include "epoch.h"
#include "hdr.h"
#include "log.h"
#include "superblock.h"
#include "volume.h"

/* Check what alloc was asked for. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
static int
alloc_request_check(const groove_data_t *data, uint64_t align, uint64_t sz)
{
	if (!join_check(data, "alloc"))
		return GROOVE_ERR_INVAL;
	if (align > GROOVE_DATA_ALLOC_ALIGN_MAX || (align & (align - 1)) != 0) {
		GROOVE_LOG_LIMITED(ERR, "alloc: alignment %" PRIu64 ": 0 or a power of two up to %lu\n", align,
			GROOVE_DATA_ALLOC_ALIGN_MAX);
		return GROOVE_ERR_INVAL;
	}
	if (sz > GROOVE_DATA_ALLOC_FOOTPRINT_MAX - hdr_obj_off(align)) {
		GROOVE_LOG_LIMITED(ERR, "alloc: %" PRIu64 " bytes aligned to %" PRIu64 ": at most %" PRIu64 "\n", sz,
			align, GROOVE_DATA_ALLOC_FOOTPRINT_MAX - hdr_obj_off(align));
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

int
alloc_request(const groove_data_t *data, uint64_t align, uint64_t sz, struct alloc_request *request)
{
	const int err = alloc_request_check(data, align, sz);

	if (err != GROOVE_SUCCESS)
		return err;
	request->align = align != 0 ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT;
	request->sz = sz;
	request->szc = groove_data_szc(hdr_obj_off(request->align) + sz);
	/* Only block-multiple slots have the alignments above a cache line. */
	if (request->align > GROOVE_LINE_SZ)
		while (groove_data_szc_cfg[request->szc].obj_footprint % GROOVE_BLOCK_FOOTPRINT != 0)
			request->szc++;
	return GROOVE_SUCCESS;
}

/*
 * Claim, and when there is no room look for some: the join's own cache, retired volumes, empty
 * superblocks. FULL is said only if nobody
 * brought memory into circulation during the last look.
 */
static int
claim_hard(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	int err = superblock_claim(data, szc, want, claimed);
	uint64_t stamp;

	if (err != GROOVE_ERR_FULL)
		return err;
	cache_flush(data);
	volume_unretire(data);
	trim_all(data);
	do {
		stamp = superblock_stamp(data, szc);
		err = superblock_claim(data, szc, want, claimed);
	} while (err == GROOVE_ERR_FULL && stamp != superblock_stamp(data, szc));
	return err;
}

/* Make a slot in hand an object. */
static void *
slot_to_object(const struct alloc_request *request, const struct cache_slot *slot, uint64_t tag)
{
	uint8_t *obj = (uint8_t *)slot->hdr + hdr_obj_off(request->align);

	if (request->align > GROOVE_LINE_SZ) {
		groove_data_hdr_t *redirect = (groove_data_hdr_t *)(obj - GROOVE_LINE_SZ);

		/* Relaxed: the header below releases it. */
		__atomic_store_n(&redirect->bits, GROOVE_DATA_HDR_TYPE_REDIRECT, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&slot->hdr->info, tag, __ATOMIC_RELAXED);
	hdr_store(slot->hdr,
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, slot->idx, request->szc, request->align, request->sz, 0)
			.bits);
	return obj;
}

/* Claim slots for up to want objects. */
static int
claim_slots(groove_data_t *data, uint64_t szc, uint64_t want, struct sb_claimed *claimed)
{
	int err;

	epoch_enter(data);
	err = claim_hard(data, szc, want < SB_SLOT_MAX ? (uint32_t)want : SB_SLOT_MAX, claimed);
	epoch_leave(data);
	if (err == GROOVE_SUCCESS)
		join_count(&join_counts(data, szc)->slot_cnt, (uint64_t)__builtin_popcountll(claimed->mask));
	return err;
}

/* Objects of a class that is not cached: what is claimed is used at once. */
static uint64_t
alloc_claimed(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	struct sb_claimed claimed;
	uint64_t done = 0;

	while (done < n && (*err = claim_slots(data, request->szc, n - done, &claimed)) == GROOVE_SUCCESS) {
		for (; claimed.mask != 0; claimed.mask &= claimed.mask - 1, done++) {
			const uint64_t idx = (uint64_t)__builtin_ctzll(claimed.mask);
			const struct cache_slot slot = {slot_hdr(data, request->szc, claimed.block, idx), idx};

			objs[done] = slot_to_object(request, &slot, tags != NULL ? tags[done] : 0);
		}
	}
	return done;
}

/* An object from the slots at hand; NULL when there are none. */
static void *
alloc_cached(groove_data_t *data, const struct alloc_request *request, struct magazine *magazine, uint64_t tag)
{
	struct cache_slot slot;
	void *obj;

	magazine->used++;
	if (magazine_pop(magazine, &slot))
		return slot_to_object(request, &slot, tag);
	if (!claim_peek(data, request->szc, &slot))
		return NULL;
	obj = slot_to_object(request, &slot, tag);
	claim_done(data, request->szc, &slot);
	return obj;
}

uint64_t
alloc_objects(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	struct magazine *magazine = cache_magazine(data, request->szc);
	uint64_t done = 0;

	*err = GROOVE_SUCCESS;
	if (magazine == NULL)
		return alloc_claimed(data, request, tags, objs, n, err);
	while (done < n) {
		struct sb_claimed claimed;

		objs[done] = alloc_cached(data, request, magazine, tags != NULL ? tags[done] : 0);
		if (objs[done] != NULL) {
			done++;
			continue;
		}
		*err = claim_slots(data, request->szc, magazine->cap, &claimed);
		if (*err != GROOVE_SUCCESS)
			break;
		claim_keep(data, request->szc, claimed.block, claimed.mask);
	}
	return done;
}

void
alloc_count(groove_data_t *data, const struct alloc_request *request, uint64_t n)
{
	struct record_count *count = join_counts(data, request->szc);

	join_count(&count->alloc_cnt, n);
	join_count(&count->req_bytes, n * request->sz);
}

void *
groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	struct alloc_request request;
	int rc = alloc_request(data, align, sz, &request);
	void *obj = NULL;

	if (rc == GROOVE_SUCCESS) {
		struct magazine *magazine = cache_magazine(data, request.szc);

		if (magazine != NULL)
			obj = alloc_cached(data, &request, magazine, tag);
		if (obj == NULL)
			alloc_objects(data, &request, &tag, &obj, 1, &rc);
		if (obj != NULL)
			alloc_count(data, &request, 1);
	}
	if (err != NULL)
		*err = rc;
	return obj;
}
