/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_H
#define GROOVE_SUPERBLOCK_H

/*
 * Superblocks in circulation: claim slots, put slots, and what follows from either (sb_word.h has the states).
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
 * GROOVE_SUCCESS; GROOVE_ERR_FULL; GROOVE_ERR_CORRUPT, logged.
 */
int superblock_claim(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed);

/*
 * Put slots, whose headers say free, back into the superblock of szc at a block.
 *
 * GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged, nothing changed: they are free already, or there is no such superblock.
 * Damage that is met on the way, when the superblock moves on, is logged and left to verify.
 */
int superblock_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

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

/* Whether an entry is that of the superblock of szc at a block. Steady while a slot of it is out or it is held. */
static inline bool
sb_is(const groove_data_t *data, const struct groove_sb *sb, uint64_t szc, uint64_t block)
{
	return __atomic_load_n(&sb->id, __ATOMIC_RELAXED) == sb_id(data, szc, block);
}

#endif /* GROOVE_SUPERBLOCK_H */
