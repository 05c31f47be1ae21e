/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_CAP_H
#define GROOVE_CACHE_CAP_H

/*
 * How many slots of each class a join caches: the cap of a class.
 *
 * It begins at none. Each slow step of the class doubles it, up to what is usual for slots of that size: so a join that
 * made few calls keeps little. From there it grows with bursts alone: it doubles when a refill follows a spill, or a
 * spill a refill, within few calls. What comes and goes in bursts stays in the cache then. Memory that is only filled,
 * or only emptied, does not let it grow; nor do allocs and frees in no order, which fill or empty a shelf now and then.
 * A flush, and a class that is idle, end the cap.
 *
 * The bytes of all caps of a join stay within what groove_data_cache_limit() says, and within its share of what all
 * joins may cache (cache_share.h).
 */

#include "shelf.h"

/*
 * A class that is cached needs slots, or (out) room for some: grow its cap if it is to. Returns the cap; 0: the class
 * is not cached.
 */
uint32_t cache_cap_grow(groove_data_t *data, uint64_t szc, bool out);

/* Halve the cap of a class, if the slots on its shelf are no more than that. */
void cache_cap_halve(groove_data_t *data, uint64_t szc);

/* A class whose shelf is empty has no cap any more. */
void cache_cap_end(groove_data_t *data, uint64_t szc);

/* Set what the caps may be: bytes of each class, and of all. They are all 0. */
void cache_cap_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes);

#endif /* GROOVE_CACHE_CAP_H */
