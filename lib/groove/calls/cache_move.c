/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache_move.h"

#include <inttypes.h>

#include "hold.h"
#include "intent.h"
#include "log.h"
#include "superblock_return.h"

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
