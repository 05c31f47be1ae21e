/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock_list.h"

#include "heads.h"
#include "hold.h"
#include "news.h"
#include "pool.h"
#include "superblock.h"

void
sb_list_insert(const groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t block)
{
	uint32_t *link = entry_link(data, sb_entry(data, szc, block));
	uint64_t head = __atomic_load_n(list, __ATOMIC_RELAXED);

	do
		__atomic_store_n(link, list_head_first(head), __ATOMIC_RELAXED);
	while (!list_head_swap(list, &head, (uint32_t)block));
	news_came(data, szc);
}

void
sb_list_push(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct sb_step step = {0};

	if (sb_word_update(&sb_entry(data, szc, block)->word, sb_shelve, &step, NULL))
		sb_list_insert(data, szc, list_home(data, szc, block), block);
	else
		sb_corrupt(szc, block, "to be listed, not held");
}

int
sb_list_unshelve(groove_data_t *data, uint64_t szc, uint64_t block)
{
	struct groove_sb *sb = sb_entry(data, szc, block);
	struct sb_step step = {0};

	if (!sb_is(data, sb, szc, block) || !sb_word_update(&sb->word, sb_unshelve, &step, NULL))
		return sb_corrupt(szc, block, "in the list, not listed");
	return GROOVE_SUCCESS;
}

int
sb_list_pop(groove_data_t *data, uint64_t szc, uint64_t *list, uint64_t *block)
{
	uint64_t head = __atomic_load_n(list, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */

	for (;;) {
		const uint64_t first = list_head_first(head);

		if (first == 0)
			return GROOVE_ERR_EMPTY;
		if (!pool_uses_block(data, first)) {
			/* Unless the list has changed meanwhile, and the volume has gone since. */
			const uint64_t now = __atomic_load_n(list, __ATOMIC_ACQUIRE);

			if (now == head)
				return sb_corrupt(szc, first, "in the list, out of the volumes in use");
			head = now;
			continue;
		}

		struct groove_sb *sb = sb_entry(data, szc, first);
		/* Relaxed: if it was popped meanwhile the link may be anything, and the swap fails on the tag. */
		const uint32_t next = __atomic_load_n(entry_link(data, sb), __ATOMIC_RELAXED);

		hold_sb(data, sb);
		if (list_head_swap(list, &head, next)) {
			*block = first;
			if (sb_is(data, sb, szc, first))
				return GROOVE_SUCCESS;
			hold_drop(data);
			return sb_corrupt(szc, first, "in the list, but there is another");
		}
		hold_drop(data);
	}
}
