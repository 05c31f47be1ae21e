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
 */

#include <string.h>

#include <groove_region.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_HEAP_NAME_MAX   32	       /**< Longest name of a heap, bytes. */
#define GROOVE_HEAP_NODE_MAX   64	       /**< NUMA nodes of a heap: those with a number below. */
#define GROOVE_HEAP_SEAT_MAX   256	       /**< Heaps open in a process, and their nodes, together. */
#define GROOVE_HEAP_VOLUME_SZ  (64UL << 20)    /**< Bytes by which a heap grows, by default. */
#define GROOVE_HEAP_MAX_SZ     (64UL << 30)    /**< Bytes that each node can have, by default. */
#define GROOVE_HEAP_JOIN_MAX   256UL	       /**< Joins of each node, by default. */
#define GROOVE_HEAP_NODE_LOCAL GROOVE_NODE_ANY /**< The node of the calling thread. */

#define GROOVE_HEAP_ZERO	1U /**< The object's bytes are zero. */
#define GROOVE_HEAP_NO_GROW	2U /**< Fail at once where growth or recovery would be needed. */
#define GROOVE_HEAP_OTHER_NODES 4U /**< Take memory of another node when the first has none left. */

#define GROOVE_HEAP_NONE  UINT64_MAX /**< No reserve. */
#define GROOVE_HEAP_NEVER UINT64_MAX /**< Memory is never idle. */

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

/** A heap, as open here. Its fields are for the calls below. */
typedef struct groove_heap {
	uintptr_t base;	   /**< Where the memory of its first node begins. */
	uint64_t first_sz; /**< Bytes of address space of that node. */
	uint32_t shift;	   /**< log2 of the bytes of address space for each node. */
	uint32_t node_cnt; /**< Nodes. */
	uint32_t seat;	   /**< The join of a thread's own node is here, those of the nodes follow. */
} groove_heap_t;

/** Joins of a thread, by seat. For the calls below. */
struct groove_heap_seats {
	groove_data_t *join[GROOVE_HEAP_SEAT_MAX]; /**< NULL: not joined yet. */
};

/** Those of the calling thread. */
extern __thread struct groove_heap_seats *groove_heap_self;

/* ---- coming and going ---- */

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

/* ---- objects ---- */

/** An allocation, for the calls below. */
struct groove_heap_request {
	size_t sz;	    /**< Bytes. */
	size_t align;	    /**< Alignment, bytes. */
	unsigned int flags; /**< GROOVE_HEAP_* */
	int node;	    /**< NUMA node. */
	int tried;	    /**< 1: the thread's own join has failed, and logged what was wrong. */
	uint64_t tag;	    /**< Kept with the object. */
};

/**
 * The rest of groove_heap_alloc_tagged(): what the calling thread's join has no slot for.
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
 *   A power of two up to GROOVE_DATA_ALLOC_ALIGN_MAX; 0: GROOVE_DATA_ALLOC_ALIGN_DEFAULT.
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
static inline void *
groove_heap_alloc_tagged(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, uint64_t tag, int *err)
{
	const unsigned int known = GROOVE_HEAP_ZERO | GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES;
	struct groove_heap_request request;

	request.tried = 0;
	if (__builtin_expect(heap != NULL && (flags & ~known) == 0, 1)) {
		groove_data_t *join = groove_heap_self->join[heap->seat];

		if (__builtin_expect(join != NULL, 1)) {
			void *obj = groove_data_alloc(join, align, sz, tag, NULL);

			if (__builtin_expect(obj != NULL, 1)) {
				if (err != NULL)
					*err = GROOVE_SUCCESS;
				return (flags & GROOVE_HEAP_ZERO) != 0 ? memset(obj, 0, sz) : obj;
			}
			request.tried = 1;
		}
	}
	request.sz = sz;
	request.align = align;
	request.flags = flags;
	request.node = GROOVE_HEAP_NODE_LOCAL;
	request.tag = tag;
	return groove_heap_alloc_slowly(heap, &request, err);
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
static inline void *
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
	request.tried = 0;
	request.tag = tag;
	return groove_heap_alloc_slowly(heap, &request, err);
}

/**
 * Allocate n objects of one size: all of them, or none. All lie on one node.
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
		const uint64_t idx = __builtin_expect(off < heap->first_sz, 1) ? 0 : off >> heap->shift;

		if (__builtin_expect(idx < heap->node_cnt, 1)) {
			groove_data_t *join = groove_heap_self->join[heap->seat + 1 + idx];

			if (__builtin_expect(join != NULL, 1))
				return groove_data_free(join, obj);
		}
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

/* ---- memory ---- */

/**
 * Set how much memory a node may have. It holds for all processes that have the heap open, from here on; what is more
 * already stays until it is given back.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param node
 *   A NUMA node of the heap; GROOVE_NODE_ANY: each of them.
 * @param limit_sz
 *   Bytes, [volume size, max_sz], rounded down to whole volumes.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged.
 */
int groove_heap_limit_set(groove_heap_t *heap, int node, uint64_t limit_sz);

/**
 * Set how much memory care keeps ready on a node, in volumes in which nothing is allocated, so that no allocation has
 * to wait for pages to be made. A setting of this process.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param node
 *   A NUMA node of the heap; GROOVE_NODE_ANY: each of them.
 * @param reserve_sz
 *   Bytes, rounded up to whole volumes; GROOVE_HEAP_NONE or 0: none.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged.
 */
int groove_heap_reserve_set(groove_heap_t *heap, int node, uint64_t reserve_sz);

/**
 * Look after a heap once: recover what dead processes held; grow until the reserve is there, within the limit; give
 * back empty volumes beyond the reserve when the node has had more memory than it uses for idle_ms, or has more than
 * its limit. Slots that other threads cache keep their volumes as long as these threads live; those of the calling
 * thread are given back with idle memory. The caretaker thread does this each 100 ms. A program that has none may call
 * it from a thread that may wait for pages to be made. Any number of processes may do so; no process needs to, for
 * calls are right without.
 *
 * Thread safe. A node whose only join at hand is the shared one, in use by another thread, is left for the next call.
 *
 * @param heap
 *   The heap.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_AGAIN: something is left to do for the next call; GROOVE_ERR_INVAL or CORRUPT, logged.
 */
int groove_heap_care(groove_heap_t *heap);

/**
 * Recover what dead processes held, on all nodes. Calls do so by themselves before they fail.
 *
 * Thread safe; waits for no other process.
 *
 * @param heap
 *   The heap.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_AGAIN: something is left, as groove_data_recover() says; GROOVE_ERR_INVAL or CORRUPT,
 *   logged.
 */
int groove_heap_recover(groove_heap_t *heap);

/** Memory of a node of a heap, as it is at this moment. */
typedef struct groove_heap_node_info {
	int node;	    /**< NUMA node. */
	uint64_t page_sz;   /**< Bytes of the pages. */
	uint64_t volume_sz; /**< Bytes by which it grows. */
	uint64_t memory_sz; /**< Bytes of memory that it has. */
	uint64_t limit_sz;  /**< Bytes that it may have. */
	uint64_t max_sz;    /**< Bytes that it can have. */
} groove_heap_node_info_t;

/**
 * Look at the memory of a node.
 *
 * Thread safe.
 *
 * @param heap
 *   The heap.
 * @param idx
 *   Which of its nodes, from 0.
 * @param info
 *   Receives what it has; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: bad heap; GROOVE_ERR_KEY, silent: it has no more nodes.
 */
int groove_heap_node_info(groove_heap_t *heap, unsigned int idx, groove_heap_node_info_t *info);

/**
 * Check the whole heap, as groove_data_verify() does. Needs an idle heap: no thread of any process is in a call with
 * it, nor a caretaker of another process. That of this one waits.
 *
 * @param heap
 *   The heap.
 * @return
 *   As groove_data_verify().
 */
int groove_heap_verify(groove_heap_t *heap);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_HEAP_H */
