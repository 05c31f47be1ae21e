/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_HDR_H
#define GROOVE_DATA_HDR_H

/**
 * @file
 * Headers of slots: first bytes of each, before an object and at the front of a superblock.
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
 * An object of a still larger alignment (lib/heap has such) is an *inset*: it lies whole blocks further back in an
 * object that is aligned to 512 and larger by what that may cost. All counts and checks are of that. The slot's header
 * says which alignment the inset has and how many blocks it lies further back, and the header at the block boundary
 * before it is a second redirect, with that number as its index.
 *
 * In a build with debug_checks a red zone comes after the header too, and another after the object; start is obj and
 * stop obj + sz there.
 */

#include <groove_base.h>
#include <groove_szc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_DATA_HDR_ALIGN	  16UL /**< Alignment of a header, bytes. */
#define GROOVE_DATA_HDR_FOOTPRINT 16UL /**< Bytes of a header. */

#define GROOVE_DATA_HDR_TYPE_ALLOC	0xfd67UL /**< A live object. */
#define GROOVE_DATA_HDR_TYPE_SUPERBLOCK 0x0298UL /**< A superblock of smaller slots. */
#define GROOVE_DATA_HDR_TYPE_CACHED	0x6ac4UL /**< Free, held by a join. */
#define GROOVE_DATA_HDR_TYPE_FREE	0xb51dUL /**< Free, in circulation. */
#define GROOVE_DATA_HDR_TYPE_FREEING	0xc000UL /**< | index of the join that has it in the midst of a bulk free. */
#define GROOVE_DATA_HDR_TYPE_REDIRECT	0x3e8bUL /**< The header is at the block boundary before; of insets further. */

#if GROOVE_DEBUG_CHECKS
#define GROOVE_DATA_RED_ZONE 16UL /**< Fewest bytes on each side of an object that nobody may write to. */
#else
#define GROOVE_DATA_RED_ZONE 0UL /**< Fewest bytes on each side of an object that nobody may write to. */
#endif

#define GROOVE_DATA_HDR_IDX_SHIFT 16 /**< Where the index is in a header's word. */

#define GROOVE_DATA_ALLOC_ALIGN_DEFAULT 16UL   /**< Alignment that 0 stands for, bytes. */
#define GROOVE_DATA_ALLOC_ALIGN_MAX	512UL  /**< Largest alignment, bytes. */
#define GROOVE_DATA_INSET_ALIGN_MAX	4096UL /**< Largest alignment of an inset, bytes. */

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
 *   The alignment, bytes; of an inset 512 | log2 of its alignment in blocks << 3 | blocks that it lies further back.
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
 * Alignment of an inset, of its header.
 *
 * @param hdr
 *   A header.
 * @return
 *   The alignment, bytes; 0: the object is no inset.
 */
static inline uint64_t
groove_data_hdr_inset_align(groove_data_hdr_t hdr)
{
	const uint64_t align = groove_data_hdr_align(hdr);

	return align > GROOVE_DATA_ALLOC_ALIGN_MAX ? GROOVE_DATA_ALLOC_ALIGN_MAX << (align >> 3 & 63) : 0;
}

/**
 * Alignment that was asked for, of a header.
 *
 * @param hdr
 *   A header of an object.
 * @return
 *   The alignment, bytes.
 */
static inline uint64_t
groove_data_hdr_asked_align(groove_data_hdr_t hdr)
{
	const uint64_t inset = groove_data_hdr_inset_align(hdr);

	return inset != 0 ? inset : groove_data_hdr_align(hdr);
}

/**
 * Size that was asked for, of a header: the object in which an inset lies is larger.
 *
 * @param hdr
 *   A header of an object.
 * @return
 *   The size, bytes.
 */
static inline uint64_t
groove_data_hdr_asked_sz(groove_data_hdr_t hdr)
{
	const uint64_t inset = groove_data_hdr_inset_align(hdr);

	return groove_data_hdr_sz(hdr) - (inset != 0 ? inset - GROOVE_DATA_ALLOC_ALIGN_MAX : 0);
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
 * Header that a redirect leads to.
 *
 * @param redirect
 *   The redirect before an object.
 * @return
 *   The header at the start of its slot.
 */
static inline const groove_data_hdr_t *
groove_data_redirect_hdr_const(const groove_data_hdr_t *redirect)
{
	const uintptr_t block = (uintptr_t)redirect & ~(uintptr_t)(GROOVE_BLOCK_ALIGN - 1);
	const uint64_t bits = __atomic_load_n(&((const groove_data_hdr_t *)block)->bits, __ATOMIC_RELAXED);

	/* Of an inset: at most as far as one can be, whatever the index says. */
	if ((bits & 0xffff) == GROOVE_DATA_HDR_TYPE_REDIRECT)
		return (const groove_data_hdr_t *)(block - (bits >> 16 & 7) * GROOVE_BLOCK_FOOTPRINT);
	return (const groove_data_hdr_t *)block;
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

	return __builtin_expect((bits & 0xffff) == GROOVE_DATA_HDR_TYPE_REDIRECT, 0)
		       ? groove_data_redirect_hdr_const(hdr)
		       : hdr;
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
 *   An object that is no inset.
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

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_HDR_H */
