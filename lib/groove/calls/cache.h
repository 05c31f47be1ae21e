/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_PRIVATE_H
#define GROOVE_CACHE_PRIVATE_H

/*
 * What a join caches of each class of up to 64 KiB, so that most calls touch nothing shared: a shelf of slots, last in,
 * first out. Their headers say cached, and by which join.
 *
 * An alloc takes from the shelf; when that is empty it claims slots of a few superblocks, of each in one step, and puts
 * them there. A free puts into the shelf; when that is full the older slots go back, all of one superblock in one step.
 * How many slots there may be: cache_cap.h.
 *
 * All of this belongs to one join. Nobody else reads it; verify and recovery go by the headers.
 */

#include <stdbool.h>

#include "shelf.h"

/* Get memory for the cache of a join. 0; -1, logged, when there is none. */
int cache_map(groove_data_t *data);

/* Have the shelves know where the superblocks of their classes are noted: all that a join without a record needs. */
void cache_make(groove_data_t *data);

/* Make the cache of a join that has its record. Nothing is cached until groove_data_cache_limit(). */
void cache_open(groove_data_t *data);

/* Give its memory back. It must have been flushed. */
void cache_drop(groove_data_t *data);

/*
 * A slow step: the shelf of a class that is cached is about to be filled, or to be made room on, which is done where
 * its cap did not grow. Now and then this returns some of what an idle class has, and what lies in a volume that is
 * being drained. Returns the cap; 0, or false: the class is not cached.
 */
uint32_t cache_refill_cap(groove_data_t *data, uint64_t szc);
bool cache_make_room(groove_data_t *data, uint64_t szc);

/* Whether there is room for a slot, after some was made. False: its class is not cached. */
static inline bool
cache_has_room(groove_data_t *data, uint64_t szc)
{
	const struct groove_shelf *shelf = &data->shelf[szc];

	return __builtin_expect(shelf->top != shelf->limit, 1) || cache_make_room(data, szc);
}

/* Return what lies in a volume. */
void cache_evict(groove_data_t *data, uint64_t volume);

/* Return everything of a class that is cached. */
void cache_flush_szc(groove_data_t *data, uint64_t szc);

/* Return everything. */
void cache_flush(groove_data_t *data);

#endif /* GROOVE_CACHE_PRIVATE_H */
