/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What dead joins had cached, or in a bulk free: it goes back, superblock by superblock.
 */

#include "cache_move.h"
#include "hdr.h"
#include "hold.h"
#include "recovery.h"
#include "superblock_return.h"

/* Return slots that a dead join cached. */
static void
slots_return(struct recovery *recovery, const struct superblock *found, uint64_t slots)
{
	groove_data_t *data = recovery->data;

	hold_sb(data, found->sb);
	for (uint64_t rest = slots; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, found->szc, found->block, idx), hdr_free(found->szc, idx));
	}
	superblock_put(data, found->szc, found->block, slots);
	recovery->report->slot_cnt += (uint64_t)__builtin_popcountll(slots);
}

void
recover_superblock(struct recovery *recovery, struct superblock *found)
{
	groove_data_t *data = recovery->data;
	const enum sb_place place = sb_word_place(found->word);
	bool lost = place == SB_HELD || place == SB_RETURNING;
	const uint64_t slots = recover_slots_inherited(recovery, found, RECORD_SETTLED, &lost);

	if (slots != 0)
		slots_return(recovery, found, slots);
	if (lost && recover_name_once(recovery, hold_name_entry(entry_number(data, found->sb))) != FINDING_DONE)
		recovery->left = true;
}

void
recover_superblock_own(struct recovery *recovery, struct superblock *found)
{
	groove_data_t *data = recovery->data;
	bool unmarked = false;
	const uint64_t slots = recover_slots_inherited(recovery, found, RECORD_LIVE, &unmarked);

	/* In the midst of a bulk free: it is finished for them. */
	for (uint64_t rest = slots; rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);

		hdr_store(slot_hdr(data, found->szc, found->block, idx), hdr_cached(found->szc, idx, data->join_idx));
	}
	if (slots != 0)
		cache_put_back(data, found->szc, found->block, slots);
}
