/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "tree.h"

#include <inttypes.h>

#include "cache.h"
#include "hdr.h"
#include "log.h"

int
tree_damage(const groove_data_t *data, const void *addr, const char *what)
{
	const uint64_t off = addr_off(data, addr);

	GROOVE_LOG(ERR, "volume %" PRIu64 " offset %#" PRIx64 " (%p): %s: %#" PRIx64 "\n", off >> data->volume_shift,
		off & (data->pool.volume_sz - 1), addr, what, *(const uint64_t *)addr);
	return GROOVE_ERR_CORRUPT;
}

static int
check_object(const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t szc, uint64_t bits)
{
	const uint64_t align = hdr_align(bits);

	if (!hdr_object_fits(bits, hdr_obj_off(align), groove_data_szc_cfg[szc].obj_footprint))
		return tree_damage(data, hdr, "object header with an alignment and size that do not fit its slot");
	if (align <= GROOVE_LINE_SZ)
		return GROOVE_SUCCESS;

	const groove_data_hdr_t *redirect = groove_data_near_hdr_const((const uint8_t *)hdr + align);

	if (hdr_type(hdr_load(redirect)) != GROOVE_DATA_HDR_TYPE_REDIRECT)
		return tree_damage(data, redirect, "damaged redirect before an object");
	return GROOVE_SUCCESS;
}

static int tree_superblock(const groove_data_t *data, uint64_t parent, const groove_data_hdr_t *hdr,
	const struct tree_ops *ops, void *arg);

static int
tree_slot(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx, const struct tree_ops *ops, void *arg)
{
	const groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);
	const uint64_t bits = hdr_load(hdr);
	int err = GROOVE_SUCCESS;

	if (hdr_idx(bits) != idx || hdr_szc(bits) != szc)
		return tree_damage(data, hdr, "header of another slot");
	switch (hdr_is_freeing(bits) ? GROOVE_DATA_HDR_TYPE_ALLOC : hdr_type(bits)) {
	case GROOVE_DATA_HDR_TYPE_FREE:
		if (bits != hdr_free(szc, idx))
			return tree_damage(data, hdr, "damaged header of a free slot");
		break;
	case GROOVE_DATA_HDR_TYPE_CACHED:
		if (bits != hdr_cached(szc, idx, hdr_owner(bits)) || szc >= CACHE_SZC_CNT)
			return tree_damage(data, hdr, "damaged header of a cached slot");
		break;
	case GROOVE_DATA_HDR_TYPE_ALLOC:
		if (szc == GROOVE_DATA_SZC_SLICE)
			return tree_damage(data, hdr, "object in a slice");
		err = check_object(data, hdr, szc, bits);
		break;
	case GROOVE_DATA_HDR_TYPE_SUPERBLOCK:
		err = tree_superblock(data, szc, hdr, ops, arg);
		break;
	default:
		return tree_damage(data, hdr, "header of no known type");
	}
	if (err == GROOVE_SUCCESS && ops->slot != NULL)
		err = ops->slot(arg, szc, block, idx, bits);
	return err;
}

static int
tree_superblock(
	const groove_data_t *data, uint64_t parent, const groove_data_hdr_t *hdr, const struct tree_ops *ops, void *arg)
{
	const uint64_t bits = hdr_load(hdr);
	const uint64_t szc = hdr_align(bits);
	const uint64_t block = addr_off(data, hdr) / GROOVE_BLOCK_FOOTPRINT;

	if (!szc_in_use(data, szc) || szc_parent(data, szc) != parent ||
		bits != hdr_superblock(szc, parent, hdr_idx(bits)))
		return tree_damage(data, hdr, "damaged header of a superblock");

	int err = ops->enter != NULL ? ops->enter(arg, szc, block) : GROOVE_SUCCESS;

	for (uint32_t i = 0; err == GROOVE_SUCCESS && i < szc_cnt(data, szc); i++)
		err = tree_slot(data, szc, block, i, ops, arg);
	if (err == GROOVE_SUCCESS && ops->leave != NULL)
		err = ops->leave(arg, szc, block);
	return err;
}

int
tree_walk(const groove_data_t *data, uint64_t volume, const struct tree_ops *ops, void *arg)
{
	const groove_data_hdr_t *root =
		(const groove_data_hdr_t *)(block_addr(data, volume_block(data, volume)) + data->data_off);

	if (hdr_type(hdr_load(root)) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		return tree_damage(data, root, "no superblock at the root of a volume in use");
	return tree_superblock(data, GROOVE_DATA_SZC_VOLUME, root, ops, arg);
}
