/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_LIST_H
#define GROOVE_SUPERBLOCK_LIST_H

/*
 * The lists of superblocks of a class (heads.h). What is taken out is held (hold.h) until it is somewhere else.
 */

#include "geometry.h"

/* Put a superblock that is listed by its word, and held, into a list. */
void sb_list_insert(const groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t block);

/* Put a held superblock into the list of its class. */
void sb_list_push(groove_data_t *data, uint64_t szc, uint64_t block);

/*
 * Take the first superblock out of a list; it is held, and listed by its word still. GROOVE_ERR_EMPTY when there is
 * none. Nothing is held then.
 */
int sb_list_pop(groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t *block);

/* A superblock that was taken out of the list becomes held by its word, too. GROOVE_ERR_CORRUPT, logged. */
int sb_list_unshelve(groove_data_t *data, uint64_t szc, uint64_t block);

#endif /* GROOVE_SUPERBLOCK_LIST_H */
