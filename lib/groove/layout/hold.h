/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_HOLD_H
#define GROOVE_HOLD_H

/*
 * What a join may hold, written down in its record before it takes it: superblocks, when slots of them are claimed or
 * about to be put, or when they are out of their slot or list; and volumes, on their way into or out of the pool. When
 * a join is dead these are what recovery looks at; when it is not, they are what recovery leaves alone.
 *
 * A name is that of an entry in a volume's table, not of the superblock in it: so it covers also what is claimed too
 * late, from the superblock that came after.
 *
 *     63  62 61 60        32 31  30                      0
 *     | kind | | changes    | if | volume x entries + i   |   an entry
 *     63  62         52   32 31  30       17 16          0
 *     | kind | |      cnt    | if |         | volume      |   volumes; if: one, and changes in the place of cnt
 *
 * A name with "if" is that of a recovering join: it holds the thing only once it has changed it, so not while the word
 * of the superblock, or the state of the volume, has the changes of the name. So two joins that recover at the same
 * time do not block each other, and the first to swap has it.
 *
 * Names are a stack. A reader goes through it from the top down, and hold_keep_last() moves a name down before it
 * clears the place that it had, so a name that is there all the time is found.
 *
 * Order: a name is stored relaxed, for each is followed by a read-modify-write or a store of a header, with release, of
 * what was named; a join that acquires that sees the name, or what came after. It is cleared with release, after all
 * that was done to what it named.
 */

#include "geometry.h"
#include "sb_word.h"

enum hold_kind {
	HOLD_NOTHING,
	HOLD_ENTRY,
	HOLD_VOLUMES,
};

#define HOLD_IF		 (1UL << 31)
#define HOLD_KIND_SHIFT	 62
#define HOLD_CNT_SHIFT	 32
#define HOLD_VOLUME_MASK 0x1ffffUL

static inline enum hold_kind
hold_kind(uint64_t name)
{
	return (enum hold_kind)(name >> HOLD_KIND_SHIFT);
}

static inline uint64_t
hold_name_entry(uint64_t number)
{
	return (uint64_t)HOLD_ENTRY << HOLD_KIND_SHIFT | number;
}

/* Number of the entry that is named. */
static inline uint64_t
hold_entry(uint64_t name)
{
	return name & (HOLD_IF - 1);
}

static inline uint64_t
hold_name_volumes(uint64_t idx, uint64_t cnt)
{
	return (uint64_t)HOLD_VOLUMES << HOLD_KIND_SHIFT | cnt << HOLD_CNT_SHIFT | idx;
}

/* First of the volumes that are named. */
static inline uint64_t
hold_volume(uint64_t name)
{
	return name & HOLD_VOLUME_MASK;
}

/* How many. */
static inline uint64_t
hold_volume_cnt(uint64_t name)
{
	return (name & HOLD_IF) != 0 ? 1 : name >> HOLD_CNT_SHIFT & HOLD_VOLUME_MASK;
}

/* Whether a name says that an entry, whose word was read, may be held. */
static inline bool
hold_has_entry(uint64_t name, uint64_t number, uint64_t word)
{
	return hold_kind(name) == HOLD_ENTRY && hold_entry(name) == number &&
	       ((name & HOLD_IF) == 0 || ((name ^ word) & SB_CHANGES_MASK) != 0);
}

/* Whether a name says that a volume, whose state was read, may be held. */
static inline bool
hold_has_volume(uint64_t name, uint64_t idx, uint64_t state)
{
	if (hold_kind(name) != HOLD_VOLUMES)
		return false;
	if ((name & HOLD_IF) != 0)
		return hold_volume(name) == idx &&
		       (name >> HOLD_CNT_SHIFT & VOLUME_CHANGES_MASK >> 3) != (state & VOLUME_CHANGES_MASK) >> 3;
	return idx - hold_volume(name) < hold_volume_cnt(name);
}

static inline void
hold_push(groove_data_t *data, uint64_t name)
{
	__atomic_store_n(&data->record->hold[data->hold_cnt++], name, __ATOMIC_RELAXED);
}

/* Name an entry. */
static inline void
hold_sb(groove_data_t *data, const struct groove_sb *sb)
{
	hold_push(data, hold_name_entry(entry_number(data, sb)));
}

/* Name an entry as held once its word is another. */
static inline void
hold_sb_if(groove_data_t *data, const struct groove_sb *sb, uint64_t word)
{
	hold_push(data, hold_name_entry(entry_number(data, sb)) | HOLD_IF | (word & SB_CHANGES_MASK));
}

static inline void
hold_volumes(groove_data_t *data, uint64_t idx, uint64_t cnt)
{
	hold_push(data, hold_name_volumes(idx, cnt));
}

/* Name a volume as held once its state is another. */
static inline void
hold_volume_if(groove_data_t *data, uint64_t idx, uint64_t state)
{
	hold_push(data, hold_name_volumes(idx, (state & VOLUME_CHANGES_MASK) >> 3) | HOLD_IF);
}

/* Clear the last names, down to a number of them. */
static inline void
hold_drop_to(groove_data_t *data, uint64_t cnt)
{
	while (data->hold_cnt > cnt)
		__atomic_store_n(&data->record->hold[--data->hold_cnt], 0, __ATOMIC_RELEASE);
}

/* Clear the last name. */
static inline void
hold_drop(groove_data_t *data)
{
	hold_drop_to(data, data->hold_cnt - 1);
}

/* Of the names above a number keep the last. */
static inline void
hold_keep_last(groove_data_t *data, uint64_t cnt)
{
	/* Release pairs with the look through the names, which has seen the place that is cleared next. */
	__atomic_store_n(&data->record->hold[cnt], data->record->hold[data->hold_cnt - 1], __ATOMIC_RELEASE);
	hold_drop_to(data, cnt + 1);
}

#endif /* GROOVE_HOLD_H */
