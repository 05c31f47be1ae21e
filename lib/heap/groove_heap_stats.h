/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_STATS_H
#define GROOVE_HEAP_STATS_H

/**
 * @file
 * Counts of a heap, for programs and for people.
 */

#include <stdio.h>

#include <groove_heap_handle.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Counts of a node of a heap. */
typedef struct groove_heap_stats {
	int node;	   /**< NUMA node. */
	uint64_t grow_cnt; /**< Volumes that this process has added since it opened the heap, by calls and by care. */
	/**
	 * Calls of this process since then to which the node said GROOVE_ERR_FULL or GROOVE_ERR_AGAIN, also those with
	 * GROOVE_HEAP_NO_GROW, and those that then took memory of another node.
	 */
	uint64_t full_cnt;
	groove_data_stats_t counts; /**< Joins, volumes and objects, of all processes. */
} groove_heap_stats_t;

/**
 * Read the counts of a node. Those of all processes lag by the calls under way.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param idx
 *   Which of its nodes, from 0.
 * @param stats
 *   Receives the counts; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: bad heap, or NULL stats; GROOVE_ERR_KEY, silent: it has no more nodes.
 */
int groove_heap_stats(groove_heap_t *heap, unsigned int idx, groove_heap_stats_t *stats);

/**
 * Write the state of a heap for people to read, node by node, as groove_data_dump() does. Exact when the heap is idle.
 *
 * Thread safe.
 *
 * @param file
 *   Where it is written to.
 * @param heap
 *   The heap.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: bad heap, NULL file, or file cannot be written.
 */
int groove_heap_dump(FILE *file, groove_heap_t *heap);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_STATS_H */
