/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_THREAD_H
#define HEAP_THREAD_H

/*
 * The joins of threads, made at their first calls and left when they end. Each heap has a row of seats in a table of
 * the process; each thread has a table of its own with a join in each seat that it uses. The lock that guards these
 * tables is of this process alone, and is taken when a thread begins to use a heap or ends, and by open and close.
 */

#include "heap.h"

/* A join to make calls with. */
struct heap_access {
	groove_data_t *join;
	struct heap_node *locked; /* whose common join it is, locked; NULL: it is the thread's own */
	int cancel;		  /* whether the thread could be cancelled before */
};

/* Have a row of seats for a heap, its nodes' regions in them. False, logged: none is left, or threads cannot be
 * watched. */
bool heap_seats_take(struct heap *heap);

/* All threads of the process leave the heap, and its seats are free. In a child of fork nothing is left. */
void heap_seats_give(struct heap *heap);

/* Have a join of a node for some calls: the thread's own, or the common one, for which it may wait. */
void heap_enter(struct heap *heap, unsigned int idx, struct heap_access *access);
/* The same, but false where it would wait: another thread has the common join. */
bool heap_enter_try(struct heap *heap, unsigned int idx, struct heap_access *access);
void heap_leave(const struct heap_access *access);

/* Index of the calling thread's own node. */
unsigned int heap_home(struct heap *heap);

#endif /* HEAP_THREAD_H */
