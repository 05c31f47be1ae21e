/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CLAIM_H
#define GROOVE_CLAIM_H

/*
 * Where slots come from when memory is short, and for objects above 1.5 MiB always: also superblocks of larger classes.
 *
 * An object may lie in a slot of any class that is large enough; its header says which. A larger slot costs the
 * difference. But a new superblock may cost the last place where an object of 10 MiB fits, and FULL the caller's
 * object.
 */

#include "superblock.h"

/*
 * Claim one slot for an object of an alignment, of class *szc, or of the larger one that *szc receives. Inside an
 * epoch. In this order:
 *
 * 1. if the object is above 1.5 MiB, a free slot of a superblock that is there, at most a quarter larger than its own
 *    class;
 * 2. any slot of its own class, after looking for room: the join's own cache, retired volumes, empty superblocks;
 * 3. any slot up to four times as large.
 *
 * GROOVE_SUCCESS; GROOVE_ERR_FULL; GROOVE_ERR_CORRUPT, logged.
 */
int claim_any(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed);

#define CLAIM_SPARING_FOOTPRINT (1536UL << 10)

/* Whether objects of a class look for free slots of larger classes before they take a new superblock. */
static inline bool
claim_is_sparing(uint64_t szc)
{
	return groove_data_szc_cfg[szc].obj_footprint > CLAIM_SPARING_FOOTPRINT;
}

#endif /* GROOVE_CLAIM_H */
