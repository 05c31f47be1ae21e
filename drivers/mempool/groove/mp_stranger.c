/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_stranger.h"

#include "mp_member.h"

/* Note whether something may have the strangers' name. */
static void
stranger_note(struct mp_pool *pool, uint32_t is_named)
{
	/* A process dies between two of its instructions, so it is the compiler that must keep these in order. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* Release: with the acquire in stranger_is_named(). */
	__atomic_store_n(&pool->stranger, is_named, __ATOMIC_RELEASE);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

bool
stranger_settle(struct mp_pool *pool)
{
	if (!stranger_is_named(pool))
		return false;
	member_settle(pool, OWNER_STRANGER);
	stranger_note(pool, 0);
	return true;
}

uint32_t
stranger_put(struct mp_pool *pool, struct magazine **last, void *const *objs, uint32_t n)
{
	stranger_settle(pool);
	stranger_note(pool, 1);
	n = magazine_put(pool, OWNER_STRANGER, last, objs, n);
	stranger_note(pool, 0);
	return n;
}
