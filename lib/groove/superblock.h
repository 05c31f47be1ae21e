/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_H
#define GROOVE_SUPERBLOCK_H

/*
 * Superblocks in circulation: claim slots, put slots, and what follows from either (sb_word.h has the states). What is
 * in hand in between is written down (hold.h).
 *
 * Calls are made inside an epoch (epoch.h), so that the tables they read stay where they are; but for superblock_put(),
 * which has slots in hand and so a superblock that stays.
 */

#include <stdbool.h>

#include "geometry.h"
#include "join.h"
#include "sb_word.h"

/* Slots of one superblock. */
struct sb_claimed {
	uint64_t block; /* of the superblock, in the groove */
	uint64_t mask;	/* the slots */
};

/*
 * Claim 1 to want slots of one superblock of a class: from the active superblock, a listed one, a new one, or that of
 * another concurrency group. A new one is made of the reserve (reserve.h) only when the join takes from it.
 *
 * GROOVE_SUCCESS, and the superblock is held, until the headers of the slots no longer say free: hold_drop();
 * GROOVE_ERR_FULL; GROOVE_ERR_CORRUPT, logged.
 */
int superblock_claim(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed);

/*
 * Put slots, whose headers say free, back into the superblock of szc at a block. It was the last to be held, since
 * before the headers said free; this ends it.
 *
 * GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged, nothing changed: they are free already, or there is no such superblock.
 * Damage that is met on the way, when the superblock moves on, is logged and left to verify.
 */
int superblock_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/* What follows from a put, which changed the word from before to after. Ends the hold as well. */
void superblock_put_on(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t before, uint64_t after);

/* Whether a superblock is made, so far as its header tells. */
bool superblock_is_finished(const groove_data_t *data, uint64_t szc, uint64_t block);

/* Whether the headers of all its slots say free: so nothing of it is in use. Of one that is held. */
bool superblock_is_unused(const groove_data_t *data, uint64_t szc, uint64_t block);

/* Return a superblock that is held to its parent if all its slots are free; else list it. */
void superblock_settle(groove_data_t *data, uint64_t szc, uint64_t block);

/* Give the memory of a superblock, returning by its word, and held, to its parent. */
void superblock_return(groove_data_t *data, uint64_t szc, uint64_t block);

/* Whether an active slot of its class leads to a superblock. */
bool superblock_in_slot(const groove_data_t *data, uint64_t szc, uint64_t block);

/*
 * Find out whether a superblock is in a list of its class. What is not found and has the same word as before was in
 * none. GROOVE_SUCCESS; GROOVE_ERR_AGAIN: others were too busy with the lists; GROOVE_ERR_CORRUPT, logged.
 */
int superblock_in_list(groove_data_t *data, uint64_t szc, uint64_t block, bool *found);

/* Return the empty superblocks of a class, in the slots and the list, to their parents. */
void superblock_trim(groove_data_t *data, uint64_t szc);

/*
 * Changes so far of what a claim of this class looks through. When a claim says FULL and the stamp is another than
 * before it, somebody brought memory into circulation meanwhile.
 */
uint64_t superblock_stamp(const groove_data_t *data, uint64_t szc);

static inline struct sb_step
sb_step(const groove_data_t *data, uint64_t szc)
{
	return (struct sb_step){.cnt = szc_cnt(data, szc)};
}

/*
 * Whether an entry is that of the superblock of szc at a block. Steady while a slot of it is out or it is held; who has
 * neither looks again at what led here. Acquire, so that this comes after, and pairs with the stores of ids.
 */
static inline bool
sb_is(const groove_data_t *data, const struct groove_sb *sb, uint64_t szc, uint64_t block)
{
	return __atomic_load_n(entry_id(data, sb), __ATOMIC_ACQUIRE) == sb_id(data, szc, block);
}

#endif /* GROOVE_SUPERBLOCK_H */
