/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_SHARE_H
#define GROOVE_CACHE_SHARE_H

/*
 * What all joins together may cache: a part of the groove. A join writes into its record how many bytes it may cache,
 * and makes that more only while it is no more than what is left of the part. So however many joins there are, idle
 * ones too, they never have more than the part; and joins that are in use give back what they have above that
 * (cache.c). As each may have half of what is left, a few idle ones leave next to nothing: so a little is set apart for
 * each record, which a join that comes always has. These are dynamic thresholds (Choudhury and Hahne, "Dynamic queue
 * length thresholds for shared-memory packet switches", 1998) with a factor of 1.
 */

#include <stdbool.h>

#include "shared.h"

/* Have so many bytes, more than before. False: the share is used up, and what the join has is as before. */
bool cache_share_take(groove_data_t *data, uint64_t keep);

/* Have so many bytes, fewer than before. */
static inline void
cache_share_give(groove_data_t *data, uint64_t keep)
{
	/* Relaxed: a join that sees it late takes less. */
	__atomic_store_n(&data->record->keep, keep, __ATOMIC_RELAXED);
}

/* Whether the join has more than it could take now. */
bool cache_share_is_over(const groove_data_t *data);

#endif /* GROOVE_CACHE_SHARE_H */
