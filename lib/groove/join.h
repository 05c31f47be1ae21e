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

/*
 * Get a cache line that is about to be written. Said to the processor in its own words: compilers make a prefetch for
 * reading of it, for the oldest x86-64, and a line that another lcore has written then comes twice.
 */
static inline void
prefetch_write(const void *addr)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const uint8_t *)addr));
#else
	__builtin_prefetch(addr, 1);
#endif
}

/*
 * Whose a join is, so that others can tell when it is dead: a word that the core stores in the record before the join
 * is live, and that it asks about. No two processes that live at the same time have the same word, and one of which
 * is_dead() has said so never comes back.
 */
struct join_owner {
	uint64_t word; /* bits 62 and 63 are set, 30 and 31 are not (owner.h) */
	bool (*is_dead)(void *arg, uint64_t word);
	void *arg;
};

/* Which joins are dead, by index: for groove_data_recover(). */
struct join_dead {
	groove_data_dead_fn fn;
	void *arg;
};

/*
 * groove_data_join() of an owner (NULL: unknown) that takes over a dead join's record when none is vacant, as
 * groove_data_join_recover() does; dead NULL: it does not.
 */
groove_data_t *join_owned(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead);

/* What a record was before it was adopted. */
struct adopted {
	uint64_t state;
	uint64_t owner;
};

/* Take over the record of a dead join (adopt.c). With an owner, its word tells who is dead. NULL: none is. */
struct groove_record *record_adopt(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner,
	const struct join_dead *dead, struct adopted *was);

/* Keep a record that was adopted. */
void record_adopted(struct groove_record *record);

/* Have it be what it was, before anything in it was changed. */
void record_unadopt(struct groove_record *record, const struct adopted *was);

/* Swap an owner's word, or its mark, for another, if it is there still. */
void owner_replace(struct groove_record *record, uint64_t word, uint64_t by);

/* Give a record up, which only the caller changes: that of its own join, or of a dead one it has recovered. */
void record_give(struct groove_record *record);

/* groove_data_is_live(); logs, naming the call, when not. */
bool join_check(const groove_data_t *data, const char *call);

/* Whether a handle is one of groove_data_join_readonly(), of this process. */
bool join_is_readonly(const groove_data_t *data);

/* A handle that knows where things lie, and has no record and no cache. False, logged, when an argument is wrong. */
bool join_view(groove_data_t *data, void *shdata, const groove_data_cfg_t *cfg, void *volume0, const char *call);

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

#endif /* GROOVE_JOIN_H */
