/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Atomic accesses are points of the scheduler, plain ones nothing but changes to undo. All threads are coroutines of
 * one, so the memory orders matter only to loads that are to find an older value (stale.h).
 */

#include "hooks.h"
#include "schedule.h"

void
hooks_write(void *addr, uint64_t sz, const void *site)
{
	(void)site;
	schedule_write(addr, sz);
}

void
hooks_atomic(void *addr, uint64_t sz, enum hooks_op op, int mo, const void *site)
{
	(void)mo;
	(void)site;
	schedule_point(addr);
	if (op != HOOKS_LOAD)
		schedule_write(addr, sz);
}

uint64_t
hooks_made(const void *addr, uint64_t sz, enum hooks_op op, int mo, uint64_t before)
{
	return schedule_made(addr, sz, op, mo, before);
}
