/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_H
#define GROOVE_CACHE_H

/**
 * @file
 * What a join keeps at hand, as far as the part of groove_data_alloc() needs that is compiled into its callers. Its
 * fields are for the library.
 */

#include <groove_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Counts of one size class by one join: never reset, also not when another join takes the record. Sums over all joins
 * are modulo 2^64. Only the join writes them.
 */
struct groove_count {
	uint64_t alloc_cnt; /**< Objects allocated. */
	uint64_t free_cnt;  /**< Objects freed. */
	uint64_t req_bytes; /**< Bytes asked for, allocated less freed. */
	uint64_t slot_cnt;  /**< Slots claimed for objects less slots put back: objects and what caches hold. */
};

/** Slots of one size class at hand, and all else that a call has to know of the class, in a cache line. */
struct groove_shelf {
	uint64_t *top;		    /**< Where the next slot goes. Below the lowest is a 0. */
	uint64_t *limit;	    /**< Where it is full. */
	struct groove_count *count; /**< This join's. */
	uint32_t footprint;	    /**< Bytes of a slot. */
	uint32_t first;		    /**< Bytes from a superblock to its first slot. */
	uint32_t level_off;	    /**< Bytes from a volume to the entries of this class's superblocks in its table. */
	uint8_t level_shift;	    /**< log2 of the bytes of a volume for each entry. */
	uint8_t slot_cnt;	    /**< Slots in a superblock; 0: there are none of this class. */
	uint8_t cap;		    /**< Slots that may be at hand; 0: no caching. */
	uint64_t seen;		    /**< Calls by the last look whether the class is idle. */
} __attribute__((__aligned__(64)));

/** Largest slot that is cached, bytes. */
#define GROOVE_DATA_CACHE_SLOT_SZ 65536UL

/** Address of a slot on a shelf. */
static inline void *
groove_shelf_hdr(uint64_t slot)
{
	return (void *)(uintptr_t)(slot & ~63UL);
}

/** Its index in its superblock. */
static inline uint64_t
groove_shelf_idx(uint64_t slot)
{
	return slot & 63;
}

/**
 * Add to a counter that only this join writes: load and store do. Release: whoever sums the counters sees no free
 * without its alloc.
 */
static inline void
groove_count_add(uint64_t *counter, uint64_t delta)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + delta, __ATOMIC_RELEASE);
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_CACHE_H */
