/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SB_WORD_H
#define GROOVE_SB_WORD_H

/*
 * The word of a superblock: which slots are free, where the superblock is, and a counter of changes.
 *
 *     63      61 60        32 31          0
 *     | place   | changes    | free bits  |
 *
 * A change of the word changes all three in one compare-and-swap. The layout is the same for all classes, so that a
 * join which comes too late, and claims from the superblock of another class that lies there by now, does no harm. Bits
 * beyond the slots are nothing but damage: none is ever claimed or put, and the holder of the superblock drops them.
 * These are the transitions; each is a pure function that edits a value or says no. sb_word_update() applies one. No
 * other code writes a word.
 *
 *     transition  from                  to                          by
 *     ----------  --------------------  --------------------------  ------------------------------------------------
 *     birth       NONE                  HELD, all free              the owner of the memory
 *     claim       ACTIVE, some free     ACTIVE, fewer free          any join
 *     claim_held  HELD, some free       HELD, fewer free; FULL      its holder
 *     install     HELD                  ACTIVE                      its holder, before it goes into a slot
 *     withdraw    ACTIVE                HELD; FULL when none free   the join that took it out of its slot
 *     shelve      HELD                  LISTED                      its holder, before it goes into a list
 *     unshelve    LISTED                HELD                        the join that took it out of its list
 *     claim_taken LISTED, some free     ACTIVE, fewer free; FULL    the join that took it out, for a slot
 *     put         FULL                  LISTED, some free           any join; it puts it into a list now
 *     put         FULL                  HELD, all free              any join; it is the holder now
 *     put         HELD, ACTIVE, LISTED  same place, more free       any join
 *     dissolve    HELD, all free        RETURNING, none free        its holder
 *     bury        RETURNING             NONE                        its holder
 *     touch       LISTED                LISTED                      the join that took it out, for another list
 *     adopt       HELD, ACTIVE, LISTED  HELD; FULL when none free   recovery, when its holder is dead
 *     adopt       RETURNING             RETURNING                   recovery, when its holder is dead
 *
 * Invariants. (1) A superblock is in a slot only while ACTIVE and in a list only while LISTED. (2) HELD and RETURNING
 * have exactly one holder, and only the holder moves them on. (3) FULL means no free slot; nobody holds it, and the put
 * that ends it becomes the holder, so a superblock with a free slot always has a place from which it comes back.
 * (4) NONE has no slots in use, so its memory is its parent's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sb_place {
	SB_NONE,      /* no superblock */
	SB_RETURNING, /* with one join, on the way to its parent */
	SB_FULL,      /* nowhere: no free slot */
	SB_HELD,      /* with one join */
	SB_ACTIVE,    /* in a slot, open to claims */
	SB_LISTED,    /* in the list of its class */
	SB_PLACE_CNT,
};

#define SB_PLACE_SHIFT	 61
#define SB_CHANGES_SHIFT 32
#define SB_CHANGES_MASK	 0x1fffffff00000000UL
#define SB_FREE_MASK	 0xffffffffUL
#define SB_SLOT_MAX	 32U

/* A transition: its arguments and what it did. */
struct sb_step {
	uint32_t cnt;  /* slots in the superblock */
	uint32_t want; /* claim: most slots to take, at least 1 */
	uint64_t mask; /* claim: slots taken; put: slots to put */
	uint64_t word; /* the word after the transition, or the one it refused */
};

typedef bool (*sb_transition)(uint64_t *word, struct sb_step *step);

static inline enum sb_place
sb_word_place(uint64_t word)
{
	return (enum sb_place)(word >> SB_PLACE_SHIFT);
}

static inline uint64_t
sb_word_free(uint64_t word)
{
	return word & SB_FREE_MASK;
}

/* Whether there is a superblock, with a slot of it out. */
static inline bool
sb_word_has_out(uint64_t word, uint64_t idx)
{
	return word >= (uint64_t)SB_FULL << SB_PLACE_SHIFT && (word >> idx & 1) == 0;
}

/* Free bits of a superblock of cnt slots that are all free. */
static inline uint64_t
sb_all_free(uint32_t cnt)
{
	return (1UL << cnt) - 1;
}

/* Its free bits. Others are stray: no slot is theirs. */
static inline uint64_t
sb_word_slots(uint64_t word, uint32_t cnt)
{
	return word & sb_all_free(cnt);
}

static inline bool
sb_word_empty(uint64_t word, uint32_t cnt)
{
	return sb_word_slots(word, cnt) == sb_all_free(cnt);
}

/* The word with another place and other free bits, one change later. The counter of changes wraps. */
static inline uint64_t
sb_word_next(uint64_t word, enum sb_place place, uint64_t free)
{
	const uint64_t changes = (word + (1UL << SB_CHANGES_SHIFT)) & SB_CHANGES_MASK;

	return (uint64_t)place << SB_PLACE_SHIFT | changes | free;
}

/* The lowest n bits of a set. */
static inline uint64_t
sb_lowest_bits(uint64_t set, uint32_t n)
{
	uint64_t rest = set;

	while (n-- > 0)
		rest &= rest - 1;
	return set & ~rest;
}

static inline bool
sb_birth(uint64_t *word, struct sb_step *step)
{
	if (sb_word_place(*word) != SB_NONE)
		return false;
	*word = sb_word_next(*word, SB_HELD, sb_all_free(step->cnt));
	return true;
}

static inline bool
sb_claim(uint64_t *word, struct sb_step *step)
{
	const uint64_t free = sb_word_slots(*word, step->cnt);

	if (sb_word_place(*word) != SB_ACTIVE || free == 0)
		return false;
	step->mask = sb_lowest_bits(free, step->want);
	/* All other bits stay: a join that comes too late may expect another class, of fewer slots. */
	*word = sb_word_next(*word, SB_ACTIVE, sb_word_free(*word) & ~step->mask);
	return true;
}

static inline bool
sb_claim_held(uint64_t *word, struct sb_step *step)
{
	const uint64_t free = sb_word_slots(*word, step->cnt);

	if (sb_word_place(*word) != SB_HELD || free == 0)
		return false;
	step->mask = sb_lowest_bits(free, step->want);

	const uint64_t left = free & ~step->mask;

	*word = sb_word_next(*word, left != 0 ? SB_HELD : SB_FULL, left);
	return true;
}

static inline bool
sb_claim_taken(uint64_t *word, struct sb_step *step)
{
	const uint64_t free = sb_word_slots(*word, step->cnt);

	if (sb_word_place(*word) != SB_LISTED || free == 0)
		return false;
	step->mask = sb_lowest_bits(free, step->want);

	const uint64_t left = free & ~step->mask;

	*word = sb_word_next(*word, left != 0 ? SB_ACTIVE : SB_FULL, left);
	return true;
}

static inline bool
sb_install(uint64_t *word, struct sb_step *step)
{
	(void)step;
	if (sb_word_place(*word) != SB_HELD)
		return false;
	*word = sb_word_next(*word, SB_ACTIVE, sb_word_free(*word));
	return true;
}

static inline bool
sb_withdraw(uint64_t *word, struct sb_step *step)
{
	const uint64_t free = sb_word_slots(*word, step->cnt);

	if (sb_word_place(*word) != SB_ACTIVE)
		return false;
	*word = sb_word_next(*word, free != 0 ? SB_HELD : SB_FULL, free);
	return true;
}

static inline bool
sb_shelve(uint64_t *word, struct sb_step *step)
{
	(void)step;
	if (sb_word_place(*word) != SB_HELD)
		return false;
	*word = sb_word_next(*word, SB_LISTED, sb_word_free(*word));
	return true;
}

static inline bool
sb_unshelve(uint64_t *word, struct sb_step *step)
{
	(void)step;
	if (sb_word_place(*word) != SB_LISTED)
		return false;
	*word = sb_word_next(*word, SB_HELD, sb_word_free(*word));
	return true;
}

static inline bool
sb_put(uint64_t *word, struct sb_step *step)
{
	enum sb_place place = sb_word_place(*word);
	const uint64_t all = sb_all_free(step->cnt);
	const uint64_t free = (sb_word_free(*word) | step->mask) & all;

	if (place < SB_FULL || place > SB_LISTED || (sb_word_free(*word) & step->mask) != 0 || (step->mask & ~all) != 0)
		return false;
	if (place == SB_FULL)
		place = free == all ? SB_HELD : SB_LISTED;
	*word = sb_word_next(*word, place, free);
	return true;
}

static inline bool
sb_dissolve(uint64_t *word, struct sb_step *step)
{
	if (sb_word_place(*word) != SB_HELD || !sb_word_empty(*word, step->cnt))
		return false;
	*word = sb_word_next(*word, SB_RETURNING, 0);
	return true;
}

static inline bool
sb_bury(uint64_t *word, struct sb_step *step)
{
	(void)step;
	if (sb_word_place(*word) != SB_RETURNING)
		return false;
	*word = sb_word_next(*word, SB_NONE, 0);
	return true;
}

static inline bool
sb_touch(uint64_t *word, struct sb_step *step)
{
	(void)step;
	if (sb_word_place(*word) != SB_LISTED)
		return false;
	*word = sb_word_next(*word, SB_LISTED, sb_word_free(*word));
	return true;
}

static inline bool
sb_adopt(uint64_t *word, struct sb_step *step)
{
	const enum sb_place place = sb_word_place(*word);
	const uint64_t free = sb_word_slots(*word, step->cnt);

	if (place == SB_NONE || place == SB_FULL || place >= SB_PLACE_CNT)
		return false;
	if (place == SB_RETURNING)
		*word = sb_word_next(*word, SB_RETURNING, free);
	else
		*word = sb_word_next(*word, free != 0 ? SB_HELD : SB_FULL, free);
	return true;
}

/*
 * Apply a transition to a shared word if it is still as it was read. Orders as sb_word_update().
 */
static inline bool
sb_word_swap(uint64_t *word, uint64_t old, sb_transition transition, struct sb_step *step)
{
	step->word = old;
	return transition(&step->word, step) &&
	       __atomic_compare_exchange_n(word, &old, step->word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/*
 * Apply a transition to a shared word.
 *
 * acq_rel: a put or a change of place releases what was done to the slots before (headers set free, id and link
 * stored); the claim or change of place that follows acquires it. All writes to a word are read-modify-writes, so each
 * heads or continues the release sequence that the next one reads from.
 *
 * before: receives the word that the transition replaced; may be NULL.
 */
static inline __attribute__((__always_inline__)) bool
sb_word_update(uint64_t *word, sb_transition transition, struct sb_step *step, uint64_t *before)
{
	uint64_t old = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	for (;;) {
		uint64_t new_word = old;

		if (!transition(&new_word, step)) {
			step->word = old;
			return false;
		}
		if (__atomic_compare_exchange_n(word, &old, new_word, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			step->word = new_word;
			if (before != NULL)
				*before = old;
			return true;
		}
	}
}

#endif /* GROOVE_SB_WORD_H */
