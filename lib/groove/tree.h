/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_TREE_H
#define GROOVE_TREE_H

/*
 * The superblocks and objects of a volume as its headers tell: each superblock, from the root down, its slots in order
 * of address. Free bits and lists are not looked at. Nothing that is read is trusted: a header that cannot be is
 * reported with its place, and as each superblock lies inside its parent the walk always ends.
 *
 * For an idle groove, or the one join that changes it.
 */

#include "join.h"

/* What to do on the way. Each may be NULL, each ends the walk by answering anything but 0. */
struct tree_ops {
	/* A superblock, before its slots. */
	int (*enter)(void *arg, uint64_t szc, uint64_t block);
	/* A slot: free, live or freeing object, or superblock (after the superblock itself). bits: its header's word.
	 */
	int (*slot)(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits);
	/* A superblock, after its slots. */
	int (*leave)(void *arg, uint64_t szc, uint64_t block);
};

/*
 * Walk a volume in use. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged; or what an operation answered to end the walk.
 */
int tree_walk(const groove_data_t *data, uint64_t volume, const struct tree_ops *ops, void *arg);

/* Log damage at a slot and answer GROOVE_ERR_CORRUPT. */
int tree_damage(const groove_data_t *data, const void *addr, const char *what);

#endif /* GROOVE_TREE_H */
