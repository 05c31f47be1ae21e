/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join.h"

#include <inttypes.h>

#include "log.h"

/*
 * Adoption: when dead joins have all records, a join takes over one of them as it lies, with all that its join had.
 * From then on it is a live join with counters to be settled and slots that it does not know of, which recover_own()
 * puts right. When the adopter dies in that, the record is that of a dead join again: there is no state between, and
 * nothing that adoption needs a second one of. The programmer's guide, "When dead joins have all records", has the
 * argument.
 */

/* Of an owner: first the word, as when a vacant record is taken, so that the state is that of a join whose owner lives.
 */
static bool
adopt_owned(struct groove_record *record, uint64_t volume_max, const struct join_owner *owner, struct adopted *was)
{
	/* Acquire: the owner is that of this state, or a later one; then the swap of the state fails. */
	was->state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
	was->owner = __atomic_load_n(&record->owner, __ATOMIC_ACQUIRE);
	if (record_kind(was->state) != RECORD_LIVE || !record_is_owned(was->state) ||
		!owner->is_dead(owner->arg, was->owner))
		return false;

	uint64_t word = was->owner;
	uint64_t state = was->state;

	if (!__atomic_compare_exchange_n(&record->owner, &word, owner->word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	/* Fails when a recovery has found it dead meanwhile. Sequentially consistent as in record_take_one(). */
	if (__atomic_compare_exchange_n(&record->state, &state, record_state_live(state, volume_max, true), false,
		    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return true;
	owner_give(record, owner->word);
	return false;
}

/* Without an owner: the incarnation tells whether another was faster. */
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
	GROOVE_LOG(ERR,
		"join: no record left: %" PRIu64
		" joins are there, and none is known to be dead; leave one, or make the "
		"groove with a larger join_max\n",
		shdata->join_max);
	return NULL;
}

void
record_unadopt(struct groove_record *record, const struct adopted *was)
{
	/* Relaxed: only this join changes them. */
	const uint64_t state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);
	uint64_t word = __atomic_load_n(&record->owner, __ATOMIC_RELAXED);

	__atomic_store_n(&record->state,
		record_state_live(state, record_volume_max(was->state), record_is_owned(was->state)), __ATOMIC_RELEASE);
	/* Last: from here on others find it dead, and change it. */
	if (record_is_owned(state))
		__atomic_compare_exchange_n(
			&record->owner, &word, was->owner, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}
