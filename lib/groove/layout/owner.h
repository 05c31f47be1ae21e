/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_OWNER_H
#define GROOVE_OWNER_H

/*
 * The word of a record that names the owner of its join. The programmer's guide, "Whose a record is", has the argument.
 *
 *     63         62      61         32 31      30     29          0
 *     | not odd  | not m | ...        | odd    | m    | ...        |
 *
 * The words of owners have bits 62 and 63, and have not bits 30 and 31. A join that adopts a record replaces the dead
 * owner's word with its own, with a mark (m) and the lowest bit of the life that it found dead (odd). As long as the
 * record is in that life its join is dead, though the adopter lives; in the next life it is the adopter's. A word and
 * the same word with a mark differ in two bits, so a stray one does not make a living join look dead.
 */

#include <stdbool.h>

#include "shared.h"

/*
 * The owner of a join, so that others know when it is dead: a word that the core stores in the record before the join
 * is live, and that it asks about. No two processes that live at the same time have the same word, and one of which
 * is_dead() has said so never comes back.
 */
struct join_owner {
	uint64_t word; /* bits 62 and 63 are set, 30 and 31 are not (as above) */
	bool (*is_dead)(void *arg, uint64_t word);
	void *arg;
};

#define OWNER_MARK	(1UL << 62 | 1UL << 30) /* both are the other way round in a word with a mark */
#define OWNER_MARKED	(1UL << 30)
#define OWNER_LIFE	(1UL << 63 | 1UL << 31) /* the same, for an odd life */
#define OWNER_LIFE_ODD	(1UL << 31)
#define OWNER_LIFE_EVEN (1UL << 63)

static inline bool
owner_is_marked(uint64_t word)
{
	return (word & OWNER_MARK) == OWNER_MARKED;
}

/* An owner's word with a mark: the join of a state is dead. */
static inline uint64_t
owner_mark(uint64_t word, uint64_t state)
{
	return word ^ OWNER_MARK ^ (record_life(state) % 2 != 0 ? OWNER_LIFE : 0);
}

/* The word of the owner. */
static inline uint64_t
owner_plain(uint64_t word)
{
	if (!owner_is_marked(word))
		return word;
	return word ^ OWNER_MARK ^ ((word & OWNER_LIFE) == OWNER_LIFE_ODD ? OWNER_LIFE : 0);
}

/* Whether a word says that the join of a state is dead, whichever process the word names. */
static inline bool
owner_marks_dead(uint64_t word, uint64_t state)
{
	return owner_is_marked(word) &&
	       (word & OWNER_LIFE) == (record_life(state) % 2 != 0 ? OWNER_LIFE_ODD : OWNER_LIFE_EVEN);
}

/* Whether the process of a word is dead. */
static inline bool
owner_has_died(const struct join_owner *owner, uint64_t word)
{
	return owner->is_dead(owner->arg, owner_plain(word));
}

/*
 * Whether the join of a record is dead, by its owner. A recovery has read the state before it asks, and swaps it after:
 * an owner of a later state is of no use then, and does no harm.
 */
static inline bool
owner_join_is_dead(const struct join_owner *owner, const struct groove_record *record)
{
	/* Acquire: the owner is that of this state, or of a later one. */
	const uint64_t state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
	const uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_ACQUIRE);

	if (record_kind(state) == RECORD_VACANT)
		return true;
	return record_is_owned(state) && (owner_marks_dead(word, state) || owner_has_died(owner, word));
}

#endif /* GROOVE_OWNER_H */
