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
 * starts close after its header, so the start alone does not identify a superblock. But a superblock is at most half of
 * the one around it, so two of them whose sizes have the same power of two never nest, and their starts are that far
 * apart. So the table has one level for each power of two from 32 KiB, laid out like a binary heap, and, as superblocks
 * under 32 KiB hold no superblocks (the generator sees to it), one level of 2 KiB for all of these:
 *
 *     [0, V/2K)           superblocks under 32 KiB, by start / 2 KiB
 *     V/2K + [2, 4)       superblocks of V/2 and more, by start / (V/2)
 *     V/2K + [4, 8)       superblocks of V/4 up to V/2, by start / (V/4)
 *     ...                 down to 32 KiB; V/2K + [0, 2) is unused
 *
 * It is three arrays of as many entries, one after the other: words (struct groove_sb), links (32 bits: block of the
 * next superblock in a list, 0: none) and ids (32 bits: sb_id(), of size class and block; 0, or that of the last:
 * none).
 */

#include <stdbool.h>

#include "shared.h"

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

/* Class whose slots hold the superblocks of a class; GROOVE_DATA_SZC_VOLUME: they are roots. */
static inline uint64_t
szc_parent(const groove_data_t *data, uint64_t szc)
{
	const uint64_t parent = groove_data_szc_cfg[szc].parent_szc;

	return parent == GROOVE_DATA_SZC_SLICE && data->slice_cnt == 1 ? GROOVE_DATA_SZC_VOLUME : parent;
}

/* Slots in a superblock of a class. */
static inline uint32_t
szc_cnt(const groove_data_t *data, uint64_t szc)
{
	return szc == GROOVE_DATA_SZC_SLICE ? data->slice_cnt : groove_data_szc_cfg[szc].obj_cnt;
}

/* Bytes of a superblock of a class. */
static inline uint64_t
szc_superblock_sz(const groove_data_t *data, uint64_t szc)
{
	const uint64_t parent = szc_parent(data, szc);

	return parent == GROOVE_DATA_SZC_VOLUME ? data->pool.volume_sz - data->data_off
						: groove_data_szc_cfg[parent].obj_footprint;
}

/* Whether a class has superblocks in this groove: all but SLICE where a volume is one slice. */
static inline bool
szc_in_use(const groove_data_t *data, uint64_t szc)
{
	return szc < GROOVE_DATA_SZC_SLICE || (szc == GROOVE_DATA_SZC_SLICE && data->slice_cnt > 1);
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

/* Whether a class and a block read from shared memory can be those of a superblock: it lies in one volume. */
static inline bool
superblock_can_be(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	return szc_in_use(data, szc) && block_in_range(data, block) &&
	       block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT + szc_superblock_sz(data, szc) <=
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
	const uint32_t shift = floor_log2(szc_superblock_sz(data, szc));

	return shift < TABLE_PYRAMID_SHIFT ? TABLE_LEAF_SHIFT : shift;
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

/* An id: size class << 24 | cache lines from the volume's start, so that one comparison also finds a misaligned one.
 */
#define SB_ID_SZC_SHIFT 24
#define SB_ID_BLOCK	(GROOVE_BLOCK_FOOTPRINT / GROOVE_LINE_SZ)

/* Of a superblock of szc at bytes from its volume's start. */
static inline uint64_t
sb_id_at(uint64_t szc, uint64_t off)
{
	return szc << SB_ID_SZC_SHIFT | off / GROOVE_LINE_SZ;
}

static inline uint32_t
sb_id(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	return (uint32_t)sb_id_at(szc, block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT);
}

static inline uint64_t
sb_id_szc(uint32_t id)
{
	return id >> SB_ID_SZC_SHIFT;
}

static inline uint64_t
sb_id_block(uint32_t id)
{
	return (id & ((1UL << SB_ID_SZC_SHIFT) - 1)) / SB_ID_BLOCK;
}

/* Header of slot idx of a superblock of szc at a block of the groove. */
static inline groove_data_hdr_t *
slot_hdr(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx)
{
	return (groove_data_hdr_t *)(block_addr(data, block) + groove_data_superblock_first(szc) +
				     idx * groove_data_szc_cfg[szc].obj_footprint);
}

/* Block of the superblock of szc whose slot idx is at an address. */
static inline uint64_t
slot_superblock(const groove_data_t *data, uint64_t szc, const groove_data_hdr_t *hdr, uint64_t idx)
{
	const uint64_t slot = groove_data_superblock_first(szc) + idx * groove_data_szc_cfg[szc].obj_footprint;

	return (addr_off(data, hdr) - slot) / GROOVE_BLOCK_FOOTPRINT;
}

#endif /* GROOVE_GEOMETRY_H */
