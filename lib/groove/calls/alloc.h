/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_ALLOC_H
#define GROOVE_ALLOC_H

/*
 * What single and bulk allocation share.
 */

#include <rte_common.h>

#include "debug_checks.h"
#include "shelf.h"

/* What is asked for, checked. */
struct alloc_request {
	uint64_t align; /* a power of two, not 0; of insets (inset.h) as their headers have it */
	uint64_t sz;
	uint64_t szc;
};

/* What all objects of a request have in common. */
struct alloc_form {
	uint64_t bits; /* of their headers, but for the index */
	uint64_t off;  /* from slot to object */
};

/* Largest size that can be asked for with an alignment. */
static inline uint64_t
alloc_sz_max(uint64_t align)
{
	return GROOVE_DATA_ALLOC_FOOTPRINT_MAX - RTE_MAX(align, GROOVE_DATA_HDR_FOOTPRINT);
}

/* Whether an alignment and a size can be asked for. */
static inline bool
alloc_is_possible(uint64_t align, uint64_t sz)
{
	return align <= GROOVE_DATA_ALLOC_ALIGN_MAX && (align & (align - 1)) == 0 && sz <= alloc_sz_max(align);
}

/* Log what is wrong with a request. GROOVE_ERR_INVAL. */
int alloc_refuse(const groove_data_t *data, uint64_t align, uint64_t sz);

/*
 * The class with the largest slots of those whose superblocks lie in the same slots and have as many: what an object
 * has more in it costs nothing, and the superblocks of one class are used by all of them. Classes that are cached keep
 * their own, so that a class has its size.
 */
static inline uint64_t
alloc_szc_widest(uint64_t szc)
{
	const groove_data_szc_cfg_t *cfg = groove_data_szc_cfg;

	if (__builtin_expect(szc < CACHE_SZC_CNT, 1))
		return szc;
	while (szc + 1 < GROOVE_DATA_SZC_SLICE && cfg[szc + 1].parent_szc == cfg[szc].parent_szc &&
		cfg[szc + 1].obj_cnt == cfg[szc].obj_cnt)
		szc++;
	return szc;
}

/* How large a slot may be, in quarters of that of its own class: to spare the reserve, and before FULL. */
#define ALLOC_SPARE_QUARTERS 6UL
#define ALLOC_FAR_QUARTERS   16UL

/* The largest class in which an object that has a class of its own may be, with slots of so many quarters. */
static inline uint64_t
alloc_szc_most(uint64_t szc, uint64_t quarters)
{
	const uint64_t most = groove_data_szc_cfg[szc].obj_footprint * quarters / 4;

	while (szc + 1 < GROOVE_DATA_SZC_SLICE && groove_data_szc_cfg[szc + 1].obj_footprint <= most)
		szc++;
	return szc;
}

/* Whether an object that has a larger slot than its own class's may be in one of a class: none that objects avoid. */
static inline bool
alloc_is_upward(uint64_t align, uint64_t szc)
{
	return alloc_szc_widest(szc) == szc &&
	       (align <= GROOVE_LINE_SZ || groove_data_szc_cfg[szc].obj_footprint % GROOVE_BLOCK_FOOTPRINT == 0);
}

/* A request that is possible, with its class. */
static inline struct alloc_request
alloc_request(uint64_t align, uint64_t sz)
{
	const uint64_t footprint = groove_data_obj_off(align) + sz + GROOVE_DATA_RED_ZONE;
	/* The last class has room for the red zones of the largest object. */
	const uint64_t szc =
		groove_data_szc(GROOVE_DEBUG_CHECKS ? RTE_MIN(footprint, GROOVE_DATA_ALLOC_FOOTPRINT_MAX) : footprint);
	struct alloc_request request = {align != 0 ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT, sz, szc};

	/* Only block-multiple slots have the alignments above a cache line. */
	if (__builtin_expect(align > GROOVE_LINE_SZ, 0))
		while (groove_data_szc_cfg[request.szc].obj_footprint % GROOVE_BLOCK_FOOTPRINT != 0)
			request.szc++;
	request.szc = alloc_szc_widest(request.szc);
	return request;
}

static inline struct alloc_form
alloc_form(const struct alloc_request *request)
{
	return (struct alloc_form){
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, 0, request->szc, request->align, request->sz, 0).bits,
		groove_data_obj_off(RTE_MIN(request->align, GROOVE_DATA_ALLOC_ALIGN_MAX)),
	};
}

/*
 * Allocate up to n objects, in slots of their own class or larger ones; returns how many, and in err why not all. tags
 * may be NULL: all zero.
 */
uint64_t alloc_all(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs,
	uint64_t n, int *err);

/*
 * Allocate n objects with an alignment that only insets have (inset.h), all of them or as many as there are; returns
 * how many, and in err why not all. tags may be NULL: all zero.
 */
uint64_t alloc_insets(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs,
	uint64_t n, bool all, int *err);

#endif /* GROOVE_ALLOC_H */
