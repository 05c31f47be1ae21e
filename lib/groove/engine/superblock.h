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

/* A step of a superblock that is held, or of which a slot is out: so its count of slots is steady. */
static inline struct sb_step
sb_step(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	return (struct sb_step){.cnt = sb_cnt(data, sb_entry(data, szc, block), szc, block)};
}

/* Whether a superblock, that may have gone, is empty by its word. Relaxed: only a hint whether it pays. */
static inline bool
sb_seems_empty(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const struct groove_sb *sb = sb_entry(data, szc, block);
	const uint32_t cnt = sb_cnt(data, sb, szc, block);

	return cnt != 0 && sb_word_empty(__atomic_load_n(&sb->word, __ATOMIC_RELAXED), cnt);
}

#endif /* GROOVE_SUPERBLOCK_H */
