/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_JOIN_H
#define GROOVE_DATA_JOIN_H

/**
 * @file
 * Grooves and joins: construction, what a join was made with, the volumes of a groove. groove_data.h says which calls
 * may run at the same time.
 */

#include <groove_base.h>
#include <groove_volume.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- construction ---- */

/** What a groove is made for. Zero in a field means the default. */
typedef struct groove_data_cfg {
	size_t size;	     /**< sizeof(groove_data_cfg_t) as the program has it; 0: up to join_max. */
	uint64_t volume_sz;  /**< Bytes of a volume: a power of two, 32 MiB to 1 GiB (1 GiB). */
	uint64_t volume_max; /**< Most volumes, [1, 2 TiB / volume_sz] (2 TiB / volume_sz). */
	uint64_t join_max;   /**< Most joins at one time, [1, 1024] (128). */
} groove_data_cfg_t;

#define GROOVE_DATA_MAGIC	 0x67726f6f76646174UL /**< First word of the shared region of a groove: "groovdat". */
#define GROOVE_DATA_JOIN_DEFAULT 128UL		      /**< Joins of a groove by default. */
#define GROOVE_DATA_JOIN_MAX	 1024UL		      /**< Most joins of a groove. */

struct groove_shdata;
struct groove_record;
struct groove_join_note;

/** Local handle of a groove: a join. Owned by the caller; its fields are for the library. */
typedef struct groove_data {
	struct groove_shdata *shdata;  /**< Shared region, as mapped here. */
	struct groove_record *record;  /**< This join's record in it. */
	struct groove_shelf *shelf;    /**< What this join caches, by size class. */
	const uint64_t *fork_guard;    /**< Reads as zero in a child of fork. */
	uint64_t fork_key;	       /**< What it reads as here. */
	groove_volume_pool_t pool;     /**< Volumes, as mapped here. */
	uint64_t cgroup_hint;	       /**< As given. */
	uint64_t join_max;	       /**< Join records of the groove. */
	uint64_t join_idx;	       /**< This join's. */
	uint64_t epoch_depth;	       /**< Calls that the join is inside, one within another. */
	uint64_t hold_cnt;	       /**< Superblocks and volumes it has named as in its hands. */
	uint64_t cached_bits;	       /**< Of the header of a slot that this join caches. */
	uint32_t volume_shift;	       /**< log2 of the volume size. */
	uint32_t slice_cnt;	       /**< Slices in a volume. */
	uint64_t data_off;	       /**< Bytes from the start of a volume to its root superblock. */
	struct groove_join_note *note; /**< That this process has it. */
	uint64_t is_torn;	       /**< Read-only, and what it reads may be torn. */
} __attribute__((__aligned__(64))) groove_data_t;

/**
 * Alignment of the shared region, bytes.
 *
 * @return
 *   Bytes, a power of two.
 */
uint64_t groove_data_align(void);

/**
 * Bytes of shared region with the default configuration, under 1 MiB.
 *
 * @return
 *   Bytes.
 */
uint64_t groove_data_footprint(void);

/**
 * Bytes of shared region for a configuration (NULL: the default); 0, logged, when a value is out of range.
 *
 * @param cfg
 *   The configuration; NULL: the default.
 * @return
 *   Bytes; 0, logged: a value is out of range.
 */
uint64_t groove_data_footprint_cfg(const groove_data_cfg_t *cfg);

/**
 * Make an empty groove with 1 GiB volumes, without volumes yet.
 *
 * @param shmem
 *   Memory of groove_data_align() and groove_data_footprint(), not in use by anybody.
 * @return
 *   shmem; NULL, logged, when it is NULL or misaligned.
 */
void *groove_data_new(void *shmem);

/**
 * The same with a configuration (NULL: the default). Also NULL, logged, when a value is out of range.
 *
 * @param shmem
 *   Memory of groove_data_align() and groove_data_footprint_cfg(cfg), not in use by anybody.
 * @param cfg
 *   The configuration; NULL: the default.
 * @return
 *   shmem; NULL, logged: an argument is wrong.
 */
void *groove_data_new_cfg(void *shmem, const groove_data_cfg_t *cfg);

/**
 * Join a groove.
 *
 * @param ljoin
 *   Memory for the handle, 64-byte aligned.
 * @param shdata
 *   Shared region, as mapped here.
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param volume_max
 *   Volumes that volume0 has room for; 0: as many as the groove can have.
 * @param cgroup_hint
 *   Any number. Joins with different hints use different active superblocks where that pays.
 * @return
 *   ljoin; NULL, logged, nothing changed: NULL or misaligned arguments, no groove at shdata, volume_max beyond the
 *   groove's, a volume in use beyond volume_max, or no join record left.
 */
groove_data_t *groove_data_join(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max,
	uint64_t cgroup_hint) GROOVE_BUILD_SYMBOL(groove_data_join);

/** Asked for each join but the caller's: non-zero when its thread or process has ended for good. */
typedef int (*groove_data_dead_fn)(void *arg, uint64_t join_idx);

/**
 * Join a groove, also when dead joins have all records: then take over the record of one of them, and recover it and
 * all others that are dead, as groove_data_recover() does. So there is a way to recover a groove whatever has died in
 * it. A caller that dies in it is a dead join with the same index; the next one takes over what it left.
 *
 * Thread safe. It waits for nobody.
 *
 * @param ljoin
 *   Memory for the handle, 64-byte aligned.
 * @param shdata
 *   Shared region, as mapped here.
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param volume_max
 *   Volumes that volume0 has room for; 0: as many as the groove can have.
 * @param cgroup_hint
 *   Any number, as for groove_data_join().
 * @param dead
 *   Says which joins are dead; asked when no record is left. It must be right: what a dead join has is taken from it.
 *   NULL: none is, as with groove_data_join().
 * @param arg
 *   Handed to dead.
 * @return
 *   ljoin; NULL, logged, nothing changed: as groove_data_join(), or no record is left and no join is dead.
 */
groove_data_t *groove_data_join_recover(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max,
	uint64_t cgroup_hint, groove_data_dead_fn dead, void *arg) GROOVE_BUILD_SYMBOL(groove_data_join_recover);

/**
 * Look at a groove that may be torn, because the machine went down with it in a file: a join that changes nothing. It
 * is for groove_data_walk(), groove_data_leave() and the accessors of a join; every other call returns GROOVE_ERR_INVAL
 * (or NULL), logged. groove_data_rebuild() makes the groove good again.
 *
 * @param ljoin
 *   Memory for the handle, 64-byte aligned.
 * @param shdata
 *   Shared region, as mapped here; what is in it is hardly looked at.
 * @param cfg
 *   What the groove was made with (NULL: the default).
 * @param volume0
 *   Address here of volume 0. All volumes must be readable; where there is no memory they must read as zeros.
 * @return
 *   ljoin; NULL, logged: an argument is wrong, or the groove is one of a library with another layout.
 */
groove_data_t *groove_data_join_readonly(
	groove_data_t *ljoin, void *shdata, const groove_data_cfg_t *cfg, void *volume0);

/**
 * Look at a groove that is whole, with no more than read access to it: a join that has no record, so nobody sees it and
 * nothing is written. It is for groove_data_stats(), _volume_stats(), _walk(), _verify(), _volume_verify(), _dump(),
 * _leave() and the accessors of a join; every other call returns GROOVE_ERR_INVAL (or NULL), logged. Any number of
 * threads may each have one.
 *
 * On an idle groove these calls return what they return for any other join. While other joins work, no grace period
 * waits for this one: a volume may be removed as it is read. Then a walk may miss objects, or visit one of another
 * time, or return GROOVE_ERR_CORRUPT for what is no damage; and where the caller unmaps volumes, or gives their memory
 * back, the read may be SIGBUS. What must be exact while others work needs groove_data_join().
 *
 * @param ljoin
 *   Memory for the handle, 64-byte aligned.
 * @param shdata
 *   Shared region, as mapped here.
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param volume_max
 *   As for groove_data_join().
 * @return
 *   ljoin; NULL, logged: as groove_data_join(), but that no record is needed.
 */
groove_data_t *groove_data_join_observer(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max);

/**
 * Leave: flushes, gives the record and the memory of the cache back. Any thread of the process may do it for a thread
 * that has ended: else both stay until the process ends, and recovery of the join gives back the record alone.
 *
 * @param data
 *   A join; not to be used afterwards.
 * @return
 *   The handle; NULL, logged, for NULL, one that has left, or in a child of fork.
 */
void *groove_data_leave(groove_data_t *data);

/**
 * Unmake a groove that nobody has joined. The volumes stay the caller's.
 *
 * @param shdata
 *   Shared region, as mapped here.
 * @return
 *   The shared memory; NULL, logged, when shdata is no groove or somebody has joined it.
 */
void *groove_data_delete(void *shdata);

/* ---- what a join was made with ---- */

/**
 * Shared region of a join.
 *
 * @param data
 *   A join.
 * @return
 *   Its address.
 */
static inline void *
groove_data_shdata(groove_data_t *data)
{
	return data->shdata;
}

/**
 * Shared region of a join, to be read.
 *
 * @param data
 *   A join.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_shdata_const(const groove_data_t *data)
{
	return data->shdata;
}

/**
 * Address of volume 0 for a join.
 *
 * @param data
 *   A join.
 * @return
 *   Its address.
 */
static inline void *
groove_data_volume0(groove_data_t *data)
{
	return data->pool.volume0;
}

/**
 * Address of volume 0 for a join, to be read.
 *
 * @param data
 *   A join.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_volume0_const(const groove_data_t *data)
{
	return data->pool.volume0;
}

/**
 * Volumes that a join has room for.
 *
 * @param data
 *   A join.
 * @return
 *   Volumes.
 */
static inline uint64_t
groove_data_volume_max(const groove_data_t *data)
{
	return data->pool.volume_max;
}

/**
 * Bytes of each volume.
 *
 * @param data
 *   A join.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_volume_sz(const groove_data_t *data)
{
	return data->pool.volume_sz;
}

/**
 * First address after the last possible volume.
 *
 * @param data
 *   A join.
 * @return
 *   The address.
 */
static inline void *
groove_data_volume1(groove_data_t *data)
{
	return (uint8_t *)data->pool.volume0 + data->pool.volume_max * data->pool.volume_sz;
}

/**
 * First address after the last possible volume, to be read.
 *
 * @param data
 *   A join.
 * @return
 *   The address.
 */
static inline const void *
groove_data_volume1_const(const groove_data_t *data)
{
	return (const uint8_t *)data->pool.volume0 + data->pool.volume_max * data->pool.volume_sz;
}

/**
 * Concurrency group hint of a join.
 *
 * @param data
 *   A join.
 * @return
 *   The hint.
 */
static inline uint64_t
groove_data_cgroup_hint(const groove_data_t *data)
{
	return data->cgroup_hint;
}

/* ---- volumes ---- */

/**
 * Give a range of whole volumes to the groove. The lowest is used first.
 *
 * Clears the table at the front of each volume (9/1024 of it); the rest need not be clean.
 *
 * @param data
 *   A join.
 * @param mem
 *   Address of the first volume, in [volume0, volume1), a whole number of volumes after volume0. Each join there is
 *   must reach it.
 * @param footprint
 *   Bytes: a multiple of the volume size, not 0.
 * @param info
 *   Bytes to keep in each volume's header; may be NULL when info_sz is 0.
 * @param info_sz
 *   Bytes at info, [0, GROOVE_VOLUME_INFO_MAX].
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed.
 */
int groove_data_volume_add(groove_data_t *data, void *mem, uint64_t footprint, const void *info, uint64_t info_sz);

/**
 * Take an empty volume out of the groove, after an attempt to empty one. No call reads it any more then but a free of a
 * wrong pointer into it that has begun before: where that can be, its addresses must stay readable.
 *
 * @param data
 *   A join.
 * @return
 *   The volume, the caller's to unmap or add again; NULL when none is empty, or when one is but a join that has been
 *   in a call since then might still read it: call again.
 */
groove_volume_t *groove_data_volume_remove(groove_data_t *data);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_JOIN_H */
