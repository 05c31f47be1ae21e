/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_RETURN_H
#define GROOVE_SUPERBLOCK_RETURN_H

/*
 * The way back: slots go back to their superblock. The put that ends its being full brings it back into circulation,
 * and one that has become empty goes back to its parent, as a slot of that, or is an empty volume.
 *
 * Calls are made inside an epoch (epoch.h), so that the tables they read stay where they are; but for superblock_put(),
 * which holds slots and so a superblock that stays.
 */

#include <stdbool.h>

#include "geometry.h"

/*
 * Put slots, whose headers say free, back into the superblock of szc at a block. It was the last to be held, since
 * before the headers said free; this ends it.
 *
 * GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged, nothing changed: they are free already, or there is no such superblock.
 * Damage that is met on the way, when the superblock moves on, is logged and left to verify.
 */
int superblock_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/* What follows from a put, which was such a step from a word. Ends the hold as well. */
void superblock_put_on(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t before, const struct sb_step *step);

/* Return a superblock that is held to its parent if all its slots are free; else list it. */
void superblock_settle(groove_data_t *data, uint64_t szc, uint64_t block);

/* Give the memory of a superblock, returning by its word, and held, to its parent. */
void superblock_return(groove_data_t *data, uint64_t szc, uint64_t block);

/* Return to its parent, or list again, a superblock that was taken out of a list. Ends the hold. */
int sb_listed_settle(groove_data_t *data, uint64_t szc, uint64_t block);

/* What came by when lists were sifted. */
struct sift {
	uint64_t left;	 /* superblocks to look at, at most */
	uint64_t sought; /* block of one that is looked for; 0: none */
	bool found;
};

/*
 * Look at all superblocks in the lists of a class, and return those that are empty. GROOVE_ERR_EMPTY: all were looked
 * at; GROOVE_SUCCESS: so many as sift says; GROOVE_ERR_CORRUPT, logged.
 */
int sb_lists_sift_all(groove_data_t *data, uint64_t szc, struct sift *sift);

#endif /* GROOVE_SUPERBLOCK_RETURN_H */
