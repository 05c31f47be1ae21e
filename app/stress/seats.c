/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Who works in the groove, as all see it. */

#include "tile.h"

struct stress_seat *
stress_seat(struct stress *stress, uint64_t idx)
{
	uint64_t *top = &stress->table->seat_top;
	uint64_t seen = __atomic_load_n(top, __ATOMIC_RELAXED);

	/* Relaxed: a bound for readers, who look at each seat by itself. */
	while (seen <= idx &&
		!__atomic_compare_exchange_n(top, &seen, idx + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return &stress->seats[idx];
}

void
stress_seat_take(struct stress_seat *seat, enum stress_seat_kind kind)
{
	__atomic_store_n(&seat->kind, kind, __ATOMIC_RELAXED);
}

void
stress_seat_leave(struct stress_seat *seat)
{
	/* Relaxed: others stop waiting for its beats. */
	__atomic_store_n(&seat->kind, STRESS_SEAT_VACANT, __ATOMIC_RELAXED);
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

unsigned int
stress_processes(const struct stress *stress, uint64_t self)
{
	const uint64_t top = stress_seat_top(stress);
	unsigned int cnt = 0;

	for (uint64_t i = 0; i < top; i++) {
		if (i != self && __atomic_load_n(&stress->seats[i].kind, __ATOMIC_RELAXED) == STRESS_SEAT_PROCESS &&
			!stress_seat_is_dead(stress, i))
			cnt++;
	}
	return cnt;
}
