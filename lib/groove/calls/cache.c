/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_common.h>

#include "debug_checks.h"
#include "drain.h"
#include "intent.h"
#include "log.h"
#include "prefetch.h"
#include "shelf.h"
#include "superblock_return.h"

#define SPILL_SUPERBLOCKS 4 /* that slots go back to in one step: so many atomics, and no more */
#define AGE_STEPS	  8 /* slow steps from one look at an idle class to the next */

/* The shelf of any 7 bits of a header: what is no class of objects has no slots. */
static void
shelf_make(const groove_data_t *data, uint64_t szc)
{
	struct groove_cache *cache = cache_of(data);
	struct groove_shelf *shelf = &cache->shelf[szc];

	shelf->top = szc < CACHE_SZC_CNT ? cache->slots[szc].slot : cache->none.slot;
	shelf->limit = shelf->top;
	if (!szc_in_use(data, szc))
		return;
	shelf->count = &data->record->count[szc];
	shelf->footprint = szc < GROOVE_DATA_SZC_SLICE ? groove_data_szc_cfg[szc].obj_footprint : 0;
	shelf->first = (uint32_t)groove_data_superblock_first(szc);
	shelf->level_off = (uint32_t)addr_off(data, &volume_table(data, 0)[table_idx(data, szc, 0)]);
	shelf->level_id_off = (uint32_t)addr_off(data, &volume_ids(data, 0)[table_idx(data, szc, 0)]);
	shelf->level_shift = (uint8_t)table_shift(data, szc);
	shelf->id = sb_id_of_szc(szc);
}

int
cache_map(groove_data_t *data)
{
	void *mem = mmap(NULL, sizeof(struct groove_cache), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED) {
		GROOVE_LOG(ERR, "join: no memory for its cache: %s\n", strerror(errno));
		return -1;
	}
	data->shelf = mem;
	return 0;
}

void
cache_open(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < SHDATA_SZC_PITCH; szc++)
		shelf_make(data, szc);
}

void
cache_drop(groove_data_t *data)
{
	munmap(data->shelf, sizeof(struct groove_cache));
}

/* ---- in ---- */

void
cache_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	struct groove_shelf *shelf = &data->shelf[szc];

	/* The lowest last, so that they are handed out by ascending address. */
	while (mask != 0) {
		const uint64_t idx = 63UL - (uint64_t)__builtin_clzll(mask);
		groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);

		hdr_store(hdr, hdr_cached(szc, idx, data->join_idx));
		cache_push(shelf, hdr, idx);
		mask &= ~(1UL << idx);
	}
}

/* ---- out ---- */

void
cache_put_back(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	/* A forged header may lead to a superblock before its volume. */
	if (!block_in_range(data, block)) {
		GROOVE_LOG_LIMITED(ERR,
			"superblock of class %" PRIu64 " at block %" PRIu64 ": slots to put, out of range\n", szc,
			block);
		return;
	}

	const struct groove_sb *sb = sb_entry(data, szc, block);

	hold_sb(data, sb);
	move_begin(data, szc, sb, mask, INTENT_OUT);
	for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, szc, block, idx), hdr_free(szc, idx));
	}

	superblock_put(data, szc, block, mask);
	/* Also those that were refused: they say free, and are nobody's until recovery. */
	move_end(data, szc, -(uint64_t)__builtin_popcountll(mask));
}

/* Put back what is in the quarantine of a class. */
static void
quarantine_end(groove_data_t *data, uint64_t szc)
{
	for (;;) {
		groove_data_hdr_t *hdr = quarantine_pop(data, szc);

		if (hdr == NULL)
			return;

		const uint64_t idx = hdr_idx(hdr_load(hdr));

		cache_put_back(data, szc, slot_superblock(data, szc, hdr, idx), 1UL << idx);
	}
}

/* Slots of a shelf on their way back: the block of the superblock of each, 0 once it has gone. */
struct spill {
	uint64_t *slot;
	uint32_t cnt;
	uint32_t block[CACHE_SLOT_MAX];
};

static void
spill_open(const groove_data_t *data, uint64_t szc, struct spill *spill)
{
	spill->slot = cache_of(data)->slots[szc].slot;
	spill->cnt = (uint32_t)(data->shelf[szc].top - spill->slot);
	for (uint32_t i = 0; i < spill->cnt; i++) {
		const uint64_t slot = spill->slot[i];

		spill->block[i] = (uint32_t)slot_superblock(data, szc, groove_shelf_hdr(slot), groove_shelf_idx(slot));
	}
}

/* Return all slots that are of the superblock of one of them. Returns how many. */
static uint32_t
spill_superblock(groove_data_t *data, uint64_t szc, struct spill *spill, uint32_t first)
{
	const uint32_t block = spill->block[first];
	uint64_t mask = 0;

	prefetch_write(sb_entry(data, szc, block));
	for (uint32_t i = first; i < spill->cnt; i++) {
		if (spill->block[i] != block)
			continue;
		spill->block[i] = 0;
		mask |= 1UL << groove_shelf_idx(spill->slot[i]);
	}
	cache_put_back(data, szc, block, mask);
	return (uint32_t)__builtin_popcountll(mask);
}

/* Take the slots that have gone back out of the shelf. */
static void
spill_close(groove_data_t *data, uint64_t szc, const struct spill *spill)
{
	uint64_t *kept = spill->slot;

	for (uint32_t i = 0; i < spill->cnt; i++) {
		*kept = spill->slot[i];
		kept += spill->block[i] != 0;
	}
	data->shelf[szc].top = kept;
}

/* Return slots of a class, from the oldest, until so many have gone back, or those of a few superblocks. */
static void
cache_spill(groove_data_t *data, uint64_t szc, uint32_t want)
{
	struct spill spill;
	uint32_t done = 0;
	uint32_t superblocks = 0;

	spill_open(data, szc, &spill);
	for (uint32_t i = 0; i < spill.cnt && done < want && superblocks < SPILL_SUPERBLOCKS; i++) {
		if (spill.block[i] == 0)
			continue;
		done += spill_superblock(data, szc, &spill, i);
		superblocks++;
	}
	spill_close(data, szc, &spill);
}

/* Return what lies in a volume from the shelf of a class. */
static void
shelf_evict(groove_data_t *data, uint64_t szc, uint64_t volume)
{
	struct spill spill;

	spill_open(data, szc, &spill);
	for (uint32_t i = 0; i < spill.cnt; i++)
		if (spill.block[i] != 0 && block_volume(data, spill.block[i]) == volume)
			spill_superblock(data, szc, &spill, i);
	spill_close(data, szc, &spill);
}

void
cache_evict(groove_data_t *data, uint64_t volume)
{
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		if (GROOVE_DEBUG_CHECKS)
			quarantine_end(data, szc); /* of all volumes: it is no matter of speed */
		if (data->shelf[szc].top != cache_of(data)->slots[szc].slot)
			shelf_evict(data, szc, volume);
	}
}

void
cache_make_room(groove_data_t *data, uint64_t szc)
{
	cache_spill(data, szc, (data->shelf[szc].cap + 1U) / 2);
	cache_age(data);
}

void
cache_age(groove_data_t *data)
{
	struct groove_cache *cache = cache_of(data);

	if (++cache->slow_cnt % AGE_STEPS != 0)
		return;

	const uint64_t drain = drain_volume(data);
	const uint64_t szc = cache->cursor;
	struct groove_shelf *shelf = &cache->shelf[szc];
	const uint64_t calls = shelf->count->allocs + shelf->count->frees;

	cache->cursor = (uint32_t)(szc + 1) % CACHE_SZC_CNT;
	if (drain != 0)
		cache_evict(data, drain - 1);
	if (calls == shelf->seen) {
		cache_spill(data, szc, CACHE_SLOT_MAX);
		if (GROOVE_DEBUG_CHECKS)
			quarantine_end(data, szc);
	}
	shelf->seen = calls;
}

void
cache_flush(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		while (data->shelf[szc].top != cache_of(data)->slots[szc].slot)
			cache_spill(data, szc, CACHE_SLOT_MAX);
		if (GROOVE_DEBUG_CHECKS)
			quarantine_end(data, szc);
	}
}
