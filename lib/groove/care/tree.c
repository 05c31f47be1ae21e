/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "tree.h"

#include <inttypes.h>

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

/* What is wrong with the word of a live object, or one that is being freed, in a slot of a class; NULL: nothing. */
static const char *
object_problem(uint64_t szc, uint64_t bits)
{
	if (szc == GROOVE_DATA_SZC_SLICE)
		return "object in a slice";
	if (!hdr_object_fits(bits, hdr_obj_off(bits), groove_data_szc_cfg[szc].obj_footprint))
		return "object header with an alignment and size that do not fit its slot";
	return NULL;
}

/* Whether a word is that of an object, live or being freed. */
static bool
is_object(uint64_t bits)
{
	return hdr_type(bits) == GROOVE_DATA_HDR_TYPE_ALLOC || hdr_is_freeing(bits);
}

bool
tree_is_superblock(const groove_data_t *data, uint64_t host, uint64_t bits)
{
	const uint64_t szc = hdr_align(bits);

	return szc_in_use(data, szc) && szc_may_lie_in(data, szc, host) &&
	       bits == hdr_superblock(szc, host, hdr_idx(bits));
}

const char *
tree_word_problem(const groove_data_t *data, uint64_t szc, uint64_t idx, uint64_t bits)
{
	if (hdr_idx(bits) != idx || hdr_szc(bits) != szc)
		return "header of another slot";
	switch (is_object(bits) ? GROOVE_DATA_HDR_TYPE_ALLOC : hdr_type(bits)) {
	case GROOVE_DATA_HDR_TYPE_FREE:
		return bits != hdr_free(szc, idx) ? "damaged header of a free slot" : NULL;
	case GROOVE_DATA_HDR_TYPE_CACHED:
		/* Of a class that is not cached only for as long as a free lasts. */
		return bits != hdr_cached(szc, idx, hdr_owner(bits)) ? "damaged header of a cached slot" : NULL;
	case GROOVE_DATA_HDR_TYPE_ALLOC:
		return object_problem(szc, bits);
	case GROOVE_DATA_HDR_TYPE_SUPERBLOCK:
		return tree_is_superblock(data, szc, bits) ? NULL : "damaged header of a superblock";
	default:
		return "header of no known type";
	}
}

const char *
tree_slot_problem(const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t szc, uint64_t idx, uint64_t bits)
{
	const char *problem = tree_word_problem(data, szc, idx, bits);
	const groove_data_hdr_t *redirect;

	if (problem != NULL || !is_object(bits) || hdr_align(bits) <= GROOVE_LINE_SZ)
		return problem;
	redirect = groove_data_near_hdr_const((const uint8_t *)hdr + hdr_obj_off(bits));
	if (hdr_type(hdr_load(redirect)) != GROOVE_DATA_HDR_TYPE_REDIRECT ||
		groove_data_redirect_hdr_const(redirect) != hdr)
		return "damaged redirect before an object";
	return NULL;
}

static int tree_superblock(
	const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t bits, const struct tree_ops *ops, void *arg);

static int
tree_slot(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t idx, const struct tree_ops *ops, void *arg)
{
	const groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);
	const uint64_t bits = hdr_load(hdr);
	const char *problem = tree_slot_problem(data, hdr, szc, idx, bits);
	int err = GROOVE_SUCCESS;

	if (problem != NULL)
		return ops->damaged != NULL ? ops->damaged(arg, szc, block, idx) : tree_damage(data, hdr, problem);
	if (hdr_type(bits) == GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		err = tree_superblock(data, hdr, bits, ops, arg);
	if (err == GROOVE_SUCCESS && ops->slot != NULL)
		err = ops->slot(arg, szc, block, idx, bits);
	return err;
}

/* hdr: of a superblock, bits: its word, which was checked. */
static int
tree_superblock(
	const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t bits, const struct tree_ops *ops, void *arg)
{
	const uint64_t szc = hdr_align(bits);
	const uint64_t block = addr_off(data, hdr) / GROOVE_BLOCK_FOOTPRINT;
	const uint32_t cnt = szc_slot_cnt(data, szc, hdr_szc(bits));
	int err = ops->enter != NULL ? ops->enter(arg, szc, block, cnt) : GROOVE_SUCCESS;

	for (uint32_t i = 0; err == GROOVE_SUCCESS && i < cnt; i++)
		err = tree_slot(data, szc, block, i, ops, arg);
	if (err == GROOVE_SUCCESS && ops->leave != NULL)
		err = ops->leave(arg, szc, block, cnt);
	return err;
}

const groove_data_hdr_t *
tree_root(const groove_data_t *data, uint64_t volume)
{
	return (const groove_data_hdr_t *)(block_addr(data, volume_block(data, volume)) + data->data_off);
}

int
tree_walk(const groove_data_t *data, uint64_t volume, const struct tree_ops *ops, void *arg)
{
	const groove_data_hdr_t *root = tree_root(data, volume);
	const uint64_t bits = hdr_load(root);

	if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_SUPERBLOCK)
		return tree_damage(data, root, "no superblock at the root of a volume in use");
	if (!tree_is_superblock(data, GROOVE_DATA_SZC_VOLUME, bits))
		return tree_damage(data, root, "damaged header of a superblock");
	return tree_superblock(data, root, bits, ops, arg);
}
