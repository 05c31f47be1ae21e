/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_JOIN_H
#define GROOVE_JOIN_H

/*
 * What a join may do: whether it is one, its counters, its place among the concurrency groups.
 */

#include <stdbool.h>

#include "geometry.h"

/* Whether a handle is a join of this process: not NULL, not left, not copied by fork. */
static inline bool
join_is_live(const groove_data_t *data)
{
	return data != NULL && __atomic_load_n(data->fork_guard, __ATOMIC_RELAXED) == data->fork_key;
}

/* The same; logs, naming the call, when not. */
bool join_check(const groove_data_t *data, const char *call);

/*
 * Add to a counter of the join's own record. Only its join writes it, so load and store do. Release pairs with
 * stats_sum().
 */
static inline void
join_count(uint64_t *counter, uint64_t delta)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + delta, __ATOMIC_RELEASE);
}

static inline uint64_t
claim_pack(uint64_t block, uint64_t mask)
{
	return block << 32 | mask;
}

static inline uint64_t
claim_block(uint64_t claim)
{
	return claim >> 32;
}

static inline uint64_t
claim_mask(uint64_t claim)
{
	return claim & UINT32_MAX;
}

static inline struct record_count *
join_counts(groove_data_t *data, uint64_t szc)
{
	return &data->record->count[szc];
}

/*
 * Concurrency group of the join in a class. The active superblocks of all groups together are kept to about a
 * sixteenth of the volumes.
 */
static inline uint64_t
join_group(const groove_data_t *data, uint64_t szc)
{
	const struct pool_shared *pool = data->pool.shpool;
	const uint64_t budget = __atomic_load_n(&pool->volume_cnt, __ATOMIC_RELAXED) << (data->volume_shift - 4);
	const uint64_t fit = budget >> floor_log2(szc_superblock_sz(data, szc));
	const uint64_t mask = fit > 1 ? (1UL << floor_log2(fit)) - 1 : 0;

	return data->cgroup_hint & groove_data_szc_cfg[szc].cgroup_mask & mask;
}

#endif /* GROOVE_JOIN_H */
