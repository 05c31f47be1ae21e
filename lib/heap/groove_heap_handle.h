/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_HANDLE_H
#define GROOVE_HEAP_HANDLE_H

/**
 * @file
 * A heap as a process has it open, and the joins of its threads: what the inline calls read.
 */

#include <groove_region.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_HEAP_SEAT_MAX  256U		   /**< Heaps open in a process, and their nodes, together. */
#define GROOVE_HEAP_SEAT_NONE GROOVE_HEAP_SEAT_MAX /**< A seat in which there is never a join. */

/** A heap, as open here. Its fields are for the inline calls. */
typedef struct groove_heap {
	uintptr_t base;	   /**< Where the memory of its first node begins. */
	uint64_t first_sz; /**< Bytes of address space of that node. */
	uint32_t shift;	   /**< log2 of the bytes of address space for each node. */
	uint32_t node_cnt; /**< Nodes. */
	uint32_t seat;	   /**< The join of a thread's own node is here, those of the nodes follow. */
} groove_heap_t;

/** Joins of a thread, by seat. For the inline calls. */
struct groove_heap_seats {
	groove_data_t *join[GROOVE_HEAP_SEAT_MAX + 1]; /**< NULL: not joined yet. */
};

/** Those of the calling thread. */
extern __thread struct groove_heap_seats *groove_heap_self;

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_HANDLE_H */
