/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_CLASS_H
#define GROOVE_HEAP_CLASS_H

/**
 * @file
 * Objects of one size, alignment and node: what follows from these is found out once, so that each call has less to do.
 *
 *     groove_heap_class_t flows;
 *     groove_heap_class(heap, sizeof(struct flow), 0, GROOVE_HEAP_NODE_LOCAL, &flows);
 *     struct flow *flow = groove_heap_class_alloc(&flows, 0);
 *     groove_heap_class_free(&flows, flow);
 *
 * The objects are as those of groove_heap_alloc_tagged(), which can be freed, walked and all else without the class.
 */

#include <string.h>

#include <groove_heap_object.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A class of objects. In the program's own memory, which no other process uses: threads share it, and a copy is one
 * too. Valid until the heap is closed; nothing has to be given back. Its fields are for the inline calls.
 */
typedef struct groove_heap_class {
	groove_heap_t *heap; /**< The heap. */
	size_t sz;	     /**< Bytes of an object. */
	size_t align;	     /**< Its alignment, bytes. */
	int node;	     /**< Its NUMA node. */
	uint32_t alloc_seat; /**< Of the join that allocates; GROOVE_HEAP_SEAT_NONE: it is not known. */
	uint32_t free_seat;  /**< Of the join that frees; GROOVE_HEAP_SEAT_NONE: it follows from the object. */
	uint32_t szc;	     /**< Their size class. */
	uint32_t off;	     /**< Bytes from a slot to an object. */
	uint64_t bits;	     /**< Words of their headers, but for the index. */
	uint64_t delta;	     /**< What each adds to the count. */
} groove_heap_class_t;

/**
 * Make a class of objects.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   As for groove_heap_alloc_tagged().
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param node
 *   As for groove_heap_alloc_node().
 * @param cls
 *   Receives the class; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: bad heap, size, alignment or node, or NULL cls.
 */
int groove_heap_class(groove_heap_t *heap, size_t sz, size_t align, int node, groove_heap_class_t *cls);

/**
 * Allocate an object with a tag, and learn why it failed.
 *
 * Thread safe, lock-free (but see the top of groove_heap.h).
 *
 * @param cls
 *   The class.
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   As for groove_heap_alloc_tagged().
 * @return
 *   As groove_heap_alloc_tagged().
 */
static inline __attribute__((__always_inline__)) void *
groove_heap_class_alloc_tagged(const groove_heap_class_t *cls, unsigned int flags, uint64_t tag, int *err)
{
#if !GROOVE_DEBUG_CHECKS
	const unsigned int known = GROOVE_HEAP_ZERO | GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES;
	groove_data_t *join = groove_heap_self->join[cls->alloc_seat];

	if (__builtin_expect((flags & ~known) == 0 && join != NULL && groove_data_is_live(join), 1)) {
		struct groove_data_form form;
		void *obj;

		form.bits = cls->bits;
		form.szc = cls->szc;
		form.off = cls->off;
		form.delta = cls->delta;
		obj = groove_data_alloc_cached(join, &form, tag);
		if (__builtin_expect(obj != NULL, 1)) {
			if (err != NULL)
				*err = GROOVE_SUCCESS;
			return (flags & GROOVE_HEAP_ZERO) != 0 ? memset(obj, 0, cls->sz) : obj;
		}
	}
#endif
	return groove_heap_alloc_node(cls->heap, cls->sz, cls->align, flags, cls->node, tag, err);
}

/**
 * Allocate an object. As groove_heap_class_alloc_tagged() with the tag 0.
 *
 * @param cls
 *   The class.
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @return
 *   The object; NULL on error, logged unless it is that there is no room.
 */
static inline __attribute__((__always_inline__)) void *
groove_heap_class_alloc(const groove_heap_class_t *cls, unsigned int flags)
{
	return groove_heap_class_alloc_tagged(cls, flags, 0, NULL);
}

/**
 * Free an object of the class. Any other one of the heap is freed, too.
 *
 * Thread safe, lock-free (but see the top of groove_heap.h).
 *
 * @param cls
 *   The class.
 * @param obj
 *   The object; NULL: nothing is done.
 * @return
 *   As groove_heap_free().
 */
static inline int
groove_heap_class_free(const groove_heap_class_t *cls, void *obj)
{
	groove_data_t *join = groove_heap_self->join[cls->free_seat];

	if (__builtin_expect(join != NULL && obj != NULL, 1))
		return groove_data_free(join, obj);
	return groove_heap_free(cls->heap, obj);
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_CLASS_H */
