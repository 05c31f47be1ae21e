/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_STATS_H
#define GROOVE_STATS_H

#include "geometry.h"

/* Counts of a class, of all joins together. */
struct szc_sum {
	uint64_t alloc_cnt;
	uint64_t free_cnt;
	uint64_t obj_cnt; /* allocated less freed */
	uint64_t req_bytes;
	uint64_t slot_cnt;
	uint64_t superblock_cnt;
};

/* A sum of differences that others change while it is made may come out below zero for a moment. */
static inline uint64_t
stats_not_below_zero(uint64_t sum)
{
	return (int64_t)sum < 0 ? 0 : sum;
}

/* The counters of a class, summed over all joins there are and were. */
struct szc_sum stats_sum(const groove_data_t *data, uint64_t szc);

/*
 * Bytes of slots that objects took at one moment of the call, all together, or fewer. Others that allocate and free
 * meanwhile never make it more, as they do the sums of stats_sum(): those of an object that is gone by then, and of one
 * that has its memory since, are not both in it.
 */
uint64_t stats_slot_bytes_least(const groove_data_t *data);

#endif /* GROOVE_STATS_H */
