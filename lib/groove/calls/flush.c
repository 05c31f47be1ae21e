/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Flush: return what the join caches. Trim: return empty superblocks and volumes. */

#include <groove_data.h>

#include "cache.h"
#include "epoch.h"
#include "join_handle.h"
#include "news.h"
#include "superblock_trim.h"

int
groove_data_flush(groove_data_t *data)
{
	if (!join_check(data, "flush"))
		return GROOVE_ERR_INVAL;
	epoch_enter(data);
	cache_flush(data);
	news_back(data);
	epoch_leave(data);
	return GROOVE_SUCCESS;
}

int
groove_data_trim(groove_data_t *data)
{
	if (!join_check(data, "trim"))
		return GROOVE_ERR_INVAL;
	epoch_enter(data);
	trim_all(data);
	epoch_leave(data);
	return GROOVE_SUCCESS;
}
