/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_MEMORY_H
#define GROOVE_HEAP_MEMORY_H

/**
 * @file
 * Memory of a heap: how much there is and may be, care, recovery, checks.
 */

#include <groove_heap_handle.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Set how much memory a node may have. It holds for all processes that have the heap open, from here on; what is more
 * already stays until it is given back.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param node
 *   A NUMA node of the heap; GROOVE_NODE_ANY: each of them.
 * @param limit_sz
 *   Bytes, [volume size, max_sz], rounded down to whole volumes.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged.
 */
int groove_heap_limit_set(groove_heap_t *heap, int node, uint64_t limit_sz);

/**
 * Set how much memory care keeps ready on a node, in volumes in which nothing is allocated, so that no allocation has
 * to wait for pages to be made. A setting of this process.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param node
 *   A NUMA node of the heap; GROOVE_NODE_ANY: each of them.
 * @param reserve_sz
 *   Bytes, rounded up to whole volumes; GROOVE_HEAP_NONE or 0: none.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged.
 */
int groove_heap_reserve_set(groove_heap_t *heap, int node, uint64_t reserve_sz);

/**
 * Look after a heap once: recover what dead processes held; grow until the reserve is there, within the limit; give
 * back empty volumes beyond the reserve when the node has had more memory than it uses for idle_ms, or has more than
 * its limit. Slots that other threads cache keep their volumes as long as these threads live; those of the calling
 * thread are given back with idle memory. The caretaker thread does this each 100 ms. A program that has none may call
 * it from a thread that may wait for pages to be made. Any number of processes may do so; no process needs to, for
 * calls are right without.
 *
 * Thread safe. A node whose only join is the shared one, in use by another thread, is left for the next call.
 *
 * @param heap
 *   The heap.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_AGAIN: something is left to do for the next call; GROOVE_ERR_INVAL or CORRUPT, logged.
 */
int groove_heap_care(groove_heap_t *heap);

/**
 * Recover what dead processes held, on all nodes. Calls do so by themselves before they fail.
 *
 * Thread safe; waits for no other process.
 *
 * @param heap
 *   The heap.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_AGAIN: something is left, as groove_data_recover() says; GROOVE_ERR_INVAL or CORRUPT,
 *   logged.
 */
int groove_heap_recover(groove_heap_t *heap);

/** Memory of a node of a heap, as it is at this moment. */
typedef struct groove_heap_node_info {
	int node;	    /**< NUMA node. */
	uint64_t page_sz;   /**< Bytes of the pages. */
	uint64_t volume_sz; /**< Bytes by which it grows. */
	uint64_t memory_sz; /**< Bytes of memory that it has. */
	uint64_t limit_sz;  /**< Bytes that it may have. */
	uint64_t max_sz;    /**< Bytes that it can have. */
} groove_heap_node_info_t;

/**
 * Look at the memory of a node.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param idx
 *   Which of its nodes, from 0.
 * @param info
 *   Receives what it has; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: bad heap; GROOVE_ERR_KEY, silent: it has no more nodes.
 */
int groove_heap_node_info(groove_heap_t *heap, unsigned int idx, groove_heap_node_info_t *info);

/**
 * Check the whole heap, as groove_data_verify() does. Needs an idle heap: no thread of any process is in a call with
 * it, nor a caretaker of another process. That of this one waits.
 *
 * @param heap
 *   The heap.
 * @return
 *   As groove_data_verify().
 */
int groove_heap_verify(groove_heap_t *heap);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_MEMORY_H */
