/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_H
#define GROOVE_SUPERBLOCK_H

/*
 * One superblock, as its entry in the table, its header and the headers of its slots say (sb_word.h has the states).
 * Superblocks in circulation: superblock_claim.h takes slots, superblock_return.h puts them back, superblock_trim.h
 * looks through all.
 */

#include <stdbool.h>

#include "geometry.h"
#include "sb_word.h"

/* Whether a superblock is made, by its header. */
bool superblock_is_finished(const groove_data_t *data, uint64_t szc, uint64_t block);

/* Whether the headers of all its slots say free: so nothing of it is in use. Of one that is held. */
bool superblock_is_unused(const groove_data_t *data, uint64_t szc, uint64_t block);

/* Log what is wrong with a superblock. */
void sb_log(uint64_t szc, uint64_t block, const char *what);

/* The same. GROOVE_ERR_CORRUPT. */
static inline int
sb_corrupt(uint64_t szc, uint64_t block, const char *what)
{
	sb_log(szc, block, what);
	return GROOVE_ERR_CORRUPT;
}

static inline struct sb_step
sb_step(const groove_data_t *data, uint64_t szc)
{
	return (struct sb_step){.cnt = szc_cnt(data, szc)};
}

/*
 * Whether an entry is that of the superblock of szc at a block. Steady while a slot of it is out or it is held; a join
 * that has neither looks again at what led here. Acquire, so that this comes after, and pairs with the stores of ids.
 */
static inline bool
sb_is(const groove_data_t *data, const struct groove_sb *sb, uint64_t szc, uint64_t block)
{
	return __atomic_load_n(entry_id(data, sb), __ATOMIC_ACQUIRE) == sb_id(data, szc, block);
}

#endif /* GROOVE_SUPERBLOCK_H */
