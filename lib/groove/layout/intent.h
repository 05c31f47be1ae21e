/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_INTENT_H
#define GROOVE_INTENT_H

/*
 * What a join is about, written down in its record, so that its recoverer knows what it had done and what it had
 * counted when it died. The recoverer reads what was done from headers, which no other join changes:
 *
 *   move   slots go from a superblock to the join (their headers stop saying free), or back (they stop saying cached by
 *          it). slot_cnt follows when all have gone.
 *   birth  the header of a superblock begins or ceases to say that it is one. superblock_cnt follows.
 *   doing  objects with this header, but for the index, are allocated or freed. They are counted after: so for each
 *          class of a join
 *
 *              slots cached = slot_cnt - (objects allocated - objects freed)
 *
 *          holds when it is in no call, where slots that say freeing are cached as well; and what does not fit was done
 *          and not counted. Of these objects those that say freeing have their size in their headers, and all others
 *          have that of doing. It stays when they are counted: with nothing to count it means nothing.
 *
 *     move, birth:  63 |       38     32 | 31  | 30                    0
 *                   valid |    class     | out | number of the entry
 */

#include "counter.h"
#include "hold.h"

#define INTENT_OUT	 (1UL << 31)
#define INTENT_SZC_SHIFT 32
#define INTENT_VALID	 (1UL << 63)

static inline uint64_t
intent_word(const groove_data_t *data, uint64_t szc, const struct groove_sb *sb, uint64_t out)
{
	return INTENT_VALID | szc << INTENT_SZC_SHIFT | out | entry_number(data, sb);
}

static inline uint64_t
intent_szc(uint64_t intent)
{
	return intent >> INTENT_SZC_SHIFT & 127;
}

/* Slots of a superblock that is held are about to move. out: 0, or INTENT_OUT when they go back. */
static inline void
move_begin(groove_data_t *data, uint64_t szc, const struct groove_sb *sb, uint64_t slots, uint64_t out)
{
	struct groove_record *record = data->record;

	__atomic_store_n(&record->move_slots, slots, __ATOMIC_RELAXED);
	__atomic_store_n(&record->move_base, record->slot_cnt[szc], __ATOMIC_RELAXED);
	/* Release: the recoverer sees slots and base with it; here and below the order is that of the program. */
	__atomic_store_n(&record->move, intent_word(data, szc, sb, out), __ATOMIC_RELEASE);
}

/* So many have gone. */
static inline void
move_end(groove_data_t *data, uint64_t szc, uint64_t delta)
{
	groove_count_add(&data->record->slot_cnt[szc], delta);
	__atomic_store_n(&data->record->move, 0, __ATOMIC_RELEASE);
}

/* The header of a superblock that is held is about to change. */
static inline void
birth_begin(groove_data_t *data, uint64_t szc, const struct groove_sb *sb, uint64_t out)
{
	struct groove_record *record = data->record;

	__atomic_store_n(&record->birth_base, record->superblock_cnt[szc], __ATOMIC_RELAXED);
	__atomic_store_n(&record->birth, intent_word(data, szc, sb, out), __ATOMIC_RELEASE);
}

static inline void
birth_end(groove_data_t *data, uint64_t szc, uint64_t delta)
{
	groove_count_add(&data->record->superblock_cnt[szc], delta);
	__atomic_store_n(&data->record->birth, 0, __ATOMIC_RELEASE);
}

#endif /* GROOVE_INTENT_H */
