/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "adopt.h"

#include "record.h"

/*
 * Adoption: when dead joins have all records, a join takes over one of them as it lies, with all that its join had.
 * From then on it is a live join with counters to be settled and slots that it does not know of, which recover_own()
 * puts right. When the adopter dies in that, the record is that of a dead join again: there is no state between, and
 * nothing that adoption needs a second one of. The programmer's guide, "When dead joins have all records", has the
 * argument.
 */

/* The state of a record whose join is live and has an owner, dead or not. */
static bool
is_owned(const struct groove_record *record, uint64_t *state)
{
	/* Acquire: the owner that is read next is that of this state, or of a later one. */
	*state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
	return record_kind(*state) == RECORD_LIVE && record_is_owned(*state);
}

/*
 * Of an owner: first the word, as when a vacant record is taken, so that the state is that of a join whose owner lives.
 * It has a mark, so that a recovery finds the join dead also when this one is stopped between the two swaps.
 */
static bool
adopt_owned(struct groove_record *record, uint64_t volume_max, const struct join_owner *owner, struct adopted *was)
{
	if (!is_owned(record, &was->state))
		return false;
	was->owner = __atomic_load_n(&record->owner, __ATOMIC_ACQUIRE);
	/* The state after is_dead(): a dead process joins no more, so the word belongs to its last join. */
	if (!owner_has_died(owner, was->owner) || !is_owned(record, &was->state))
		return false;

	const uint64_t mark = owner_mark(owner->word, was->state);
	uint64_t word = was->owner;
	uint64_t state = was->state;

	if (!__atomic_compare_exchange_n(&record->owner, &word, mark, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	/* Fails when a recovery has found it dead meanwhile. Sequentially consistent as in record_take_one(). */
	if (__atomic_compare_exchange_n(&record->state, &state, record_state_live(state, volume_max, true), false,
		    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return true;
	owner_replace(record, mark, was->owner);
	return false;
}

/* Without an owner: the incarnation shows whether another was faster. */
static bool
adopt_unowned(struct groove_record *record, uint64_t idx, uint64_t volume_max, const struct join_dead *dead,
	struct adopted *was)
{
	uint64_t state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);

	was->state = state;
	was->owner = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);
	return record_kind(state) == RECORD_LIVE && dead->fn(dead->arg, idx) != 0 &&
	       __atomic_compare_exchange_n(&record->state, &state, record_state_live(state, volume_max, false), false,
		       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

struct groove_record *
record_adopt(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner,
	const struct join_dead *dead, struct adopted *was)
{
	for (uint64_t i = 0; i < shdata->join_max; i++) {
		struct groove_record *record = &shdata->record[i];

		if (owner != NULL ? adopt_owned(record, volume_max, owner, was)
				  : adopt_unowned(record, i, volume_max, dead, was))
			return record;
	}
	return NULL;
}

void
record_adopted(struct groove_record *record)
{
	/* Relaxed: nobody else changes them, as the join is live and so is its owner. */
	const uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);

	if (record_is_owned(__atomic_load_n(&record->state, __ATOMIC_RELAXED)))
		owner_replace(record, word, owner_plain(word));
}

void
record_unadopt(struct groove_record *record, const struct adopted *was)
{
	/* Relaxed: only this join changes them. */
	const uint64_t state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	const uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);

	/* From here on others find it dead by the mark, for the life after the next is as odd as the one before; and
	 * change it. */
	__atomic_store_n(&record->state,
		record_state_live(state, record_volume_max(was->state), record_is_owned(was->state)), __ATOMIC_RELEASE);
	if (record_is_owned(state))
		owner_replace(record, word, was->owner);
}
