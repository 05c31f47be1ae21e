/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Which join recovers what a dead one had: its recoverer. The state of a record says which join that is.
 */

#include <inttypes.h>

#include "log.h"
#include "record.h"
#include "recovery.h"

void
recover_claim_dead(groove_data_t *data, groove_data_dead_fn dead, void *arg)
{
	for (uint64_t i = 0; dead != NULL && i < data->join_max; i++) {
		/* Before the question: if another took the record after it, the swap fails on the incarnation. */
		const uint64_t state = state_of(data, i);

		if (i != data->join_idx && record_kind(state) == RECORD_LIVE && dead(arg, i) != 0)
			state_swap(data, i, state, record_state_next(state, RECORD_DEAD, data->join_idx));
	}
}

bool
recover_claim_inherited(groove_data_t *data)
{
	bool any = false;

	for (uint64_t i = 0; i < data->join_max; i++) {
		const uint64_t state = state_of(data, i);
		const uint64_t recoverer = record_recoverer(state);

		if (!record_is_dead(state) || recoverer == data->join_idx || recoverer >= data->join_max ||
			record_kind(state_of(data, recoverer)) == RECORD_LIVE)
			continue;
		any |= state_swap(data, i, state, record_state_next(state, record_kind(state), data->join_idx));
	}
	return any;
}

bool
recover_is_mine(const struct recovery *recovery, uint64_t join_idx, enum record_kind kind)
{
	if (recovery->own)
		return join_idx == recovery->data->join_idx;
	return join_idx < recovery->data->join_max &&
	       is_recoverer(recovery->data, state_of(recovery->data, join_idx), kind);
}

uint64_t
recover_dead_cnt(const groove_data_t *data, enum record_kind kind)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < data->join_max; i++)
		cnt += is_recoverer(data, state_of(data, i), kind);
	return cnt;
}

bool
recover_dead_are_left(const groove_data_t *data)
{
	for (uint64_t i = 0; i < data->join_max; i++)
		if (record_is_dead(state_of(data, i)))
			return true;
	return false;
}

bool
recover_any_damaged(const groove_data_t *data)
{
	for (uint64_t i = 0; i < data->join_max; i++) {
		if (record_kind(state_of(data, i)) != RECORD_DAMAGED)
			continue;
		GROOVE_LOG(ERR,
			"recover: record %" PRIu64 " has the damaged state %#" PRIx64
			": what its join has stays, leave all and rebuild\n",
			i, state_of(data, i));
		return true;
	}
	return false;
}

void
recover_record_give(const groove_data_t *data, uint64_t join_idx)
{
	struct groove_record *record = record_of(data, join_idx);

	__atomic_fetch_and(&record->epoch, 0, __ATOMIC_ACQ_REL); /* as epoch_leave() */
	__atomic_store_n(&record->keep, 0, __ATOMIC_RELAXED);	 /* what it cached has gone back */
	record_give(record);
}
