/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_OWNER_H
#define GROOVE_HEAP_OWNER_H

/**
 * @file
 * Owners of objects, by tags: walk, free of tags, and tags that change hands.
 */

#include <groove_heap_handle.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Visit the live objects, node by node, as groove_data_walk() does, which see for what it means while others work.
 *
 * @param heap
 *   The heap.
 * @param filter
 *   NULL: all objects.
 * @param fn
 *   Called with each object.
 * @param arg
 *   What fn is called with.
 * @return
 *   As groove_data_walk().
 */
int groove_heap_walk(groove_heap_t *heap, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg);

/**
 * Free all objects with tags in a range, on all nodes. No other thread may free any of them meanwhile: for what a dead
 * process owned, say.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param first
 *   Lowest tag.
 * @param last
 *   Highest tag; below first: no object.
 * @param cnt
 *   Receives how many were freed; may be NULL.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, CORRUPT, logged: as groove_data_walk() and groove_heap_free(), and the rest is
 *   there still.
 */
int groove_heap_free_tags(groove_heap_t *heap, uint64_t first, uint64_t last, uint64_t *cnt);

/**
 * Give an object another tag, if it has the one that is expected: so it is handed over from one owner to the next, and
 * of several that want it one gets it. A process that dies in it has done it, or has not.
 *
 * Thread safe, lock-free. What a thread wrote to the object before it gave it a tag is seen by one that finds that tag
 * here.
 *
 * @param heap
 *   The heap.
 * @param obj
 *   A live object, which nobody frees meanwhile.
 * @param old_tag
 *   Tag that it should have.
 * @param new_tag
 *   Tag that it gets.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY, silent: it has another tag; GROOVE_ERR_INVAL, logged (limited in rate): bad heap,
 * or no live object of it.
 */
int groove_heap_retag(groove_heap_t *heap, void *obj, uint64_t old_tag, uint64_t new_tag);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_OWNER_H */
