/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_POOL_H
#define GROOVE_POOL_H

/*
 * What the groove needs of the volume pool beyond its public calls.
 */

#include <stdbool.h>

#include "geometry.h"

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

/* Whether a volume is in the groove, and no add or remove is at work on it. */
static inline bool
pool_in_groove(const groove_volume_pool_t *pool, uint64_t idx)
{
	const enum volume_kind kind = volume_state_kind(pool_state(pool, idx));

	return kind == VOLUME_EMPTY || kind == VOLUME_USED || kind == VOLUME_RETIRED;
}

/* Whether a block read from shared memory can be the start of a superblock, in a volume that is in use. */
static inline bool
pool_uses_block(const groove_data_t *data, uint64_t block)
{
	return block_in_range(data, block) &&
	       volume_state_kind(pool_state(&data->pool, block_volume(data, block))) == VOLUME_USED;
}

/*
 * Change the state of a volume if it is still as it was read. Release: a thread that sees the new state sees what led
 * to it. Sequentially consistent for the one pair of volume_add and join, see joins_reach().
 */
static inline bool
pool_state_swap(const groove_volume_pool_t *pool, uint64_t idx, uint64_t old, uint64_t state)
{
	return __atomic_compare_exchange_n(
		&pool_shared(pool)->slot[idx].state, &old, state, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Volumes up to the highest that is not OUT. */
uint64_t pool_volume_top(const struct pool_shared *shared);

/*
 * Take an empty volume; its state stays EMPTY until the caller changes it. False when there is none. name: where to
 * write its name first (hold.h), and 0 when it is not taken.
 */
bool pool_pop(const groove_volume_pool_t *pool, uint64_t *name, uint64_t *idx);

/* Whether a volume is in the pool. GROOVE_ERR_AGAIN when others were at it at the same time. */
int pool_has(const groove_volume_pool_t *pool, uint64_t idx, bool *has);

/* Use a volume that was popped. */
void pool_use(const groove_volume_pool_t *pool, uint64_t idx);

/* Put a volume that was in use in. False when it was in no use. */
bool pool_release(const groove_volume_pool_t *pool, uint64_t idx);

/* Put a volume, whose state is EMPTY, in. */
void pool_push(const groove_volume_pool_t *pool, uint64_t idx);

/* Count the volumes anew. A join that has added or removed some does it after that, so the last one is right. */
void pool_recount(const groove_volume_pool_t *pool);

/*
 * Whether a volume that should be in the groove is one by its header: nothing is written to what is none. One that is
 * being removed may have lost its magic. Logs when not.
 */
bool pool_check_hdr(const groove_volume_pool_t *pool, uint64_t idx);

/* Take a volume, whose state is old, out of the groove. False when another did, or, logged, when its header is
 * damaged. */
bool pool_out(const groove_volume_pool_t *pool, uint64_t idx, uint64_t old);

#endif /* GROOVE_POOL_H */
