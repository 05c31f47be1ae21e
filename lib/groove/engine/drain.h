/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DRAIN_H
#define GROOVE_DRAIN_H

/*
 * A volume that is being drained: while there is memory elsewhere nothing is claimed from it, so that it empties as its
 * objects are freed. Which one it is stands in the shared state, and is a hint: all loads of it are relaxed, and a join
 * that sees it late claims from the volume once more.
 */

#include "geometry.h"
#include "shelf.h"

/*
 * Index of the volume that is being drained, plus 1; 0: none. A join that takes everything, before it says FULL,
 * ignores it, also when another join sets it again.
 */
static inline uint64_t
drain_volume(const groove_data_t *data)
{
	return cache_of(data)->takes_all ? 0 : __atomic_load_n(&data->shdata->drain, __ATOMIC_RELAXED);
}

/* Whether a block lies in the volume that is being drained. */
static inline bool
drain_has(const groove_data_t *data, uint64_t block)
{
	const uint64_t drain = drain_volume(data);

	return __builtin_expect(drain != 0, 0) && block_volume(data, block) == drain - 1;
}

/* A volume has left the groove, or comes into it: a drain that names it has ended. One that names another goes on. */
static inline void
drain_end_of(const groove_data_t *data, uint64_t volume)
{
	uint64_t drain = volume + 1;

	__atomic_compare_exchange_n(&data->shdata->drain, &drain, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* No volume is being drained any more: memory is short. */
static inline void
drain_end(const groove_data_t *data)
{
	__atomic_store_n(&data->shdata->drain, 0, __ATOMIC_RELAXED);
}

#endif /* GROOVE_DRAIN_H */
