/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_CARE_H
#define GROOVE_REGION_CARE_H

/**
 * @file
 * Looking after regions: what there are by name, what is wrong with one, rebuild, destroy, core dumps.
 */

#include <groove_region_life.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_REGION_MEMBER_MAX 256 /**< Attached processes that a report names at most. */

/** Called with the driver and name of a region, valid during the call. 0 goes on, anything else ends the list. */
typedef int (*groove_region_list_fn)(void *arg, const char *driver, const char *name);

/**
 * List the regions that have a name. What lies there under a name that groove_region_create() refuses is left out, so
 * the names need no escapes.
 *
 * @param driver
 *   Only those of this one; NULL: of all.
 * @param dir
 *   Directory to look in; NULL: each driver's default.
 * @param fn
 *   Called with each region.
 * @param arg
 *   What fn is called with.
 * @return
 *   GROOVE_SUCCESS; what fn returned to end the list; GROOVE_ERR_KEY: no such driver.
 */
int groove_region_list(const char *driver, const char *dir, groove_region_list_fn fn, void *arg);

/** What can be said of a region without attaching it. */
enum groove_region_state {
	GROOVE_REGION_WHOLE, /**< Nothing is wrong with it, as far as its header says. */
	GROOVE_REGION_TORN,  /**< groove_region_rebuild() comes next, or destroy; see groove_region_needs_rebuild(). */
	GROOVE_REGION_DAMAGED,	 /**< It cannot be attached: destroy it. */
	GROOVE_REGION_HALF_MADE, /**< It is being made, or its maker died: then destroy it. */
	GROOVE_REGION_FOREIGN,	 /**< No region, or one of a library with another layout. */
};

/** What groove_region_inspect() found. Of what is neither whole nor torn all but state, driver and bytes is 0. */
typedef struct groove_region_report {
	size_t size; /**< sizeof(groove_region_report_t) as the program has it; 0: see groove_region_cfg_t. */
	enum groove_region_state state;	 /**< Whether it can be attached. */
	int node;			 /**< NUMA node that it was made for, or GROOVE_NODE_ANY. */
	enum groove_placement placement; /**< How it was to be placed there. */
	const char *driver;		 /**< Its driver. */
	uint64_t bytes;			 /**< Of address space, with holes. */
	uint64_t page_sz;		 /**< Bytes of the pages. */
	uint64_t volume_sz;		 /**< Bytes of a volume. */
	uint64_t volume_max;		 /**< Volumes there can be. */
	uint64_t volume_memory_cnt;	 /**< Volumes that have memory. */
	uint64_t volume_cnt;		 /**< Volumes in the groove. */
	uint64_t join_max;		 /**< Joins there can be. */
	uint64_t join_cnt;		 /**< Joins that have not left, the dead ones among them. */
	uint64_t join_dead_cnt;		 /**< Joins of processes that have ended: groove_region_recover() comes next. */
	uint64_t obj_cnt;		 /**< Live objects, exact when it is idle and nothing is to be recovered. */
	uint64_t obj_bytes;		 /**< Bytes asked for by the live objects. */
	uint64_t member_cnt;		 /**< Processes that are attached. */
	uint64_t member_pid[GROOVE_REGION_MEMBER_MAX]; /**< Their process numbers, as they called themselves; 0:
							  unknown. */
	uint64_t reader_cnt;			       /**< Of these processes, those that only read it. */
} groove_region_report_t;

/**
 * Look at a region by its name: nothing of it is changed, and nobody sees that it was looked at. Its front is copied,
 * so what is damaged, or is cut meanwhile, does no harm.
 *
 * Any thread at any time.
 *
 * @param id
 *   Which one.
 * @param report
 *   Receives what was found; not touched on error.
 * @return
 *   GROOVE_SUCCESS, also of what is damaged: the log says how; GROOVE_ERR_INVAL: an argument is wrong, or it may not be
 *   opened, or cannot be read; GROOVE_ERR_KEY: no such name or driver; GROOVE_ERR_FULL: no heap for a copy.
 */
int groove_region_inspect(const groove_region_id_t *id, groove_region_report_t *report);

/**
 * Take the name of a region away, and its memory. Refused while a living process is attached, also one that attaches
 * at this moment: of the two at most one goes on, and both may return GROOVE_ERR_AGAIN. A process stopped or killed in
 * it keeps no other from attaching the region or destroying it: destroy it again. (With driver memzone a process that
 * is stopped in attach or destroy keeps others from destroying it, as EAL would unmap the region there.) What is
 * damaged or half made can be destroyed, and so can an empty file, as a create leaves that dies at once. What is no
 * region, or one of a library with another layout, stays as it is: its name may be a file of somebody's, and that
 * library's locks are unknown here.
 *
 * Thread safe.
 *
 * @param id
 *   Its name, and driver and directory where it lies.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: no such name or driver; GROOVE_ERR_AGAIN, logged: a living process is attached, or
 *   attaches or destroys it at this moment; GROOVE_ERR_FULL, logged: no descriptor or memory to look at it with;
 *   GROOVE_ERR_INVAL, logged: an argument is wrong, it may not be removed, or is no region. Nothing is changed then.
 */
int groove_region_destroy(const groove_region_id_t *id);

/**
 * Whether a region was attached read-only because its memory may be torn: any page may be older than the next, or
 * zeros. One that is whole and was attached with GROOVE_REGION_READ_ONLY needs no rebuild.
 *
 * It is mapped for reading alone, so a write to it ends the process. groove_region_join() makes joins for
 * groove_data_walk() (groove_data_join_readonly()); every call that would change something returns GROOVE_ERR_INVAL (or
 * NULL), logged. What groove_region_root() leads to, and which handles lead somewhere, may be of another time.
 *
 * @param region
 *   The region.
 * @return
 *   1: it is, and groove_region_rebuild() or groove_region_destroy() comes next; 0: it is not, or region is NULL.
 */
int groove_region_needs_rebuild(const groove_region_t *region);

/**
 * Make a region that was attached read-only good again, as groove_data_rebuild() does, which see for what is kept and
 * what is reported. All joins of this process must have left, and no other process may be attached. Reads all of its
 * memory, and writes it to disk. Then it is attached like any other; the words of groove_region_root() and the bytes of
 * objects are as they were found.
 *
 * A process that dies in it, or a machine that goes down, leaves it torn: rebuild again.
 *
 * @param region
 *   The region.
 * @param lost
 *   Called with each object that could not be kept, by ascending address; may be NULL.
 * @param arg
 *   What lost is called with.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: the region needs no rebuild, or cannot be written to disk; GROOVE_ERR_AGAIN:
 *   another process is attached, or rebuilds it, or this one has joins; GROOVE_ERR_FULL: no memory to fill the holes of
 * volumes with. Except with GROOVE_SUCCESS it stays read-only.
 */
int groove_region_rebuild(groove_region_t *region, groove_data_lost_fn lost, void *arg);

/**
 * Whether core dumps of this process, and what a debugger writes as such, have the region in them. They have not unless
 * asked for: a region may be large, and what other processes keep in it is not this one's to show. With volumes the
 * front and all volumes that have memory are in, those that this process adds later, too; of those that others add
 * after the call, the next call.
 *
 * Holes are never in it. Where they cannot be guarded (regions.rst, "Holes"), a volume that another process gave back
 * after the call gets memory by a core dump, until groove_region_recover().
 *
 * Not while another thread grows or shrinks by the same groove_region_t. With driver memzone it does nothing: EAL has
 * its memory in core dumps.
 *
 * @param region
 *   A region.
 * @param volumes
 *   1: they are in; 0: nothing is, as it is after attaching.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: no region of this process, or the kernel refuses.
 */
int groove_region_dump(groove_region_t *region, int volumes);

/**
 * Names of the registered drivers, each but the first after ", ", into buf (cut to buf_sz, always terminated).
 *
 * @param buf
 *   Receives the text; NULL is fine.
 * @param buf_sz
 *   Bytes at buf.
 */
void groove_region_driver_names(char *buf, size_t buf_sz);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_CARE_H */
