/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "pool_calls.h"

bool
pool_get(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n)
{
	return magazine_get(pool, member, last, objs, n);
}

uint32_t
pool_put(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n)
{
	return magazine_put(pool, member, last, objs, n);
}

bool
pool_list(uint8_t *owner, uint8_t member)
{
	uint8_t from = OWNER_DEAD;

	return __atomic_compare_exchange_n(owner, &from, member, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
