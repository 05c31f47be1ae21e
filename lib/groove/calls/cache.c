/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cache_cap.h"
#include "cache_move.h"
#include "cache_share.h"
#include "cache_spill.h"
#include "debug_checks.h"
#include "drain.h"
#include "log.h"

#define EVICT_PART 8U /* at one look of so many what lies in a volume that is being drained goes back */

/* The shelf of any 7 bits of a header: what is no class of objects has no slots. */
static void
shelf_make(const groove_data_t *data, uint64_t szc)
{
	struct groove_cache *cache = cache_of(data);
	struct groove_shelf *shelf = &cache->shelf[szc];

	shelf->top = &cache->none[1];
	shelf->limit = shelf->top;
	if (!szc_in_use(data, szc))
		return;
	shelf->count = data->record != NULL ? &data->record->count[szc] : NULL;
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
cache_make(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < SHDATA_SZC_PITCH; szc++)
		shelf_make(data, szc);
}

void
cache_open(groove_data_t *data)
{
	cache_make(data);
	cache_share_give(data, 0); /* of a join that had the record before, and died */
}

void
cache_drop(groove_data_t *data)
{
	munmap(data->shelf, sizeof(struct groove_cache));
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

void
cache_evict(groove_data_t *data, uint64_t volume)
{
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		if (GROOVE_DEBUG_CHECKS)
			quarantine_end(data, szc); /* of all volumes: it is no matter of speed */
		if (shelf_cnt(data, szc) != 0)
			cache_spill_volume(data, szc, volume);
	}
}

/* A class is idle: return some of what it caches. Returns whether that was all. */
static bool
class_retire(groove_data_t *data, uint64_t szc)
{
	if (cache_of(data)->class[szc].cap == 0)
		return true;
	cache_spill(data, szc, CACHE_SLOT_MAX);
	if (GROOVE_DEBUG_CHECKS)
		quarantine_end(data, szc);
	if (shelf_cnt(data, szc) != 0)
		return false;
	cache_cap_end(data, szc);
	return true;
}

/* The join has more than its share: a class that is in use gives half of its cap back. */
static void
class_lower(groove_data_t *data, uint64_t szc)
{
	const uint32_t room = cap_room(cache_of(data)->class[szc].cap / 2U);

	if (cache_of(data)->class[szc].cap == 0)
		return;
	if (shelf_cnt(data, szc) > room)
		cache_spill(data, szc, shelf_cnt(data, szc) - room);
	if (GROOVE_DEBUG_CHECKS)
		quarantine_end(data, szc);
	cache_cap_halve(data, szc);
}

/* Now and then a look at one class, and at the next one when there is no more to do here. */
static void
cache_age(groove_data_t *data)
{
	struct groove_cache *cache = cache_of(data);
	const uint64_t szc = cache->cursor;
	const uint64_t drain = drain_volume(data);

	if (++cache->moved < CACHE_AGE_SLOTS)
		return;
	cache->moved = 0;
	if (drain != 0 && szc % EVICT_PART == 0)
		cache_evict(data, drain - 1);

	const uint64_t calls = cache_calls(data, szc);

	if (szc == 0)
		cache->over = cache_share_is_over(data);
	if (cache->over)
		class_lower(data, szc);
	if (calls != cache->class[szc].seen || class_retire(data, szc))
		cache->cursor = (uint32_t)(szc + 1) % CACHE_SZC_CNT;
	cache->class[szc].seen = calls;
}

uint32_t
cache_refill_cap(groove_data_t *data, uint64_t szc)
{
	cache_age(data);
	return cache_cap_grow(data, szc, false);
}

bool
cache_make_room(groove_data_t *data, uint64_t szc)
{
	uint32_t cap;

	if (szc >= CACHE_SZC_CNT)
		return false;
	cache_age(data);
	cap = cache_cap_grow(data, szc, true);
	if (cap != 0 && shelf_cnt(data, szc) == shelf_room(data, szc))
		cache_of(data)->moved += cache_spill(data, szc, (shelf_room(data, szc) + 1) / 2);
	return cap != 0;
}

void
cache_flush_szc(groove_data_t *data, uint64_t szc)
{
	while (!class_retire(data, szc))
		;
}

void
cache_flush(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++)
		cache_flush_szc(data, szc);
}
