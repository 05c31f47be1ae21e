/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "record.h"

static bool
is_vacant(const struct groove_record *record, uint64_t *state)
{
	*state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	return record_kind(*state) == RECORD_VACANT;
}

/*
 * Have a vacant record for this owner alone: among owners, that is. One that died when it had come so far, or left the
 * record without saying so, is replaced.
 */
static bool
owner_take(struct groove_record *record, const struct join_owner *owner)
{
	uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_ACQUIRE);
	uint64_t vacant;

	/* The state after is_dead(): else the word may be that of a process that has joined since, and then died.
	 * Acq_rel: the state that follows carries the word to those that ask for the join's owner. */
	return (word == 0 || owner_has_died(owner, word)) && is_vacant(record, &vacant) &&
	       __atomic_compare_exchange_n(
		       &record->owner, &word, owner->word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void
owner_replace(struct groove_record *record, uint64_t word, uint64_t by)
{
	__atomic_compare_exchange_n(&record->owner, &word, by, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* Take a vacant record, and publish in it how many volumes the join reaches. */
static bool
record_take_one(struct groove_record *record, uint64_t volume_max, const struct join_owner *owner)
{
	uint64_t vacant;

	if (!is_vacant(record, &vacant))
		return false;
	if (owner != NULL && !owner_take(record, owner))
		return false;
	/*
	 * The state again, now that no other owner takes it: of the last join before this one. Acquire pairs with the
	 * release in record_give(): counters go on from where the last join left them. Sequentially consistent for the
	 * look at the volumes that follows, see joins_reach().
	 */
	if (is_vacant(record, &vacant) && __atomic_compare_exchange_n(&record->state, &vacant,
						  record_state_live(vacant, volume_max, owner != NULL), false,
						  __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return true;
	if (owner != NULL)
		owner_replace(record, owner->word, 0);
	return false;
}

struct groove_record *
record_take(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner)
{
	for (uint64_t i = 0; i < shdata->join_max; i++) {
		if (record_take_one(&shdata->record[i], volume_max, owner))
			return &shdata->record[i];
	}
	return NULL;
}

void
record_give(struct groove_record *record)
{
	/* Relaxed: nobody else changes them while the record is not vacant. */
	const uint64_t state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	const uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);

	__atomic_store_n(&record->state, record_state_vacant(state), __ATOMIC_RELEASE);
	/* Last: what dies before this has left a word that the next owner replaces. A mark is of one that was about to
	 * adopt the record, and takes it back itself. */
	if (record_is_owned(state) && !owner_is_marked(word))
		owner_replace(record, word, 0);
}

void
record_resign(struct groove_shdata *shdata, uint64_t join_max, uint64_t join_idx)
{
	for (uint64_t i = 0; i < join_max; i++) {
		/* Acq_rel: the next recoverer sees what this one did. */
		uint64_t state = __atomic_load_n(&shdata->record[i].state, __ATOMIC_ACQUIRE);

		/* Its own recoverer: as that is dead, the next one takes over. */
		if (record_is_dead(state) && record_recoverer(state) == join_idx)
			__atomic_compare_exchange_n(&shdata->record[i].state, &state,
				record_state_next(state, record_kind(state), i), false, __ATOMIC_ACQ_REL,
				__ATOMIC_RELAXED);
	}
}
