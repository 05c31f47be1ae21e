/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MAGAZINE_H
#define MAGAZINE_H

/*
 * Elements out of magazines, and into them. Any thread of any process at any time; none waits for another: what is held
 * is passed over. member: the place of the calling process. hint: of the calling thread, the magazine that it used
 * last.
 */

#include <string.h>

#include "mp_pool.h"

/* The slow path of magazine_get(): elements of several magazines. */
bool magazine_get_some(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n);

/* The slow path of magazine_put(). Returns how many are left, the first ones: there was no room. */
uint32_t magazine_put_some(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n);

/* The same as magazine_fill(), while somebody looks for what the dead had. */
void magazine_fill_carefully(const struct mp_pool *pool, struct magazine *magazine, uint32_t cnt, uint8_t member,
	void *const *objs, uint32_t n);

/*
 * From here on puts are careful, and no element in a magazine has this owner, which is dead; magazines that it holds
 * are let go, if it is a process. Up to magazine_clear_end().
 */
void magazine_clear(struct mp_pool *pool, uint8_t owner);
void magazine_clear_end(struct mp_pool *pool);

/* Hold a magazine that had this word, which nobody held. False: it has changed. */
static inline bool
magazine_hold(struct magazine *magazine, uint32_t word, uint8_t member)
{
	/* Acquire: with the release in magazine_release(), for what is in the slots, and the owners of it. */
	return __atomic_compare_exchange_n(
		&magazine->word, &word, word_held(word, member), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void
magazine_release(struct magazine *magazine, uint32_t cnt)
{
	/* Release: with the acquire in magazine_hold(). */
	__atomic_store_n(&magazine->word, cnt, __ATOMIC_RELEASE);
}

/* Where the owners of an extent are: in variables of its own, as a store of a byte may change any other. */
struct owners {
	uintptr_t base;
	uint64_t len;
	uint8_t *first;
	uint32_t shift;
};

static inline struct owners
owners_of(const struct mp_pool *pool, const struct extent *extent)
{
	return (struct owners){extent->base, extent->len, mp_owners(pool) + extent->first, pool->shift};
}

/* The owner of an element, looked for first in the extent of the one before. NULL: it is none of this pool. */
static inline uint8_t *
owners_find(struct owners *owners, const struct mp_pool *pool, const void *obj)
{
	if (unlikely((uintptr_t)obj - owners->base >= owners->len)) {
		const struct extent *extent = mp_extent(pool, obj);

		if (extent == NULL)
			return NULL;
		*owners = owners_of(pool, extent);
	}
	return owners->first + (((uintptr_t)obj - owners->base) >> owners->shift);
}

/*
 * The last n of the cnt elements of a held magazine. They stay the pool's until it is released, as they are below the
 * count: if the process dies before that, recovery lets go of the magazine as it was.
 */
static __rte_always_inline void
magazine_take(const struct mp_pool *pool, const struct magazine *magazine, uint32_t cnt, uint8_t member, void **objs,
	uint32_t n)
{
	void *const *top = &magazine->slots[cnt - n];
	struct owners owners;

	memcpy(objs, top, n * sizeof(*objs));
	/* Relaxed: zero before any other process released what it had got, which the hold has acquired. */
	if (likely(__atomic_load_n(&pool->sole, __ATOMIC_RELAXED) == member))
		return;
	owners = owners_of(pool, &pool->extents[0]);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *owner = owners_find(&owners, pool, top[i]);

		/*
		 * Mostly it is this process: then nothing is stored, and the line stays in the caches of all its CPUs.
		 * Relaxed: ordered before the release of the magazine for those that hold it next.
		 */
		if (likely(owner != NULL) && __atomic_load_n(owner, __ATOMIC_RELAXED) != member)
			__atomic_store_n(owner, member, __ATOMIC_RELAXED);
	}
}

/* Put n elements into a held magazine with cnt, which has room for them, and let go of it. */
static inline void
magazine_fill(const struct mp_pool *pool, struct magazine *magazine, uint32_t cnt, uint8_t member, void *const *objs,
	uint32_t n)
{
	/*
	 * Set before a read-modify-write of the magazine's word, which the hold has acquired if it is later. Acquire:
	 * with the release in magazine_clear(), as a careful put may come earlier, and nobody is the sole process by
	 * then.
	 */
	if (unlikely(__atomic_load_n(&pool->careful, __ATOMIC_ACQUIRE) != 0)) {
		magazine_fill_carefully(pool, magazine, cnt, member, objs, n);
		return;
	}
	memcpy(&magazine->slots[cnt], objs, n * sizeof(*objs));
	magazine_release(magazine, cnt + n);
}

/* n elements, all or none. False: there were not enough. */
static inline bool
magazine_get(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n)
{
	struct magazine *magazine = *last;
	/* Relaxed: the compare-and-swap looks again. */
	const uint32_t word = __atomic_load_n(&magazine->word, __ATOMIC_RELAXED);

	if (unlikely(word < n || word_holder(word) != 0 || !magazine_hold(magazine, word, member)))
		return magazine_get_some(pool, member, last, objs, n);
	magazine_take(pool, magazine, word, member, objs, n);
	magazine_release(magazine, word - n);
	return true;
}

/* Put n elements. Returns how many are left, the first ones: there was no room. */
static inline uint32_t
magazine_put(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n)
{
	struct magazine *magazine = *last;
	/* Relaxed: the compare-and-swap looks again. */
	const uint32_t word = __atomic_load_n(&magazine->word, __ATOMIC_RELAXED);

	if (unlikely((uint64_t)word + n > pool->magazine_slots || !magazine_hold(magazine, word, member)))
		return magazine_put_some(pool, member, last, objs, n);
	magazine_fill(pool, magazine, word, member, objs, n);
	return 0;
}

#endif /* MAGAZINE_H */
