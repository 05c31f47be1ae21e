/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_OBJECT_H
#define GROOVE_HEAP_OBJECT_H

/**
 * @file
 * Objects of a heap: alloc, free, and what is made of these.
 */

#include <string.h>

#include <groove_heap_handle.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_HEAP_NODE_LOCAL	GROOVE_NODE_ANY /**< The node of the calling thread. */
#define GROOVE_HEAP_ZERO	1U		/**< The object's bytes are zero. */
#define GROOVE_HEAP_NO_GROW	2U		/**< Fail at once where growth or recovery would be needed. */
#define GROOVE_HEAP_OTHER_NODES 4U		/**< Take memory of another node when the first has none left. */

/** An allocation, for the calls below. */
struct groove_heap_request {
	size_t sz;	    /**< Bytes. */
	size_t align;	    /**< Alignment, bytes. */
	unsigned int flags; /**< GROOVE_HEAP_* */
	int node;	    /**< NUMA node. */
	uint64_t tag;	    /**< Kept with the object. */
};

/**
 * groove_heap_alloc_node(), by what is asked for.
 *
 * @param heap
 *   The heap.
 * @param request
 *   What is asked for.
 * @param err
 *   Receives the result; NULL is fine.
 * @return
 *   As groove_heap_alloc_tagged().
 */
void *groove_heap_alloc_slowly(groove_heap_t *heap, const struct groove_heap_request *request, int *err);

/**
 * The rest of groove_heap_alloc_tagged(): what the calling thread's join has no slot for, if there is such a join.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   Bytes.
 * @param align
 *   Alignment, bytes.
 * @param flags
 *   GROOVE_HEAP_*
 * @param tag
 *   Kept with the object.
 * @param err
 *   Receives the result; NULL is fine.
 * @return
 *   As groove_heap_alloc_tagged().
 */
void *groove_heap_alloc_rest(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, uint64_t tag, int *err);

/**
 * Allocate of the calling thread's own join what that has a cached slot for. For the inline calls.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   Bytes.
 * @param align
 *   Alignment, bytes.
 * @param flags
 *   GROOVE_HEAP_*
 * @param tag
 *   Kept with the object.
 * @return
 *   The object; NULL, nothing logged: groove_heap_alloc_rest() makes it, or says what is wrong.
 */
static inline __attribute__((__always_inline__)) void *
groove_heap_alloc_cached(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, uint64_t tag)
{
#if GROOVE_DEBUG_CHECKS
	(void)heap, (void)sz, (void)align, (void)flags, (void)tag;
	return NULL;
#else
	const unsigned int known = GROOVE_HEAP_ZERO | GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES;
	groove_data_t *join;

	if (__builtin_expect(heap == NULL || (flags & ~known) != 0 || !groove_data_form_is_usual(align, sz), 0))
		return NULL;
	join = groove_heap_self->join[heap->seat];
	if (__builtin_expect(join == NULL || !groove_data_is_live(join), 0))
		return NULL;

	const struct groove_data_form form = groove_data_form(align, sz);
	void *obj = groove_data_alloc_cached(join, &form, tag);

	return obj != NULL && (flags & GROOVE_HEAP_ZERO) != 0 ? memset(obj, 0, sz) : obj;
#endif
}

/**
 * The rest of groove_heap_free().
 *
 * @param heap
 *   The heap.
 * @param obj
 *   The object.
 * @return
 *   As groove_heap_free().
 */
int groove_heap_free_slowly(groove_heap_t *heap, void *obj);

/**
 * Allocate an object with a tag, and learn why it failed.
 *
 * The caller's node is the one that its thread ran on at its first call (pin threads before that), or the heap's
 * nearest. When the node has no room the heap grows by a volume, up to its limit; at the limit what dead processes held
 * is recovered.
 *
 * Thread safe, lock-free (but see the top of this file).
 *
 * @param heap
 *   The heap.
 * @param sz
 *   Bytes, from 0, up to 10 MiB.
 * @param align
 *   A power of two up to GROOVE_DATA_INSET_ALIGN_MAX; 0: GROOVE_DATA_ALLOC_ALIGN_DEFAULT. Above 64 it is slower; above
 *   GROOVE_DATA_ALLOC_ALIGN_MAX the object takes the alignment more of memory, and sz goes up to 10 MiB less 4 KiB.
 * @param flags
 *   Bits: GROOVE_HEAP_ZERO, GROOVE_HEAP_NO_GROW, GROOVE_HEAP_OTHER_NODES.
 * @param tag
 *   Any number, kept with the object: groove_data_alloc_tag().
 * @param err
 *   Receives GROOVE_SUCCESS; GROOVE_ERR_FULL: no room within the limit, or no memory to grow; GROOVE_ERR_AGAIN: others
 *   are adding the last memory that the limit allows, call again; GROOVE_ERR_INVAL, logged (limited in rate): bad heap,
 *   alignment, size or flags; GROOVE_ERR_CORRUPT, logged: shared state is damaged. May be NULL.
 * @return
 *   The object, unique also when sz is 0; NULL on error.
 */
static inline __attribute__((__always_inline__)) void *
groove_heap_alloc_tagged(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, uint64_t tag, int *err)
{
	void *obj = groove_heap_alloc_cached(heap, sz, align, flags, tag);

	if (__builtin_expect(obj != NULL, 1)) {
		if (err != NULL)
			*err = GROOVE_SUCCESS;
		return obj;
	}
	return groove_heap_alloc_rest(heap, sz, align, flags, tag, err);
}

/**
 * Allocate an object. As groove_heap_alloc_tagged() with the tag 0.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   Bytes, from 0, up to 10 MiB.
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @return
 *   The object; NULL on error, logged unless it is that there is no room.
 */
static inline __attribute__((__always_inline__)) void *
groove_heap_alloc(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags)
{
	return groove_heap_alloc_tagged(heap, sz, align, flags, 0, NULL);
}

/**
 * Allocate an object on a node.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   As for groove_heap_alloc_tagged().
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @param node
 *   A NUMA node of the heap; GROOVE_HEAP_NODE_LOCAL: the calling thread's.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   As for groove_heap_alloc_tagged(); GROOVE_ERR_INVAL, logged, also for a node that the heap has not.
 * @return
 *   As groove_heap_alloc_tagged().
 */
static inline void *
groove_heap_alloc_node(
	groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, int node, uint64_t tag, int *err)
{
	struct groove_heap_request request;

	request.sz = sz;
	request.align = align;
	request.flags = flags;
	request.node = node;
	request.tag = tag;
	return groove_heap_alloc_slowly(heap, &request, err);
}

/**
 * Allocate n objects of one size: all of them, or none. All lie on one node. For objects that with the live ones take
 * more than the limit allows the heap does not grow first.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   As for groove_heap_alloc_tagged().
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @param tags
 *   n tags; NULL: all zero.
 * @param objs
 *   Receives the objects; what it holds after an error means nothing.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as the err of groove_heap_alloc_tagged(), and nothing is allocated.
 */
int groove_heap_alloc_bulk(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, const uint64_t *tags,
	void **objs, uint64_t n);

/**
 * Allocate up to n objects of one size.
 *
 * @param heap
 *   The heap.
 * @param sz
 *   As for groove_heap_alloc_tagged().
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @param tags
 *   n tags; NULL: all zero.
 * @param objs
 *   Receives the objects.
 * @param n
 *   Objects, from 0.
 * @param err
 *   Receives GROOVE_SUCCESS when n were allocated, else why not. May be NULL.
 * @return
 *   Objects allocated, [0, n].
 */
uint64_t groove_heap_alloc_burst(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, const uint64_t *tags,
	void **objs, uint64_t n, int *err);

/**
 * Free an object that any thread of any process allocated in this heap.
 *
 * Thread safe, lock-free (but see the top of this file).
 *
 * @param heap
 *   The heap.
 * @param obj
 *   The object; NULL: nothing is done.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged (limited in rate), nothing changed: bad heap, or no live object of this
 *   heap; GROOVE_ERR_CORRUPT, logged, nothing changed: as groove_data_free().
 */
static inline int
groove_heap_free(groove_heap_t *heap, void *obj)
{
	if (__builtin_expect(heap != NULL, 1)) {
		const uint64_t off = (uintptr_t)obj - heap->base;
		groove_data_t *join = NULL;

		if (__builtin_expect(off < heap->first_sz, 1))
			join = groove_heap_self->join[heap->seat + 1];
		else if (off >> heap->shift < heap->node_cnt)
			join = groove_heap_self->join[heap->seat + 1 + (off >> heap->shift)];
		if (__builtin_expect(join != NULL, 1))
			return groove_data_free(join, obj);
	}
	return groove_heap_free_slowly(heap, obj);
}

/**
 * Free n objects of any sizes. Of those of one node it checks all first, then frees all or none; where objects of
 * several nodes are among them, those of each node are all freed, or none of them.
 *
 * @param heap
 *   The heap.
 * @param objs
 *   n objects; a NULL among them is bad.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as groove_heap_free() of a bad one; GROOVE_ERR_FULL: objects of several nodes, and no memory to sort them
 *   by their nodes, nothing is freed then.
 */
int groove_heap_free_bulk(groove_heap_t *heap, void *const *objs, uint64_t n);

/**
 * Free the good ones of n objects.
 *
 * @param heap
 *   The heap.
 * @param objs
 *   n objects; a NULL among them is bad.
 * @param n
 *   Objects, from 0.
 * @param err
 *   Receives GROOVE_SUCCESS when all were freed, else the first error. May be NULL.
 * @return
 *   Objects freed, [0, n].
 */
uint64_t groove_heap_free_burst(groove_heap_t *heap, void *const *objs, uint64_t n, int *err);

/**
 * Bytes of an object that its owner may use: at least as many as were asked for.
 *
 * @param obj
 *   A live object.
 * @return
 *   Bytes from obj on.
 */
static inline size_t
groove_heap_usable_sz(const void *obj)
{
	return (size_t)((const uint8_t *)groove_data_alloc_stop_const(obj) - (const uint8_t *)obj);
}

/**
 * Change the size of an object. It stays where it is when its slot has the room, and the new size needs at least half
 * of it; else a new one on the same node takes its first bytes and its tag, and the old one is freed. When there is no
 * room for a smaller one it stays, too. What groove_data_alloc_sz() says of an object that stays is the size that it
 * was allocated with.
 *
 * @param heap
 *   The heap.
 * @param obj
 *   The object; NULL: a new one is allocated, on the caller's node.
 * @param sz
 *   Bytes that it should have; also 0.
 * @param align
 *   As for groove_heap_alloc_tagged(). An object that is not aligned so moves.
 * @param flags
 *   As for groove_heap_alloc_tagged(), but for GROOVE_HEAP_ZERO, which is refused: which bytes are new is not known.
 * @param err
 *   As for groove_heap_alloc_tagged(); GROOVE_ERR_INVAL, logged, also when obj is no live object of this heap. May be
 *   NULL.
 * @return
 *   The object; NULL on error: the old one is as it was then.
 */
void *groove_heap_realloc(groove_heap_t *heap, void *obj, size_t sz, size_t align, unsigned int flags, int *err);

/**
 * Allocate an object with a copy of some bytes.
 *
 * @param heap
 *   The heap.
 * @param src
 *   sz bytes, anywhere.
 * @param sz
 *   As for groove_heap_alloc_tagged().
 * @param align
 *   As for groove_heap_alloc_tagged().
 * @param flags
 *   As for groove_heap_alloc_tagged().
 * @return
 *   The object; NULL on error, logged unless it is that there is no room.
 */
void *groove_heap_memdup(groove_heap_t *heap, const void *src, size_t sz, size_t align, unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_OBJECT_H */
