/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>

#include "cache_cap.h"
#include "join_handle.h"
#include "log.h"

int
groove_data_cache_limit(groove_data_t *data, uint64_t szc_bytes, uint64_t join_bytes)
{
	if (!join_check(data, "cache_limit"))
		return GROOVE_ERR_INVAL;
	if (szc_bytes > GROOVE_DATA_CACHE_SZC_BYTES || join_bytes > GROOVE_DATA_CACHE_JOIN_BYTES) {
		GROOVE_LOG(ERR, "cache_limit: %" PRIu64 " bytes a class and %" PRIu64 " a join: at most %lu and %lu\n",
			szc_bytes, join_bytes, GROOVE_DATA_CACHE_SZC_BYTES, GROOVE_DATA_CACHE_JOIN_BYTES);
		return GROOVE_ERR_INVAL;
	}
	groove_data_flush(data);
	cache_cap_limit(data, szc_bytes, join_bytes);
	return GROOVE_SUCCESS;
}
