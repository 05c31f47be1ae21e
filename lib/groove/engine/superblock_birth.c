/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_birth.h"

#include "debug_checks.h"
#include "hdr.h"
#include "hold.h"
#include "intent.h"
#include "superblock.h"

int
superblock_make(groove_data_t *data, uint64_t szc, const struct memory *memory)
{
	const uint64_t held = data->hold_cnt - 1;
	const uint64_t block = memory->block;
	struct groove_sb *sb = sb_entry(data, szc, block);
	struct sb_step step = {.cnt = szc_slot_cnt(data, szc, memory->host)};

	if (GROOVE_DEBUG_CHECKS)
		debug_birth(data, szc, block, memory->host == GROOVE_DATA_SZC_VOLUME, step.cnt);
	/* Headers at birth, so that nothing an earlier user wrote passes for one. */
	for (uint32_t i = 0; i < step.cnt; i++)
		hdr_store(slot_hdr(data, szc, block, i), hdr_free(szc, i));
	/* Release pairs with sb_cnt(): a join with a stale slot, list head or header may read it any time, and then
	 * sees as well that what was here before has gone. */
	__atomic_store_n(entry_id(data, sb), sb_id(data, szc, block, step.cnt), __ATOMIC_RELEASE);
	hold_sb(data, sb);
	if (!sb_word_update(&sb->word, sb_birth, &step, NULL)) {
		hold_drop_to(data, held);
		return sb_corrupt(szc, block, "to be born, there already");
	}
	birth_begin(data, szc, sb, 0);
	hdr_store((groove_data_hdr_t *)block_addr(data, block), hdr_superblock(szc, memory->host, memory->idx));
	birth_end(data, szc, 1);
	hold_keep_last(data, held);
	return GROOVE_SUCCESS;
}
