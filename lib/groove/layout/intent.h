/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_INTENT_H
#define GROOVE_INTENT_H

/*
 * What a join is about to count, written down in its record, so that its recoverer knows what it had done and what it
 * had counted when it died. The recoverer reads what was done from headers, which no other join changes:
 *
 *   move   slots go from a superblock to the join (their headers stop saying free), or back (they stop saying cached by
 *          it). slot_cnt follows when all have gone.
 *   birth  the header of a superblock begins or ceases to say that it is one. superblock_cnt follows.
 *   call   objects are allocated or freed. They are counted before: so the header of a slot that was counted and not
 *          made an object still says cached. For each class of a join
 *
 *              slots cached = slot_cnt - (objects allocated - objects freed)
 *
 *          holds when it is in no call, and what is missing was counted too early. The size of the objects,
 *          and whether their bytes were counted, is in call; for one object of up to 64 KiB, which is what the short
 *          ways of alloc and free handle, it is in the low 16 bits of the count itself (struct groove_count).
 *
 *     move, birth:  63 |       38     32 | 31  | 30                    0
 *                   valid |    class     | out | number of the entry
 *     call:         63        39 38    32 31   8 7     1 0
 *                   | req_bytes | objects | size | class | valid |
 */

#include "hold.h"

#define INTENT_OUT	 (1UL << 31)
#define INTENT_SZC_SHIFT 32
#define INTENT_VALID	 (1UL << 63)
#define CALL_REQ_SHIFT	 39
#define CALL_OBJ_MAX	 64UL /* objects of a call, at most */
#define CALL_REQ_MASK	 ((1UL << (64 - CALL_REQ_SHIFT)) - 1)
_Static_assert(GROOVE_VOLUME_FOOTPRINT_MIN <= CALL_REQ_MASK + 1, "bytes of all slots of a superblock");

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
	__atomic_store_n(&record->move_base, record->count[szc].slot_cnt, __ATOMIC_RELAXED);
	/* Release: the recoverer sees slots and base with it; here and below the order is that of the program. */
	__atomic_store_n(&record->move, intent_word(data, szc, sb, out), __ATOMIC_RELEASE);
}

/* So many have gone. */
static inline void
move_end(groove_data_t *data, uint64_t szc, uint64_t delta)
{
	groove_count_add(&data->record->count[szc].slot_cnt, delta);
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

/* Objects of one size are about to be counted. req: of their class before. */
static inline void
call_begin(groove_data_t *data, uint64_t szc, uint64_t sz, uint64_t n, uint64_t req)
{
	/* Relaxed: the count, stored next with release, comes after it. */
	__atomic_store_n(
		&data->record->call, req << CALL_REQ_SHIFT | n << 32 | sz << 8 | szc << 1 | 1, __ATOMIC_RELAXED);
}

static inline void
call_end(groove_data_t *data)
{
	__atomic_store_n(&data->record->call, 0, __ATOMIC_RELEASE);
}

static inline uint64_t
call_szc(uint64_t call)
{
	return call >> 1 & 127;
}

static inline uint64_t
call_sz(uint64_t call)
{
	return call >> 8 & 0xffffff;
}

static inline uint64_t
call_obj_cnt(uint64_t call)
{
	return call >> 32 & 127;
}

/* Low bits of req_bytes before the call. They show what a call counts: its slots are those of one superblock. */
static inline uint64_t
call_req(uint64_t call)
{
	return call >> CALL_REQ_SHIFT;
}

#endif /* GROOVE_INTENT_H */
