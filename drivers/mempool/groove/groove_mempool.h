/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_MEMPOOL_H
#define GROOVE_MEMPOOL_H

/**
 * @file
 * Mempools of the driver "groove", after a process that used one has died.
 *
 * A pool is one of this driver by rte_mempool_set_ops_byname(mp, "groove", NULL) or EAL's --mbuf-pool-ops-name groove,
 * and is used by the calls of rte_mempool.h. What a dead process was taking out of the pool or putting in comes back by
 * itself. The elements that were handed out to it do so when the application says so, by groove_mempool_walk_dead().
 *
 * All calls may be made by any thread of any process at any time. A pool that is not this driver's is -EINVAL.
 */

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default) /* what the plug-in shows */

struct rte_mempool;

/** What becomes of an element that a dead process had. */
enum groove_mempool_verdict {
	GROOVE_MEMPOOL_LEAVE, /**< Nothing: the next walk lists it again. */
	GROOVE_MEMPOOL_PUT,   /**< It goes back to the pool. */
	GROOVE_MEMPOOL_KEEP,  /**< It is handed out to the calling process. */
};

/**
 * Called for an element that a dead process had. Meanwhile the element is handed out to the calling process.
 *
 * @param mp
 *   Its pool.
 * @param obj
 *   The element.
 * @param arg
 *   What groove_mempool_walk_dead() was given.
 * @return
 *   What becomes of it.
 */
typedef enum groove_mempool_verdict (*groove_mempool_dead_fn)(struct rte_mempool *mp, void *obj, void *arg);

/**
 * List the elements that were handed out to processes that are dead, and do with each what fn says.
 *
 * An element is handed out to the process that got it last from the pool, or that said that it has it
 * (groove_mempool_own()). Elements in a mempool cache are handed out to the process of the lcore that got or owned
 * them. The caches of a dead process' lcores are emptied first. Two walks at the same time list each element once.
 *
 * @param mp
 *   The pool.
 * @param fn
 *   Is called for each of them.
 * @param arg
 *   What fn is given.
 * @return
 *   How many were listed; a negative errno: which processes are dead cannot be known (logged).
 */
int groove_mempool_walk_dead(struct rte_mempool *mp, groove_mempool_dead_fn fn, void *arg);

/**
 * Take back what dead processes were taking out of a pool, or putting in, and empty the caches of their lcores. A get
 * that finds too few elements does so, too. It has to be done before another process has one of these lcores, if the
 * pool has caches.
 *
 * @param mp
 *   The pool.
 * @return
 *   From how many deaths it recovered; a negative errno: which processes are dead cannot be known (logged).
 */
int groove_mempool_recover(struct rte_mempool *mp);

/**
 * Say that the calling process has elements, which another process got: when that one is dead they are not listed, but
 * when the calling one is.
 *
 * A process that receives elements from another must call this before it puts them, also before the put into a
 * mempool cache, unless no process that may have got them can die. Otherwise a walk may list them while they are in
 * that cache, or in the midst of that put: where the application says PUT then, two get the same element.
 *
 * @param mp
 *   The pool.
 * @param objs
 *   The elements.
 * @param n
 *   Number of them.
 * @return
 *   0; -EINVAL: one of them is no element of the pool (those before it are owned); -ENOSPC: too many processes use the
 *   pool (logged).
 */
int groove_mempool_own(struct rte_mempool *mp, void *const *objs, unsigned int n);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_MEMPOOL_H */
