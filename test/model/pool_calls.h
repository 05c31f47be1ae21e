/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef POOL_CALLS_H
#define POOL_CALLS_H

/* The inline calls of the mempool driver, compiled with a call before each access to memory. */

#include <magazine.h>

bool pool_get(struct mp_pool *pool, uint8_t member, struct magazine **last, void **objs, uint32_t n);
uint32_t pool_put(struct mp_pool *pool, uint8_t member, struct magazine **last, void *const *objs, uint32_t n);

/* Take an element from the dead, as a walk does before it lists it. False: it is not theirs. */
bool pool_list(uint8_t *owner, uint8_t member);

#endif /* POOL_CALLS_H */
