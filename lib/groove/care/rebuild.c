/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Rebuild: a groove from what verifies in memory of which any page may be of another time than the next.
 *
 * The tree of headers of each volume is walked from the root down. A header counts when all that it says fits its
 * place; what is below one that does not is out of the tree. So whatever the memory holds, the objects in the tree lie
 * in slots that do not overlap, and these are kept: of two objects that claim the same bytes the one is kept that the
 * tree leads to, which is the larger one where they nest. Everything else is made anew.
 *
 * What looks like the header of a live object and is not in the tree is reported. To find those, each cache line that
 * holds no header of the tree is read once: so the time is bounded by the memory, whatever is in it. The order is that
 * of addresses.
 */

#include <groove_data.h>

#include <inttypes.h>
#include <string.h>

#include "counter.h"
#include "debug_checks.h"
#include "hdr.h"
#include "join_handle.h"
#include "list.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"
#include "stats.h"
#include "tree.h"

struct rebuild {
	groove_data_t data; /* a view: no record, no cache */
	groove_data_lost_fn lost;
	void *arg;
	uint64_t read;	     /* bytes from volume 0 up to which each line was looked at */
	uint64_t volume;     /* which is being rebuilt */
	uint64_t volume_cnt; /* in the groove */
	struct szc_sum found[GROOVE_DATA_SZC_CNT];
};

/* ---- what is lost ---- */

/* Whether a word is that of a live object: wherever its superblock is said to be, one can be. */
static bool
is_object(const groove_data_t *data, const groove_data_hdr_t *hdr, uint64_t bits)
{
	const uint64_t szc = hdr_szc(bits);
	const uint64_t idx = hdr_idx(bits);

	if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_ALLOC || szc >= GROOVE_DATA_SZC_SLICE || idx >= SB_SLOT_MAX)
		return false;

	const uint64_t slot = slot_off(szc, idx);
	const uint64_t off = addr_off(data, hdr) & (data->pool.volume_sz - 1);

	return off >= data->data_off + slot && (off - slot) % GROOVE_BLOCK_FOOTPRINT == 0 &&
	       off + groove_data_szc_cfg[szc].obj_footprint <= data->pool.volume_sz &&
	       tree_slot_problem(data, hdr, szc, idx, bits) == NULL;
}

static void
report(const struct rebuild *rebuild, const groove_data_hdr_t *hdr, uint64_t bits, enum groove_data_lost_why why)
{
	const groove_data_lost_t lost = {
		.volume = rebuild->volume,
		.off = addr_off(&rebuild->data, hdr) & (rebuild->data.pool.volume_sz - 1),
		.szc = hdr_szc(bits),
		.align = groove_data_hdr_asked_align((groove_data_hdr_t){.bits = bits}),
		.sz = groove_data_hdr_asked_sz((groove_data_hdr_t){.bits = bits}),
		.tag = hdr->info,
		.why = why,
	};

	if (rebuild->lost != NULL)
		rebuild->lost(rebuild->arg, &lost);
}

/*
 * Look at the lines up to an address that are no headers of the tree. Of what is reported nothing is left in memory
 * that is free, so that it is reported once; bytes of objects that are kept stay as they are.
 */
static void
read_to(struct rebuild *rebuild, uint64_t off, enum groove_data_lost_why why)
{
	for (; rebuild->read < off; rebuild->read += GROOVE_LINE_SZ) {
		groove_data_hdr_t *hdr = (groove_data_hdr_t *)((uint8_t *)rebuild->data.pool.volume0 + rebuild->read);
		const uint64_t bits = hdr_load(hdr);

		if (!is_object(&rebuild->data, hdr, bits))
			continue;
		report(rebuild, hdr, bits, why);
		if (why == GROOVE_DATA_LOST_UNREACHABLE)
			hdr_store(hdr, 0);
	}
}

/* ---- the tree ---- */

static void
slot_free(groove_data_hdr_t *hdr, uint64_t szc, uint64_t idx)
{
	const uint64_t bits = hdr_free(szc, idx);

	hdr_store(hdr, bits);
	if (GROOVE_DEBUG_CHECKS)
		debug_rebuilt(hdr, bits);
}

static void
slot_clear(struct rebuild *rebuild, uint64_t szc, uint64_t block, uint64_t idx)
{
	slot_free(slot_hdr(&rebuild->data, szc, block, idx), szc, idx);
}

/* What was cached, or on its way to be free, is free: no join is left that has it. */
static int
rebuild_slot(void *arg, uint64_t szc, uint64_t block, uint64_t idx, uint64_t bits)
{
	struct rebuild *rebuild = arg;
	const uint64_t type = hdr_type(bits);
	groove_data_hdr_t *hdr = slot_hdr(&rebuild->data, szc, block, idx);
	const uint64_t off = addr_off(&rebuild->data, hdr);

	if (type == GROOVE_DATA_HDR_TYPE_CACHED || type == GROOVE_DATA_HDR_TYPE_FREE || hdr_is_freeing(bits))
		slot_clear(rebuild, szc, block, idx);
	if (type != GROOVE_DATA_HDR_TYPE_ALLOC)
		return GROOVE_SUCCESS;
	read_to(rebuild, off, GROOVE_DATA_LOST_UNREACHABLE);
	rebuild->read = off + GROOVE_LINE_SZ;
	read_to(rebuild, off + groove_data_szc_cfg[szc].obj_footprint, GROOVE_DATA_LOST_OVERLAPPED);
	if (GROOVE_DEBUG_CHECKS)
		debug_rebuilt(hdr, bits);
	rebuild->found[szc].alloc_cnt++;
	rebuild->found[szc].req_bytes += hdr_sz(bits);
	return GROOVE_SUCCESS;
}

/* A slot with an impossible header: it may be that of an object in a superblock that is not there any more. */
static int
rebuild_damaged(void *arg, uint64_t szc, uint64_t block, uint64_t idx)
{
	struct rebuild *rebuild = arg;

	read_to(rebuild, addr_off(&rebuild->data, slot_hdr(&rebuild->data, szc, block, idx)) + GROOVE_LINE_SZ,
		GROOVE_DATA_LOST_UNREACHABLE);
	slot_clear(rebuild, szc, block, idx);
	return GROOVE_SUCCESS;
}

/* Slots of a superblock that are free; its other slots are objects and superblocks by now. */
static uint64_t
slots_free(struct rebuild *rebuild, uint64_t szc, uint64_t block, uint32_t cnt)
{
	const groove_data_t *data = &rebuild->data;
	uint64_t free = 0;

	for (uint32_t i = 0; i < cnt; i++) {
		const uint64_t type = hdr_type(hdr_load(slot_hdr(data, szc, block, i)));

		if (type == GROOVE_DATA_HDR_TYPE_FREE)
			free |= 1UL << i;
		rebuild->found[szc].slot_cnt += type == GROOVE_DATA_HDR_TYPE_ALLOC;
	}
	return free;
}

/* All slots are settled: give the superblock its word and place, or its memory back if it is empty. */
static int
rebuild_leave(void *arg, uint64_t szc, uint64_t block, uint32_t cnt)
{
	struct rebuild *rebuild = arg;
	const groove_data_t *data = &rebuild->data;
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)block_addr(data, block);
	const uint64_t off = block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT;
	struct groove_sb *sb = &volume_table(data, rebuild->volume)[table_idx(data, szc, off)];
	uint64_t *list = &data->shdata->list[0][szc];
	const uint64_t free = slots_free(rebuild, szc, block, cnt);

	if (free == sb_all_free(cnt)) {
		const uint64_t bits = hdr_load(hdr);

		slot_free(hdr, hdr_szc(bits), hdr_idx(bits));
		return GROOVE_SUCCESS;
	}
	rebuild->found[szc].superblock_cnt++;
	*entry_id(data, sb) = sb_id(data, szc, block, cnt);
	sb->word = sb_word_next(0, free != 0 ? SB_LISTED : SB_FULL, free);
	*entry_link(data, sb) = 0;
	if (free != 0) {
		*entry_link(data, sb) = list_head_first(*list);
		*list = list_head_next(*list, (uint32_t)block);
	}
	return GROOVE_SUCCESS;
}

/* ---- volumes ---- */

/* Whether the groove owned it, by its header. */
static bool
volume_is_ours(const groove_data_t *data, const groove_volume_t *volume, uint64_t idx)
{
	return volume->magic == GROOVE_VOLUME_MAGIC && volume->idx == idx && volume->sz == data->pool.volume_sz;
}

static void
volume_head(const groove_data_t *data, groove_volume_t *volume, uint64_t idx)
{
	if (!volume_is_ours(data, volume, idx) || volume->info_sz > GROOVE_VOLUME_INFO_MAX)
		volume->info_sz = 0;
	volume->magic = GROOVE_VOLUME_MAGIC;
	volume->idx = idx;
	volume->sz = data->pool.volume_sz;
}

static void
rebuild_volume(struct rebuild *rebuild, uint64_t idx)
{
	static const struct tree_ops ops = {.slot = rebuild_slot, .leave = rebuild_leave, .damaged = rebuild_damaged};
	const groove_data_t *data = &rebuild->data;
	groove_volume_t *volume = pool_volume(&data->pool, idx);
	groove_data_hdr_t *root = (groove_data_hdr_t *)(uintptr_t)tree_root(data, idx);
	enum volume_kind kind = volume_is_ours(data, volume, idx) ? VOLUME_EMPTY : VOLUME_OUT;

	rebuild->volume = idx;
	rebuild->read = addr_off(data, root);
	memset(volume_table(data, idx), 0, table_cnt(data->volume_shift) * TABLE_ENTRY_SZ);
	if (tree_is_superblock(data, GROOVE_DATA_SZC_VOLUME, hdr_load(root)))
		tree_walk(data, idx, &ops, rebuild);
	read_to(rebuild, (idx + 1) << data->volume_shift, GROOVE_DATA_LOST_UNREACHABLE);
	if (tree_is_superblock(data, GROOVE_DATA_SZC_VOLUME, hdr_load(root)))
		kind = VOLUME_USED;
	else
		hdr_store(root, 0);
	if (kind != VOLUME_OUT) {
		volume_head(data, volume, idx);
		rebuild->volume_cnt++;
	}
	pool_shared(&data->pool)->slot[idx].state = volume_state_next(0, kind, 0);
}

/* From the highest, so that the lowest is popped first. */
static void
rebuild_pool(const struct rebuild *rebuild)
{
	const groove_volume_pool_t *pool = &rebuild->data.pool;

	for (uint64_t i = pool->volume_max; i-- > 0;)
		if (volume_state_kind(pool_state(pool, i)) == VOLUME_EMPTY)
			pool_push(pool, i);
	pool_shared(pool)->volume_cnt = rebuild->volume_cnt;
}

/* In the first record, as if its join had allocated all there is. */
static void
rebuild_counters(const struct rebuild *rebuild)
{
	struct groove_record *record = &rebuild->data.shdata->record[0];

	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum *found = &rebuild->found[szc];

		counter_set(
			record, szc, GROOVE_COUNT_ALLOC, (struct counter_total){found->alloc_cnt, found->req_bytes});
		record->slot_cnt[szc] = found->slot_cnt;
		record->superblock_cnt[szc] = found->superblock_cnt;
	}
}

int
groove_data_rebuild(void *shdata, const groove_data_cfg_t *cfg, void *volume0, groove_data_volume_fn has_memory,
	groove_data_lost_fn lost, void *arg)
{
	struct rebuild rebuild = {.lost = lost, .arg = arg};

	if (!join_view(&rebuild.data, shdata, cfg, volume0, "rebuild"))
		return GROOVE_ERR_INVAL;
	groove_data_new_cfg(shdata, cfg);
	for (uint64_t i = 0; i < rebuild.data.pool.volume_max; i++)
		if (has_memory == NULL || has_memory(arg, i) != 0)
			rebuild_volume(&rebuild, i);
	rebuild_pool(&rebuild);
	rebuild_counters(&rebuild);
	return GROOVE_SUCCESS;
}
