/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache_cap.h"

#include <rte_common.h>

#include "cache_share.h"
#include "debug_checks.h"

#define CACHE_PACKET_SZ	   2304UL  /* up to this size some packets of slots are usual, */
#define CACHE_PACKET_SLOTS 64UL	   /* so many; */
#define CACHE_LARGE_BYTES  40960UL /* above it so many bytes, */
#define CACHE_LARGE_SLOTS  4UL	   /* unless they are less than this */

#define BURST_CAPS 4U /* calls for each slot of the cap, at most, from one slow step of a burst to the next */

/* Slots of a class that are cached though they come in no bursts: of large ones few, as a single one serves little. */
static uint64_t
cap_usual(uint64_t szc)
{
	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

	return footprint <= CACHE_PACKET_SZ ? CACHE_PACKET_SLOTS
					    : RTE_MAX(CACHE_LARGE_BYTES / footprint, CACHE_LARGE_SLOTS);
}

/* Give a class another cap, no less than the slots on its shelf, which a cap of none or from none finds empty. */
static void
cap_set(groove_data_t *data, uint64_t szc, uint32_t cap)
{
	struct groove_cache *cache = cache_of(data);
	struct cache_class *class = &cache->class[szc];
	struct groove_shelf *shelf = &cache->shelf[szc];
	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;
	const uint32_t cnt = shelf_cnt(data, szc);
	uint64_t *bottom = cap != 0 ? cache->slots[szc].slot : &cache->none[1];

	cache->kept += (uint64_t)cap * footprint - class->cap * footprint;
	class->cap = (uint16_t)cap;
	if (GROOVE_DEBUG_CHECKS)
		quarantine_limit(data, szc, cap / 2);
	shelf->top = bottom + cnt;
	shelf->limit = bottom + shelf_room(data, szc);
}

/* Whether the cap of a class may be so large, more than it is: then the share has room for it from here on. */
static bool
cap_is_allowed(groove_data_t *data, uint64_t szc, uint32_t cap)
{
	struct groove_cache *cache = cache_of(data);
	const uint64_t more = cap - cache->class[szc].cap;
	const uint64_t kept = cache->kept + more * groove_data_szc_cfg[szc].obj_footprint;

	if (kept > cache->most)
		return false;
	if (kept >= cache->share_refused && cache->share_asks > 0) {
		cache->share_asks--;
		return false;
	}
	if (cache_share_take(data, kept))
		return true;
	cache->share_refused = kept;
	cache->share_asks = data->join_max; /* as a look costs as many loads */
	return false;
}

uint32_t
cache_cap_grow(groove_data_t *data, uint64_t szc, bool out)
{
	struct cache_class *class = &cache_of(data)->class[szc];
	const uint64_t calls = cache_calls(data, szc);
	uint32_t cap = class->cap;

	if (cap < class->usual)
		cap = RTE_MIN(RTE_MAX(2 * cap, 1U), class->usual);
	else if (class->out != out && calls - class->step_calls <= (uint64_t)BURST_CAPS * cap)
		cap = RTE_MIN(2 * cap, class->most);
	class->out = out;
	class->step_calls = calls;
	if (cap != class->cap && cap_is_allowed(data, szc, cap))
		cap_set(data, szc, cap);
	return class->cap;
}

void
cache_cap_halve(groove_data_t *data, uint64_t szc)
{
	const uint32_t cap = cache_of(data)->class[szc].cap / 2U;

	if (shelf_cnt(data, szc) > cap_room(cap))
		return;
	cap_set(data, szc, cap);
	cache_share_give(data, cache_of(data)->kept);
}

void
cache_cap_end(groove_data_t *data, uint64_t szc)
{
	cap_set(data, szc, 0);
	cache_share_give(data, cache_of(data)->kept);
}

void
cache_cap_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes)
{
	cache_of(data)->most = join_bytes;
	for (uint64_t szc = 0; szc < CACHE_SZC_CNT; szc++) {
		struct cache_class *class = &cache_of(data)->class[szc];
		const uint64_t fit = szc_bytes / groove_data_szc_cfg[szc].obj_footprint;

		class->most = (uint16_t)RTE_MIN(fit, CACHE_SLOT_MAX);
		class->usual = (uint16_t)RTE_MIN(fit, cap_usual(szc));
	}
}
