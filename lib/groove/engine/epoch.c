/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "epoch.h"

bool
epoch_advance(groove_data_t *data)
{
	struct groove_shdata *shdata = data->shdata;
	uint64_t now = __atomic_load_n(&shdata->epoch, __ATOMIC_ACQUIRE); /* pairs with the swap below */

	for (uint64_t i = 0; i < data->join_max; i++) {
		/* Acquire pairs with epoch_leave(), release with epoch_enter(). */
		const uint64_t seen = __atomic_fetch_add(&shdata->record[i].epoch, 0, __ATOMIC_ACQ_REL);

		if (seen != 0 && seen != now)
			return false;
	}
	/* Acquire pairs with epoch_stamp(), release with epoch_enter() and epoch_is_past(). A failure means that
	 * another has moved it on. */
	__atomic_compare_exchange_n(&shdata->epoch, &now, now + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	return true;
}
