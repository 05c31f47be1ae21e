/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CACHE_H
#define CACHE_H

/*
 * What a join keeps at hand for each class of up to 64 KiB, so that most calls touch nothing shared: a shelf of slots,
 * last in, first out, whose headers say cached, and by whom.
 *
 * An alloc takes from the shelf; when that is empty it claims slots of one superblock in one step and puts them there.
 * A free puts into the shelf; when that is full the older slots go back, all of one superblock in one step.
 *
 * All of this belongs to one join. Nobody else reads it; verify and recovery go by the headers.
 */

#include "hdr.h"
#include "join.h"

#define CACHE_SZC_CNT  64   /* classes that are cached: slots of up to GROOVE_DATA_CACHE_SLOT_SZ */
#define CACHE_SLOT_MAX 64UL /* slots of a class at hand */

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

/* Get memory for the cache of a join. 0; -1, logged, when there is none. */
int cache_map(groove_data_t *data);

/* Make the cache of a join that has its record. */
void cache_open(groove_data_t *data);

/* Give its memory back. It must have been flushed. */
void cache_drop(groove_data_t *data);

/* Put slots of a superblock that were claimed, one at least, into the shelf of their class, which is empty. */
void cache_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/*
 * Put slots of a superblock, whose headers say cached by this join, back into it. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT,
 * logged.
 */
int cache_put_back(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/* Make room in the shelf of a class that is cached. */
void cache_make_room(groove_data_t *data, uint64_t szc);

/* Whether there is room for a slot, after some was made. False: its class is not cached. */
static inline bool
cache_has_room(groove_data_t *data, uint64_t szc)
{
	const struct groove_shelf *shelf = &data->shelf[szc];

	if (__builtin_expect(shelf->top == shelf->limit, 0)) {
		if (shelf->cap == 0)
			return false;
		cache_make_room(data, szc);
	}
	return true;
}

/* A slow step is taken: now and then return what an idle class holds, and what lies in a volume that is being drained.
 */
void cache_age(groove_data_t *data);

/* Return what lies in a volume. */
void cache_evict(groove_data_t *data, uint64_t volume);

/* Return everything. */
void cache_flush(groove_data_t *data);

/* For an idle groove: whether a join is there. */
bool cache_owner_lives(const groove_data_t *data, uint64_t join_idx);

#endif /* CACHE_H */
