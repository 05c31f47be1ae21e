/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_CLAIM_H
#define GROOVE_SUPERBLOCK_CLAIM_H

/*
 * The way out: slots are claimed from a superblock that has free ones, or from a new one, which is itself claimed as a
 * slot of its parent class, or made of an empty volume; when there is none, as a slot of another class. Inside an epoch
 * (epoch.h), so that the tables that are read stay where they are.
 */

#include "geometry.h"

/* Slots of one superblock. */
struct sb_claimed {
	uint64_t block; /* of the superblock, in the groove */
	uint64_t mask;	/* the slots */
};

/*
 * Claim 1 to want slots of one superblock of a class: from the active superblock, a listed one, a new one, that of
 * another concurrency group, or a new one in a free slot of another class. A new one is made of the reserve (reserve.h)
 * only when the join takes from it.
 *
 * GROOVE_SUCCESS, and the superblock is held, until the headers of the slots no longer say free: hold_drop();
 * GROOVE_ERR_FULL; GROOVE_ERR_CORRUPT, logged.
 */
int superblock_claim(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed);

/* The same without a look at the free slots of other classes. */
int superblock_claim_own(groove_data_t *data, uint64_t szc, uint32_t want, struct sb_claimed *claimed);

#endif /* GROOVE_SUPERBLOCK_CLAIM_H */
