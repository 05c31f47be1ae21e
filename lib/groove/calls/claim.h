/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CLAIM_H
#define GROOVE_CLAIM_H

/*
 * Where slots come from when memory is short: also from superblocks of larger classes. A larger slot costs the
 * difference. But a new superblock may cost the last place where an object of 10 MiB fits, and FULL the caller's
 * object.
 */

#include "superblock_claim.h"

/*
 * Claim one slot for an object of an alignment, of class *szc, or of the larger one that *szc receives. Inside an
 * epoch, and in a look (full.h). It comes after what needs nothing of the reserve (reserve.h): slots of its own class,
 * or up to half as large again. In this order:
 *
 * 1. any slot of its own class, after looking for room (room.h): the join's own cache, retired volumes, empty
 *    superblocks;
 * 2. any slot up to four times as large.
 *
 * Larger ones are those of classes that objects of their own are in, so that no class has superblocks for these alone.
 *
 * GROOVE_SUCCESS; GROOVE_ERR_FULL; GROOVE_ERR_CORRUPT, logged.
 */
int claim_any(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed);

#endif /* GROOVE_CLAIM_H */
