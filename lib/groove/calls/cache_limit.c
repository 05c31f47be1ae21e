/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* How many slots of each class a join caches, at most. */

#include <inttypes.h>

#include <rte_common.h>

#include "debug_checks.h"
#include "epoch.h"
#include "join_handle.h"
#include "log.h"
#include "shelf.h"

#define CACHE_PACKET_SZ	  2304UL  /* slots for packets: as many as there is room for, so that bursts come and go */
#define CACHE_LARGE_BYTES 40960UL /* of a class of larger slots, */
#define CACHE_LARGE_SLOTS 4UL	  /* unless it is less than this */

/*
 * Slots of a class that may be cached within a number of bytes. Of large ones a few, as a single cached slot serves
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
