/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_H
#define GROOVE_HEAP_H

/**
 * @file
 * The heap: groove for programs that want to allocate and free, and nothing else.
 *
 *     groove_heap_t *heap;
 *     groove_heap_open(&(groove_heap_cfg_t){.cfg_sz = sizeof(groove_heap_cfg_t), .name = "flows"}, &heap);
 *     struct flow *flow = groove_heap_alloc(heap, sizeof(*flow), 0, GROOVE_HEAP_ZERO);
 *     groove_heap_free(heap, flow); // on any lcore, in any process
 *
 * A heap is one region (groove_region.h) for each NUMA node, in one window of address space, so that the node of an
 * object follows from its address. Each thread joins by itself at its first call, on each node that it uses, and leaves
 * when it ends, also when it is cancelled. The heap grows before a call says that it is full, and recovers what dead
 * processes held before a call fails. A caretaker thread does both ahead, and gives idle memory back.
 *
 * Works in EAL primaries, in secondaries, and in processes without EAL. Any thread makes any call at any time, but
 * groove_heap_close(); never from a signal handler. No call waits for another process. In a process calls wait for
 * another thread so:
 *   - Threads for which no join record is left share one join, one at a time, each for the whole of its call: also for
 *     a walk with all that its callback does, and for growth.
 *   - A thread that joins, at its first call on a node, or ends waits for another that does, and for one that closes a
 *     heap.
 *   - groove_heap_open(), close and verify, and fork(), wait for the caretaker's round, which may be making the pages
 *     of a volume, and for a verify.
 *
 * After fork the child's calls return GROOVE_ERR_INVAL (or NULL), but groove_heap_close(), which unmaps, and
 * groove_heap_open(): it opens the heap anew.
 *
 * Errors are logged (log type lib.groove.heap, and those of the floors below) in one line that names the value and the
 * way out; GROOVE_ERR_FULL is silent.
 *
 * The headers that it includes have the calls: open and close (groove_heap_life.h), objects (groove_heap_object.h),
 * those of one size (groove_heap_class.h), their owners (groove_heap_owner.h), memory and care (groove_heap_memory.h),
 * counts (groove_heap_stats.h).
 */

#include <groove_heap_class.h>
#include <groove_heap_handle.h>
#include <groove_heap_life.h>
#include <groove_heap_memory.h>
#include <groove_heap_object.h>
#include <groove_heap_owner.h>
#include <groove_heap_stats.h>

#endif /* GROOVE_HEAP_H */
