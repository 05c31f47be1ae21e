/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_EPOCH_H
#define GROOVE_EPOCH_H

/*
 * Grace periods: epoch-based reclamation (Fraser, "Practical lock-freedom", 2004).
 *
 * A join publishes the epoch in its record while it is in a call. The epoch moves on only when every join that is in a
 * call has published the present one. What was stamped with epoch e, after it was taken out of reach, is read by nobody
 * from epoch e + 2 on. A join that is stopped in a call holds the epoch up, and with it only the reuse of retired
 * volumes, until recovery takes it out.
 *
 * The order comes from read-modify-writes, with no fence; the argument is in the programmer's guide, "Grace periods".
 */

#include <stdbool.h>

#include "shared.h"

#define EPOCH_GRACE 2

/* Calls within a call are one. */
static inline void
epoch_enter(groove_data_t *data)
{
	if (data->epoch_depth++ > 0)
		return;

	/* Acquire pairs with the swap in epoch_advance(): what was stamped before this epoch began is out of our reach.
	 */
	const uint64_t epoch = __atomic_load_n(&data->shdata->epoch, __ATOMIC_ACQUIRE);

	/* Acquire pairs with the scan in epoch_advance() that came before, so did not see us; release with nothing. */
	__atomic_exchange_n(&data->record->epoch, epoch, __ATOMIC_ACQ_REL);
}

static inline void
epoch_leave(groove_data_t *data)
{
	if (--data->epoch_depth > 0)
		return;
	/* Release: all reads of the call come before; pairs with the acquire of the scan. */
	__atomic_store_n(&data->record->epoch, 0, __ATOMIC_RELEASE);
}

/* For calls of a join that may be one that only looks: that has no record, and what it reads is not kept for it. */
static inline void
epoch_enter_look(groove_data_t *data)
{
	if (data->record != NULL)
		epoch_enter(data);
}

static inline void
epoch_leave_look(groove_data_t *data)
{
	if (data->record != NULL)
		epoch_leave(data);
}

/*
 * The epoch, for what was taken out of reach just before. A read-modify-write, so that the swap which ends this epoch
 * reads from it (release) and carries on what came before it.
 */
static inline uint64_t
epoch_stamp(groove_data_t *data)
{
	return __atomic_fetch_add(&data->shdata->epoch, 0, __ATOMIC_ACQ_REL);
}

/* Whether what was retired in an epoch can be read by nobody now. */
static inline bool
epoch_is_past(const groove_data_t *data, uint64_t retired)
{
	/* Acquire pairs with the release of the swap in epoch_advance(). */
	return __atomic_load_n(&data->shdata->epoch, __ATOMIC_ACQUIRE) >= retired + EPOCH_GRACE;
}

/* Move the epoch on by one. False when a join is still in a call it entered in an earlier one. Not from within a call.
 */
bool epoch_advance(groove_data_t *data);

#endif /* GROOVE_EPOCH_H */
