/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HDR_H
#define GROOVE_HDR_H

/*
 * Headers in shared memory: the words they hold, and how they are read and written. Headers are the ground truth of a
 * groove: free bits, places and lists can be derived from them, and recovery does.
 */

#include <stdbool.h>

#include <groove_data.h>

static inline uint64_t
hdr_type(uint64_t bits)
{
	return bits & 0xffff;
}

static inline uint64_t
hdr_idx(uint64_t bits)
{
	return groove_data_hdr_idx((groove_data_hdr_t){.bits = bits});
}

static inline uint64_t
hdr_szc(uint64_t bits)
{
	return groove_data_hdr_szc((groove_data_hdr_t){.bits = bits});
}

static inline uint64_t
hdr_align(uint64_t bits)
{
	return groove_data_hdr_align((groove_data_hdr_t){.bits = bits});
}

static inline uint64_t
hdr_sz(uint64_t bits)
{
	return groove_data_hdr_sz((groove_data_hdr_t){.bits = bits});
}

/* A word's index. */
#define HDR_IDX_SHIFT GROOVE_DATA_HDR_IDX_SHIFT
#define HDR_IDX_MASK  (63UL << HDR_IDX_SHIFT)

/* A word without its index: what objects of one class, alignment and size have in common. */
static inline uint64_t
hdr_form(uint64_t bits)
{
	return bits & ~HDR_IDX_MASK;
}

/* The same with an index. */
static inline uint64_t
hdr_with_idx(uint64_t bits, uint64_t idx)
{
	return bits | idx << HDR_IDX_SHIFT;
}

/* Type and alignment, where they are in a word. */
static inline uint64_t
hdr_type_align(uint64_t bits)
{
	return bits & groove_data_hdr(0xffff, 0, 0, 0x3ff, 0, 0).bits;
}

/* A word with these two of a live object of an alignment. */
static inline uint64_t
hdr_live_at(uint64_t align)
{
	return groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, 0, 0, align, 0, 0).bits;
}

/* Word of slot idx in a superblock of szc while it is free. */
static inline uint64_t
hdr_free(uint64_t szc, uint64_t idx)
{
	return groove_data_hdr(GROOVE_DATA_HDR_TYPE_FREE, idx, szc, 0, 0, 0).bits;
}

/*
 * Word of slot idx in a superblock of szc while join owner caches it. In the place of a size it has the owner's
 * complement: so a stray bit makes it no other owner's.
 */
static inline uint64_t
hdr_cached(uint64_t szc, uint64_t idx, uint64_t owner)
{
	return groove_data_hdr(GROOVE_DATA_HDR_TYPE_CACHED, idx, szc, owner, ~owner & (GROOVE_DATA_JOIN_MAX - 1), 0)
		.bits;
}

/* A word's slot with the type and the rest of another word. */
static inline uint64_t
hdr_retake(uint64_t bits, uint64_t other)
{
	return (bits & groove_data_hdr(0, 63, 127, 0, 0, 0).bits) | other;
}

/* Join that caches a slot. */
static inline uint64_t
hdr_owner(uint64_t bits)
{
	return hdr_align(bits);
}

/* Type of an object in the midst of a bulk free of a join. */
static inline uint64_t
hdr_type_freeing(uint64_t owner)
{
	return GROOVE_DATA_HDR_TYPE_FREEING | owner;
}

static inline bool
hdr_is_freeing(uint64_t bits)
{
	return (hdr_type(bits) & ~(GROOVE_DATA_JOIN_MAX - 1)) == GROOVE_DATA_HDR_TYPE_FREEING;
}

/* Join that is freeing an object. */
static inline uint64_t
hdr_freer(uint64_t bits)
{
	return bits & (GROOVE_DATA_JOIN_MAX - 1);
}

/* Word of slot idx in a superblock of parent that is itself a superblock of szc. */
static inline uint64_t
hdr_superblock(uint64_t szc, uint64_t parent, uint64_t idx)
{
	return groove_data_hdr(GROOVE_DATA_HDR_TYPE_SUPERBLOCK, idx, parent, szc, 0, 0).bits;
}

/* The same word with another type. */
static inline uint64_t
hdr_retype(uint64_t bits, uint64_t type)
{
	return (bits & ~0xffffUL) | type;
}

/* Acquire pairs with hdr_store(). */
static inline uint64_t
hdr_load(const groove_data_hdr_t *hdr)
{
	return __atomic_load_n(&hdr->bits, __ATOMIC_ACQUIRE);
}

/* Release: a thread that sees the word sees what it stands for (the tag, the superblock). Pairs with hdr_load(). */
static inline void
hdr_store(groove_data_hdr_t *hdr, uint64_t bits)
{
	__atomic_store_n(&hdr->bits, bits, __ATOMIC_RELEASE);
}

/* ---- insets: objects of more than the largest alignment (groove_data_hdr.h) ---- */

/* Alignment of the object that is counted: of one in which an inset lies, else its own. */
static inline uint64_t
hdr_counted_align(uint64_t bits)
{
	const uint64_t align = hdr_align(bits);

	return align <= GROOVE_DATA_ALLOC_ALIGN_MAX ? align : GROOVE_DATA_ALLOC_ALIGN_MAX;
}

/* Blocks that an inset lies further back; 0 for all other objects. */
static inline uint64_t
hdr_inset_blocks(uint64_t bits)
{
	return hdr_align(bits) > GROOVE_DATA_ALLOC_ALIGN_MAX ? hdr_align(bits) & 7 : 0;
}

/* Bytes from a slot to the object that its header's word is of. */
static inline uint64_t
hdr_obj_off(uint64_t bits)
{
	return groove_data_obj_off(hdr_counted_align(bits)) + hdr_inset_blocks(bits) * GROOVE_BLOCK_FOOTPRINT;
}

/* What the word of an inset of an alignment has in the place of an alignment, less the blocks that it lies further
 * back. */
static inline uint64_t
hdr_inset_code(uint64_t align)
{
	const uint64_t log2 = (uint64_t)__builtin_ctzll(align / GROOVE_DATA_ALLOC_ALIGN_MAX);

	return GROOVE_DATA_ALLOC_ALIGN_MAX | log2 << 3;
}

/* Such a word with these. */
static inline uint64_t
hdr_with_inset_blocks(uint64_t bits, uint64_t blocks)
{
	return bits | groove_data_hdr(0, 0, 0, blocks, 0, 0).bits;
}

/* Whether a word of what is no object of a usual alignment is that of an inset, in an object that has room for it. */
static inline bool
hdr_inset_fits(uint64_t bits)
{
	const uint64_t align = groove_data_hdr_inset_align((groove_data_hdr_t){.bits = bits});

	return align > GROOVE_DATA_ALLOC_ALIGN_MAX && align <= GROOVE_DATA_INSET_ALIGN_MAX &&
	       hdr_inset_blocks(bits) < align / GROOVE_BLOCK_FOOTPRINT &&
	       hdr_sz(bits) >= align - GROOVE_DATA_ALLOC_ALIGN_MAX;
}

/*
 * Whether a slot of a footprint can hold the object of a header's word, at bytes from the slot's start. What is further
 * from it than a cache line is aligned to more, and such slots are whole blocks.
 */
static inline bool
hdr_object_fits(uint64_t bits, uint64_t at, uint64_t footprint)
{
	const uint64_t align = hdr_counted_align(bits);
	const uint64_t off = groove_data_obj_off(align);

	if (align == 0 || ((align & (align - 1)) | (hdr_obj_off(bits) ^ at)) != 0 ||
		off + hdr_sz(bits) + GROOVE_DATA_RED_ZONE > footprint)
		return false;
	if (hdr_align(bits) != align && !hdr_inset_fits(bits))
		return false;
	return off <= GROOVE_LINE_SZ || footprint % GROOVE_BLOCK_FOOTPRINT == 0;
}

#endif /* GROOVE_HDR_H */
