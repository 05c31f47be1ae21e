/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SHELF_H
#define GROOVE_SHELF_H

/*
 * What a join has for itself, in memory of its own process: a shelf of slots for each class of up to 64 KiB, and what
 * it has found out about the reserve. Nobody else reads it.
 */

#include "hdr.h"
#include "shared.h"

#define CACHE_SZC_CNT  64   /* classes that are cached: slots of up to GROOVE_DATA_CACHE_SLOT_SZ */
#define CACHE_SLOT_MAX 64UL /* slots of a class that are cached */

/* The slots of a shelf: the address of each | its index in the superblock. */
struct cache_slots {
	uint64_t bottom; /* 0 */
	uint64_t slot[CACHE_SLOT_MAX];
	uint64_t spare[7]; /* of whole cache lines */
};

/* Freed slots that wait before they are used again, in a build with debug_checks. */
struct quarantine {
	uint32_t first; /* index of the oldest */
	uint32_t cnt;
	uint32_t cap;
	groove_data_hdr_t *slot[CACHE_SLOT_MAX / 2];
};

struct groove_cache {
	struct groove_shelf shelf[SHDATA_SZC_PITCH]; /* for any 7 bits of a header */
	struct cache_slots slots[CACHE_SZC_CNT];
	struct cache_slots none; /* of a class that is not cached */
	uint32_t slow_cnt;	 /* slow steps so far */
	uint32_t cursor;	 /* class whose idleness is looked at next */
	uint32_t reserve_asks;	 /* times that the reserve is taken for reached (reserve.h) */
	bool takes_all;		 /* whether a claim also takes of the reserve, and of what is being drained */
#if GROOVE_DEBUG_CHECKS
	struct quarantine quarantine[CACHE_SZC_CNT];
#endif
};

static inline struct groove_cache *
cache_of(const groove_data_t *data)
{
	return (struct groove_cache *)data->shelf;
}

/* Put a slot whose header says cached into a shelf that has room. */
static inline void
cache_push(struct groove_shelf *shelf, const groove_data_hdr_t *hdr, uint64_t idx)
{
	*shelf->top++ = (uint64_t)(uintptr_t)hdr | idx;
}

#endif /* GROOVE_SHELF_H */
