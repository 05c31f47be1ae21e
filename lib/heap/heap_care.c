/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A round of care for a heap: recover the dead, have the reserve ready, give idle memory back. */

#include "heap.h"

#include "heap_room.h"
#include "heap_thread.h"
#include "pool.h"

#define LOOK_MS 1000U /* between two looks at how much of a node is used, at most: such a look reads all counters */

/* Volumes of a node that nothing is allocated in. */
static uint64_t
empty_cnt(const groove_data_t *join)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < join->pool.volume_max; i++)
		cnt += volume_state_kind(pool_state(&join->pool, i)) == VOLUME_EMPTY;
	return cnt;
}

/* Volumes, rounded up. */
static uint64_t
volumes_of(const struct heap_node *node, uint64_t sz)
{
	const uint64_t volume_sz = groove_region_volume_sz(node->region);

	return sz / volume_sz + (sz % volume_sz != 0);
}

static uint64_t
reserve_of(const struct heap_node *node)
{
	/* Relaxed: it says nothing of other memory. */
	return volumes_of(node, __atomic_load_n(&node->reserve_sz, __ATOMIC_RELAXED));
}

/* ---- growth ahead of the callers ---- */

static void
grow_ahead(struct heap_node *node, groove_data_t *join)
{
	const uint64_t reserve = reserve_of(node);

	while (empty_cnt(join) < reserve && heap_room_grow(node, join) == GROOVE_SUCCESS)
		;
}

/* ---- shrinking ---- */

/* Whether a node has had more memory than it needs for long enough; or more than the limit, which was lowered. */
static bool
is_idle(struct heap_node *node, const groove_data_t *join, uint64_t idle_ms, uint64_t now)
{
	const uint64_t volume_cnt = groove_region_volume_cnt(node->region);
	groove_data_stats_t stats;

	if (volume_cnt > groove_region_limit(node->region))
		return true;
	if (now >= node->look_ms) {
		node->look_ms = now + (idle_ms < LOOK_MS ? idle_ms : LOOK_MS);
		if (groove_data_stats(join, &stats) != GROOVE_SUCCESS)
			return false;
		if (volume_cnt <= volumes_of(node, stats.total.slot_bytes) + reserve_of(node))
			node->idle_since_ms = 0;
		else if (node->idle_since_ms == 0)
			node->idle_since_ms = now;
	}
	return node->idle_since_ms != 0 && now - node->idle_since_ms >= idle_ms;
}

/* Empty volumes that stay; of a node that has more than the limit none. */
static uint64_t
keep_of(const struct heap_node *node)
{
	return groove_region_volume_cnt(node->region) > groove_region_limit(node->region) ? 0 : reserve_of(node);
}

/* Give empty volumes back, but for the reserve. GROOVE_SUCCESS; GROOVE_ERR_AGAIN: one is on its way. */
static int
shrink(struct heap_node *node, groove_data_t *join, uint64_t idle_ms)
{
	int err = GROOVE_SUCCESS;

	if (!node->retiring && !is_idle(node, join, idle_ms, heap_now_ms()))
		return GROOVE_SUCCESS;
	if (!node->retiring) {
		groove_data_flush(join);
		groove_data_trim(join);
	}
	while (err == GROOVE_SUCCESS && (node->retiring || empty_cnt(join) > keep_of(node))) {
		err = groove_region_shrink(node->region, join, NULL);
		node->retiring = err == GROOVE_ERR_AGAIN;
	}
	/* Threads may cache slots in what is left: the next try is due when it has been idle for as long again. */
	if (!node->retiring)
		node->idle_since_ms = 0;
	return err == GROOVE_ERR_AGAIN ? err : GROOVE_SUCCESS;
}

/* ---- a round ---- */

static int
care_node(struct heap *heap, unsigned int idx)
{
	struct heap_node *node = &heap->node[idx];
	struct heap_access access;
	int recovered = GROOVE_SUCCESS, shrunk = GROOVE_SUCCESS;

	/* The caretaker holds a lock in a round: it must not wait for a walk, whose callback may fork or open a heap.
	 */
	if (!heap_enter_try(heap, idx, &access))
		return GROOVE_ERR_AGAIN;
	if (groove_region_join_dead_cnt(node->region) > 0)
		recovered = groove_region_recover(node->region, access.join);
	grow_ahead(node, access.join);
	/* One at a time is enough, and none waits for another. */
	if (pthread_mutex_trylock(&node->care_lock) == 0) {
		shrunk = shrink(node, access.join, heap->idle_ms);
		pthread_mutex_unlock(&node->care_lock);
	}
	heap_leave(&access);
	return recovered != GROOVE_SUCCESS ? recovered : shrunk;
}

int
groove_heap_care(groove_heap_t *heap)
{
	struct heap *inner = heap_of(heap);
	int result = GROOVE_SUCCESS;

	if (!heap_is_live(heap, "care"))
		return GROOVE_ERR_INVAL;
	for (unsigned int idx = 0; idx < inner->shown.node_cnt; idx++) {
		const int err = care_node(inner, idx);

		result = result == GROOVE_SUCCESS ? err : result;
	}
	return result;
}

int
groove_heap_reserve_set(groove_heap_t *heap, int node, uint64_t reserve_sz)
{
	struct heap *inner = heap_of(heap);
	unsigned int idx, end;

	if (!heap_nodes_of(heap, node, "reserve_set", &idx, &end))
		return GROOVE_ERR_INVAL;
	for (; idx < end; idx++)
		__atomic_store_n(&inner->node[idx].reserve_sz, reserve_sz != GROOVE_HEAP_NONE ? reserve_sz : 0,
			__ATOMIC_RELAXED);
	return GROOVE_SUCCESS;
}
