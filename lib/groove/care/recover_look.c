/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Superblocks and the headers of their slots, read while others change them.
 */

#include "epoch.h"
#include "hdr.h"
#include "pool.h"
#include "recovery.h"

bool
recover_volume_in_use(const groove_data_t *data, uint64_t volume)
{
	return volume < data->pool.volume_max && volume_state_kind(pool_state(&data->pool, volume)) == VOLUME_USED;
}

bool
recover_read_id(const groove_data_t *data, uint32_t id, struct superblock *found)
{
	found->szc = sb_id_szc(id);
	found->block = sb_id_block(data, found->sb, id);
	found->cnt = sb_id_cnt(id);
	return superblock_can_be(data, found->szc, found->block, found->cnt) &&
	       sb_entry(data, found->szc, found->block) == found->sb;
}

bool
recover_read(const groove_data_t *data, struct groove_sb *sb, struct superblock *found)
{
	/* Acquire pairs with sb_word_update(): the id was stored before the word said that there is one. */
	found->sb = sb;
	found->word = __atomic_load_n(&sb->word, __ATOMIC_ACQUIRE);
	if (sb_word_place(found->word) == SB_NONE || sb_word_place(found->word) >= SB_PLACE_CNT)
		return false;

	const uint32_t id = __atomic_load_n(entry_id(data, sb), __ATOMIC_RELAXED);

	return recover_read_id(data, id, found);
}

uint64_t
recover_slots_out(const struct superblock *found)
{
	if (sb_word_place(found->word) < SB_FULL)
		return 0;
	return sb_all_free(found->cnt) & ~sb_word_free(found->word);
}

/*
 * Read the header of a slot that may cease to be one at any time, and become memory of a user: what it says is only
 * used if it was one, so ThreadSanitizer need not know of it.
 */
__attribute__((__no_sanitize__("thread"))) uint64_t
recover_peek(struct recovery *recovery, const struct superblock *found, uint64_t idx)
{
	recovery->report->header_cnt++;
	return __atomic_load_n(
		&slot_hdr(recovery->data, found->szc, found->block, idx)->bits, __ATOMIC_ACQUIRE); /* hdr_store() */
}

uint64_t
recover_header_owner(const groove_data_t *data, const struct superblock *found, uint64_t idx, uint64_t bits)
{
	if (hdr_is_freeing(bits) && hdr_szc(bits) == found->szc && hdr_idx(bits) == idx)
		return hdr_freer(bits);
	if (bits == hdr_cached(found->szc, idx, hdr_owner(bits)))
		return hdr_owner(bits);
	return data->join_max;
}

/*
 * Slots of a superblock whose headers say that a dead join has them, whose recoverer this one is, with a record of a
 * kind. unmarked: set when there are also some that say free.
 */
static uint64_t
slots_peek(struct recovery *recovery, const struct superblock *found, enum record_kind kind, bool *unmarked)
{
	const groove_data_t *data = recovery->data;
	uint64_t slots = 0;

	for (uint64_t rest = recover_slots_out(found); rest != 0; rest &= rest - 1) {
		const uint64_t idx = (uint64_t)__builtin_ctzll(rest);
		const uint64_t bits = recover_peek(recovery, found, idx);
		const uint64_t owner = recover_header_owner(data, found, idx, bits);

		*unmarked |= bits == hdr_free(found->szc, idx);
		if (recover_is_mine(recovery, owner, kind))
			slots |= 1UL << idx;
	}
	return slots;
}

/*
 * The same, surely: if the word changed meanwhile the superblock may have gone, and what was read be a user's bytes, in
 * which anything may be. Then once more, with what is there now. What is found stays until the recoverer ends it.
 */
uint64_t
recover_slots_inherited(struct recovery *recovery, struct superblock *found, enum record_kind kind, bool *unmarked)
{
	const groove_data_t *data = recovery->data;

	for (;;) {
		const uint64_t slots = slots_peek(recovery, found, kind, unmarked);

		if (slots == 0 || superblock_unchanged(found))
			return slots;
		if (!recover_read(data, found->sb, found))
			return 0;
	}
}

/* Do something with each superblock of a volume. */
static void
volume_each(struct recovery *recovery, uint64_t volume, void (*fn)(struct recovery *recovery, struct superblock *found))
{
	groove_data_t *data = recovery->data;

	epoch_enter(data);

	const uint64_t cnt = recover_volume_in_use(data, volume) ? table_cnt(data->volume_shift) : 0;
	struct groove_sb *table = volume_table(data, volume);

	for (uint64_t i = 0; i < cnt; i++) {
		struct superblock found;

		/* Relaxed: most are of no superblock. */
		if (sb_word_place(__atomic_load_n(&table[i].word, __ATOMIC_RELAXED)) != SB_NONE &&
			recover_read(data, &table[i], &found))
			fn(recovery, &found);
	}
	epoch_leave(data);
}

void
recover_each(struct recovery *recovery, void (*fn)(struct recovery *recovery, struct superblock *found))
{
	for (uint64_t i = 0; i < recovery->data->pool.volume_max; i++)
		volume_each(recovery, i, fn);
}
