/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_REGIONS_H
#define HEAP_REGIONS_H

/*
 * The regions of a heap: one for each node. The first has the heap's name, and in the words that all processes share
 * what the heap is; those of the other nodes have names made of that, the node and the heap's random number. So of
 * several processes that make one heap none takes the others' regions, and the one whose first region gets the name has
 * made it: that comes last.
 */

#include "heap.h"
#include "heap_plan.h"

#define HEAP_MAGIC 0x67726f6f68656170UL /* "grooheap" */

/* Words of the root of the first region. */
enum heap_root {
	HEAP_ROOT_MAGIC,
	HEAP_ROOT_NODES, /* bit n: NUMA node n */
	HEAP_ROOT_ID,	 /* random */
	HEAP_ROOT_SHIFT, /* log2 of the address space for each node, where there are several */
};

/*
 * Make the regions of a heap as planned. GROOVE_SUCCESS: *heap has its nodes, but no joins; GROOVE_ERR_KEY, silent: the
 * name is taken; else as groove_heap_open().
 */
int heap_regions_create(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap **heap);

/* Attach those of a name. The same; GROOVE_ERR_KEY, silent: there is none. */
int heap_regions_attach(const groove_heap_cfg_t *cfg, struct heap **heap);

/* Detach, and free the heap. */
void heap_regions_detach(struct heap *heap);

/* Remove them all. As groove_heap_destroy(). */
int heap_regions_destroy(const groove_heap_cfg_t *cfg);

#endif /* HEAP_REGIONS_H */
