/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HEAP_LIFE_H
#define GROOVE_HEAP_LIFE_H

/**
 * @file
 * Heaps come and go: what one should be, open, close, destroy.
 */

#include <groove_heap_handle.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_HEAP_NAME_MAX  32	   /**< Longest name of a heap, bytes. */
#define GROOVE_HEAP_NODE_MAX  64	   /**< NUMA nodes of a heap: those with a number below. */
#define GROOVE_HEAP_VOLUME_SZ (64UL << 20) /**< Bytes by which a heap grows, by default. */
#define GROOVE_HEAP_MAX_SZ    (64UL << 30) /**< Bytes that each node can have, by default. */
#define GROOVE_HEAP_JOIN_MAX  256UL	   /**< Joins of each node, by default. */
#define GROOVE_HEAP_NONE      UINT64_MAX   /**< No reserve. */
#define GROOVE_HEAP_NEVER     UINT64_MAX   /**< Memory is never idle. */

/** What looks after a heap in this process. */
enum groove_heap_care {
	GROOVE_HEAP_CARE_THREAD, /**< One thread for all heaps of the process, not on the CPUs of lcores. */
	GROOVE_HEAP_CARE_CALLS,	 /**< The program calls groove_heap_care(), or nothing does. */
};

/**
 * What a heap should be. Zero in a field, as in each that is left out, is the default. A process that attaches a heap
 * which is there already takes it as it is: only name, driver, dir, flags, care and what follows that count then.
 */
typedef struct groove_heap_cfg {
	size_t cfg_sz;	       /**< sizeof(groove_heap_cfg_t), so that fields can be added at the end. */
	const char *name;      /**< Up to GROOVE_HEAP_NAME_MAX letters, digits, '_', '-', '.'; NULL: private. */
	const char *driver;    /**< Volume driver; NULL: GROOVE_REGION_DRIVER_DEFAULT. */
	const char *dir;       /**< Directory, for drivers that make files; NULL: the driver's default. */
	unsigned int mode;     /**< Permission bits of what can be opened; 0: 0600. */
	enum groove_page page; /**< Size of the pages; default: the largest of which a volume is whole pages. */
	uint64_t flags;	       /**< GROOVE_REGION_TRUST, or 0. */
	uint64_t node_mask;    /**< Bit n: on NUMA node n; 0: on all that have memory of the page size. */
	/**
	 * Bytes by which each node grows: a power of two, 32 MiB to 1 GiB; 0: GROOVE_HEAP_VOLUME_SZ, or 1 GiB where
	 * only hugepages of that size are free.
	 */
	uint64_t volume_sz;
	uint64_t max_sz;   /**< Bytes of address space for each node; 0: GROOVE_HEAP_MAX_SZ. */
	uint64_t limit_sz; /**< Bytes of memory that each node may have; 0: max_sz. See groove_heap_limit_set(). */
	uint64_t join_max; /**< Joins of each node, [3, 1024]; 0: GROOVE_HEAP_JOIN_MAX. */
	enum groove_heap_care care; /**< What looks after it in this process: see groove_heap_care(). */
	uint64_t reserve_sz; /**< See groove_heap_reserve_set(); 0: one volume for each node; GROOVE_HEAP_NONE: none. */
	uint64_t idle_ms;    /**< Milliseconds until memory is idle; 0: 10,000; GROOVE_HEAP_NEVER: it is kept. */
} groove_heap_cfg_t;

/**
 * Open a heap: attach the one of that name, or make it if there is none. Of several processes that do so at one time
 * one makes it, and all have the same. A heap that was made has one volume of memory, on the caller's node.
 *
 * Without a name it is private to the process.
 *
 * Thread safe.
 *
 * @param cfg
 *   What it should be.
 * @param heap
 *   Receives the heap; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: an argument is wrong, or what has that name is no heap, or may not be opened;
 *   GROOVE_ERR_KEY: no such driver; GROOVE_ERR_FULL: not enough memory, address space, join records or seats;
 *   GROOVE_ERR_AGAIN: others make or destroy it at this moment, call again; GROOVE_ERR_CORRUPT: it is damaged. On error
 *   nothing is kept.
 */
int groove_heap_open(const groove_heap_cfg_t *cfg, groove_heap_t **heap);

/**
 * Close a heap: all threads of this process leave it, and it is unmapped. No thread may be in a call with it, or make
 * one afterwards. The objects of a heap with a name stay, as long as its driver keeps them; those of a private one go.
 *
 * @param heap
 *   The heap; NULL is fine.
 */
void groove_heap_close(groove_heap_t *heap);

/**
 * Take the name of a heap away, and its memory. Refused while a living process has it open. One that was interrupted is
 * finished by the next.
 *
 * Thread safe.
 *
 * @param cfg
 *   Its name, driver and dir where it lies, and flags; the other fields do not count.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: no such heap or driver; GROOVE_ERR_AGAIN, logged: a living process has it open, or
 *   opens or destroys it at this moment; GROOVE_ERR_INVAL, logged: an argument is wrong, it is no heap, or it may not
 *   be removed; GROOVE_ERR_CORRUPT, logged: what says of which regions it consists is damaged, groove-ctl destroy
 *   removes them one by one.
 */
int groove_heap_destroy(const groove_heap_cfg_t *cfg);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_LIFE_H */
