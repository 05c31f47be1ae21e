/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_H
#define HEAP_H

/* A heap as this process has it. Shared by the files of lib/heap. */

#include <pthread.h>
#include <stdbool.h>

#include <groove_heap.h>

/* The memory of one NUMA node. */
struct heap_node {
	groove_region_t *region;
	int node;		   /* its number */
	pthread_mutex_t lock;	   /* guards the common join; of this process alone */
	groove_data_t *common;	   /* of the threads that have no join of their own */
	uint64_t grow_after_ms;	   /* when growth is tried again, after it found no memory */
	uint64_t reserve_sz;	   /* bytes of empty volumes that care keeps */
	uint64_t grow_cnt;	   /* volumes that this process has added */
	uint64_t full_cnt;	   /* calls for which there was no room */
	pthread_mutex_t care_lock; /* guards what follows; only tried */
	uint64_t look_ms;	   /* when care looks again how much is used */
	uint64_t idle_since_ms;	   /* since when there is more memory than is needed; 0: there is not */
	bool retiring;		   /* a volume is on its way out */
};

struct heap {
	groove_heap_t shown; /* first: a pointer to it is one to the heap */
	const uint64_t *guard;
	uint64_t key; /* what the guard reads as in the process that opened the heap, and in no other */
	uint64_t idle_ms;
	struct heap *care_next;
	bool is_cared;
	uint64_t shared_line; /* whether it was logged that threads share a join */
	struct heap_node node[];
};

static inline struct heap *
heap_of(groove_heap_t *shown)
{
	return (struct heap *)shown;
}

/* Whether a call may go on: a heap of this process. Logs, limited in rate, when not. */
bool heap_is_live(const groove_heap_t *shown, const char *call);

/* Index of a NUMA node in a heap, or of that which is nearest to it. */
unsigned int heap_node_near(const struct heap *heap, int node);

/* Index of a NUMA node in a heap; node_cnt: it has no such node. */
unsigned int heap_node_find(const struct heap *heap, int node);

/*
 * The nodes that a call is for: [idx, end) of that number, or all for GROOVE_NODE_ANY. False, logged, naming the call:
 * no heap, or it has no such node.
 */
bool heap_nodes_of(const groove_heap_t *shown, int node, const char *call, unsigned int *idx, unsigned int *end);

/* Index of the node that an address lies on; node_cnt or more: on none. */
static inline uint64_t
heap_idx_of(const groove_heap_t *shown, const void *addr)
{
	return ((uintptr_t)addr - shown->base) >> shown->shift;
}

#endif /* HEAP_H */
