/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_H
#define GROOVE_REGION_H

/**
 * @file
 * Regions: the memory of a groove, that is its shared region and address space for its volumes, from a volume driver.
 *
 * A driver (groove_volume_driver.h) registers itself and is found by name. A region with a name can be attached by
 * other processes, one without is private, but for a driver that hands over descriptors. The address space of all
 * volumes that the groove can have is mapped once per process; memory comes (groove_region_grow()) and goes
 * (groove_region_shrink()) while processes run, and all see it at once.
 *
 * On one region: create, attach, detach, dma_register and dma_unregister one at a time, and nothing else during detach.
 * All else may be called by any thread at the same time. After fork the child has no region: its calls return
 * GROOVE_ERR_INVAL (or NULL, or 0), but detach, which unmaps.
 *
 * Errors are logged (log type lib.groove.region) in one line that names the value and the way out.
 *
 * Only drivers that say so need EAL; the others serve processes that never call rte_eal_init().
 *
 * Addresses: a program that wants a region at an address of its choice names it (at). All of the range lies there, its
 * front first; the address is a multiple of the page size and of 2 MiB. What is mapped there already is never replaced:
 * that is GROOVE_ERR_FULL. Drivers that cannot choose an address (memzone) refuse it: GROOVE_ERR_INVAL.
 */

#include <groove.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Page sizes by their common names. */
enum groove_page {
	GROOVE_PAGE_ANY,      /**< The largest that has room. */
	GROOVE_PAGE_NORMAL,   /**< 4 KiB (the base page of the machine). */
	GROOVE_PAGE_HUGE,     /**< 2 MiB. */
	GROOVE_PAGE_GIGANTIC, /**< 1 GiB. */
};

/** How memory is placed on a NUMA node. */
enum groove_placement {
	GROOVE_PLACEMENT_DEFAULT,   /**< Not said: bound to a node above 0; on any node where node is 0, as in zeros. */
	GROOVE_PLACEMENT_BOUND,	    /**< All of it on the node: where that has no room is an error. */
	GROOVE_PLACEMENT_PREFERRED, /**< On the node as far as it has room, else on others. */
};

/** The volume driver of a region that names none. It needs neither EAL nor a file system. */
#define GROOVE_REGION_DRIVER_DEFAULT "memfd"

#define GROOVE_NODE_ANY		 -1   /**< No preference. */
#define GROOVE_NODE_MAX		 1024 /**< NUMA nodes that Linux can have. */
#define GROOVE_REGION_NAME_MAX	 48   /**< Longest name, bytes. */
#define GROOVE_REGION_MEMBER_MAX 256  /**< Attached processes that a report names at most. */

/**
 * What a region should be. Zero in a field, as in each that is left out, is the default: {.volume_cnt = 1} makes a
 * private region on any node, of the largest pages that have room.
 *
 * A program sets size to sizeof(groove_region_cfg_t), or leaves it 0, which stands for the fields up to placement. So
 * fields can be added after those: where size ends before a field, the field is 0. A library that does not know a field
 * refuses it unless it is 0.
 */
typedef struct groove_region_cfg {
	size_t size;	    /**< Bytes of the struct as the program has it; 0: as it was when size was introduced. */
	const char *driver; /**< Volume driver; NULL: GROOVE_REGION_DRIVER_DEFAULT. */
	const char *name;   /**< Letters, digits, '_', '-', '.', the first no '.'; NULL: private. */
	const char *dir;    /**< Directory, for drivers that make files; NULL: the driver's default. */
	unsigned int mode;  /**< Permission bits of what can be opened; 0: 0600. */
	uint64_t volume_sz; /**< Bytes of a volume; 0: GROOVE_VOLUME_FOOTPRINT. */
	uint64_t
		volume_cnt; /**< Volumes in the groove, with memory, from the start; at least 1 when volume_max is 0. */
	uint64_t volume_max;   /**< Most volumes there can be; 0: volume_cnt. */
	uint64_t join_max;     /**< As in groove_data_cfg_t; 0: the default. */
	enum groove_page page; /**< Size of the pages. */
	/**
	 * NUMA node, or GROOVE_NODE_ANY. 0 alone is any node, too; node 0 takes a placement that is not the default:
	 * so a number that is not known before run time goes with one.
	 */
	int node;
	enum groove_placement placement; /**< On that node; of no meaning for GROOVE_NODE_ANY. Holds for growth, too. */
	void *at;	      /**< Where to map it in this process: see "addresses" below; NULL: where there is room. */
	const uint64_t *root; /**< GROOVE_REGION_ROOT_CNT values that groove_region_root() begins with; NULL: zeros. */
} groove_region_cfg_t;

/** Which region. Zero in a field is the default, but for the name. */
typedef struct groove_region_id {
	size_t size;	    /**< sizeof(groove_region_id_t) as the program has it; 0: see groove_region_cfg_t. */
	const char *driver; /**< Volume driver; NULL: each in turn. */
	const char *name;   /**< As in groove_region_cfg_t. */
	const char *dir;    /**< As in groove_region_cfg_t. */
	uint64_t flags;	    /**< Bits: GROOVE_REGION_TRUST, GROOVE_REGION_IF_THERE. */
	void *at;	    /**< Where attach maps it: as in groove_region_cfg_t. Of no meaning for other calls. */
} groove_region_id_t;

/**
 * Take a region also when others can change or cut it: memory of another user than this process's or root, of a mode
 * that lets others write, or in a directory that others may change. They can hand this process what they like, and end
 * it. For regions that were made for a group, with a mode of 0660, say. Logged (WARNING).
 */
#define GROOVE_REGION_TRUST 1UL

/** That there is no such region is expected: GROOVE_ERR_KEY is silent then. */
#define GROOVE_REGION_IF_THERE 2UL

/** A region, as attached here. */
typedef struct groove_region groove_region_t;

/* ---- coming and going ---- */

/**
 * Make a region, attached: reserves address space for the shared region and all volumes, populates memory for the
 * shared region and the first volume_cnt volumes, and makes a groove of these, with no objects. So the first allocation
 * of a join succeeds where volume_cnt is not 0. The name becomes visible at the end, when all else is done.
 *
 * @param cfg
 *   What it should be.
 * @param region
 *   Receives the region; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: an argument is wrong, or cannot be had in this set-up; GROOVE_ERR_KEY: no such
 *   driver (the message lists those there are), or the name is taken; GROOVE_ERR_FULL: not enough memory of that page
 *   size, or not on the node that it is bound to. On error nothing is kept.
 */
int groove_region_create(const groove_region_cfg_t *cfg, groove_region_t **region);

/**
 * Attach a region by its name.
 *
 * A region belongs to a user. One that belongs neither to the user of this process nor to root, that others may write
 * to, or that lies in a directory which others may change, is refused without GROOVE_REGION_TRUST.
 *
 * A region of a driver that survives the machine (file) may be torn: it was in use when that went down, or when this
 * copy of it was made, or part of it was punched out or cut since. What is unknown counts as torn. It is attached all
 * the same, but read-only, logged: see groove_region_needs_rebuild().
 *
 * @param id
 *   Which region.
 * @param region
 *   Receives the region; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: an argument is wrong, it is no region, or of another layout, or may not be
 *   opened or trusted; GROOVE_ERR_KEY: no such name or driver; GROOVE_ERR_AGAIN: it is being made, or rebuilt;
 * GROOVE_ERR_CORRUPT: it is damaged; GROOVE_ERR_FULL: no address space, or too many processes. On error nothing is
 * changed.
 */
int groove_region_attach(const groove_region_id_t *id, groove_region_t **region);

/**
 * Attach a region by a descriptor that another process handed over (SCM_RIGHTS, /proc/PID/fd).
 *
 * @param fd
 *   What groove_region_fd() returned there. Stays the caller's, which may close it.
 * @param region
 *   Receives the region; not touched on error.
 * @return
 *   As groove_region_attach().
 */
int groove_region_attach_fd(int fd, groove_region_t **region);

/**
 * The same with GROOVE_REGION_TRUST, or 0, for flags.
 *
 * @param fd
 *   A descriptor.
 * @param flags
 *   Bits, as in groove_region_id_t.
 * @param region
 *   Receives the region; not touched on error.
 * @return
 *   As groove_region_attach().
 */
int groove_region_attach_fd_flags(int fd, uint64_t flags, groove_region_t **region);

/**
 * Descriptor of a region, to hand over to a process that is to attach it. Stays the region's; opened with O_CLOEXEC.
 *
 * @param region
 *   The region.
 * @return
 *   The descriptor; GROOVE_ERR_INVAL when the driver has none.
 */
int groove_region_fd(const groove_region_t *region);

/**
 * Detach: unmap. All joins that this process has of the region's groove must have left. The memory of a private region
 * goes when all processes have detached. In a child of fork it unmaps what was copied.
 *
 * @param region
 *   The region; not to be used afterwards. NULL is fine.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_AGAIN, logged, nothing changed: joins of this process are there, the message names them.
 */
int groove_region_detach(groove_region_t *region);

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
 * Take the name of a region away, and its memory. Refused while a living process is attached, also one that attaches
 * at this moment: of the two at most one goes on, and both may return GROOVE_ERR_AGAIN. A process stopped or killed in
 * it keeps no other from attaching the region or destroying it: destroy it again. (With driver memzone a process that
 * is stopped in attach or destroy keeps others from destroying it, as EAL would unmap the region there.) What is
 * damaged or half made can be destroyed.
 *
 * Thread safe.
 *
 * @param id
 *   Its name, and driver and directory where it lies.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: no such name or driver; GROOVE_ERR_AGAIN, logged: a living process is attached, or
 *   attaches or destroys it at this moment; GROOVE_ERR_FULL, logged: no descriptor or memory to look at it with;
 *   GROOVE_ERR_INVAL, logged: an argument is wrong, or it may not be removed. Nothing is changed then.
 */
int groove_region_destroy(const groove_region_id_t *id);

/**
 * Whether a region was attached read-only, for its memory may be torn: any page may be older than the next, or zeros.
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

/** Called with the driver and name of a region, valid during the call. 0 goes on, anything else ends the list. */
typedef int (*groove_region_list_fn)(void *arg, const char *driver, const char *name);

/**
 * List the regions that have a name.
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
	uint64_t member_pid[GROOVE_REGION_MEMBER_MAX]; /**< Their process numbers, as they called themselves. */
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

/* ---- joins ---- */

/**
 * Join the groove of a region, so that groove_region_recover() in another process knows when this one is dead. Of a
 * region that needs a rebuild: groove_data_join_readonly().
 *
 * Where dead processes have all join records it takes over that of one of them and recovers what they left, as
 * groove_data_join_recover() does. So it fails only when all are of joins that may live: of living processes, or made
 * with groove_data_join(), of which that is unknown.
 *
 * A join is the process's, and any thread may use it and leave it, one at a time, also after the thread that made it
 * has ended. But a handle that lies in memory which ends with its thread (a variable on the stack, or a thread-local
 * one of the program) ends with it: when a thread other than the first ends, those of its joins are left for it. A copy
 * of such a handle is refused by every call from then on. So a join that is to be handed over has its handle in static
 * memory or on the heap.
 *
 * Thread safe.
 *
 * @param region
 *   The region. It cannot be detached before all joins have left.
 * @param ljoin
 *   Memory for the handle, 64-byte aligned.
 * @param cgroup_hint
 *   As for groove_data_join().
 * @return
 *   As groove_data_join().
 */
groove_data_t *groove_region_join(groove_region_t *region, groove_data_t *ljoin, uint64_t cgroup_hint)
	GROOVE_BUILD_SYMBOL(groove_region_join);

/**
 * Leave, by any thread.
 *
 * @param region
 *   The region that it is a join of.
 * @param join
 *   A join that no other thread uses.
 * @return
 *   As groove_data_leave(); also NULL, logged, for what is no region of this process.
 */
void *groove_region_leave(groove_region_t *region, groove_data_t *join);

/**
 * Whether the process of a join has died, or the join has left: what groove_region_recover() goes by. Asks the kernel.
 *
 * Thread safe.
 *
 * @param region
 *   The region.
 * @param join_idx
 *   What groove_data_join_idx() returned there.
 * @return
 *   1: it is gone; 0: it is alive, or that is unknown, as it was made with groove_data_join(); GROOVE_ERR_INVAL,
 *   logged: no region, or there is no such join.
 */
int groove_region_join_is_dead(groove_region_t *region, uint64_t join_idx);

/**
 * Count the joins of processes that have died: what groove_region_recover() would put right. Asks the kernel once for
 * each join of another process, and reads no volume: so it may be called often.
 *
 * Thread safe.
 *
 * @param region
 *   The region.
 * @return
 *   Joins; 0 also, logged, for what is no region of this process.
 */
uint64_t groove_region_join_dead_cnt(groove_region_t *region);

/* ---- growth and shrinking: lock-free; a process that dies in them leaves what any other can finish ---- */

/**
 * Give the groove one more volume: one that has memory and is not in the groove, else new memory, populated and
 * checked, on the node that the region was made for. Volumes that were there from the start count as given here first,
 * once each, as long as nothing is allocated in them: so a program may grow before it allocates, or when alloc says
 * GROOVE_ERR_FULL, and gets memory either way. Where it is preferred and full, a line (NOTICE) says how many pages lie
 * elsewhere. Not for a groove whose volumes others add and remove with groove_data_volume_add() and _remove().
 *
 * @param region
 *   The region.
 * @param join
 *   A join of the region's groove.
 * @param idx
 *   Receives the index of the volume; may be NULL.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_FULL: no volume or no memory left, and every page of it given back, or the limit of
 *   groove_region_limit_set() is reached; GROOVE_ERR_AGAIN, silent: others are working on all that is left;
 *   GROOVE_ERR_INVAL.
 */
int groove_region_grow(groove_region_t *region, groove_data_t *join, uint64_t *idx);

/**
 * Take one volume that holds no objects out of the groove, and give its memory back to the operating system (where the
 * driver can: not with memzone). Volumes that have memory and are not in the groove go first.
 *
 * @param region
 *   The region.
 * @param join
 *   A join of the region's groove.
 * @param idx
 *   Receives the index of the volume; may be NULL.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_EMPTY, silent: each volume has objects, or there is none; GROOVE_ERR_AGAIN, silent: one
 * is empty, but a join that has been in a call since then might still read it, or another process is working on it:
 *   call again; GROOVE_ERR_INVAL.
 */
int groove_region_shrink(groove_region_t *region, groove_data_t *join, uint64_t *idx);

/**
 * Put right what dead processes left: their joins (groove_data_recover()), volumes they were adding or removing, and
 * memory that the kernel was made to put into holes (mlockall(), where holes cannot be guarded). Any number of
 * processes may do so at the same time, and one that dies in it is recovered as any other. It needs no join record,
 * descriptor or heap that the dead may have the last of. Joins made with groove_data_join() are left alone.
 *
 * @param region
 *   The region.
 * @param join
 *   A join of its groove; NULL: join for this call, as groove_region_join() does.
 * @return
 *   As groove_data_recover(); GROOVE_ERR_FULL, logged: without a join, and living ones have all records.
 */
int groove_region_recover(groove_region_t *region, groove_data_t *join);

/**
 * Set how many volumes the groove may have: groove_region_grow() of any process keeps to it from here on. What has more
 * already stays as it is, and grows no more. It is kept in the region, up to the next call.
 *
 * Thread safe.
 *
 * @param region
 *   The region.
 * @param volume_cnt
 *   Volumes, [1, groove_region_volume_max()].
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged: out of range, or no region of this process, or it is read-only.
 */
int groove_region_limit_set(groove_region_t *region, uint64_t volume_cnt);

/**
 * How many volumes the groove may have.
 *
 * Thread safe.
 *
 * @param region
 *   The region.
 * @return
 *   What groove_region_limit_set() was called with last, in any process; before that groove_region_volume_max().
 */
uint64_t groove_region_limit(const groove_region_t *region);

/* ---- handles ---- */

/**
 * A number by which any process finds an object: position independent, 64 bits, checked.
 *
 * @param region
 *   The region.
 * @param obj
 *   An object, or any other address in a volume that is a multiple of 16, but for volume 0's own.
 * @return
 *   The handle; 0, silent, when obj is not in a volume that has memory, or misaligned.
 */
uint64_t groove_region_handle(const groove_region_t *region, const void *obj);

/**
 * Where the object of a handle lies in this process.
 *
 * @param region
 *   The region.
 * @param handle
 *   What groove_region_handle() returned.
 * @return
 *   The address; NULL, silent, for 0, for a damaged handle or one of another region (all but one of 65,536), and for
 * one of a volume that has been shrunk since, also when memory came back at the place: up to 2^30 times, or up to 2^25
 * in a region of 2 TiB; the guide has the limits in between.
 */
void *groove_region_pointer(const groove_region_t *region, uint64_t handle);

#define GROOVE_REGION_ROOT_CNT 8 /**< Words of a region for its applications. */

/**
 * A word that all processes share, for what they have to find first: the handle of a table, say. 0 at the start; to be
 * read and changed by atomic operations only. Nothing here reads it.
 *
 * @param region
 *   The region.
 * @param idx
 *   [0, GROOVE_REGION_ROOT_CNT).
 * @return
 *   The word; NULL, logged, when idx is out of range.
 */
uint64_t *groove_region_root(groove_region_t *region, unsigned int idx);

/* ---- DMA: needs EAL ---- */

/**
 * Let EAL know the whole address range of the region as external memory, for DMA and rte_mem_virt2memseg(). Takes a
 * lock of EAL: do it before the groove is joined.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: no EAL, or EAL knows the memory already; GROOVE_ERR_FULL: EAL has no room for
 * more.
 */
int groove_region_dma_register(groove_region_t *region);

/**
 * Take it back, before detach. GROOVE_SUCCESS; GROOVE_ERR_INVAL: it is not registered, or EAL refuses.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: it is not registered, or EAL refuses.
 */
int groove_region_dma_unregister(groove_region_t *region);

struct rte_device;

/**
 * Map the whole range for DMA by a device. The kernel may pin all pages: each volume must have memory, and none may be
 * shrunk before groove_region_dma_unmap().
 *
 * @param region
 *   The region.
 * @param dev
 *   The device.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: not registered, a volume has no memory, or the device refuses.
 */
int groove_region_dma_map(groove_region_t *region, struct rte_device *dev);

/**
 * Unmap it. GROOVE_SUCCESS; GROOVE_ERR_INVAL: as for map.
 *
 * @param region
 *   The region.
 * @param dev
 *   The device.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: as for map.
 */
int groove_region_dma_unmap(groove_region_t *region, struct rte_device *dev);

/* ---- what a region is ---- */

/**
 * Name of its driver.
 *
 * @param region
 *   The region.
 * @return
 *   A string that stays as long as the region.
 */
const char *groove_region_driver(const groove_region_t *region);

/**
 * Its name; "" when it is private.
 *
 * @param region
 *   The region.
 * @return
 *   A string that stays as long as the region.
 */
const char *groove_region_name(const groove_region_t *region);

/**
 * Shared region, for groove_data_join().
 *
 * @param region
 *   The region.
 * @return
 *   Its address.
 */
void *groove_region_shdata(const groove_region_t *region);

/**
 * Address of volume 0, for groove_data_join().
 *
 * @param region
 *   The region.
 * @return
 *   Its address.
 */
void *groove_region_volume0(const groove_region_t *region);

/**
 * Volumes there can be.
 *
 * @param region
 *   The region.
 * @return
 *   Volumes.
 */
uint64_t groove_region_volume_max(const groove_region_t *region);

/**
 * Volumes that have memory now.
 *
 * @param region
 *   The region.
 * @return
 *   Volumes.
 */
uint64_t groove_region_volume_cnt(const groove_region_t *region);

/**
 * Whether a volume has memory now, all of it. 1; 0: none, or a process is just adding it or giving it back, or there is
 * no such volume.
 *
 * @param region
 *   The region.
 * @param idx
 *   Index of a volume.
 * @return
 *   1: it has; 0: it has not.
 */
int groove_region_volume_has_memory(const groove_region_t *region, uint64_t idx);

/**
 * Bytes of each volume.
 *
 * @param region
 *   The region.
 * @return
 *   Bytes.
 */
uint64_t groove_region_volume_sz(const groove_region_t *region);

/**
 * Bytes of the pages the memory really has.
 *
 * @param region
 *   The region.
 * @return
 *   Bytes.
 */
uint64_t groove_region_page_sz(const groove_region_t *region);

/**
 * Count the pages of the shared region and of each volume that has memory by the NUMA node on which they really lie.
 * The kernel is asked for each page, and knows those that this process has made or touched since it attached, and that
 * it is not moving to another place at the moment.
 *
 * @param region
 *   The region.
 * @param page_cnt
 *   Receives the pages, of groove_region_page_sz() bytes, on node 0, 1, ..., node_cnt - 1.
 * @param node_cnt
 *   Numbers there is room for; GROOVE_NODE_MAX is enough.
 * @return
 *   Pages of which the kernel does not say, and pages on nodes that there is no room for.
 */
uint64_t groove_region_node_pages(const groove_region_t *region, uint64_t *page_cnt, unsigned int node_cnt);

/**
 * NUMA node that each page counted by groove_region_node_pages() really lies on; GROOVE_ERR_KEY when the kernel does
 * not say it of all of them, or when they lie on several.
 *
 * @param region
 *   The region.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_node(const groove_region_t *region);

/**
 * NUMA node that the region was made for, or GROOVE_NODE_ANY.
 *
 * @param region
 *   The region.
 * @return
 *   The node, or GROOVE_NODE_ANY.
 */
int groove_region_node_wanted(const groove_region_t *region);

/**
 * How it was to be placed there: bound or preferred; of no meaning for GROOVE_NODE_ANY.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_PLACEMENT_BOUND or GROOVE_PLACEMENT_PREFERRED.
 */
enum groove_placement groove_region_placement(const groove_region_t *region);

/**
 * NUMA node where the page of an address really lies; GROOVE_ERR_KEY when the kernel does not say, or has no page.
 *
 * @param addr
 *   An address.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_addr_node(const void *addr);

/**
 * Physical address of a byte of the region.
 *
 * @param region
 *   The region.
 * @param addr
 *   An address.
 * @param phys
 *   Receives the physical address; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: addr is not in the region; GROOVE_ERR_KEY: it cannot be read (needs root).
 */
int groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys);

/**
 * Physical address of a byte of this process's memory; GROOVE_ERR_KEY as for groove_region_phys().
 *
 * @param addr
 *   An address.
 * @param phys
 *   Receives the physical address; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: it cannot be read (needs root).
 */
int groove_region_addr_phys(const void *addr, uint64_t *phys);

/**
 * NUMA node of a CPU; GROOVE_ERR_KEY, logged, when there is no such CPU.
 *
 * @param cpu
 *   Number of the CPU.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_cpu_node(int cpu);

/**
 * "bound", "preferred"; GROOVE_ERR_KEY when name is none of these.
 *
 * @param name
 *   "bound" or "preferred".
 * @param placement
 *   Receives it; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: name is none of these.
 */
int groove_placement_parse(const char *name, enum groove_placement *placement);

/**
 * Name of a placement; "other" for numbers that are none.
 *
 * @param placement
 *   A placement.
 * @return
 *   A constant string.
 */
const char *groove_placement_name(enum groove_placement placement);

/**
 * "normal", "huge", "gigantic"; GROOVE_ERR_KEY when name is none of these.
 *
 * @param name
 *   "normal", "huge" or "gigantic".
 * @param page
 *   Receives it; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: name is none of these.
 */
int groove_page_parse(const char *name, enum groove_page *page);

/**
 * Bytes of a page; 0 for GROOVE_PAGE_ANY and numbers that are no page size.
 *
 * @param page
 *   A page size.
 * @return
 *   Bytes.
 */
uint64_t groove_page_sz(enum groove_page page);

/**
 * Name of a page size in bytes: "normal", "huge", "gigantic", or "other".
 *
 * @param page_sz
 *   Bytes of a page.
 * @return
 *   A constant string.
 */
const char *groove_page_name(uint64_t page_sz);

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

#endif /* GROOVE_REGION_H */
