/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* How a free wins an object in a build with debug_checks: the bytes around it are looked at first. */

#include "free.h"

#include "debug_checks.h"

/*
 * The red zones are looked at while nobody else can free the object: its header says that this join is freeing it, as
 * in the midst of a bulk free, so the recoverer of a join that dies here counts and frees it. If they were written to,
 * it is live again.
 */
enum free_finding
debug_win(groove_data_t *data, const struct free_target *target, uint64_t word)
{
	const uint64_t freeing = hdr_retype(target->bits, hdr_type_freeing(data->join_idx));
	uint64_t bits = target->bits;

	if (!__atomic_compare_exchange_n(
		    &target->hdr->bits, &bits, freeing, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) /* as free_win() */
		return FIND_LATE;
	if (debug_is_overrun(target->hdr, target->bits)) {
		hdr_store(target->hdr, target->bits);
		return FIND_OVERRUN;
	}
	if (word != freeing)
		hdr_store(target->hdr, word);
	return FIND_OBJECT;
}
