/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "heap_room.h"

#include <time.h>

#define GROW_PAUSE_MS 100U /* between two tries to get memory that the machine has not */

/* Of a coarse clock: that is enough to keep a failing call from asking the kernel each time. */
uint64_t
heap_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One more volume. At the limit, and soon after the machine had no memory, it fails at once and says nothing. */
int
heap_room_grow(struct heap_node *node, groove_data_t *join)
{
	int err;

	if (groove_region_volume_cnt(node->region) >= groove_region_limit(node->region))
		return GROOVE_ERR_FULL;
	/* Relaxed: a try too many does no harm. */
	if (heap_now_ms() < __atomic_load_n(&node->grow_after_ms, __ATOMIC_RELAXED))
		return GROOVE_ERR_FULL;
	err = groove_region_grow(node->region, join, NULL);
	/* Relaxed: a count says nothing of other memory. */
	if (err == GROOVE_SUCCESS)
		__atomic_add_fetch(&node->grow_cnt, 1, __ATOMIC_RELAXED);
	if (err == GROOVE_ERR_FULL)
		__atomic_store_n(&node->grow_after_ms, heap_now_ms() + GROW_PAUSE_MS, __ATOMIC_RELAXED);
	return err;
}

/* Whether dead processes held something, which is free now. */
static bool
recover(const struct heap_node *node, groove_data_t *join)
{
	if (groove_region_join_dead_cnt(node->region) == 0)
		return false;
	groove_region_recover(node->region, join);
	return true;
}

bool
heap_room_make(struct heap_node *node, groove_data_t *join, struct heap_room *room)
{
	const int err = heap_room_grow(node, join);

	if (err == GROOVE_SUCCESS)
		return true; /* others may have taken it all: then the next call grows again */
	room->others_grow = err == GROOVE_ERR_AGAIN;
	if (room->recovered)
		return false;
	room->recovered = true;
	return recover(node, join);
}
