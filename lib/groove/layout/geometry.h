/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_GEOMETRY_H
#define GROOVE_GEOMETRY_H

/*
 * Where things lie: arithmetic on blocks, superblocks and slots. A block is known by its index in the groove (32 bits,
 * volume 0 starts at 0) or in its volume.
 *
 * The table of a volume of V bytes is indexed by where a superblock starts. Superblocks nest, and the first slot of one
 * starts close after its header, so the start alone does not identify a superblock. Its class does, too: the classes
 * have levels, so that superblocks of one level never nest, and their starts are as far apart as the level's unit is
 * large. The level of a class is the power of two of the smallest slot in which its superblocks may lie; it holds two
 * slots at least, so what lies in one of these is less than half as large, and of a lower level. From 32 KiB there is
 * one level for each power of two, laid out like a binary heap. Classes that may lie in less share one of 2 KiB; their
 * slots hold no superblocks. (The generator of szc_hosts.h sees to all of it.)
 *
 *     [0, V/2K)           superblocks of classes that may lie in slots under 32 KiB, by start / 2 KiB
 *     V/2K + [2, 4)       superblocks of V/2 and more, by start / (V/2)
 *     V/2K + [4, 8)       superblocks of classes that need V/4 up to V/2, by start / (V/4)
 *     ...                 down to 32 KiB; V/2K + [0, 2) is unused
 *
 * It is three arrays of as many entries, one after the other: words (struct groove_sb), links (32 bits: block of the
 * next superblock in a list, 0: none) and ids (32 bits: sb_id(), of size class, block and count of slots; 0, or that of
 * the last: none).
 */

#include <stdbool.h>

#include "sb_word.h"
#include "shared.h"
#include "szc_hosts.h"

#define TABLE_LEAF_SHIFT    11
#define TABLE_PYRAMID_SHIFT 15

static inline uint32_t
floor_log2(uint64_t x)
{
	return 63U - (uint32_t)__builtin_clzll(x);
}

/* Entries in the table of a volume. */
static inline uint64_t
table_cnt(uint32_t volume_shift)
{
	return (1UL << (volume_shift - TABLE_LEAF_SHIFT)) + (2UL << (volume_shift - TABLE_PYRAMID_SHIFT));
}

/* Bytes from the start of a volume to its root superblock. */
static inline uint64_t
geometry_data_off(uint32_t volume_shift)
{
	return GROOVE_BLOCK_FOOTPRINT + table_cnt(volume_shift) * TABLE_ENTRY_SZ;
}

/* Slices in a volume. */
static inline uint32_t
geometry_slice_cnt(uint32_t volume_shift)
{
	return 1U << (volume_shift - 25);
}

/* Class whose slots hold the superblocks of a class while there is room; GROOVE_DATA_SZC_VOLUME: they are roots. */
static inline uint64_t
szc_parent(const groove_data_t *data, uint64_t szc)
{
	const uint64_t parent = groove_data_szc_cfg[szc].parent_szc;

	return parent == GROOVE_DATA_SZC_SLICE && data->slice_cnt == 1 ? GROOVE_DATA_SZC_VOLUME : parent;
}

/* Bytes that a superblock has in a slot of a host class, or as a root. */
static inline uint64_t
host_room(const groove_data_t *data, uint64_t host)
{
	return host == GROOVE_DATA_SZC_VOLUME ? data->pool.volume_sz - data->data_off
					      : groove_data_szc_cfg[host].obj_footprint;
}

/* Bytes of a superblock of a class in a slot of its parent's. */
static inline uint64_t
szc_superblock_sz(const groove_data_t *data, uint64_t szc)
{
	return host_room(data, szc_parent(data, szc));
}

/* Slots of a superblock of a class in a slot of a host class. */
static inline uint32_t
szc_slot_cnt(const groove_data_t *data, uint64_t szc, uint64_t host)
{
	const uint64_t fit =
		(host_room(data, host) - groove_data_superblock_first(szc)) / groove_data_szc_cfg[szc].obj_footprint;

	return fit < SB_SLOT_MAX ? (uint32_t)fit : SB_SLOT_MAX;
}

/* Whether a class has superblocks in this groove: all but SLICE where a volume is one slice. */
static inline bool
szc_in_use(const groove_data_t *data, uint64_t szc)
{
	return szc < GROOVE_DATA_SZC_SLICE || (szc == GROOVE_DATA_SZC_SLICE && data->slice_cnt > 1);
}

/* Whether superblocks of a class, which is in use, may lie in slots of a host class, which may be any number. */
static inline bool
szc_may_lie_in(const groove_data_t *data, uint64_t szc, uint64_t host)
{
	return host == szc_parent(data, szc) || (szc_hosts[szc].mask[host / 64 % 2] >> host % 64 & 1) != 0;
}

/* Bytes from volume 0 to an address of the volumes. */
static inline uint64_t
addr_off(const groove_data_t *data, const void *addr)
{
	return (uint64_t)((uintptr_t)addr - (uintptr_t)data->pool.volume0);
}

static inline uint8_t *
block_addr(const groove_data_t *data, uint64_t block)
{
	return (uint8_t *)data->pool.volume0 + block * GROOVE_BLOCK_FOOTPRINT;
}

static inline uint64_t
block_volume(const groove_data_t *data, uint64_t block)
{
	return block >> (data->volume_shift - 9);
}

static inline uint64_t
block_in_volume(const groove_data_t *data, uint64_t block)
{
	return block & ((1UL << (data->volume_shift - 9)) - 1);
}

/* First block of a volume. */
static inline uint64_t
volume_block(const groove_data_t *data, uint64_t volume)
{
	return volume << (data->volume_shift - 9);
}

/* Whether a block read from shared memory can be the start of a superblock. */
static inline bool
block_in_range(const groove_data_t *data, uint64_t block)
{
	return block_volume(data, block) < data->pool.volume_max &&
	       block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT >= data->data_off;
}

/* Whether a class, a block and a count of slots that were read from shared memory can be those of a superblock: it lies
 * in one volume. */
static inline bool
superblock_can_be(const groove_data_t *data, uint64_t szc, uint64_t block, uint32_t cnt)
{
	return szc_in_use(data, szc) && cnt > 1 && cnt <= SB_SLOT_MAX && block_in_range(data, block) &&
	       block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT + groove_data_superblock_first(szc) +
			       cnt * (uint64_t)groove_data_szc_cfg[szc].obj_footprint <=
		       data->pool.volume_sz;
}

static inline struct groove_sb *
volume_table(const groove_data_t *data, uint64_t volume)
{
	return (struct groove_sb *)(block_addr(data, volume_block(data, volume)) + GROOVE_BLOCK_FOOTPRINT);
}

static inline uint32_t *
volume_links(const groove_data_t *data, uint64_t volume)
{
	return (uint32_t *)(volume_table(data, volume) + table_cnt(data->volume_shift));
}

static inline uint32_t *
volume_ids(const groove_data_t *data, uint64_t volume)
{
	return volume_links(data, volume) + table_cnt(data->volume_shift);
}

/* log2 of the bytes for each entry of the table's level for superblocks of szc. */
static inline uint32_t
table_shift(const groove_data_t *data, uint64_t szc)
{
	return szc == GROOVE_DATA_SZC_SLICE ? floor_log2(data->pool.volume_sz - data->data_off) : szc_hosts[szc].level;
}

/* Index in its volume's table of a superblock of szc at off bytes in the volume. */
static inline uint64_t
table_idx(const groove_data_t *data, uint64_t szc, uint64_t off)
{
	const uint32_t shift = table_shift(data, szc);

	if (shift < TABLE_PYRAMID_SHIFT)
		return off >> TABLE_LEAF_SHIFT;
	return (1UL << (data->volume_shift - TABLE_LEAF_SHIFT)) + (1UL << (data->volume_shift - shift)) +
	       (off >> shift);
}

/* Entry of a superblock of szc at a block of the groove: what table_idx() leads to, worked out when the join was made.
 */
static inline struct groove_sb *
sb_entry(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const struct groove_shelf *shelf = &data->shelf[szc];
	const uint64_t off = block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT;
	uint8_t *level = block_addr(data, volume_block(data, block_volume(data, block))) + shelf->level_off;

	return (struct groove_sb *)level + (off >> shelf->level_shift);
}

/* Volume that an address is in. */
static inline uint64_t
addr_volume(const groove_data_t *data, const void *addr)
{
	return addr_off(data, addr) >> data->volume_shift;
}

/* Index of an entry in its volume's table. */
static inline uint64_t
entry_idx(const groove_data_t *data, const struct groove_sb *sb)
{
	return (uint64_t)(sb - volume_table(data, addr_volume(data, sb)));
}

/* Number of an entry among those of all volumes. */
static inline uint64_t
entry_number(const groove_data_t *data, const struct groove_sb *sb)
{
	return addr_volume(data, sb) * table_cnt(data->volume_shift) + entry_idx(data, sb);
}

/* Its link. */
static inline uint32_t *
entry_link(const groove_data_t *data, const struct groove_sb *sb)
{
	return volume_links(data, addr_volume(data, sb)) + entry_idx(data, sb);
}

/* Its id. */
static inline uint32_t *
entry_id(const groove_data_t *data, const struct groove_sb *sb)
{
	return volume_ids(data, addr_volume(data, sb)) + entry_idx(data, sb);
}

/*
 * An id, of a superblock of a class with so many slots at a block of its volume. 0 is none.
 *
 *     31        25 24              5 4       0
 *     | class + 1 | block mod 2^20  | cnt - 1 |
 *
 * So one subtraction compares class and place, and leaves the count. A volume of 1 GiB has 2^21 blocks; in which half
 * of it a superblock is its entry's place in the table tells, as no level has entries for more than half a volume.
 */
#define SB_ID_SZC_SHIFT	  25
#define SB_ID_BLOCK_SHIFT 5
#define SB_ID_BLOCK_MASK  0xfffffUL
_Static_assert(1UL << SB_ID_BLOCK_SHIFT == SB_SLOT_MAX, "room for the count");
_Static_assert(GROOVE_VOLUME_FOOTPRINT_MAX / GROOVE_BLOCK_FOOTPRINT == 2 * (SB_ID_BLOCK_MASK + 1), "halves");

/* The part of it that is the class. */
static inline uint32_t
sb_id_of_szc(uint64_t szc)
{
	return (uint32_t)(szc + 1) << SB_ID_SZC_SHIFT;
}

/*
 * Count of slots, less one, of the superblock at bytes from its volume's start by an id, when it is that of one there,
 * of the class of szc_id (sb_id_of_szc()). Else SB_SLOT_MAX or more; so, too, when there can be none as no block starts
 * there: what is a multiple of a cache line and not of a block is no less than that.
 */
static inline uint32_t
sb_id_last(uint32_t id, uint32_t szc_id, uint64_t off)
{
	const uint32_t place = (uint32_t)(off / GROOVE_BLOCK_FOOTPRINT & SB_ID_BLOCK_MASK) << SB_ID_BLOCK_SHIFT;

	return (id - szc_id - place) | (uint32_t)(off % GROOVE_BLOCK_FOOTPRINT);
}
_Static_assert(GROOVE_LINE_SZ >= SB_SLOT_MAX, "what is misaligned is at least a cache line off");

/* Of a superblock of szc with so many slots at a block of the groove. */
static inline uint32_t
sb_id(const groove_data_t *data, uint64_t szc, uint64_t block, uint32_t cnt)
{
	return sb_id_of_szc(szc) + ((uint32_t)(block_in_volume(data, block) & SB_ID_BLOCK_MASK) << SB_ID_BLOCK_SHIFT) +
	       cnt - 1;
}

/* Its class; any number if it is damaged. */
static inline uint64_t
sb_id_szc(uint32_t id)
{
	return (id >> SB_ID_SZC_SHIFT) - 1UL;
}

static inline uint32_t
sb_id_cnt(uint32_t id)
{
	return id % SB_SLOT_MAX + 1;
}

/* First byte of its volume for which entry i of the table is. */
static inline uint64_t
table_off(const groove_data_t *data, uint64_t i)
{
	const uint64_t leaves = 1UL << (data->volume_shift - TABLE_LEAF_SHIFT);

	if (i < leaves)
		return i << TABLE_LEAF_SHIFT;
	/* One bit for the level, then bits of the offset: those of the first two are never used. */
	const uint64_t bits = floor_log2((i - leaves) | 1);

	return ((i - leaves) ^ 1UL << bits) << (data->volume_shift - bits);
}

/* Block of the groove of the superblock by the id of an entry, of a class that is. */
static inline uint64_t
sb_id_block(const groove_data_t *data, const struct groove_sb *sb, uint32_t id)
{
	const uint64_t half = table_off(data, entry_idx(data, sb)) / GROOVE_BLOCK_FOOTPRINT & ~SB_ID_BLOCK_MASK;

	return volume_block(data, addr_volume(data, sb)) + half + (id >> SB_ID_BLOCK_SHIFT & SB_ID_BLOCK_MASK);
}

/*
 * Slots of the superblock of szc at a block, by its entry; 0: that is another's. Steady while a slot of it is out or it
 * is held; a join that has neither looks again at what led here. Acquire, so that this comes after, and pairs with the
 * stores of ids.
 */
static inline uint32_t
sb_cnt(const groove_data_t *data, const struct groove_sb *sb, uint64_t szc, uint64_t block)
{
	const uint32_t last = sb_id_last(__atomic_load_n(entry_id(data, sb), __ATOMIC_ACQUIRE), sb_id_of_szc(szc),
		block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT);

	return last < SB_SLOT_MAX ? last + 1 : 0;
}

/* Whether an entry is that of the superblock of szc at a block. As sb_cnt(). */
static inline bool
sb_is(const groove_data_t *data, const struct groove_sb *sb, uint64_t szc, uint64_t block)
{
	return sb_cnt(data, sb, szc, block) != 0;
}

/* Bytes from a superblock of szc to its slot idx. */
static inline uint64_t
slot_off(uint64_t szc, uint64_t idx)
{
	return groove_data_superblock_first(szc) + idx * groove_data_szc_cfg[szc].obj_footprint;
}

/* Header of slot idx of a superblock of szc at a block of the groove. */
static inline groove_data_hdr_t *
slot_hdr(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	return (groove_data_hdr_t *)(block_addr(data, block) + slot_off(szc, idx));
}

/* Block of the superblock of szc whose slot idx is at an address. */
static inline uint64_t
slot_superblock(const groove_data_t *data, uint64_t szc, const groove_data_hdr_t *hdr, uint64_t idx)
{
	return (addr_off(data, hdr) - slot_off(szc, idx)) / GROOVE_BLOCK_FOOTPRINT;
}

#endif /* GROOVE_GEOMETRY_H */
