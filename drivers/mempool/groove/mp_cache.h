/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_CACHE_H
#define MP_CACHE_H

#include <stdint.h>

/*
 * Empty the caches that a mempool has for these lcores, whose process is dead. What was in them was handed out to it,
 * so nothing is lost. What the cache says may be wrong, as the process died at any instruction of the mempool library.
 */
void mp_cache_drop(void *mempool, const uint64_t *lcores);

#endif /* MP_CACHE_H */
