/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RECOVERY_H
#define GROOVE_RECOVERY_H

/*
 * What the parts of recovery share: recover.c has the steps.
 */

#include "geometry.h"
#include "recover.h"
#include "sb_word.h"

struct listing;

/* Slots of a class that a dead join had cached, or was freeing in a bulk. */
struct recover_cached {
	uint32_t slot_cnt;
	uint32_t freeing_cnt; /* how many of them say freeing */
	uint64_t freeing_bytes;
};

struct recovery {
	groove_data_t *data;
	struct recover_report *report;
	struct recover_cached *cached; /* while they are counted: by class, of some joins */
	uint64_t first;		       /* of these joins */
	uint64_t cnt;		       /* how many */
	struct listing *listing;       /* while a search looks at lists */
	bool own;     /* of the dead join whose record this one has taken over, not of those it is the recoverer of */
	bool left;    /* something was left that the search is for */
	bool damaged; /* something cannot be */
};

/* What came of looking at a thing. */
enum finding {
	FINDING_DONE,	 /* it is where it should be */
	FINDING_LEFT,	 /* a living join has it in its hands */
	FINDING_LOST,	 /* it is nowhere, by this look */
	FINDING_CHANGED, /* while it was looked at */
};

/* A superblock, as its entry says. */
struct superblock {
	struct groove_sb *sb;
	uint64_t word;
	uint64_t szc;
	uint64_t block;
	uint32_t cnt; /* of its slots */
};

static inline struct groove_record *
record_of(const groove_data_t *data, uint64_t join_idx)
{
	return &data->shdata->record[join_idx];
}

/* State of a record. Acquire pairs with the release of the join that changed it. */
static inline uint64_t
state_of(const groove_data_t *data, uint64_t join_idx)
{
	return __atomic_load_n(&record_of(data, join_idx)->state, __ATOMIC_ACQUIRE);
}

/* Change the state of a record. Acq_rel: a recoverer sees what those before it did. */
static inline bool
state_swap(const groove_data_t *data, uint64_t join_idx, uint64_t old, uint64_t state)
{
	return __atomic_compare_exchange_n(
		&record_of(data, join_idx)->state, &old, state, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Whether this join is the recoverer of a record of a kind. */
static inline bool
is_recoverer(const groove_data_t *data, uint64_t state, enum record_kind kind)
{
	return record_kind(state) == kind && record_recoverer(state) == data->join_idx;
}

static inline bool
superblock_unchanged(const struct superblock *found)
{
	return __atomic_load_n(&found->sb->word, __ATOMIC_ACQUIRE) == found->word;
}

/* ---- recover_dead.c: which join recovers which ---- */

/* Become the recoverer of those that are dead. */
void recover_claim_dead(groove_data_t *data, groove_data_dead_fn dead, void *arg);

/* Become the recoverer of those whose recoverer is dead, or has resigned. False when there was none. */
bool recover_claim_inherited(groove_data_t *data);

/* Whether what a record's join had is this join's to return, and how far that has come. */
bool recover_is_mine(const struct recovery *recovery, uint64_t join_idx, enum record_kind kind);

/* How many it is the recoverer of. */
uint64_t recover_dead_cnt(const groove_data_t *data, enum record_kind kind);

/* Whether there is something left of a dead join. */
bool recover_dead_are_left(const groove_data_t *data);

/* Whether the state of a record is impossible, so that it is unknown whether its join lives. Logged. */
bool recover_any_damaged(const groove_data_t *data);

/* Give a record back. Release: the join that takes it sees its counters; pairs with record_take(). */
void recover_record_give(const groove_data_t *data, uint64_t join_idx);

/* ---- recover_look.c: what superblocks and headers say ---- */

/* Whether a volume has superblocks. Inside an epoch its table stays readable then. */
bool recover_volume_in_use(const groove_data_t *data, uint64_t volume);

/* What the id of the entry of found names. False when that cannot be there. */
bool recover_read_id(const groove_data_t *data, uint32_t id, struct superblock *found);

/* Read an entry. False when there is no superblock, or what is there cannot be one. */
bool recover_read(const groove_data_t *data, struct groove_sb *sb, struct superblock *found);

/* Bits of slots of a superblock that are out. */
uint64_t recover_slots_out(const struct superblock *found);

/*
 * Read the header of a slot that may cease to be one at any time, and become memory of a user: what it says is only
 * used if it was one, so ThreadSanitizer need not know of it.
 */
uint64_t recover_peek(struct recovery *recovery, const struct superblock *found, uint64_t idx);

/* Join that has a slot with this header in its cache, or in a bulk free; join_max: none. */
uint64_t recover_header_owner(const groove_data_t *data, const struct superblock *found, uint64_t idx, uint64_t bits);

/*
 * Slots of a superblock whose headers say that a dead join has them, whose recoverer this one is, with a record of a
 * kind; what is found stays until the recoverer ends it. unmarked: set when there are also some that say free.
 */
uint64_t recover_slots_inherited(
	struct recovery *recovery, struct superblock *found, enum record_kind kind, bool *unmarked);

/* Do something with each superblock of all volumes. */
void recover_each(struct recovery *recovery, void (*fn)(struct recovery *recovery, struct superblock *found));

/* ---- recover_count.c ---- */

/* Settle the counters of one join, which needs no memory. */
void recover_settle_one(struct recovery *recovery, uint64_t join_idx);

/* Settle the counters of all that this join has become the recoverer of: in one pass where there is memory to count
 * with. */
void recover_settle_all(struct recovery *recovery);

/* What a settled join has cached is out of its count: it goes back now. */
void recover_write_off(struct groove_record *record);

/* ---- recover_held.c ---- */

/* Recover what a name in a dead join's record stands for. */
enum finding recover_name_once(struct recovery *recovery, uint64_t name);

/* The same, until it is done, or has been tried often enough. */
bool recover_name(struct recovery *recovery, uint64_t name);

/* Recover the superblocks that a dead join had named, or the rest. From the last, as each is in one named before it. */
bool recover_names(struct recovery *recovery, struct groove_record *record, bool superblocks);

/* ---- recover_cached.c ---- */

/* Return what dead joins have cached, and what was lost by damage. */
void recover_superblock(struct recovery *recovery, struct superblock *found);

/* Return what the dead join cached whose record this one has taken over, as a live one does that counts it. */
void recover_superblock_own(struct recovery *recovery, struct superblock *found);

/* ---- recover_search.c ---- */

/* Forget the names of a dead join, and clear them; a search finds what they stand for. */
void recover_names_forget(groove_data_t *data);

/* Search if that is due. False when it stays so. */
bool recover_search(struct recovery *recovery);

#endif /* GROOVE_RECOVERY_H */
