/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_TRIM_H
#define GROOVE_SUPERBLOCK_TRIM_H

/*
 * What looks through all slots and lists of a class: to return what is empty, to find one superblock. Inside an epoch.
 */

#include <stdbool.h>

#include "geometry.h"

/*
 * Return the empty superblocks of a class, in the slots and the lists, to their parents. Returns how many were taken
 * out of a list for it.
 */
uint64_t superblock_trim(groove_data_t *data, uint64_t szc);

/* The same for all classes. */
uint64_t trim_all(groove_data_t *data);

/* Whether an active slot of its class leads to a superblock. */
bool superblock_in_slot(const groove_data_t *data, uint64_t szc, uint64_t block);

/*
 * Find out whether a superblock is in a list of its class. What is not found and has the same word as before was in
 * none. GROOVE_SUCCESS; GROOVE_ERR_AGAIN: others were too busy with the lists; GROOVE_ERR_CORRUPT, logged.
 */
int superblock_in_list(groove_data_t *data, uint64_t szc, uint64_t block, bool *found);

#endif /* GROOVE_SUPERBLOCK_TRIM_H */
