/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "hdr.h"
#include "log.h"
#include "superblock.h"

/* ---- limits ---- */

/* Slots of a class that may be cached within a number of bytes. */
static uint32_t
cap_within(uint64_t szc, uint64_t bytes)
{
	const uint64_t fit = bytes / groove_data_szc_cfg[szc].obj_footprint;

	return fit < CACHE_SLOT_MAX ? (uint32_t)fit : CACHE_SLOT_MAX;
}

/* Bytes that magazines and claims hold at most, with a number of bytes for each class. */
static uint64_t
bytes_with(uint64_t szc_bytes)
{
	uint64_t sum = 0;

	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++)
		sum += cap_within(szc, szc_bytes) * (uint64_t)groove_data_szc_cfg[szc].obj_footprint;
	return sum;
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
	/* The largest share for each class that keeps all of them within the join's. */
	while (szc_bytes > 0 && bytes_with(szc_bytes) > join_bytes)
		szc_bytes -= szc_bytes < GROOVE_LINE_SZ ? szc_bytes : GROOVE_LINE_SZ;
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++)
		data->cache->magazine[szc].cap = cap_within(szc, szc_bytes);
	return GROOVE_SUCCESS;
}

int
cache_make(groove_data_t *data)
{
	data->cache = mmap(NULL, sizeof(*data->cache), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data->cache == MAP_FAILED) {
		GROOVE_LOG(ERR, "join: no memory for its cache: %s\n", strerror(errno));
		return -1;
	}
	return groove_data_cache_limit(data, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
}

void
cache_drop(groove_data_t *data)
{
	munmap(data->cache, sizeof(*data->cache));
}

/* ---- claims ---- */

static uint64_t
claim_load(const groove_data_t *data, uint64_t szc)
{
	return __atomic_load_n(&data->record->claim[szc], __ATOMIC_RELAXED);
}

/* Release: whoever recovers sees the header of a slot before it sees that the slot is not claimed any more. */
static void
claim_store(groove_data_t *data, uint64_t szc, uint64_t claim)
{
	__atomic_store_n(&data->record->claim[szc], claim, __ATOMIC_RELEASE);
}

bool
claim_peek(const groove_data_t *data, uint64_t szc, struct cache_slot *slot)
{
	const uint64_t claim = claim_load(data, szc);

	if (claim == 0)
		return false;
	slot->idx = (uint64_t)__builtin_ctzll(claim_mask(claim));
	slot->hdr = slot_hdr(data, szc, claim_block(claim), slot->idx);
	return true;
}

void
claim_done(groove_data_t *data, uint64_t szc, const struct cache_slot *slot)
{
	const uint64_t claim = claim_load(data, szc);
	const uint64_t mask = claim_mask(claim) & ~(1UL << slot->idx);

	claim_store(data, szc, mask != 0 ? claim_pack(claim_block(claim), mask) : 0);
}

void
claim_keep(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	if (mask != 0)
		claim_store(data, szc, claim_pack(block, mask));
}

/* Put slots back and count them. */
static void
slots_put(groove_data_t *data, uint64_t szc, uint64_t block, uint64_t mask)
{
	join_count(&join_counts(data, szc)->slot_cnt, -(uint64_t)__builtin_popcountll(mask));
	superblock_put(data, szc, block, mask);
}

static void
claim_return(groove_data_t *data, uint64_t szc)
{
	const uint64_t claim = claim_load(data, szc);

	if (claim == 0)
		return;
	claim_store(data, szc, 0);
	slots_put(data, szc, claim_block(claim), claim_mask(claim));
}

/* ---- magazines ---- */

static uint64_t
entry_block(const groove_data_t *data, uint64_t szc, uint64_t entry)
{
	const uint64_t slot = groove_data_superblock_first(szc) + (entry & 63) * groove_data_szc_cfg[szc].obj_footprint;

	return (addr_off(data, (void *)(uintptr_t)(entry & ~63UL)) - slot) / GROOVE_BLOCK_FOOTPRINT;
}

/* Mark a cached slot free. It comes into circulation by its bit, later. */
static void
entry_free(uint64_t szc, uint64_t entry)
{
	hdr_store((groove_data_hdr_t *)(uintptr_t)(entry & ~63UL), hdr_free(szc, entry & 63));
}

/* Return the first n slots of an array; those of one superblock in one step. Clears the array as it goes. */
static void
entries_return(groove_data_t *data, uint64_t szc, uint64_t *entries, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (entries[i] == 0)
			continue;

		const uint64_t block = entry_block(data, szc, entries[i]);
		uint64_t mask = 0;

		for (uint32_t k = i; k < n; k++) {
			if (entries[k] == 0 || entry_block(data, szc, entries[k]) != block)
				continue;
			entry_free(szc, entries[k]);
			mask |= 1UL << (entries[k] & 63);
			entries[k] = 0;
		}
		slots_put(data, szc, block, mask);
	}
}

static void
magazine_return(groove_data_t *data, uint64_t szc, uint32_t n)
{
	struct magazine *magazine = &data->cache->magazine[szc];

	entries_return(data, szc, magazine->slot, n);
	magazine->cnt -= n;
	memmove(magazine->slot, magazine->slot + n, magazine->cnt * sizeof(magazine->slot[0]));
}

/* Look at one class: if it was not used since the last look, return what it holds. */
static void
cache_age(groove_data_t *data)
{
	struct groove_cache *cache = data->cache;
	const uint64_t szc = cache->cursor;
	struct magazine *magazine = &cache->magazine[szc];

	cache->cursor = (szc + 1) % CACHE_SZC_CNT;
	if (magazine->used == 0) {
		magazine_return(data, szc, magazine->cnt);
		claim_return(data, szc);
	}
	magazine->used = 0;
}

void
cache_spill(groove_data_t *data, uint64_t szc)
{
	magazine_return(data, szc, (data->cache->magazine[szc].cap + 1) / 2);
	cache_age(data);
}

void
cache_flush(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		magazine_return(data, szc, data->cache->magazine[szc].cnt);
		claim_return(data, szc);
	}
}

/* ---- for verify and recovery ---- */

bool
cache_owner_lives(const groove_data_t *data, const bool *gone, uint64_t join_idx)
{
	return join_idx < data->join_max && (gone == NULL || !gone[join_idx]) &&
	       record_kind(__atomic_load_n(&data->shdata->record[join_idx].state, __ATOMIC_ACQUIRE)) == RECORD_LIVE;
}

bool
cache_claims(const groove_data_t *data, const bool *gone, uint64_t szc, uint64_t block, uint64_t idx)
{
	for (uint64_t i = 0; szc < RECORD_CLAIM_CNT && i < data->join_max; i++) {
		/* Acquire pairs with claim_store(). */
		const uint64_t claim = __atomic_load_n(&data->shdata->record[i].claim[szc], __ATOMIC_ACQUIRE);

		if (claim_block(claim) == block && (claim_mask(claim) >> idx & 1) != 0 &&
			cache_owner_lives(data, gone, i))
			return true;
	}
	return false;
}
