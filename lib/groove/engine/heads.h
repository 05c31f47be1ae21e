/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEADS_H
#define GROOVE_HEADS_H

/*
 * Where superblocks are found that have free slots: for each class the active slots, one for each concurrency group,
 * and the lists. Each is a head of list.h in the shared state.
 */

#include <rte_common.h>

#include "drain.h"
#include "geometry.h"
#include "list.h"

/*
 * Concurrency group of the join in a class. The active superblocks of all groups together are kept to about a
 * sixteenth of the volumes.
 */
static inline uint64_t
join_group(const groove_data_t *data, uint64_t szc)
{
	const struct pool_shared *pool = data->pool.shpool;
	const uint64_t budget = pool_volume_cnt(pool) << (data->volume_shift - 4);
	const uint64_t fit = budget >> floor_log2(szc_superblock_sz(data, szc));
	const uint64_t mask = fit > 1 ? (1UL << floor_log2(fit)) - 1 : 0;

	return data->cgroup_hint & groove_data_szc_cfg[szc].cgroup_mask & mask;
}

static inline uint64_t *
sb_slot_of(const groove_data_t *data, uint64_t group, uint64_t szc)
{
	return &data->shdata->active[group][szc];
}

/* That of the join's group. */
static inline uint64_t *
slot_own(const groove_data_t *data, uint64_t szc)
{
	return sb_slot_of(data, join_group(data, szc), szc);
}

/* Whether a slot is still as it was read: what it leads to has been there all the time then. */
static inline bool
sb_slot_is(const uint64_t *slot, uint64_t head)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE) == head;
}

static inline uint64_t *
list_of(const groove_data_t *data, uint64_t group, uint64_t szc)
{
	return &data->shdata->list[group][szc];
}

/* List of the join's own group. */
static inline uint64_t *
list_own(const groove_data_t *data, uint64_t szc)
{
	return list_of(data, join_group(data, szc) % LIST_GROUP_CNT, szc);
}

static inline uint64_t *
list_aside(const groove_data_t *data, uint64_t szc)
{
	return list_of(data, LIST_ASIDE, szc);
}

/* Lists of its groups that a class has. */
static inline uint64_t
list_cnt(uint64_t szc)
{
	return RTE_MIN(groove_data_szc_cfg[szc].cgroup_mask + 1UL, (uint64_t)LIST_GROUP_CNT);
}

/* All lists that it has. */
static inline uint64_t
list_all_cnt(uint64_t szc)
{
	return list_cnt(szc) + LIST_CNT - LIST_GROUP_CNT;
}

/* The i-th of them: those of groups, the one aside, that of what is being drained. */
static inline uint64_t *
list_at(const groove_data_t *data, uint64_t i, uint64_t szc)
{
	return list_of(data, i < list_cnt(szc) ? i : LIST_GROUP_CNT + i - list_cnt(szc), szc);
}

/* The list that a superblock belongs into: the join's own, or that of what is being drained. */
static inline uint64_t *
list_home(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	return drain_has(data, block) ? list_of(data, LIST_DRAIN, szc) : list_own(data, szc);
}

#endif /* GROOVE_HEADS_H */
