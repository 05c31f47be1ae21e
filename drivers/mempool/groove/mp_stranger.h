/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_STRANGER_H
#define MP_STRANGER_H

/*
 * Strangers: processes that are in no place, as all are taken. They get nothing, but put what they have received. All
 * of them have one name, OWNER_STRANGER, which only the one uses that has the lock of strangers
 * (self_lock_strangers()): so the process that has it next knows that nothing of this name is a living process'.
 */

#include "magazine.h"

/* Put n elements; the caller has the lock. Returns how many are left, as magazine_put() does. */
uint32_t stranger_put(struct mp_pool *pool, struct magazine **last, void *const *objs, uint32_t n);

/* Recover from the death of one in its put, if there was one; the caller has the lock. Returns whether. */
bool stranger_settle(struct mp_pool *pool);

/* Whether a stranger is in its put, or died in it. */
static inline bool
stranger_is_named(const struct mp_pool *pool)
{
	/* Acquire: with the release in stranger_note(). */
	return __atomic_load_n(&pool->stranger, __ATOMIC_ACQUIRE) != 0;
}

#endif /* MP_STRANGER_H */
