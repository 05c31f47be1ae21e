/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_MEMBER_H
#define MP_MEMBER_H

/*
 * Members: places for processes in a pool, and what becomes of what a dead one had. Any process at any time; a place is
 * recovered by one process at a time, and by the next if that one dies.
 */

#include "mp_pool.h"

/* Which processes are dead, for the one that asks. */
struct member_view {
	uint64_t number; /* its own */
	bool (*is_dead)(void *arg, uint64_t number);
	/* Called for a dead process, before anything of it is OWNER_DEAD's, with the lcores that it alone had. NULL:
	 * nothing. */
	void (*gone)(void *arg, const uint64_t *lcores);
	void *arg;
};

/* The place that the process with this number has, which is not 0. 0: none. */
uint8_t member_place(const struct mp_pool *pool, uint64_t number);

/*
 * A place for a process with these lcores, which is the one that it has already, if it has. 0: all are taken. From here
 * on no process is the sole one, unless the caller is the one that makes the pool, and says so.
 */
uint8_t member_enter(struct mp_pool *pool, const struct member_view *view, const uint64_t *lcores);

/*
 * Recover from the death of each member that is dead: what it held is as it should be, and what was handed out to it is
 * OWNER_DEAD's. Returns from how many.
 */
unsigned int member_recover(struct mp_pool *pool, const struct member_view *view);

/* What one name has is as it should be, or OWNER_DEAD's: no living process has it, and one process does this at a time.
 */
void member_settle(struct mp_pool *pool, uint8_t owner);

#endif /* MP_MEMBER_H */
