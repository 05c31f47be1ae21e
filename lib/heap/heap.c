/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What a heap is, and which of its nodes is meant. */

#include "heap.h"

#include <numa.h>

#include "heap_log.h"
#include "log.h"

bool
heap_is_live(const groove_heap_t *shown, const char *call)
{
	const struct heap *heap = (const struct heap *)shown;

	/* Relaxed: the word says nothing but itself. */
	if (heap != NULL && __atomic_load_n(heap->guard, __ATOMIC_RELAXED) == heap->key)
		return true;
	HEAP_LOG_LIMITED(ERR, "%s: %p is no heap of this process: NULL, or opened before fork; open it here", call,
		(const void *)shown);
	return false;
}

unsigned int
heap_node_find(const struct heap *heap, int node)
{
	unsigned int idx = 0;

	while (idx < heap->shown.node_cnt && heap->node[idx].node != node)
		idx++;
	return idx;
}

unsigned int
heap_node_near(const struct heap *heap, int node)
{
	unsigned int near = heap_node_find(heap, node);

	if (near < heap->shown.node_cnt)
		return near;
	near = 0;
	for (unsigned int idx = 1; idx < heap->shown.node_cnt && numa_available() >= 0; idx++) {
		if (numa_distance(node, heap->node[idx].node) < numa_distance(node, heap->node[near].node))
			near = idx;
	}
	return near;
}

bool
heap_nodes_of(const groove_heap_t *shown, int node, const char *call, unsigned int *idx, unsigned int *end)
{
	const struct heap *heap = (const struct heap *)shown;

	if (!heap_is_live(shown, call))
		return false;
	*idx = node != GROOVE_NODE_ANY ? heap_node_find(heap, node) : 0;
	*end = node != GROOVE_NODE_ANY ? *idx + 1 : heap->shown.node_cnt;
	if (*idx < heap->shown.node_cnt)
		return true;
	HEAP_LOG(ERR, "%s: the heap is not on NUMA node %d: groove_heap_node_info() lists its nodes", call, node);
	return false;
}
