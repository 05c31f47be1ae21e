/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Classes of objects: what is known before a call. */

#include <groove_heap_class.h>

#include "heap.h"
#include "heap_log.h"
#include "inset.h"

static bool
check(groove_heap_t *heap, size_t sz, size_t align, int node, const groove_heap_class_t *cls)
{
	unsigned int idx, end;

	if (!heap_nodes_of(heap, node, "class", &idx, &end))
		return false;
	if (cls == NULL) {
		HEAP_LOG(ERR, "class: NULL: needs a place for the class");
		return false;
	}
	if (inset_is_align(align) ? sz <= alloc_sz_max(align) : alloc_is_possible(align, sz))
		return true;
	HEAP_LOG(ERR, "class: %zu bytes aligned to %zu: at most 10 MiB less 4 KiB, and a power of two up to %lu", sz,
		align, GROOVE_DATA_INSET_ALIGN_MAX);
	return false;
}

/* What the inline alloc needs, where the objects are made of cached slots. */
static void
usual_set(groove_heap_class_t *cls)
{
#if !GROOVE_DEBUG_CHECKS
	struct groove_data_form form;

	if (!groove_data_form_is_usual(cls->align, cls->sz))
		return;
	form = groove_data_form(cls->align, cls->sz);
	cls->szc = (uint32_t)form.szc;
	cls->off = (uint32_t)form.off;
	cls->bits = form.bits;
	cls->delta = form.delta;
	/* The join of a thread's own node has the heap's first seat, those of the nodes follow. */
	cls->alloc_seat = cls->heap->seat;
	if (cls->node != GROOVE_HEAP_NODE_LOCAL)
		cls->alloc_seat += 1 + heap_node_find(heap_of(cls->heap), cls->node);
#else
	(void)cls;
#endif
}

int
groove_heap_class(groove_heap_t *heap, size_t sz, size_t align, int node, groove_heap_class_t *cls)
{
	if (!check(heap, sz, align, node, cls))
		return GROOVE_ERR_INVAL;
	*cls = (groove_heap_class_t){
		.heap = heap,
		.sz = sz,
		.align = align,
		.node = node,
		.alloc_seat = GROOVE_HEAP_SEAT_NONE,
		.free_seat = heap->node_cnt == 1 ? heap->seat + 1 : GROOVE_HEAP_SEAT_NONE,
	};
	usual_set(cls);
	return GROOVE_SUCCESS;
}
