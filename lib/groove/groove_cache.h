/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_CACHE_H
#define GROOVE_CACHE_H

/**
 * @file
 * What a join caches, as far as the part of groove_data_alloc() needs that is compiled into its callers. Its fields are
 * for the library.
 */

#include <groove_base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_COUNT_ALLOC 0U /**< Objects allocated. */
#define GROOVE_COUNT_FREE  1U /**< Objects freed. */

/**
 * Calls of one size class by one join, counted in one word for each direction: bytes asked for << 22 | calls. So one
 * store counts both. Never reset, also not when another join takes the record; what a word cannot hold is noted
 * elsewhere. Only the join writes them.
 */
struct groove_count {
	uint64_t calls[2]; /**< GROOVE_COUNT_ALLOC, GROOVE_COUNT_FREE. */
};

/** Cached slots of one size class, and all else that a call has to know of the class, in a cache line. */
struct groove_shelf {
	uint64_t *top;		    /**< Where the next slot goes. Below the lowest is a 0. */
	uint64_t *limit;	    /**< Where it is full. */
	struct groove_count *count; /**< This join's. */
	uint32_t footprint;	    /**< Bytes of a slot; 0: there are no objects of this class. */
	uint32_t first;		    /**< Bytes from a superblock to its first slot. */
	uint32_t level_off;	    /**< Bytes from a volume to the words of this class's superblocks in its table. */
	uint32_t level_id_off;	    /**< Bytes to their ids. */
	uint32_t id;		    /**< The part of these that is the class. */
	uint8_t level_shift;	    /**< log2 of the bytes of a volume for each entry. */
} __attribute__((__aligned__(64)));

/** Largest slot that is cached, bytes. */
#define GROOVE_DATA_CACHE_SLOT_SZ 65536UL

/**
 * Address of a slot on a shelf.
 *
 * @param slot
 *   The slot.
 * @return
 *   Its address.
 */
static inline void *
groove_shelf_hdr(uint64_t slot)
{
	return (void *)(uintptr_t)(slot & ~63UL);
}

/**
 * Its index in its superblock.
 *
 * @param slot
 *   The slot.
 * @return
 *   The index.
 */
static inline uint64_t
groove_shelf_idx(uint64_t slot)
{
	return slot & 63;
}

/**
 * Add to a counter that only this join writes: load and store do. Release: recovery sees what was done before.
 *
 * @param counter
 *   A counter of the join.
 * @param delta
 *   How much it changes.
 */
static inline void
groove_count_add(uint64_t *counter, uint64_t delta)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + delta, __ATOMIC_RELEASE);
}

#define GROOVE_COUNT_CALLS_BITS 22 /**< Bits of a word that count calls. */
#define GROOVE_COUNT_NOTE_BITS	20 /**< So many calls are 2 to this, after which the total is noted. */

/**
 * What calls change a word by.
 *
 * @param n
 *   Calls.
 * @param bytes
 *   Bytes asked for by all of them.
 * @return
 *   What is added to the word.
 */
static inline uint64_t
groove_count_delta(uint64_t n, uint64_t bytes)
{
	return (bytes << GROOVE_COUNT_CALLS_BITS) + n;
}

/**
 * Whether the total is to be noted with the next call: so that one has to go the slow way, which does.
 *
 * @param word
 *   A word of a count.
 * @return
 *   1: it is; 0: it is not.
 */
static inline int
groove_count_is_due(uint64_t word)
{
	return (word & ((1UL << GROOVE_COUNT_NOTE_BITS) - 1)) == 0;
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_CACHE_H */
