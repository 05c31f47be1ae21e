/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_LIFE_H
#define GROOVE_REGION_LIFE_H

/**
 * @file
 * A region's life: create, attach, join, grow, shrink, recover, leave, detach. groove_region.h says what a region is.
 */

#include <groove.h>
#include <groove_place.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The volume driver of a region that names none. It needs neither EAL nor a file system. */
#define GROOVE_REGION_DRIVER_DEFAULT "memfd"

#define GROOVE_REGION_NAME_MAX 48 /**< Longest name, bytes. */

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
	void *at;	       /**< Where to map it in this process: see groove_region.h; NULL: where there is room. */
	uint64_t volume_limit; /**< As by groove_region_limit_set(), from the start; 0: volume_max. */
	const uint64_t *root;  /**< GROOVE_REGION_ROOT_CNT values that groove_region_root() begins with; NULL: zeros. */
	uint64_t flags;	       /**< GROOVE_REGION_IF_NEW, or 0. */
} groove_region_cfg_t;

/** Which region. Zero in a field is the default, but for the name. */
typedef struct groove_region_id {
	size_t size;	    /**< sizeof(groove_region_id_t) as the program has it; 0: see groove_region_cfg_t. */
	const char *driver; /**< Volume driver; NULL: each in turn. */
	const char *name;   /**< As in groove_region_cfg_t. */
	const char *dir;    /**< As in groove_region_cfg_t. */
	uint64_t flags;	    /**< Bits: GROOVE_REGION_TRUST, GROOVE_REGION_IF_THERE, GROOVE_REGION_READ_ONLY. */
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

/**
 * Attach to look, and change nothing: the region is mapped for reading alone (that of memzone is EAL's mapping, and
 * stays as it is), and nothing is written to it. groove_region_join() makes joins of groove_data_join_observer(); every
 * call that would change something returns GROOVE_ERR_INVAL (or NULL), logged.
 *
 * A process that only looks keeps a region from being destroyed, and keeps nothing else from anybody. So a volume that
 * others give back as it reads there is SIGBUS: what looks at a groove that shrinks handles that, or joins it.
 */
#define GROOVE_REGION_READ_ONLY 4UL

/**
 * That others have made, or make, a region of that name is expected: GROOVE_ERR_KEY and GROOVE_ERR_AGAIN of create are
 * silent then.
 */
#define GROOVE_REGION_IF_NEW 8UL

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
 * The same with GROOVE_REGION_TRUST and GROOVE_REGION_READ_ONLY for flags, one of them, or 0.
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

/* ---- joins ---- */

/**
 * Join the groove of a region, so that groove_region_recover() in another process knows when this one is dead. Of a
 * region that needs a rebuild: groove_data_join_readonly(). Of one attached with GROOVE_REGION_READ_ONLY:
 * groove_data_join_observer().
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

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_LIFE_H */
