/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Drain: have one volume become empty while joins work, so that it can be removed. */

#include "drain.h"

#include <inttypes.h>

#include "cache.h"
#include "epoch.h"
#include "join_handle.h"
#include "log.h"
#include "news.h"
#include "pool.h"
#include "superblock_trim.h"
#include "volume.h"

/* Return the slots that the join caches of the volume that is being drained. */
static void
drain_own(groove_data_t *data, uint64_t volume)
{
	epoch_enter(data);
	cache_evict(data, volume);
	news_back(data);
	epoch_leave(data);
}

/* What was set apart of the volume that was being drained is everybody's again. */
static void
drain_undo(groove_data_t *data)
{
	epoch_enter(data);
	volume_unretire(data);
	trim_all(data);
	news_came(data, NEWS_VOLUME); /* slots that are claimed again */
	epoch_leave(data);
}

/* Have another volume drained, or (0) none. */
static void
drain_name(groove_data_t *data, uint64_t drain)
{
	const uint64_t before = __atomic_exchange_n(&data->shdata->drain, drain, __ATOMIC_RELAXED);

	if (before != 0 && before != drain)
		drain_undo(data);
}

int
groove_data_volume_drain(groove_data_t *data, uint64_t volume)
{
	if (!join_check(data, "volume_drain"))
		return GROOVE_ERR_INVAL;
	if (volume == GROOVE_VOLUME_NONE) {
		drain_name(data, 0);
		return GROOVE_SUCCESS;
	}
	if (volume >= data->pool.volume_max || !pool_in_groove(&data->pool, volume)) {
		GROOVE_LOG(ERR,
			"volume_drain: volume %" PRIu64 " is not in the groove, which has room for %" PRIu64 "\n",
			volume, data->pool.volume_max);
		return GROOVE_ERR_INVAL;
	}
	drain_name(data, volume + 1);
	drain_own(data, volume);
	/* The join that removed it in between may have come too late to end this. */
	if (!pool_in_groove(&data->pool, volume))
		drain_end(data);
	return GROOVE_SUCCESS;
}

int
groove_data_tidy(groove_data_t *data)
{
	uint64_t drain;

	if (!join_check(data, "tidy"))
		return GROOVE_ERR_INVAL;
	drain = drain_volume(data);
	if (drain != 0)
		drain_own(data, drain - 1);
	return GROOVE_SUCCESS;
}
