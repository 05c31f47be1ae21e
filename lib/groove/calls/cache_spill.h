/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_SPILL_H
#define GROOVE_CACHE_SPILL_H

/*
 * Spill: slots leave the shelf of a class, from the oldest, all of one superblock in one step.
 */

#include "shelf.h"

/*
 * Return about so many slots of a class, at least one, but to few superblocks only: so that it takes few atomics. A
 * class whose shelf is empty stays as it is. Returns how many.
 */
uint32_t cache_spill(groove_data_t *data, uint64_t szc, uint32_t want);

/* Return what lies in a volume. */
void cache_spill_volume(groove_data_t *data, uint64_t szc, uint64_t volume);

#endif /* GROOVE_CACHE_SPILL_H */
