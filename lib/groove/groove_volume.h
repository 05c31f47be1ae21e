/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_H
#define GROOVE_VOLUME_H

/**
 * @file
 * Volumes, and the lock-free pool of the empty ones.
 *
 * A volume is a power of two of bytes, 32 MiB to 1 GiB, that lies at volume0 + index * volume size in each process.
 * The groove owns its bytes from add to remove:
 *
 *     0          512                          data offset                         volume size
 *     | header   | superblock table (V*9/1024) | root superblock ...                        |
 *
 * The pool keeps everything that other joins may read (list head, links, state of each volume) in shared memory of
 * its own, never in the volumes, so a volume may vanish at any time after remove.
 *
 * All calls on one pool may run at the same time in any thread and process, except new and delete. They are
 * lock-free. Verify needs an idle pool.
 */

#include <groove_base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_VOLUME_ALIGN	    GROOVE_BLOCK_ALIGN	 /**< Alignment of volume 0, bytes. */
#define GROOVE_VOLUME_FOOTPRINT	    (1UL << 30)		 /**< Default volume size, bytes. */
#define GROOVE_VOLUME_FOOTPRINT_MIN (1UL << 25)		 /**< Smallest volume size, bytes. */
#define GROOVE_VOLUME_FOOTPRINT_MAX (1UL << 30)		 /**< Largest volume size, bytes. */
#define GROOVE_VOLUME_NONE	    UINT64_MAX		 /**< Index of no volume. */
#define GROOVE_VOLUME_INFO_MAX	    480UL		 /**< Bytes a user may keep in a volume's header. */
#define GROOVE_VOLUME_MAGIC	    0x67726f6f76766f6cUL /**< "groovvol" */
#define GROOVE_VOLUME_POOL_MAGIC    0x67726f6f76706f6fUL /**< "groovpoo" */
#define GROOVE_VOLUME_REACH	    (1UL << 41)		 /**< Bytes that all volumes together may span: 2 TiB. */

/** Most bytes after a volume's header. */
#define GROOVE_VOLUME_DATA_MAX (GROOVE_VOLUME_FOOTPRINT_MAX - GROOVE_BLOCK_FOOTPRINT)
/** The same of a volume of the default size. */
#define GROOVE_VOLUME_DATA_FOOTPRINT (GROOVE_VOLUME_FOOTPRINT - GROOVE_BLOCK_FOOTPRINT)

/** A volume as it lies in memory. Smaller volumes have less data. */
typedef struct groove_volume {
	uint64_t magic;				    /**< GROOVE_VOLUME_MAGIC while the groove owns the volume. */
	uint64_t idx;				    /**< Index of the volume in the groove. */
	uint64_t sz;				    /**< Volume size, bytes. */
	uint64_t info_sz;			    /**< Bytes in use of info, [0, GROOVE_VOLUME_INFO_MAX]. */
	uint8_t info[GROOVE_VOLUME_INFO_MAX];	    /**< What the user gave with it. */
	uint8_t data[GROOVE_VOLUME_DATA_FOOTPRINT]; /**< Table and superblocks. */
} __attribute__((__aligned__(GROOVE_VOLUME_ALIGN))) groove_volume_t;

/** Local handle of a volume pool. Owned by the caller, used by any number of threads of one process. */
typedef struct groove_volume_pool {
	void *shpool;	     /**< Pool in shared memory, as mapped here. */
	void *volume0;	     /**< Address of volume 0 here. */
	uint64_t volume_max; /**< Volumes that volume0 has room for here. */
	uint64_t volume_sz;  /**< Bytes of each volume. */
} groove_volume_pool_t;

/**
 * Alignment of a pool in shared memory, bytes.
 *
 * @return
 *   Bytes.
 */
uint64_t groove_volume_pool_align(void);

/**
 * Bytes of shared memory for a pool.
 *
 * @param volume_max
 *   Volumes that the pool can hold, [1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN].
 * @return
 *   Footprint in bytes; 0 when volume_max is out of range.
 */
uint64_t groove_volume_pool_footprint(uint64_t volume_max);

/**
 * Make an empty pool.
 *
 * @param shmem
 *   Shared memory of the right alignment and footprint, not in use by anybody.
 * @param volume_max
 *   As for the footprint, and volume_max * volume_sz at most GROOVE_VOLUME_REACH.
 * @param volume_sz
 *   Bytes of a volume: a power of two, [GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX].
 * @return
 *   shmem; NULL, logged, when an argument is wrong.
 */
void *groove_volume_pool_new(void *shmem, uint64_t volume_max, uint64_t volume_sz);

/**
 * Join a pool.
 *
 * @param ljoin
 *   Memory for the handle.
 * @param shpool
 *   A pool, as mapped here.
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param volume_max
 *   Volumes that volume0 has room for; 0: as many as the pool can hold.
 * @return
 *   ljoin; NULL, logged, when an argument is wrong or a volume in use lies beyond volume_max.
 */
groove_volume_pool_t *groove_volume_pool_join(
	groove_volume_pool_t *ljoin, void *shpool, void *volume0, uint64_t volume_max);

/**
 * Leave a pool. Returns ljoin; NULL, logged, for NULL.
 *
 * @param pool
 *   A pool that was joined.
 * @return
 *   The handle; NULL, logged, for NULL.
 */
void *groove_volume_pool_leave(groove_volume_pool_t *pool);

/**
 * Unmake a pool that has no joins. Returns the shared memory; NULL, logged, when it is no pool.
 *
 * @param shpool
 *   A pool, as mapped here.
 * @return
 *   The shared memory; NULL, logged, when it is no pool.
 */
void *groove_volume_pool_delete(void *shpool);

/**
 * Give a range of whole volumes to the pool. The lowest is used first.
 *
 * @param pool
 *   A pool that was joined.
 * @param mem
 *   Address of the first volume, where this join's volume0 says that volume lies.
 * @param footprint
 *   Bytes: a multiple of the volume size. 0: nothing is added.
 * @param info
 *   Bytes to keep in each volume's header. NULL: none.
 * @param info_sz
 *   Bytes at info, of which the first GROOVE_VOLUME_INFO_MAX are kept.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, when an argument is wrong or a volume of the range is in the pool
 *   already (nothing is added then).
 */
int groove_volume_pool_add(
	groove_volume_pool_t *pool, void *mem, uint64_t footprint, const void *info, uint64_t info_sz);

/**
 * Take an empty volume out of the groove. The caller owns the memory then, but a join that was inside a call when
 * the volume became empty may still read it: groove_data_volume_remove() waits that out, this call does not.
 *
 * @param pool
 *   A pool that was joined.
 * @return
 *   The volume; NULL when no volume is empty.
 */
groove_volume_t *groove_volume_pool_remove(groove_volume_pool_t *pool);

/**
 * Take an empty volume to use its data. It stays a volume of the groove.
 *
 * @param pool
 *   A pool that was joined.
 * @param err
 *   Receives GROOVE_SUCCESS, GROOVE_ERR_INVAL or GROOVE_ERR_EMPTY. May be NULL.
 * @return
 *   The volume; NULL when none is empty.
 */
groove_volume_t *groove_volume_pool_acquire(groove_volume_pool_t *pool, int *err);

/**
 * Put an acquired volume back.
 *
 * @param pool
 *   A pool that was joined.
 * @param volume
 *   The volume that was acquired.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, when volume is not an acquired volume of this pool.
 */
int groove_volume_pool_release(groove_volume_pool_t *pool, groove_volume_t *volume);

/**
 * Check an idle pool. Reads garbage without harm.
 *
 * @param pool
 *   A pool that was joined.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL for NULL; GROOVE_ERR_CORRUPT, logged; GROOVE_ERR_AGAIN, logged: no memory for it.
 */
int groove_volume_pool_verify(const groove_volume_pool_t *pool);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_VOLUME_H */
