/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_H
#define GROOVE_DATA_H

/**
 * @file
 * Lock-free allocation of variable-size, tagged objects in shared memory.
 *
 * A groove is a *shared region* (everything that coordinates the joins, under 1 MiB by default) and *volumes* (the
 * memory of the objects). Shared state holds offsets only, so every process may map both elsewhere.
 *
 * A join is one thread's access. Any number of joins in any number of threads and processes call alloc, free, bulk
 * calls, volume_add, volume_remove, volume_drain, flush, trim, tidy, stats and walk at the same time, and none ever
 * waits for another. One join is used by one thread at a time, never from a signal handler, and does not survive fork:
 * in the child each call on it returns GROOVE_ERR_INVAL (or NULL).
 *
 * An object in its slot (S is the slot, 64-byte aligned, 512-byte aligned when its footprint is a multiple of 512):
 *
 *     S      S+16                                   S + obj_footprint
 *     | hdr  | start ... obj ... obj + sz ... stop  |
 *
 * obj is the first address after the header of the asked alignment. Above an alignment of 64 the object does not lie in
 * the header's cache line: a second header of type REDIRECT then lies in the cache line before obj, and start comes
 * after it. So the header of any object is found from its address alone.
 *
 * In a build with debug_checks a red zone comes after the header too, and another after the object; start is obj and
 * stop obj + sz there.
 */

#include <stdio.h>

#include <groove_base.h>
#include <groove_cache.h>
#include <groove_szc.h>
#include <groove_volume.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- headers ---- */

#define GROOVE_DATA_HDR_ALIGN	  16UL /**< Alignment of a header, bytes. */
#define GROOVE_DATA_HDR_FOOTPRINT 16UL /**< Bytes of a header. */

#define GROOVE_DATA_HDR_TYPE_ALLOC	0xfd67UL /**< A live object. */
#define GROOVE_DATA_HDR_TYPE_SUPERBLOCK 0x0298UL /**< A superblock of smaller slots. */
#define GROOVE_DATA_HDR_TYPE_CACHED	0x6ac4UL /**< Free, held by a join. */
#define GROOVE_DATA_HDR_TYPE_FREE	0xb51dUL /**< Free, in circulation. */
#define GROOVE_DATA_HDR_TYPE_FREEING	0xc000UL /**< | index of the join that has it in the midst of a bulk free. */
#define GROOVE_DATA_HDR_TYPE_REDIRECT	0x3e8bUL /**< The header is at the block boundary before. */

#if GROOVE_DEBUG_CHECKS
#define GROOVE_DATA_RED_ZONE 16UL /**< Fewest bytes on each side of an object that nobody may write to. */
#else
#define GROOVE_DATA_RED_ZONE 0UL /**< Fewest bytes on each side of an object that nobody may write to. */
#endif

#define GROOVE_DATA_ALLOC_ALIGN_DEFAULT 16UL  /**< Alignment that 0 stands for, bytes. */
#define GROOVE_DATA_ALLOC_ALIGN_MAX	512UL /**< Largest alignment, bytes. */

/**
 * First bytes of each slot.
 *
 * bits: type 16, index in superblock 6, size class of the slot 7, then 35 bits that depend on the type: alignment 10
 * and size 25 of an object (live or freeing); the size class of the slots within (in the place of the alignment) of a
 * superblock; of a cached slot its owner 10, and the owner's complement 10.
 */
typedef struct groove_data_hdr {
	uint64_t bits; /**< As above. Written by one store. */
	uint64_t info; /**< Tag of a live object. */
} __attribute__((__aligned__(16))) groove_data_hdr_t;

/**
 * Pack a header. Each argument is cut to its width.
 *
 * @param type
 *   GROOVE_DATA_HDR_TYPE_*.
 * @param idx
 *   Index in the superblock.
 * @param szc
 *   Size class, [0, GROOVE_DATA_SZC_CNT).
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size of the object, bytes.
 * @param info
 *   Tag of an object.
 * @return
 *   The header.
 */
static inline groove_data_hdr_t
groove_data_hdr(uint64_t type, uint64_t idx, uint64_t szc, uint64_t align, uint64_t sz, uint64_t info)
{
	groove_data_hdr_t hdr;

	hdr.bits = (type & 0xffff) | (idx & 0x3f) << 16 | (szc & 0x7f) << 22 | (align & 0x3ff) << 29 | sz << 39;
	hdr.info = info;
	return hdr;
}

/**
 * Unpack a header.
 *
 * @param hdr
 *   A header.
 * @return
 *   GROOVE_DATA_HDR_TYPE_*.
 */
static inline uint64_t
groove_data_hdr_type(groove_data_hdr_t hdr)
{
	return hdr.bits & 0xffff;
}

/**
 * Index in the superblock, of a header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The index in the superblock.
 */
static inline uint64_t
groove_data_hdr_idx(groove_data_hdr_t hdr)
{
	return hdr.bits >> 16 & 0x3f;
}

/**
 * Size class of a header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The size class of the slot.
 */
static inline uint64_t
groove_data_hdr_szc(groove_data_hdr_t hdr)
{
	return hdr.bits >> 22 & 0x7f;
}

/**
 * Alignment of an object, of its header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The alignment, bytes.
 */
static inline uint64_t
groove_data_hdr_align(groove_data_hdr_t hdr)
{
	return hdr.bits >> 29 & 0x3ff;
}

/**
 * Size of an object, of its header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The size, bytes.
 */
static inline uint64_t
groove_data_hdr_sz(groove_data_hdr_t hdr)
{
	return hdr.bits >> 39;
}

/**
 * Tag of an object, of its header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The tag of an object.
 */
static inline uint64_t
groove_data_hdr_info(groove_data_hdr_t hdr)
{
	return hdr.info;
}

/**
 * Bytes from the start of a superblock to its first slot: block-multiple slots stay block aligned, others follow the
 * header's cache line.
 *
 * @param szc
 *   Size class, [0, GROOVE_DATA_SZC_CNT).
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_superblock_first(uint64_t szc)
{
	return groove_data_szc_cfg[szc].obj_footprint % GROOVE_BLOCK_FOOTPRINT ? GROOVE_LINE_SZ
									       : GROOVE_BLOCK_FOOTPRINT;
}

/**
 * Bytes from the start of a slot to an object of an alignment in it.
 *
 * @param align
 *   Alignment of the object, a power of two from 16.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_obj_off(uint64_t align)
{
	const uint64_t least = GROOVE_DATA_HDR_FOOTPRINT + GROOVE_DATA_RED_ZONE;

	return align > least ? align : least;
}

/**
 * Nearest header before an object: its own, or the redirect that an over-aligned object has.
 *
 * @param obj
 *   A live object.
 * @return
 *   The header.
 */
static inline const groove_data_hdr_t *
groove_data_near_hdr_const(const void *obj)
{
	const uintptr_t near_hdr = ((uintptr_t)obj - GROOVE_DATA_HDR_FOOTPRINT) & ~(uintptr_t)(GROOVE_LINE_SZ - 1);

	return (const groove_data_hdr_t *)near_hdr;
}

/**
 * Header of an object.
 *
 * @param obj
 *   A live object that alloc returned, in any class.
 * @return
 *   Its header, at the start of its slot.
 */
static inline const groove_data_hdr_t *
groove_data_object_hdr_const(const void *obj)
{
	const groove_data_hdr_t *hdr = groove_data_near_hdr_const(obj);
	const uint64_t bits = __atomic_load_n(&hdr->bits, __ATOMIC_RELAXED);

	if (__builtin_expect((bits & 0xffff) == GROOVE_DATA_HDR_TYPE_REDIRECT, 0))
		hdr = (const groove_data_hdr_t *)((uintptr_t)hdr & ~(uintptr_t)(GROOVE_BLOCK_ALIGN - 1));
	return hdr;
}

/**
 * Header of an object, to be written to.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its header, at the start of its slot.
 */
static inline groove_data_hdr_t *
groove_data_object_hdr(void *obj)
{
	return (groove_data_hdr_t *)(uintptr_t)groove_data_object_hdr_const(obj);
}

/**
 * Header of the superblock that holds an object. Reads no memory: what szc and idx say is believed.
 *
 * @param obj
 *   An object.
 * @param szc
 *   Its size class, from its header.
 * @param idx
 *   Its index in the superblock, from its header.
 * @return
 *   Header of the superblock.
 */
static inline const groove_data_hdr_t *
groove_data_superblock_hdr_const(const void *obj, uint64_t szc, uint64_t idx)
{
	/* Slots have this alignment, too, and an object begins in the first so many bytes of its own. */
	const uint64_t first = groove_data_superblock_first(szc);
	const uintptr_t slot = ((uintptr_t)obj - GROOVE_DATA_HDR_FOOTPRINT) & ~(uintptr_t)(first - 1);

	return (const groove_data_hdr_t *)(slot - first - idx * groove_data_szc_cfg[szc].obj_footprint);
}

/**
 * Header of the superblock that holds an object, to be written to. Reads no memory.
 *
 * @param obj
 *   An object.
 * @param szc
 *   Its size class, from its header.
 * @param idx
 *   Its index, from its header.
 * @return
 *   Header of the superblock.
 */
static inline groove_data_hdr_t *
groove_data_superblock_hdr(void *obj, uint64_t szc, uint64_t idx)
{
	return (groove_data_hdr_t *)(uintptr_t)groove_data_superblock_hdr_const(obj, szc, idx);
}

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

/* ---- objects ---- */

/**
 * Whether a handle is a join of this process: not NULL, not left, not copied by fork.
 *
 * @param data
 *   A handle, or NULL.
 * @return
 *   1: it is; 0: it is not.
 */
static inline int
groove_data_is_live(const groove_data_t *data)
{
	return data != NULL && __atomic_load_n(data->fork_guard, __ATOMIC_RELAXED) == data->fork_key;
}

/**
 * Write down the header of an object that a join is about to allocate or free, for the library: its recoverer needs the
 * size if the join dies before it has counted the call.
 *
 * @param data
 *   A join.
 * @param bits
 *   Word of the header, with any index.
 */
static inline void
groove_data_doing(groove_data_t *data, uint64_t bits)
{
	/* Its record begins with it. Relaxed: the header, stored or swapped next with release, comes after it. */
	__atomic_store_n((uint64_t *)data->record, bits, __ATOMIC_RELAXED);
}

/**
 * Make a slot that a join holds an object: the last step of each allocation but to count it, for the library.
 *
 * Release: a thread that sees the header sees the tag.
 *
 * @param slot
 *   The slot.
 * @param bits
 *   Word of its header.
 * @param off
 *   Bytes from the slot to the object.
 * @param tag
 *   Any number, kept with the object.
 * @return
 *   The object.
 */
static inline void *
groove_data_slot_fill(void *slot, uint64_t bits, uint64_t off, uint64_t tag)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)slot;

	__atomic_store_n(&hdr->info, tag, __ATOMIC_RELAXED);
	__atomic_store_n(&hdr->bits, bits, __ATOMIC_RELEASE);
	return (uint8_t *)slot + off;
}

/**
 * groove_data_alloc() when no slot is cached, or the request needs a closer look.
 *
 * @param data
 *   A join.
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS or the error. May be NULL.
 * @return
 *   As groove_data_alloc().
 */
void *groove_data_alloc_slowly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err);

#if !GROOVE_DEBUG_CHECKS
/**
 * groove_data_alloc(), to be compiled into its caller.
 *
 * @param data
 *   A join.
 * @param align
 *   Alignment, bytes.
 * @param sz
 *   Size, bytes.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS or the error. May be NULL.
 * @return
 *   As groove_data_alloc().
 */
static inline __attribute__((__always_inline__)) void *
groove_data_alloc_quickly(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	const uint64_t slot_align = align != 0 ? align : GROOVE_DATA_ALLOC_ALIGN_DEFAULT;
	const uint64_t off = groove_data_obj_off(slot_align);

	if (__builtin_expect(data == NULL || !groove_data_is_live(data) || align > GROOVE_LINE_SZ ||
				     (align & (align - 1)) != 0 || sz > GROOVE_DATA_CACHE_SLOT_SZ - GROOVE_LINE_SZ,
		    0))
		return groove_data_alloc_slowly(data, align, sz, tag, err);

	const uint64_t szc = groove_data_szc(off + sz);
	struct groove_shelf *shelf = &data->shelf[szc];
	uint64_t *count = &shelf->count->calls[GROOVE_COUNT_ALLOC];
	const uint64_t slot = shelf->top[-1];

	if (__builtin_expect(slot == 0 || groove_count_is_due(__atomic_load_n(count, __ATOMIC_RELAXED)), 0))
		return groove_data_alloc_slowly(data, align, sz, tag, err);

	const uint64_t bits =
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, groove_shelf_idx(slot), szc, slot_align, sz, 0).bits;

	shelf->top--;
	groove_data_doing(data, bits);

	void *obj = groove_data_slot_fill(groove_shelf_hdr(slot), bits, off, tag);

	groove_count_add(count, groove_count_delta(1, sz));
	if (err != NULL)
		*err = GROOVE_SUCCESS;
	return obj;
}
#endif

/**
 * Allocate an object.
 *
 * The object's bytes [start, stop) are the caller's until free, whatever is in them. Its slot is the tightest there is,
 * or above 64 KiB a larger one that costs no more memory; when memory is short it may be up to four times as large.
 *
 * @param data
 *   A join.
 * @param align
 *   A power of two up to GROOVE_DATA_ALLOC_ALIGN_MAX; 0: GROOVE_DATA_ALLOC_ALIGN_DEFAULT.
 * @param sz
 *   Bytes, from 0; the header, padded to the alignment, and sz together up to GROOVE_DATA_ALLOC_FOOTPRINT_MAX.
 * @param tag
 *   Any number, kept with the object.
 * @param err
 *   Receives GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged (limited in rate): bad join, alignment or size; GROOVE_ERR_FULL:
 *   no room in the volumes there are, or none but for objects above 5.5 MiB, where such come and go: add one (or try
 *   again, when other joins may just be about to put some back);
 *   GROOVE_ERR_CORRUPT, logged: shared state is damaged. May be NULL.
 * @return
 *   The object, unique also when sz is 0; NULL on error.
 */
/* the library's, for what instruments or wraps calls */
#if defined(GROOVE_DATA_NO_INLINE) || GROOVE_DEBUG_CHECKS
void *groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err);
#else
static inline __attribute__((__always_inline__)) void *
groove_data_alloc(groove_data_t *data, uint64_t align, uint64_t sz, uint64_t tag, int *err)
{
	return groove_data_alloc_quickly(data, align, sz, tag, err);
}
#endif

/**
 * Free an object that any join of the groove allocated.
 *
 * @param data
 *   A join.
 * @param obj
 *   The object; NULL is refused.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, nothing changed: silent for a NULL obj, else logged (limited in rate): NULL
 *   join, address misaligned, out of range or in no volume in use, no live object there;
 *   GROOVE_ERR_CORRUPT, logged, nothing changed: the header contradicts the address or the superblock; in a build with
 *   debug_checks, also: the slot is free by its superblock, or bytes around the object were written to.
 */
int groove_data_free(groove_data_t *data, void *obj);

/**
 * Allocate n objects of one alignment and size: all of them, or none.
 *
 * @param data
 *   A join.
 * @param align
 *   As for groove_data_alloc().
 * @param sz
 *   As for groove_data_alloc().
 * @param tags
 *   n tags; NULL: all zero.
 * @param objs
 *   Receives the n objects; what it holds after an error means nothing.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as the err of groove_data_alloc(), and nothing is allocated.
 */
int groove_data_alloc_bulk(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n);

/**
 * Allocate up to n objects of one alignment and size.
 *
 * @param data
 *   A join.
 * @param align
 *   As for groove_data_alloc().
 * @param sz
 *   As for groove_data_alloc().
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
uint64_t groove_data_alloc_burst(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n, int *err);

/**
 * Free n objects of any sizes: checks all of them first, then frees all or none.
 *
 * @param data
 *   A join.
 * @param objs
 *   n objects.
 * @param n
 *   Objects, from 0.
 * @return
 *   0; else as groove_data_free() of the first bad one, and nothing is freed. An object that appears twice, or that
 *   another thread frees during the call, counts as bad.
 */
int groove_data_free_bulk(groove_data_t *data, void *const *objs, uint64_t n);

/**
 * Free the good ones of n objects.
 *
 * @param data
 *   A join.
 * @param objs
 *   n objects.
 * @param n
 *   Objects, from 0.
 * @param err
 *   Receives GROOVE_SUCCESS when all were freed, else the first error. May be NULL.
 * @return
 *   Objects freed, [0, n].
 */
uint64_t groove_data_free_burst(groove_data_t *data, void *const *objs, uint64_t n, int *err);

/* ---- what an object was allocated with: live objects only ---- */

/**
 * Header of an object, as it is now.
 *
 * @param obj
 *   A live object.
 * @return
 *   The header.
 */
static inline groove_data_hdr_t
groove_data_alloc_hdr(const void *obj)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);
	groove_data_hdr_t copy;

	copy.bits = __atomic_load_n(&hdr->bits, __ATOMIC_RELAXED);
	copy.info = __atomic_load_n(&hdr->info, __ATOMIC_RELAXED);
	return copy;
}

/**
 * Alignment as asked for (16 when that was 0).
 *
 * @param obj
 *   A live object.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_alloc_align(const void *obj)
{
	return groove_data_hdr_align(groove_data_alloc_hdr(obj));
}

/**
 * Size as asked for, bytes.
 *
 * @param obj
 *   A live object.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_alloc_sz(const void *obj)
{
	return groove_data_hdr_sz(groove_data_alloc_hdr(obj));
}

/**
 * Tag as given.
 *
 * @param obj
 *   A live object.
 * @return
 *   The tag.
 */
static inline uint64_t
groove_data_alloc_tag(const void *obj)
{
	return groove_data_hdr_info(groove_data_alloc_hdr(obj));
}

/**
 * First usable byte around the object, start <= obj.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_alloc_start_const(const void *obj)
{
	return GROOVE_DEBUG_CHECKS ? obj : (const void *)(groove_data_near_hdr_const(obj) + 1);
}

/**
 * First usable byte around the object, to be written to.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline void *
groove_data_alloc_start(void *obj)
{
	return (void *)(uintptr_t)groove_data_alloc_start_const(obj);
}

/**
 * First byte after the usable ones, obj + sz <= stop.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_alloc_stop_const(const void *obj)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);

	if (GROOVE_DEBUG_CHECKS)
		return (const uint8_t *)obj + groove_data_alloc_sz(obj);
	return (const uint8_t *)hdr +
	       groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj))].obj_footprint;
}

/**
 * First byte after the usable ones.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline void *
groove_data_alloc_stop(void *obj)
{
	return (void *)(uintptr_t)groove_data_alloc_stop_const(obj);
}

/* ---- upkeep ---- */

#define GROOVE_DATA_CACHE_SZC_BYTES  (4UL << 20) /**< Most that a join caches in a class, and the default, bytes. */
#define GROOVE_DATA_CACHE_JOIN_BYTES (8UL << 20) /**< Most that a join caches in all, and the default, bytes. */

/**
 * Set how much free memory this join may cache. Flushes.
 *
 * That begins with nothing and grows with use: of slots of up to 2,304 bytes to 64, of larger ones to 40 KiB or 4
 * slots. Where allocs and frees come in bursts that are larger it grows on, to 512 slots of a class. Slots above 64 KiB
 * are not cached. The settings can only make it less. All joins together cache a sixty-fourth of the groove at most.
 * alloc gives all of it back before it says FULL, and what is not used goes back by itself while the join's other
 * classes are.
 *
 * @param data
 *   A join.
 * @param szc_bytes
 *   Bytes in each class, [0, GROOVE_DATA_CACHE_SZC_BYTES]. Classes of larger slots are not cached; 0: none is.
 * @param join_bytes
 *   Bytes in all classes together, [0, GROOVE_DATA_CACHE_JOIN_BYTES]. 0: nothing is cached.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed.
 */
int groove_data_cache_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes);

/**
 * Return everything the join holds to circulation. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_flush(groove_data_t *data);

/**
 * Return empty superblocks to their parents, and empty volumes to the pool. alloc does it before it says FULL.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_trim(groove_data_t *data);

/**
 * Have a volume drained while others work: from now on memory is taken from elsewhere as long as there is some, and the
 * joins give back what they cache there, each at its next groove_data_tidy() or, at the latest, after some calls that
 * refill or empty its caches. As the objects in it are freed the volume becomes empty, and groove_data_volume_remove()
 * can have it. At most one volume is drained at a time; a later call names another. It ends when the volume has been
 * removed, and when an allocation finds no memory elsewhere: objects come before a volume's removal.
 *
 * Any join at any time.
 *
 * @param data
 *   A join.
 * @param volume
 *   Index of a volume in the groove, [0, volume_max); GROOVE_VOLUME_NONE ends the drain.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed.
 */
int groove_data_volume_drain(groove_data_t *data, uint64_t volume);

/**
 * Give back what the groove wants back of this join: what it caches of a volume that is being drained. A program whose
 * memory is to shrink under load calls it now and then, say once in each turn of its main loop: it is one load as long
 * as nothing is wanted.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join.
 */
int groove_data_tidy(groove_data_t *data);

/** Counts of one size class. */
typedef struct groove_data_szc_stats {
	uint64_t alloc_cnt;  /**< Objects allocated so far, with those that a bulk got and gave back as it failed. */
	uint64_t free_cnt;   /**< Objects freed so far, with the same. */
	uint64_t obj_cnt;    /**< Live objects. */
	uint64_t req_bytes;  /**< Bytes asked for by the live objects. */
	uint64_t slot_bytes; /**< Bytes of the live objects' slots. */
	uint64_t superblock_cnt; /**< Superblocks of this class. */
	uint64_t cached_cnt;	 /**< Free slots that joins cache. */
} groove_data_szc_stats_t;

/** Counts of a groove. */
typedef struct groove_data_stats {
	uint64_t join_cnt;				  /**< Joins now. */
	uint64_t volume_cnt;				  /**< Volumes in the groove. */
	uint64_t volume_empty_cnt;			  /**< Of these, empty ones. */
	groove_data_szc_stats_t total;			  /**< Sums over all classes. */
	groove_data_szc_stats_t szc[GROOVE_DATA_SZC_CNT]; /**< By class. */
} groove_data_stats_t;

/**
 * Read the counts, since the groove was made. Exact when the groove is idle, else each lags by the calls under way.
 *
 * @param data
 *   A join.
 * @param stats
 *   Receives the counts.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument or a bad join.
 */
int groove_data_stats(const groove_data_t *data, groove_data_stats_t *stats);

/** Where the bytes of a volume are. The rest of it are its table, headers of superblocks, and tails. */
typedef struct groove_data_volume_stats {
	uint64_t used_bytes;	 /**< In slots of live objects, and in slots that joins cache. */
	uint64_t free_bytes;	 /**< In free slots, of all sizes; an empty volume: all but its table. */
	uint64_t superblock_cnt; /**< Superblocks. */
} groove_data_volume_stats_t;

/**
 * Read how full a volume is. Exact when the groove is idle, else each superblock is counted as it is at some moment of
 * the call. Reads the volume's table, 9/1024 of it; costs other joins nothing.
 *
 * @param data
 *   A join.
 * @param volume
 *   Address of a volume in the groove.
 * @param stats
 *   Receives the counts.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument, a bad join, or what is no volume of this groove.
 */
int groove_data_volume_stats(groove_data_t *data, const groove_volume_t *volume, groove_data_volume_stats_t *stats);

/**
 * Which objects to walk: those whose tag and size class are both within their bounds. 0 is a bound like any other, so
 * set both highest ones: UINT64_MAX where there is no limit.
 */
typedef struct groove_data_walk_filter {
	uint64_t tag_min; /**< Lowest tag. */
	uint64_t tag_max; /**< Highest tag; below tag_min: no object. */
	uint64_t szc_min; /**< Lowest size class. */
	uint64_t szc_max; /**< Highest size class; below szc_min: no object. */
} groove_data_walk_filter_t;

/**
 * Called with each object. 0 goes on, anything else ends the walk. May free the object and make any other call but
 * groove_data_leave() and groove_data_recover(). As long as it runs no volume can be removed.
 */
typedef int (*groove_data_walk_fn)(void *arg, void *obj);

/**
 * Visit the live objects by ascending address, each once, while other joins run.
 *
 * An object that lives from the start of the walk to its end is visited, also when a bulk free that includes it is
 * refused meanwhile; one that is allocated or freed meanwhile may be. An object that another join is freeing in bulk at
 * that moment is not freed by this one: GROOVE_ERR_INVAL. If that join is dead, recovery frees it. So a program that
 * frees objects here, or relies on their bytes, must know that no other join frees them: for instance, because their
 * tags are those of a dead process.
 *
 * With a join of groove_data_join_readonly() it visits what groove_data_rebuild() would keep.
 *
 * @param data
 *   A join.
 * @param filter
 *   NULL: all objects.
 * @param fn
 *   Called with each object.
 * @param arg
 *   What fn is called with.
 * @return
 *   GROOVE_SUCCESS when all were visited; what fn returned to end the walk; GROOVE_ERR_INVAL, logged, for a bad
 *   argument; GROOVE_ERR_CORRUPT, logged: it met a damaged header.
 */
int groove_data_walk(groove_data_t *data, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg);

/**
 * Index of a join, [0, join_max): what identifies it to groove_data_recover().
 *
 * @param data
 *   A join.
 * @return
 *   The index.
 */
uint64_t groove_data_join_idx(const groove_data_t *data);

/**
 * Return what dead joins held, while others work: what they had cached, claimed, half allocated or half freed,
 * superblocks and volumes that they had taken; and give back their records. Live objects stay as they are, also one
 * that was allocated and not handed out yet: groove_data_walk() finds it by its tag. A bulk free that had begun is
 * finished for the objects that it had come to. The counters are exact afterwards, as far as joins are idle.
 *
 * Any join may call it, several at the same time, and one that dies in it is recovered as any other. It waits for
 * nobody. Reads every header about twice. When dead joins have all records, groove_data_join_recover() makes a join.
 *
 * @param data
 *   A join.
 * @param dead
 *   Says which joins are dead. It must be right: what a dead join has is taken from it. NULL: none is; what damage has
 *   put out of circulation is looked for, and what an earlier call had to leave.
 * @param arg
 *   What dead is called with.
 * @return
 *   GROOVE_SUCCESS: nothing of a dead join is left. GROOVE_ERR_AGAIN: something is, all else has been returned: a
 * living join is inside a call with the same superblock or volume in its hands, or another one is at the recovery of
 * the same join, or (logged) there is no memory to search with. Call again, with the same or another join. One that is
 * stopped at the recovery of a join keeps what that had cached and in its hands until it goes on or is dead itself, and
 * no more; so do not wait for GROOVE_SUCCESS without end. GROOVE_ERR_INVAL, logged, nothing changed, for a bad join;
 * GROOVE_ERR_CORRUPT, logged, when what is left is damaged.
 */
int groove_data_recover(groove_data_t *data, groove_data_dead_fn dead, void *arg);

/* ---- after a crash of the machine ---- */

/** Why an object could not be kept. */
enum groove_data_lost_why {
	GROOVE_DATA_LOST_UNREACHABLE, /**< A superblock that it lies in is not there: the page of its header is older.
				       */
	GROOVE_DATA_LOST_OVERLAPPED,  /**< Its header lies in the bytes of an object that was kept. */
};

/** An object that rebuild could not keep, as its header says. */
typedef struct groove_data_lost {
	uint64_t volume;	       /**< Volume that it was in. */
	uint64_t off;		       /**< Bytes from the start of the volume to its header. */
	uint64_t szc;		       /**< Its size class. */
	uint64_t align;		       /**< Its alignment. */
	uint64_t sz;		       /**< Its size, bytes. */
	uint64_t tag;		       /**< Its tag. */
	enum groove_data_lost_why why; /**< What is in the way. */
} groove_data_lost_t;

/** Called with each object that could not be kept, before its header is cleared; its bytes are there still. */
typedef void (*groove_data_lost_fn)(void *arg, const groove_data_lost_t *lost);

/** Asked for each volume: non-zero when it has memory, all of it readable and writable. */
typedef int (*groove_data_volume_fn)(void *arg, uint64_t volume);

/**
 * Make a groove good again whose memory may be torn: any page of the shared region and of the volumes may be older than
 * the next, or zeros. For a groove in a file after power loss or a crash of the kernel. No join and no reader may have
 * it open.
 *
 * Keeps each object to which an unbroken row of headers leads from the start of its volume, with its tag, size and
 * place; its bytes are as they were found, which only the application can judge. All else is made anew, and no two
 * objects that are kept overlap. Each object whose header is found elsewhere is reported: it was lost, or it was freed
 * or moved before the crash and the page is old. Reads all bytes of the volumes that have memory, once: the time is
 * bounded, whatever is in them. Counts of objects begin anew with those that are kept.
 *
 * When it is interrupted by the death of its process, or the machine's, rebuild again; what was reported before is not
 * reported again.
 *
 * @param shdata
 *   Shared region, groove_data_align()ed, of groove_data_footprint_cfg(cfg) bytes.
 * @param cfg
 *   What the groove was made with (NULL: the default).
 * @param volume0
 *   Address here of volume 0, aligned to GROOVE_VOLUME_ALIGN.
 * @param has_memory
 *   Which volumes there are, in the groove or not; NULL: all that the groove can have.
 * @param lost
 *   Called with each object that could not be kept, by ascending address; may be NULL.
 * @param arg
 *   For both.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, nothing changed: an argument is wrong, or the groove is one of a library
 *   with another layout.
 */
int groove_data_rebuild(void *shdata, const groove_data_cfg_t *cfg, void *volume0, groove_data_volume_fn has_memory,
	groove_data_lost_fn lost, void *arg);

/* ---- checking ---- */

/**
 * Check the whole state, without trusting any of it. Needs an idle groove.
 *
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a bad join; GROOVE_ERR_CORRUPT, the first damage logged with its
 *   place; GROOVE_ERR_AGAIN, logged: no memory to work with.
 */
int groove_data_verify(const groove_data_t *data);

/**
 * Check one volume, and the slots and lists as far as they lead into it. Volumes may be checked in parallel.
 *
 * @param data
 *   A join.
 * @param volume
 *   A volume of the groove.
 * @return
 *   As groove_data_verify(); also GROOVE_ERR_INVAL, logged, when volume is none of the groove's.
 */
int groove_data_volume_verify(const groove_data_t *data, const groove_volume_t *volume);

/**
 * Write the state of an idle groove for people to read.
 *
 * @param file
 *   Where it is written to.
 * @param data
 *   A join.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, for a NULL argument or a bad join, or when file cannot be written.
 */
int groove_data_dump(FILE *file, const groove_data_t *data);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_H */
