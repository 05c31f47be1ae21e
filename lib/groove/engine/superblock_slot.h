/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_SLOT_H
#define GROOVE_SUPERBLOCK_SLOT_H

/*
 * The active slots of a class (heads.h): one superblock at most in each, that claims take from.
 */

#include <stdbool.h>

#include "geometry.h"

/*
 * Take a superblock, whose name is written down, out of an active slot that is still as it was read; it is held, or
 * full, afterwards.
 */
int sb_slot_withdraw(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head, bool *held);

/* Put a superblock that is active by its word into a slot; list it when there is one already. */
void sb_slot_insert(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block);

/* Make a held superblock the active one; list it when there is one already. */
void sb_slot_install(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block);

/* Take a superblock out of an active slot that is still as it was read, to return it or list it. */
int sb_slot_clear(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head);

#endif /* GROOVE_SUPERBLOCK_SLOT_H */
