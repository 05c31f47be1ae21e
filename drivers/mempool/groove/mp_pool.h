/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_POOL_H
#define MP_POOL_H

/*
 * What lies in the shared memory of a pool. It is one piece, which the processes of an EAL map at the same address, as
 * they do the elements: so it may hold pointers to these.
 *
 *     struct mp_pool | magazine 0 | magazine 1 | ... | owners, one byte for each element
 *
 * Free elements are in magazines. A magazine is a small stack of pointers with one word, which says how many there are,
 * and which process holds it: nobody, or the one that is taking elements out or putting some in. A process takes hold
 * by one compare-and-swap, and lets go by one store.
 *
 * The owner of an element is the process that got it last. A put leaves it as it is, unless somebody looks for what the
 * dead had (careful).
 *
 * Invariant. What lies in a magazine below the count of its word is the pool's, whatever its owner says. An element
 * that is in no magazine is its owner's. (doc/guides/prog_guide/mempool.rst has the argument.)
 *
 * A process has a number that no other process ever has (member.h), and a place in the table of members, by which
 * magazines and elements name it. The place becomes vacant only when nothing names it any more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_config.h>

/* What owns an element. The numbers between are places of members. */
#define OWNER_POOL     0U   /* nobody: it is in the pool */
#define OWNER_STRANGER 253U /* a process that is in no place, as it could get none, and has the lock of strangers */
#define OWNER_UNKNOWN  254U /* one that could not have that lock */
#define OWNER_DEAD     255U /* a process that is dead and recovered; the application has not said what becomes of it */
#define MEMBER_CNT     253U /* places, with that of OWNER_POOL, which nobody has */

#define EXTENT_CNT   64U
#define EXTENT_GAP   4U /* entries that may lie unused between two elements of an extent */
#define MAGAZINE_END UINT32_MAX

#define WORD_HOLDER_SHIFT 24
#define WORD_CNT_MASK	  ((1U << WORD_HOLDER_SHIFT) - 1)

/* Elements that lie side by side. The entry of one follows from its address by a subtraction and a shift. */
struct extent {
	uintptr_t base; /* the first element */
	uint64_t len;	/* bytes up to and with the first of the last element; 0: none */
	uint64_t first; /* entry of the first */
};

/* A process. */
struct member {
	uint64_t number; /* 0: vacant. With MEMBER_RECOVERED: of the process that recovers what the place names */
	uint64_t lcores[(RTE_MAX_LCORE + 63) / 64]; /* that are its own */
};

#define MEMBER_RECOVERED (1UL << 63)

struct magazine {
	uint32_t word; /* count, and the holder above it; 0: nobody */
	uint32_t next; /* of those that a process holds at a time; means nothing but to the holder */
	void *slots[] __rte_cache_aligned;
} __rte_cache_aligned;

struct mp_pool {
	uint64_t id; /* random, below 2^56; the lowest bits say where a thread has its seat */
	uint32_t magazine_cnt;
	uint32_t magazine_filled; /* as many hold all elements */
	uint32_t magazine_slots;
	uint32_t magazine_sz; /* bytes */
	uint32_t shift;	      /* 2^shift bytes are no more than an element takes */
	uint32_t extent_cnt;
	uint32_t sole;	     /* the place of the process that made it, as long as no other had one: it owns all; or 0 */
	uint32_t careful;    /* processes that look for what the dead had, and those that died of it */
	uint32_t stranger;   /* 1: a stranger is in its put, or died in it; changed under the lock of strangers */
	uint64_t owners_off; /* bytes from here */
	uint64_t owner_cnt;
	uint64_t owner_used;
	uint64_t lock_dev; /* the file by whose locks it is known which members live */
	uint64_t lock_ino;
	struct rte_mempool *mempool;
	struct extent extents[EXTENT_CNT];
	struct member members[MEMBER_CNT] __rte_cache_aligned;
} __rte_cache_aligned;

/* Bytes of a pool of so many elements. 0: too many. */
size_t mp_sz(uint32_t elt_cnt);

/* Make one of zeroed memory. elt_sz: bytes from an element to the next, at least. */
void mp_init(struct mp_pool *pool, uint32_t elt_cnt, uint64_t elt_sz, uint64_t id);

/* Note an element, of a process that populates the pool, in whose name it is then. False: there is no room. */
bool mp_note(struct mp_pool *pool, const void *obj, uint8_t member);

/* Forget the elements of a pool that has none any more, as it could not be populated. */
void mp_forget(struct mp_pool *pool);

/* Elements in magazines; no more are counted when these are enough. Exact when nobody gets or puts. */
uint64_t mp_cnt(const struct mp_pool *pool, uint64_t enough);

static inline struct magazine *
mp_magazine(const struct mp_pool *pool, uint32_t idx)
{
	return (struct magazine *)((uintptr_t)(pool + 1) + (uint64_t)idx * pool->magazine_sz);
}

static inline uint8_t *
mp_owners(const struct mp_pool *pool)
{
	return (uint8_t *)((uintptr_t)pool + pool->owners_off);
}

/* The extent that an address is in. NULL: no element is there. */
const struct extent *mp_extent(const struct mp_pool *pool, const void *obj);

/* The entry of an element in an extent. */
static inline uint8_t *
mp_owner_in(const struct mp_pool *pool, const struct extent *extent, const void *obj)
{
	return mp_owners(pool) + extent->first + (((uintptr_t)obj - extent->base) >> pool->shift);
}

/* The entry of an element. NULL: it is none of this pool. */
static inline uint8_t *
mp_owner(const struct mp_pool *pool, const void *obj)
{
	const struct extent *extent = &pool->extents[0];

	if (unlikely((uintptr_t)obj - extent->base >= extent->len)) {
		extent = mp_extent(pool, obj);
		if (extent == NULL)
			return NULL;
	}
	return mp_owner_in(pool, extent, obj);
}

static inline uint32_t
word_cnt(uint32_t word)
{
	return word & WORD_CNT_MASK;
}

static inline uint32_t
word_holder(uint32_t word)
{
	return word >> WORD_HOLDER_SHIFT;
}

static inline uint32_t
word_held(uint32_t cnt, uint8_t member)
{
	return cnt | (uint32_t)member << WORD_HOLDER_SHIFT;
}

#endif /* MP_POOL_H */
