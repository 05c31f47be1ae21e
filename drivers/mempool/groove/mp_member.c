/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_member.h"

#include "magazine.h"

#define LCORE_WORDS RTE_DIM(((struct member *)NULL)->lcores)

static uint64_t
number_of(const struct mp_pool *pool, uint32_t place)
{
	/* Acquire: with the release in number_swap(). */
	return __atomic_load_n(&pool->members[place].number, __ATOMIC_ACQUIRE);
}

/* Swap the number of a place. */
static bool
number_swap(struct mp_pool *pool, uint32_t place, uint64_t from, uint64_t to)
{
	/* Acquire, release: each process that gets a place has all that the one before did to what it names. */
	return __atomic_compare_exchange_n(
		&pool->members[place].number, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* ---- a place ---- */

static void
lcores_store(struct member *member, const uint64_t *lcores)
{
	/* Relaxed: read only when the process is known to be dead, or else to be careful. */
	for (size_t i = 0; i < LCORE_WORDS; i++)
		__atomic_store_n(&member->lcores[i], lcores != NULL ? lcores[i] : 0, __ATOMIC_RELAXED);
}

uint8_t
member_place(const struct mp_pool *pool, uint64_t number)
{
	for (uint32_t place = 1; place < MEMBER_CNT; place++) {
		if (number_of(pool, place) == number)
			return (uint8_t)place;
	}
	return 0;
}

uint8_t
member_enter(struct mp_pool *pool, const struct member_view *view, const uint64_t *lcores)
{
	const uint8_t has = member_place(pool, view->number);

	if (has != 0)
		return has;
	for (uint32_t place = 1; place < MEMBER_CNT; place++) {
		if (number_of(pool, place) == 0 && number_swap(pool, place, 0, view->number)) {
			lcores_store(&pool->members[place], lcores);
			/* Release, by that of a magazine: with the hold of the one that was the sole process. */
			__atomic_store_n(&pool->sole, 0, __ATOMIC_RELAXED);
			return (uint8_t)place;
		}
	}
	return 0;
}

/* ---- recovery ---- */

/* The lcores of a place that no other place has. */
static void
lcores_alone(const struct mp_pool *pool, uint32_t place, uint64_t lcores[LCORE_WORDS])
{
	for (size_t i = 0; i < LCORE_WORDS; i++) {
		lcores[i] = __atomic_load_n(&pool->members[place].lcores[i], __ATOMIC_RELAXED);
		for (uint32_t other = 1; other < MEMBER_CNT; other++) {
			if (other != place && number_of(pool, other) != 0)
				lcores[i] &= ~__atomic_load_n(&pool->members[other].lcores[i], __ATOMIC_RELAXED);
		}
	}
}

/*
 * What was handed out to a dead process is OWNER_DEAD's. By compare-and-swap, as a living process may put what it got
 * from the dead one meanwhile.
 */
static void
owners_settle(const struct mp_pool *pool, uint8_t place)
{
	uint8_t *owners = mp_owners(pool);

	for (uint64_t i = 0; i < pool->owner_used; i++) {
		uint8_t owner = place;

		/* Relaxed: the dead process' stores are ordered by its death, others' change the entry itself. */
		if (__atomic_load_n(&owners[i], __ATOMIC_RELAXED) == place)
			__atomic_compare_exchange_n(
				&owners[i], &owner, OWNER_DEAD, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

/* Magazines first: what lies in them is the pool's, whatever its owner says. */
void
member_settle(struct mp_pool *pool, uint8_t owner)
{
	magazine_clear(pool, owner);
	owners_settle(pool, owner);
	magazine_clear_end(pool);
}

/*
 * All that a place names. Caches first: what they have may be listed by another process as soon as it is OWNER_DEAD's.
 */
static void
place_settle(struct mp_pool *pool, uint32_t place, const struct member_view *view)
{
	uint64_t lcores[LCORE_WORDS];

	lcores_alone(pool, place, lcores);
	if (view->gone != NULL)
		view->gone(view->arg, lcores);
	member_settle(pool, (uint8_t)place);
	lcores_store(&pool->members[place], NULL);
}

unsigned int
member_recover(struct mp_pool *pool, const struct member_view *view)
{
	const uint64_t own = view->number | MEMBER_RECOVERED;
	unsigned int cnt = 0;

	for (uint32_t place = 1; place < MEMBER_CNT; place++) {
		const uint64_t number = number_of(pool, place);
		const uint64_t process = number & ~MEMBER_RECOVERED;

		if (process == 0 || process == view->number || !view->is_dead(view->arg, process))
			continue;
		if (!number_swap(pool, place, number, own))
			continue; /* another recovers it */
		place_settle(pool, place, view);
		/* Only this process swaps its own number. */
		number_swap(pool, place, own, 0);
		cnt++;
	}
	return cnt;
}
