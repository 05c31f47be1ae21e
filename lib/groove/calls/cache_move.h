/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_MOVE_H
#define GROOVE_CACHE_MOVE_H

/*
 * Slots of one superblock move to the shelf of a join, and back.
 */

#include "shelf.h"

/* Put slots of a superblock that were claimed, one at least, into the shelf of their class, which has room. */
void cache_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

/*
 * Put slots of a superblock, whose headers say cached by this join, back into it. Where the superblock is damaged they
 * are free by their headers all the same, which is logged; recovery finds them.
 */
void cache_put_back(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask);

#endif /* GROOVE_CACHE_MOVE_H */
