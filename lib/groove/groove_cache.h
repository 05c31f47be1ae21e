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

/**
 * Counts of one size class by one join: never reset, also not when another join takes the record. Sums over all joins
 * are modulo 2^64, of allocs and frees 2^48. Only the join writes them.
 *
 * Calls are counted in the upper 48 bits of a word, before they do anything else. The lower 16 bits hold those of
 * req_bytes as they were before the call: so when a join has died in a call of an object of up to 64 KiB, recovery can
 * show whether req_bytes has changed already, and by how much.
 */
struct groove_count {
	uint64_t allocs;    /**< Objects allocated, as above. */
	uint64_t frees;	    /**< Objects freed, as above. */
	uint64_t req_bytes; /**< Bytes asked for, allocated less freed. */
	uint64_t slot_cnt;  /**< Slots claimed for objects less slots put back: objects and what caches hold. */
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

#define GROOVE_COUNT_CALLS_MAX ((1UL << 48) - 1) /**< What calls are counted up to, and from 0 again. */

/**
 * Calls that a word of calls counts.
 *
 * @param calls
 *   Which of them counts.
 * @return
 *   Calls.
 */
static inline uint64_t
groove_count_calls(uint64_t calls)
{
	return calls >> 16;
}

/**
 * Count n calls, at least 1, in allocs or frees, that are about to be made and change req_bytes by so much. Returns the
 * count before. Only this join writes either. Release, so that they change one after the other: a join that sums the
 * counters sees no free without its alloc, and recovery sees from allocs and frees what became of req_bytes.
 *
 * @param count
 *   Counters of the join in a size class.
 * @param calls
 *   Which of them counts.
 * @param n
 *   Objects, from 0.
 * @param delta
 *   How much it changes.
 * @return
 *   The word that counts the calls, as it was before.
 */
static inline uint64_t
groove_count_ahead(struct groove_count *count, uint64_t *calls, uint64_t n, uint64_t delta)
{
	const uint64_t old = __atomic_load_n(calls, __ATOMIC_RELAXED);
	const uint64_t req = __atomic_load_n(&count->req_bytes, __ATOMIC_RELAXED);

	__atomic_store_n(calls, (old | 0xffff) + (((n - 1) << 16) + 1) + (uint16_t)req, __ATOMIC_RELEASE);
	__atomic_store_n(&count->req_bytes, req + delta, __ATOMIC_RELEASE);
	return old;
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_CACHE_H */
