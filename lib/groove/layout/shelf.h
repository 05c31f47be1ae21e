/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SHELF_H
#define GROOVE_SHELF_H

/*
 * What a join has for itself, in memory of its own process: a shelf of slots for each class of up to 64 KiB, and what
 * it has found out about the reserve. Nobody else reads it.
 */

#include "counter.h"
#include "hdr.h"

#define CACHE_SZC_CNT	64    /* classes that are cached: slots of up to GROOVE_DATA_CACHE_SLOT_SZ */
#define CACHE_SLOT_MAX	512UL /* slots of a class that are cached */
#define CACHE_AGE_SLOTS 128U  /* slots that move from one look whether a class is idle to the next */

/* The slots of a shelf: the address of each | its index in the superblock. */
struct cache_slots {
	uint64_t bottom; /* 0 */
	uint64_t slot[CACHE_SLOT_MAX];
	uint64_t spare[7]; /* of whole cache lines */
};

/* How much of a class is cached: its cap grows and ends as cache_cap.h says. */
struct cache_class {
	uint16_t cap;	     /* slots that may be cached now; 0: none, the shelf is cache_slots none */
	uint16_t usual;	     /* what each slow step lets it grow to */
	uint16_t most;	     /* what bursts let it grow to */
	bool out;	     /* whether the last slow step put slots back */
	uint64_t step_calls; /* calls by then */
	uint64_t seen;	     /* calls by the last look whether the class is idle */
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
	struct cache_class class[CACHE_SZC_CNT];
	uint64_t none[2];	/* the shelf of a class that is not cached: the bottom, and no slot */
	uint64_t kept;		/* bytes of all caps */
	uint64_t most;		/* what they may be */
	uint64_t share_refused; /* bytes of all caps that the share had no room for, */
	uint64_t share_asks;	/* and how many times it is taken to have none still */
	bool over;		/* whether they are more than the share is by now */
	uint32_t moved;		/* slots that slow steps moved, and these, since the last look at a class */
	uint32_t cursor;	/* class whose idleness is looked at next */
	uint32_t reserve_asks;	/* times that the reserve is taken for reached (reserve.h) */
	bool takes_all;		/* whether a claim also takes of the reserve, and of what is being drained */
#if GROOVE_DEBUG_CHECKS
	struct quarantine quarantine[CACHE_SZC_CNT];
#endif
	struct cache_slots slots[CACHE_SZC_CNT]; /* last: only classes that are cached touch theirs */
};

static inline struct groove_cache *
cache_of(const groove_data_t *data)
{
	return (struct groove_cache *)data->shelf;
}

/* Slots that a shelf has room for with a cap: in a build with debug_checks half of them are in quarantine. */
static inline uint32_t
cap_room(uint32_t cap)
{
	return GROOVE_DEBUG_CHECKS ? cap - cap / 2 : cap;
}

/* Slots that the shelf of a class has room for. */
static inline uint32_t
shelf_room(const groove_data_t *data, uint64_t szc)
{
	return cap_room(cache_of(data)->class[szc].cap);
}

/* The oldest slot of the shelf of a class that can be cached. */
static inline uint64_t *
shelf_bottom(const groove_data_t *data, uint64_t szc)
{
	return data->shelf[szc].limit - shelf_room(data, szc);
}

/* Slots on it. */
static inline uint32_t
shelf_cnt(const groove_data_t *data, uint64_t szc)
{
	return (uint32_t)(data->shelf[szc].top - shelf_bottom(data, szc));
}

/* Calls of a class by this join: it differs from what it was if there were any. */
static inline uint64_t
cache_calls(const groove_data_t *data, uint64_t szc)
{
	return counter_read(data->record, szc, GROOVE_COUNT_ALLOC).calls +
	       counter_read(data->record, szc, GROOVE_COUNT_FREE).calls;
}

/* Put a slot whose header says cached into a shelf that has room. */
static inline void
cache_push(struct groove_shelf *shelf, const groove_data_hdr_t *hdr, uint64_t idx)
{
	*shelf->top++ = (uint64_t)(uintptr_t)hdr | idx;
}

#endif /* GROOVE_SHELF_H */
