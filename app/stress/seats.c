/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The processes and tiles that work in the groove, as all see them. */

#include "tile.h"

struct stress_seat *
stress_seat(struct stress *stress, uint64_t idx)
{
	uint64_t *top = &stress->table->seat_top;
	uint64_t seen = __atomic_load_n(top, __ATOMIC_RELAXED);

	/* Relaxed: a bound for readers, which look at each seat by itself. */
	while (seen <= idx &&
		!__atomic_compare_exchange_n(top, &seen, idx + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return &stress->seats[idx];
}

void
stress_seat_take(struct stress_seat *seat, enum stress_seat_kind kind)
{
	/* Relaxed: it is this one's join that the seat belongs to, so no other takes it. The one here before is
	 * dead or has left, and another may be clearing it now, which changes nothing that is kept. */
	const uint64_t state = __atomic_load_n(&seat->state, __ATOMIC_RELAXED);

	__atomic_store_n(&seat->state, ((state >> 2) + 1) << 2 | kind, __ATOMIC_RELAXED);
}

void
stress_seat_leave(struct stress_seat *seat)
{
	/* Relaxed: others stop waiting for its beats. */
	__atomic_store_n(&seat->state, seat->state & ~3UL, __ATOMIC_RELAXED);
}

enum stress_seat_kind
stress_seat_kind(const struct stress_seat *seat)
{
	return stress_seat_kind_of(__atomic_load_n(&seat->state, __ATOMIC_RELAXED));
}

/* The table may lie in memory that is being tested: a bound that is too high is none. */
uint64_t
stress_seat_top(const struct stress *stress)
{
	const uint64_t top = __atomic_load_n(&stress->table->seat_top, __ATOMIC_RELAXED);

	return top < stress->seat_cnt ? top : stress->seat_cnt;
}

bool
stress_seat_is_dead(const struct stress *stress, uint64_t idx)
{
	return stress->shared.is_dead != NULL && stress->shared.is_dead(stress->shared.arg, idx);
}

bool
stress_lock_is_dead(const struct stress *stress, uint32_t lock)
{
	const uint64_t idx = (lock & ((1UL << STRESS_LOCK_SEAT_BITS) - 1)) - 1;

	if (idx >= stress->seat_cnt)
		return false; /* damage, which is found elsewhere */
	/* A tile that leaves has unlocked its slot before, so a lock of an earlier holder of the seat is left by its
	 * death. */
	return stress_seat_lock(idx, __atomic_load_n(&stress->seats[idx].state, __ATOMIC_RELAXED)) != lock ||
	       stress_seat_is_dead(stress, idx);
}

unsigned int
stress_seats_clear(struct stress *stress)
{
	const uint64_t top = stress_seat_top(stress);
	unsigned int cnt = 0;

	for (uint64_t i = 0; i < top; i++) {
		uint64_t *word = &stress->seats[i].state;
		uint64_t state = __atomic_load_n(word, __ATOMIC_RELAXED);

		/* The swap fails when it is one that just left, whose join is gone as well, and when another cleared
		 * it.
		 */
		if (stress_seat_kind_of(state) != STRESS_SEAT_VACANT && stress_seat_is_dead(stress, i))
			cnt += __atomic_compare_exchange_n(
				word, &state, state & ~3UL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
	return cnt;
}

unsigned int
stress_processes(const struct stress *stress, uint64_t self)
{
	const uint64_t top = stress_seat_top(stress);
	unsigned int cnt = 0;

	for (uint64_t i = 0; i < top; i++) {
		if (i != self && stress_seat_kind(&stress->seats[i]) == STRESS_SEAT_PROCESS &&
			!stress_seat_is_dead(stress, i))
			cnt++;
	}
	return cnt;
}
