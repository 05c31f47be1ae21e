/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_POOL_H
#define GROOVE_POOL_H

/*
 * What the groove needs of the volume pool beyond its public calls.
 */

#include <stdbool.h>

#include "shared.h"

static inline struct pool_shared *
pool_shared(const groove_volume_pool_t *pool)
{
	return (struct pool_shared *)pool->shpool;
}

static inline groove_volume_t *
pool_volume(const groove_volume_pool_t *pool, uint64_t idx)
{
	return (groove_volume_t *)((uint8_t *)pool->volume0 + idx * pool->volume_sz);
}

/* State of a volume. Acquire pairs with pool_state_swap(). */
static inline uint64_t
pool_state(const groove_volume_pool_t *pool, uint64_t idx)
{
	return __atomic_load_n(&pool_shared(pool)->slot[idx].state, __ATOMIC_ACQUIRE);
}

/* Change the state of a volume if it is still as it was read. Release: who sees the new state sees what led to it. */
static inline bool
pool_state_swap(const groove_volume_pool_t *pool, uint64_t idx, uint64_t old, uint64_t state)
{
	return __atomic_compare_exchange_n(
		&pool_shared(pool)->slot[idx].state, &old, state, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* groove_volume_pool_add() that clears clear_sz bytes behind the header as well. */
int pool_add(groove_volume_pool_t *pool, void *mem, uint64_t footprint, const void *info, uint64_t info_sz,
	uint64_t clear_sz);

/* Take an empty volume; its state stays EMPTY until the caller changes it. False when there is none. */
bool pool_pop(const groove_volume_pool_t *pool, uint64_t *idx);

/* Put a volume, whose state is EMPTY, in. */
void pool_push(const groove_volume_pool_t *pool, uint64_t idx);

/* Take a volume, whose state is old, out of the groove. False when another did. */
bool pool_out(const groove_volume_pool_t *pool, uint64_t idx, uint64_t old);

#endif /* GROOVE_POOL_H */
