/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "alloc.h"

#include <inttypes.h>

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
 * Claim, and when there is no room look for some: retired volumes, empty superblocks. FULL is said only if nobody
 * brought memory into circulation during the last look.
 */
static int
claim_hard(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed)
{
	int err = superblock_claim(data, szc, want, claimed);
	uint64_t stamp;

	if (err != GROOVE_ERR_FULL)
		return err;
	volume_unretire(data);
	trim_all(data);
	do {
		stamp = superblock_stamp(data, szc);
		err = superblock_claim(data, szc, want, claimed);
	} while (err == GROOVE_ERR_FULL && stamp != superblock_stamp(data, szc));
	return err;
}

/* Make a claimed slot an object. */
static void *
slot_to_object(groove_data_t *data, const struct alloc_request *request, uint64_t block, uint64_t idx, uint64_t tag)
{
	groove_data_hdr_t *hdr = slot_hdr(data, request->szc, block, idx);
	uint8_t *obj = (uint8_t *)hdr + hdr_obj_off(request->align);

	if (request->align > GROOVE_LINE_SZ) {
		groove_data_hdr_t *redirect = (groove_data_hdr_t *)(obj - GROOVE_LINE_SZ);

		/* Relaxed: the header below releases it. */
		__atomic_store_n(&redirect->bits, GROOVE_DATA_HDR_TYPE_REDIRECT, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&hdr->info, tag, __ATOMIC_RELAXED);
	hdr_store(hdr,
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, idx, request->szc, request->align, request->sz, 0).bits);
	return obj;
}

uint64_t
alloc_objects(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	uint64_t done = 0;

	*err = GROOVE_SUCCESS;
	epoch_enter(data);
	while (done < n) {
		const uint64_t left = n - done;
		struct sb_claimed claimed;

		*err = claim_hard(data, request->szc, left < SB_SLOT_MAX ? (uint32_t)left : SB_SLOT_MAX, &claimed);
		if (*err != GROOVE_SUCCESS)
			break;
		for (; claimed.mask != 0; claimed.mask &= claimed.mask - 1) {
			const uint64_t idx = (uint64_t)__builtin_ctzll(claimed.mask);

			objs[done] = slot_to_object(data, request, claimed.block, idx, tags != NULL ? tags[done] : 0);
			done++;
		}
	}
	epoch_leave(data);
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
	void *obj = NULL;
	int rc = alloc_request(data, align, sz, &request);

	if (rc == GROOVE_SUCCESS && alloc_objects(data, &request, &tag, &obj, 1, &rc) == 1)
		alloc_count(data, &request, 1);
	if (err != NULL)
		*err = rc;
	return obj;
}
