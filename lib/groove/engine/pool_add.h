/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_POOL_ADD_H
#define GROOVE_POOL_ADD_H

/*
 * Volumes come into the groove in two steps, so that others see that they are coming: OUT to ADDING, then, cleared,
 * into the pool.
 */

#include "geometry.h"

/* Volumes that an add is about. */
struct pool_range {
	uint64_t idx;
	uint64_t cnt;
	uint8_t info[GROOVE_VOLUME_INFO_MAX];
	uint64_t info_sz;
};

/* Check what add was asked for, which may be no volume. GROOVE_ERR_INVAL, logged. */
int pool_add_ask(const groove_volume_pool_t *pool, const void *mem, uint64_t footprint, const void *info,
	uint64_t info_sz, struct pool_range *range);

/* Take the volumes of a range from OUT to ADDING, all or none. GROOVE_ERR_INVAL, logged. */
int pool_add_begin(const groove_volume_pool_t *pool, const struct pool_range *range);

/* Make the volumes of a range, each with clear_sz bytes after the header cleared, and put them into the pool. */
void pool_add_end(const groove_volume_pool_t *pool, const struct pool_range *range, uint64_t clear_sz);

/* Let volumes that are ADDING be OUT again. */
void pool_add_undo(const groove_volume_pool_t *pool, uint64_t first, uint64_t cnt);

#endif /* GROOVE_POOL_ADD_H */
