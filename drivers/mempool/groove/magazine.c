/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "magazine.h"

#include <string.h>

#include <rte_pause.h>

#define ROUNDS	     64U  /* looks at all magazines, while others have some of them, before a call gives up */
#define HELD_MAX     16U  /* magazines that a get holds at a time: one that is stopped leaves others to puts */
#define CLEAR_ROUNDS 256U /* looks at one that a process holds, which lives */

/* Which of all a magazine is. */
static uint32_t
index_of(const struct mp_pool *pool, const struct magazine *magazine)
{
	return (uint32_t)(((uintptr_t)magazine - (uintptr_t)mp_magazine(pool, 0)) / pool->magazine_sz);
}

/* ---- get ---- */

/* A look at all magazines, from one on upwards. */
struct look {
	uint32_t idx;  /* the next */
	uint32_t left; /* those that it has not come to */
};

/* Magazines that a get holds, the last one first. */
struct gathered {
	uint32_t first;
	uint32_t held;
	uint64_t cnt; /* elements in them */
};

/* Hold magazines until they have n elements, or are as many as a get may hold. */
static struct gathered
gather(struct mp_pool *pool, uint8_t member, struct look *look, uint32_t n)
{
	struct gathered gathered = {.first = MAGAZINE_END};

	for (; look->left > 0 && gathered.cnt < n && gathered.held < HELD_MAX; look->left--) {
		const uint32_t idx = look->idx;
		struct magazine *magazine = mp_magazine(pool, idx);
		/* Relaxed: the compare-and-swap looks again. */
		const uint32_t word = __atomic_load_n(&magazine->word, __ATOMIC_RELAXED);

		look->idx = idx + 1 < pool->magazine_cnt ? idx + 1 : 0;
		if (word_cnt(word) == 0 || word_holder(word) != 0 || !magazine_hold(magazine, word, member))
			continue;
		magazine->next = gathered.first;
		gathered.first = idx;
		gathered.held++;
		gathered.cnt += word;
	}
	return gathered;
}

/* Take up to n elements out of each magazine that is held, and let go of it; n 0: of all as they are. */
static void
take_all(struct mp_pool *pool, uint8_t member, struct gathered gathered, void **objs, uint32_t n)
{
	uint32_t left = n;

	/* What was looked at last may keep some: of the others all are taken. */
	while (gathered.first != MAGAZINE_END) {
		struct magazine *magazine = mp_magazine(pool, gathered.first);
		/* Relaxed: this thread alone changes it. */
		const uint32_t cnt = word_cnt(__atomic_load_n(&magazine->word, __ATOMIC_RELAXED));
		const uint64_t others = gathered.cnt - cnt;
		const uint32_t taken = others >= left ? 0 : left - (uint32_t)others;

		magazine_take(pool, magazine, cnt, member, objs + left - taken, taken);
		gathered.first = magazine->next;
		gathered.cnt = others;
		left -= taken;
		magazine_release(magazine, cnt - taken);
	}
}

/*
 * Look at all magazines once. What is held is let go if it is too few: all or none. Only of a bulk from more magazines
 * than a get may hold some are taken before the others are found, and are then put back.
 */
static bool
get_once(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n)
{
	struct look look = {.idx = index_of(pool, *last), .left = pool->magazine_cnt};
	uint32_t taken = 0;

	for (;;) {
		const struct gathered gathered = gather(pool, member, &look, n - taken);
		const bool enough = gathered.cnt >= n - taken;
		const uint32_t part = enough ? n - taken : (uint32_t)gathered.cnt;

		if (enough && gathered.first != MAGAZINE_END)
			*last = mp_magazine(pool, gathered.first);
		take_all(pool, member, gathered, objs + taken, enough || look.left > 0 ? part : 0);
		if (enough)
			return true;
		if (look.left == 0)
			break;
		taken += part;
	}
	/* What finds no room stays this process', and is listed when it is dead. */
	magazine_put_some(pool, member, last, objs, taken);
	return false;
}

bool
magazine_get_some(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n)
{
	/* A get that cannot succeed holds nothing. */
	for (uint32_t round = 0; round < ROUNDS && mp_cnt(pool, n) >= n; round++) {
		if (get_once(pool, member, last, objs, n))
			return true;
		rte_pause();
	}
	return false;
}

/* ---- put ---- */

static void
owners_store(const struct mp_pool *pool, void *const *objs, uint32_t n, uint8_t to)
{
	struct owners owners = owners_of(pool, &pool->extents[0]);

	for (uint32_t i = 0; i < n; i++) {
		uint8_t *owner = owners_find(&owners, pool, objs[i]);

		/* Relaxed, as in magazine_take(). */
		if (owner != NULL)
			__atomic_store_n(owner, to, __ATOMIC_RELAXED);
	}
}

void
magazine_fill_carefully(const struct mp_pool *pool, struct magazine *magazine, uint32_t cnt, uint8_t member,
	void *const *objs, uint32_t n)
{
	/*
	 * They are this process' before their pointers are in slots: clear_slots() may read these by a count that is
	 * not the magazine's any more, and must not take them from the dead for the pool.
	 */
	owners_store(pool, objs, n, member);
	/* Release: with the acquire in clear_slots(), for the owner. */
	for (uint32_t i = 0; i < n; i++)
		__atomic_store_n(&magazine->slots[cnt + i], objs[i], __ATOMIC_RELEASE);
	/*
	 * The elements are below the count before they are the pool's: from then on recovery finishes the put, until
	 * then it has not begun. Release: a process that recovers from a death here finds the slots; the kernel's lock
	 * is the partner.
	 */
	__atomic_store_n(&magazine->word, word_held(cnt + n, member), __ATOMIC_RELEASE);
	/* A process dies between two of its instructions, so it is the compiler that must keep these in order. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	owners_store(pool, objs, n, OWNER_POOL);
	magazine_release(magazine, cnt + n);
}

/* Put as many of n elements as there is room for, from *last on downwards, where gets have been. Returns how many are
 * left. */
static uint32_t
put_each(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n)
{
	uint32_t idx = index_of(pool, *last);

	for (uint32_t i = 0; i < pool->magazine_cnt; i++) {
		struct magazine *magazine = mp_magazine(pool, idx);
		/* Relaxed: the compare-and-swap looks again. A word that is held is above any count. */
		const uint32_t word = __atomic_load_n(&magazine->word, __ATOMIC_RELAXED);

		if (word < pool->magazine_slots && magazine_hold(magazine, word, member)) {
			const uint32_t part = RTE_MIN(n, pool->magazine_slots - word);

			n -= part;
			magazine_fill(pool, magazine, word, member, objs + n, part);
			*last = magazine;
			if (n == 0)
				return 0;
		}
		idx = idx > 0 ? idx - 1 : pool->magazine_cnt - 1;
	}
	return n;
}

uint32_t
magazine_put_some(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n)
{
	for (uint32_t round = 0; round < ROUNDS && n > 0; round++) {
		n = put_each(pool, member, last, objs, n);
		if (n > 0)
			rte_pause();
	}
	return n;
}

/* ---- what the dead had ---- */

/*
 * The word of a magazine that nobody holds but, perhaps, the dead owner, read by a read-modify-write: the one that
 * holds it next has all that this process did before. One that stays held is taken as it is: the process that holds it
 * is stopped in a call.
 */
static uint32_t
word_seen(struct magazine *magazine, uint8_t owner)
{
	uint32_t word = 0;

	for (uint32_t round = 0; round < CLEAR_ROUNDS; round++) {
		/* Acquire, release: with those that held it before, and those that will. */
		word = __atomic_fetch_or(&magazine->word, 0, __ATOMIC_ACQ_REL);
		if (word_holder(word) == 0 || word_holder(word) == owner)
			break;
		rte_pause();
	}
	return word;
}

/*
 * What is below the count of a word that was read after the owner's death, and has this owner, is the pool's: were it
 * taken out since, by another process, that one would be the owner.
 */
static void
clear_slots(const struct mp_pool *pool, const struct magazine *magazine, uint32_t cnt, uint8_t owner)
{
	struct owners owners = owners_of(pool, &pool->extents[0]);

	for (uint32_t i = 0; i < cnt; i++) {
		/* Acquire: with the release in magazine_fill_carefully(), as others may put there meanwhile. */
		uint8_t *entry = owners_find(&owners, pool, __atomic_load_n(&magazine->slots[i], __ATOMIC_ACQUIRE));
		uint8_t from = owner;

		if (entry != NULL)
			__atomic_compare_exchange_n(
				entry, &from, OWNER_POOL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

void
magazine_clear(struct mp_pool *pool, uint8_t owner)
{
	/* Relaxed: ordered by the next. A careful put takes elements from their owner, so nobody owns all any more. */
	__atomic_store_n(&pool->sole, 0, __ATOMIC_RELAXED);
	/* Release: with the acquire in magazine_fill(); and by that of each word below with the acquire of a later
	 * hold. */
	__atomic_fetch_add(&pool->careful, 1, __ATOMIC_RELEASE);
	for (uint32_t i = 0; i < pool->magazine_cnt; i++) {
		struct magazine *magazine = mp_magazine(pool, i);
		const uint32_t word = word_seen(magazine, owner);

		clear_slots(pool, magazine, word_cnt(word), owner);
		if (word_holder(word) == owner)
			magazine_release(magazine, word_cnt(word));
	}
}

void
magazine_clear_end(struct mp_pool *pool)
{
	/* Release: what was done about the dead comes before a put that is not careful. */
	__atomic_fetch_sub(&pool->careful, 1, __ATOMIC_RELEASE);
}
