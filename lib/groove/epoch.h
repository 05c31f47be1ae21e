/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_EPOCH_H
#define GROOVE_EPOCH_H

/*
 * Grace periods: epoch-based reclamation (Fraser, "Practical lock-freedom", 2004).
 *
 * A join publishes the epoch in its record while it is in a call. The epoch moves on only when every join that is in a
 * call has published the present one. What was taken out of reach in epoch e is read by nobody from epoch e + 2 on:
 * whoever is in a call then entered it in e + 1 or later, after it was out of reach. A join that is stopped in a call
 * holds the epoch up, and with it only the reuse of retired volumes, until recovery takes it out.
 *
 * The order comes from the read-modify-writes on record.epoch, with no fence. Enter is an exchange; the scan reads by
 * fetch_add of 0. In the modification order of the word the scan comes either after the enter, and sees it; or before,
 * and then the enter reads from the scan and, acquire from release, the join sees what was out of reach before the scan.
 */

#include <stdbool.h>

#include "shared.h"

#define EPOCH_GRACE 2

static inline void
epoch_enter(groove_data_t *data)
{
	const uint64_t epoch = __atomic_load_n(&data->shdata->epoch, __ATOMIC_RELAXED);

	/* Acquire pairs with the release of the scan in epoch_advance(); release with nothing. */
	__atomic_exchange_n(&data->record->epoch, epoch, __ATOMIC_ACQ_REL);
}

static inline void
epoch_leave(groove_data_t *data)
{
	/* Release: all reads of the call come before; pairs with the acquire of the scan. */
	__atomic_store_n(&data->record->epoch, 0, __ATOMIC_RELEASE);
}

/* Whether what was retired in an epoch can be read by nobody now. */
static inline bool
epoch_is_past(const groove_data_t *data, uint64_t retired)
{
	/* Acquire pairs with the release of the swap in epoch_advance(). */
	return __atomic_load_n(&data->shdata->epoch, __ATOMIC_ACQUIRE) >= retired + EPOCH_GRACE;
}

/* Move the epoch on by one. False when a join is still in a call it entered in an earlier one. Not from within a call. */
bool epoch_advance(groove_data_t *data);

#endif /* GROOVE_EPOCH_H */
