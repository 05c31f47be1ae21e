/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_pool.h"

#include <string.h>

#define SLOTS_MIN    8U
#define SLOTS_USUAL  512U
#define FILLED_FEW   16U  /* magazines that hold all elements, of a small pool, */
#define FILLED_MANY  256U /* and of a large one: a get that fails looks at each */
#define SPARE	     129U /* magazines more: with so many held and full another has room */
#define OWNERS_SPARE (4UL * EXTENT_CNT)

/* Pointers in a magazine. */
static uint32_t
slots_for(uint32_t elt_cnt)
{
	const uint32_t few = rte_align32pow2(elt_cnt / FILLED_FEW);
	const uint32_t many = rte_align32pow2(elt_cnt / FILLED_MANY);

	return RTE_MAX(many, RTE_MIN(RTE_MAX(few, SLOTS_MIN), SLOTS_USUAL));
}

static uint32_t
filled_for(uint32_t elt_cnt)
{
	return elt_cnt / slots_for(elt_cnt) + 1;
}

static uint32_t
magazine_sz(uint32_t elt_cnt)
{
	return (uint32_t)(sizeof(struct magazine) + slots_for(elt_cnt) * sizeof(void *));
}

static uint64_t
owners_off(uint32_t elt_cnt)
{
	return sizeof(struct mp_pool) + (uint64_t)(filled_for(elt_cnt) + SPARE) * magazine_sz(elt_cnt);
}

/* An element takes less than two entries, where it is followed by another. */
static uint64_t
owner_cnt(uint32_t elt_cnt)
{
	return 2UL * elt_cnt + OWNERS_SPARE;
}

size_t
mp_sz(uint32_t elt_cnt)
{
	if (elt_cnt > 1U << 31)
		return 0;
	return owners_off(elt_cnt) + owner_cnt(elt_cnt);
}

void
mp_init(struct mp_pool *pool, uint32_t elt_cnt, uint64_t elt_sz, uint64_t id)
{
	pool->id = id;
	pool->magazine_filled = filled_for(elt_cnt);
	pool->magazine_cnt = pool->magazine_filled + SPARE;
	pool->magazine_slots = slots_for(elt_cnt);
	pool->magazine_sz = magazine_sz(elt_cnt);
	pool->shift = 63U - (uint32_t)__builtin_clzl(elt_sz);
	pool->owners_off = owners_off(elt_cnt);
	pool->owner_cnt = owner_cnt(elt_cnt);
}

const struct extent *
mp_extent(const struct mp_pool *pool, const void *obj)
{
	/* Acquire: with the release in extent_add(), so that what is counted is there. */
	const uint32_t cnt = __atomic_load_n(&pool->extent_cnt, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < cnt; i++) {
		if ((uintptr_t)obj - pool->extents[i].base < pool->extents[i].len)
			return &pool->extents[i];
	}
	return NULL;
}

/* Whether an extent begins between two addresses. */
static bool
extent_between(const struct mp_pool *pool, uintptr_t from, uintptr_t to)
{
	for (uint32_t i = 0; i < pool->extent_cnt; i++) {
		if (pool->extents[i].base > from && pool->extents[i].base < to)
			return true;
	}
	return false;
}

/*
 * Let the last extent end with an element that lies after it. False: that is too far, or over another extent, as no
 * element may be in two; or there are no entries left.
 */
static bool
extent_extend(struct mp_pool *pool, const void *obj)
{
	struct extent *last = &pool->extents[pool->extent_cnt - 1];
	const uint64_t off = (uintptr_t)obj - last->base;
	const uint64_t used = last->first + (off >> pool->shift) + 1;

	if ((uintptr_t)obj < last->base || used > pool->owner_used + EXTENT_GAP || used > pool->owner_cnt ||
		extent_between(pool, last->base, (uintptr_t)obj))
		return false;
	pool->owner_used = used;
	last->len = off + 1;
	return true;
}

static bool
extent_add(struct mp_pool *pool, const void *obj)
{
	if (pool->extent_cnt == EXTENT_CNT || pool->owner_used == pool->owner_cnt)
		return false;
	pool->extents[pool->extent_cnt] = (struct extent){(uintptr_t)obj, 1, pool->owner_used++};
	/* Release: with the acquire in mp_extent(). */
	__atomic_store_n(&pool->extent_cnt, pool->extent_cnt + 1, __ATOMIC_RELEASE);
	return true;
}

bool
mp_note(struct mp_pool *pool, const void *obj, uint8_t member)
{
	/* One that lies in the gap of an extent has an entry there. */
	if (mp_extent(pool, obj) == NULL && (pool->extent_cnt == 0 || !extent_extend(pool, obj)) &&
		!extent_add(pool, obj))
		return false;
	/* Relaxed: nobody else knows of the element. */
	__atomic_store_n(mp_owner(pool, obj), member, __ATOMIC_RELAXED);
	return true;
}

void
mp_forget(struct mp_pool *pool)
{
	memset(mp_owners(pool), OWNER_POOL, pool->owner_used);
	/* Relaxed: nobody has an element. */
	__atomic_store_n(&pool->extent_cnt, 0, __ATOMIC_RELAXED);
	memset(pool->extents, 0, sizeof(pool->extents));
	pool->owner_used = 0;
}

uint64_t
mp_cnt(const struct mp_pool *pool, uint64_t enough)
{
	uint64_t cnt = 0;

	/* Relaxed: a sum of words that change meanwhile is of no moment. */
	for (uint32_t i = 0; i < pool->magazine_cnt && cnt < enough; i++)
		cnt += word_cnt(__atomic_load_n(&mp_magazine(pool, i)->word, __ATOMIC_RELAXED));
	return cnt;
}
