/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_TREE_H
#define GROOVE_TREE_H

/*
 * The superblocks and objects of a volume as its headers show them: each superblock, from the root down, its slots by
 * ascending address. Free bits and lists are not looked at. Nothing that is read is trusted: an impossible header is
 * reported with its place, and as each superblock lies inside its parent the walk always ends.
 *
 * For an idle groove, or the one join that changes it.
 */

#include "geometry.h"

/* What to do on the way. Each may be NULL, each ends the walk by returning anything but 0. */
struct tree_ops {
	/* A superblock, before its slots; cnt of them fit in the slot that it is. */
	int (*enter)(void *arg, uint64_t szc, uint64_t block, uint32_t cnt);
	/* A slot: free, live or freeing object, or superblock (after the superblock itself). bits: its header's word.
	 */
	int (*slot)(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits);
	/* A superblock, after its slots. */
	int (*leave)(void *arg, uint64_t szc, uint64_t block, uint32_t cnt);
	/* A slot with an impossible header; NULL: that is logged, and ends the walk. */
	int (*damaged)(void *arg, uint64_t szc, uint64_t block, uint64_t idx);
};

/*
 * Walk a volume in use. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged; or what an operation returned to end the walk.
 */
int tree_walk(const groove_data_t *data, uint64_t volume, const struct tree_ops *ops, void *arg);

/* Header of the root superblock of a volume. */
const groove_data_hdr_t *tree_root(const groove_data_t *data, uint64_t volume);

/* Whether a word is that of a superblock that may lie in a slot of host (GROOVE_DATA_SZC_VOLUME: that is a root). */
bool tree_is_superblock(const groove_data_t *data, uint64_t host, uint64_t bits);

/*
 * What is wrong with the word of a header, of slot idx of a superblock of szc; NULL: nothing. It looks at nothing but
 * the word.
 */
const char *tree_word_problem(const groove_data_t *data, uint64_t szc, uint64_t idx, uint64_t bits);

/*
 * The same, and what is wrong with the redirect before an object. Where objects come and go the redirect of one may be
 * bytes of the next when it is read.
 */
const char *tree_slot_problem(
	const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t szc, uint64_t idx, uint64_t bits);

/* Log damage at a slot and return GROOVE_ERR_CORRUPT. */
int tree_damage(const groove_data_t *data, const void *addr, const char *what);

#endif /* GROOVE_TREE_H */
