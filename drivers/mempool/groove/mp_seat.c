/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_seat.h"

#define STEP_THREAD 5U /* magazines between the first ones of two threads, */
#define STEP_MEMBER 3U /* and of two processes */

__thread struct seat seats[SEAT_CNT];

bool
seat_take(struct mp_pool *pool, struct seat *seat)
{
	static uint32_t threads;
	static __thread uint32_t thread; /* from 1 */
	const uint64_t number = self_number();
	/* Seats that two pools have in turn cost no call of the system. */
	uint8_t member = number != 0 ? member_place(pool, number) : 0;
	uint32_t first;

	if (member == 0)
		member = self_enter(pool);
	if (member == 0)
		return false;
	/* Relaxed: it orders nothing. */
	if (thread == 0)
		thread = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	first = ((thread - 1) * STEP_THREAD + (member - 1U) * STEP_MEMBER) % pool->magazine_filled;
	*seat = (struct seat){
		.pool = pool->id,
		.number = self_number(),
		.last = mp_magazine(pool, first),
		.member = member,
	};
	return true;
}
