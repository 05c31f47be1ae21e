/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_H
#define GROOVE_CACHE_H

/*
 * What a join keeps at hand for each class of up to 64 KiB, so that most calls touch nothing shared:
 *
 *   a claim     slots of one superblock that were claimed together and have not been handed out. Their headers say
 * free; that they are this join's is told by the claim in its record. a magazine  slots that this join has freed, last
 * in, first out. Their headers say cached, and by whom.
 *
 * An alloc takes from the magazine, then from the claim, then claims anew. A free puts into the magazine; when that is
 * full the older half goes back, all slots of a superblock in one step.
 *
 * All of this belongs to one join. Nobody else reads it but verify and recovery, in an idle groove.
 */

#include "join.h"

#define CACHE_SZC_CNT  RECORD_CLAIM_CNT
#define CACHE_SLOT_MAX 64U /* slots in a magazine */

struct magazine {
	uint32_t cnt;
	uint32_t cap;  /* 0: no caching in this class */
	uint32_t used; /* calls since the last look at whether the class is idle */
	uint32_t spare;
	uint64_t slot[CACHE_SLOT_MAX]; /* address of the slot | its index in the superblock (slots are 64-byte aligned)
					*/
};

struct groove_cache {
	struct magazine magazine[CACHE_SZC_CNT];
	uint64_t cursor; /* class whose idleness is looked at next */
};

/* A slot in hand. */
struct cache_slot {
	groove_data_hdr_t *hdr;
	uint64_t idx;
};

/* Magazine of a class; NULL when the class is not cached. */
static inline struct magazine *
cache_magazine(const groove_data_t *data, uint64_t szc)
{
	if (szc >= CACHE_SZC_CNT || data->cache->magazine[szc].cap == 0)
		return NULL;
	return &data->cache->magazine[szc];
}

/* Take a slot from the magazine. */
static inline bool
magazine_pop(struct magazine *magazine, struct cache_slot *slot)
{
	if (magazine->cnt == 0)
		return false;

	const uint64_t entry = magazine->slot[--magazine->cnt];

	slot->hdr = (groove_data_hdr_t *)(entry & ~63UL);
	slot->idx = entry & 63;
	return true;
}

/* Put a slot whose header says cached into the magazine, which has room. */
static inline void
magazine_push(struct magazine *magazine, const struct cache_slot *slot)
{
	magazine->slot[magazine->cnt++] = (uint64_t)(uintptr_t)slot->hdr | slot->idx;
	magazine->used++;
}

/* Make the cache of a join that has its record. 0; -1, logged, when there is no memory. */
int cache_make(groove_data_t *data);

/* Give its memory back. It must have been flushed. */
void cache_drop(groove_data_t *data);

/* Take a slot from the claim. False when it is used up. The caller makes the slot an object, then calls claim_done().
 */
bool claim_peek(const groove_data_t *data, uint64_t szc, struct cache_slot *slot);

/* The slot that claim_peek() gave is an object now. */
void claim_done(groove_data_t *data, uint64_t szc, const struct cache_slot *slot);

/* Remember slots that were claimed; there is no claim in this class. */
void claim_keep(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/* For an idle groove: whether a join is there, and not marked in gone (which may be NULL). */
bool cache_owner_lives(const groove_data_t *data, const bool *gone, uint64_t join_idx);

/* For an idle groove: whether such a join has a slot in its claim. */
bool cache_claims(const groove_data_t *data, const bool *gone, uint64_t szc, uint64_t block, uint64_t idx);

/* Return the older half of a full magazine, and what one idle class holds. Inside an epoch. */
void cache_spill(groove_data_t *data, uint64_t szc);

/* Return everything. Inside an epoch. */
void cache_flush(groove_data_t *data);

#endif /* GROOVE_CACHE_H */
