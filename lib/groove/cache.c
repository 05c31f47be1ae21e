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
#include "superblock.h"

#define CACHE_PACKET_SZ	  2304UL  /* slots for packets: as many as there is room for, so that bursts come and go */
#define CACHE_LARGE_BYTES 40960UL /* of a class of larger slots, */
#define CACHE_LARGE_SLOTS 4UL	  /* unless it is less than this */
#define SPILL_SUPERBLOCKS 4	  /* that slots go back to in one step: so many atomics, and no more */
#define AGE_STEPS	  8	  /* slow steps from one look at an idle class to the next */

/* ---- limits ---- */

/*
 * Slots of a class that may be cached within a number of bytes. Of large ones a few, as a single slot at hand serves
 * little where allocs and frees come in no order.
 */
static uint32_t
cap_within(uint64_t szc, uint64_t bytes)
{
	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
	const uint64_t usual = footprint <= CACHE_PACKET_SZ ? CACHE_SLOT_MAX
							    : RTE_MAX(CACHE_LARGE_BYTES / footprint, CACHE_LARGE_SLOTS);

	return (uint32_t)RTE_MIN(bytes / footprint, usual);
}

/* Bytes that are cached at most, with a number of bytes for each class. */
static uint64_t
bytes_with(uint64_t szc_bytes)
{
	uint64_t sum = 0;

	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++)
		sum += cap_within(szc, szc_bytes) * (uint64_t)groove_data_szc_cfg[szc].obj_footprint;
	return sum;
}

/* The largest share for each class, some cache lines less than asked for, that keeps all of them within the join's. */
static uint64_t
szc_bytes_within(uint64_t szc_bytes, uint64_t join_bytes)
{
	uint64_t less = 0; /* lines: by halves, as the sum falls with them */
	uint64_t most = (szc_bytes + GROOVE_LINE_SZ - 1) / GROOVE_LINE_SZ;

	while (less < most) {
		const uint64_t half = (less + most) / 2;

		if (bytes_with(szc_bytes - half * GROOVE_LINE_SZ) > join_bytes)
			less = half + 1;
		else
			most = half;
	}
	return szc_bytes > less * GROOVE_LINE_SZ ? szc_bytes - less * GROOVE_LINE_SZ : 0;
}

int
groove_data_cache_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes)
{
	if (!join_check(data, "cache_limit"))
		return GROOVE_ERR_INVAL;
	if (szc_bytes > GROOVE_DATA_CACHE_SZC_BYTES || join_bytes > GROOVE_DATA_CACHE_JOIN_BYTES) {
		GROOVE_LOG(ERR, "cache_limit: %" PRIu64 " bytes a class and %" PRIu64 " a join: at most %lu and %lu\n",
			szc_bytes, join_bytes, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
		return GROOVE_ERR_INVAL;
	}
	groove_data_flush(data);
	szc_bytes = szc_bytes_within(szc_bytes, join_bytes);
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		struct groove_shelf *shelf = &data->shelf[szc];

		shelf->cap = (uint8_t)cap_within(szc, szc_bytes);
		if (GROOVE_DEBUG_CHECKS) {
			quarantine_limit(data, szc, shelf->cap / 2U);
			shelf->cap = (uint8_t)(shelf->cap - shelf->cap / 2U);
		}
		shelf->limit = shelf->top + shelf->cap;
	}
	return GROOVE_SUCCESS;
}

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
	shelf->slot_cnt = szc < GROOVE_DATA_SZC_SLICE ? groove_data_szc_cfg[szc].obj_cnt : 0;
	shelf->footprint = groove_data_szc_cfg[szc].obj_footprint;
	shelf->first = (uint32_t)groove_data_superblock_first(szc);
	shelf->level_off = (uint32_t)addr_off(data, &volume_table(data, 0)[table_idx(data, szc, 0)]);
	shelf->level_id_off = (uint32_t)addr_off(data, &volume_ids(data, 0)[table_idx(data, szc, 0)]);
	shelf->level_shift = (uint8_t)table_shift(data, szc);
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
	groove_data_cache_limit(data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
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

	/* The lowest last, so that they are handed out in order. */
	while (mask != 0) {
		const uint64_t idx = 63UL - (uint64_t)__builtin_clzll(mask);
		groove_data_hdr_t *hdr = slot_hdr(data, szc, block, idx);

		hdr_store(hdr, hdr_cached(szc, idx, data->join_idx));
		cache_push(shelf, hdr, idx);
		mask &= ~(1UL << idx);
	}
}

/* ---- out ---- */

int
cache_put_back(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	/* A forged header may lead to a superblock before its volume. */
	if (!block_in_range(data, block)) {
		GROOVE_LOG_LIMITED(ERR,
			"superblock of class %" PRIu64 " at block %" PRIu64 ": slots to put, out of range\n", szc,
			block);
		return GROOVE_ERR_CORRUPT;
	}

	const struct groove_sb *sb = sb_entry(data, szc, block);

	hold_sb(data, sb);
	move_begin(data, szc, sb, mask, INTENT_OUT);
	for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, szc, block, idx), hdr_free(szc, idx));
	}

	const int err = superblock_put(data, szc, block, mask);

	/* Also those that were refused: they say free, and are nobody's until recovery. */
	move_end(data, szc, -(uint64_t)__builtin_popcountll(mask));
	return err;
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

/* Return all slots that are of the superblock of one of them. Answers how many. */
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

/* ---- for verify ---- */

bool
cache_owner_lives(const groove_data_t *data, uint64_t join_idx)
{
	return join_idx < data->join_max &&
	       record_kind(__atomic_load_n(&data->shdata->record[join_idx].state, __ATOMIC_ACQUIRE)) == RECORD_LIVE;
}
