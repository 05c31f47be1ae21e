/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_slot.h"

#include "hold.h"
#include "list.h"
#include "news.h"
#include "superblock.h"
#include "superblock_return.h"

int
sb_slot_withdraw(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head, bool *held)
{
	const uint64_t block = list_head_first(head);

	*held = false;
	if (!list_head_swap(slot, &head, 0))
		return GROOVE_SUCCESS;

	/* Now its id is steady. */
	struct sb_step step = sb_step(data, szc, block);

	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_withdraw, &step, NULL))
		return sb_corrupt(szc, block, "in an active slot, not active");
	*held = sb_word_place(step.word) == SB_HELD;
	return GROOVE_SUCCESS;
}

void
sb_slot_insert(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block)
{
	struct sb_step step = sb_step(data, szc, block);
	uint64_t head = __atomic_load_n(slot, __ATOMIC_RELAXED);

	if (list_head_first(head) == 0 && list_head_swap(slot, &head, (uint32_t)block)) {
		news_came(data, szc);
		return;
	}
	/* Another was faster: back to held. Full, if a join that came too late claimed the last slot meanwhile. */
	if (!sb_word_update(&sb_entry(data, szc, block)->word, sb_withdraw, &step, NULL))
		sb_corrupt(szc, block, "to be active, is not");
	else if (sb_word_place(step.word) == SB_HELD)
		superblock_settle(data, szc, block);
}

void
sb_slot_install(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t block)
{
	struct sb_step step = {0};

	if (list_head_first(__atomic_load_n(slot, __ATOMIC_RELAXED)) != 0)
		superblock_settle(data, szc, block);
	else if (sb_word_update(&sb_entry(data, szc, block)->word, sb_install, &step, NULL))
		sb_slot_insert(data, szc, slot, block);
	else
		sb_corrupt(szc, block, "to be active, not held");
}

int
sb_slot_clear(groove_data_t *data, uint64_t szc, uint64_t *slot, uint64_t head)
{
	const uint64_t block = list_head_first(head);
	bool held;
	int err;

	hold_sb(data, sb_entry(data, szc, block));
	err = sb_slot_withdraw(data, szc, slot, head, &held);
	if (held)
		superblock_settle(data, szc, block);
	hold_drop(data);
	return err;
}
