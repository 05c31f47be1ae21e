/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Make the shared region of a groove, and end it. */

#include <groove_data.h>

#include <inttypes.h>
#include <string.h>

#include "config.h"
#include "geometry.h"
#include "joins.h"
#include "log.h"

uint64_t
groove_data_footprint(void)
{
	return groove_data_footprint_cfg(NULL);
}

uint64_t
groove_data_footprint_cfg(const groove_data_cfg_t *cfg)
{
	groove_data_cfg_t full;

	return cfg_complete(cfg, &full) ? config_footprint(&full) : 0;
}

void *
groove_data_new(void *shmem)
{
	return groove_data_new_cfg(shmem, NULL);
}

void *
groove_data_new_cfg(void *shmem, const groove_data_cfg_t *cfg)
{
	struct groove_shdata *shdata = shmem;
	groove_data_cfg_t full;

	if (shmem == NULL || (uintptr_t)shmem % groove_data_align() != 0) {
		GROOVE_LOG(ERR, "new: shared memory at %p: not NULL, aligned to %" PRIu64 "\n", shmem,
			groove_data_align());
		return NULL;
	}
	if (!cfg_complete(cfg, &full))
		return NULL;

	const uint64_t footprint = config_footprint(&full);

	joins_forget(shmem);
	memset(shdata, 0, footprint);
	shdata->version = SHDATA_VERSION;
	shdata->volume_shift = floor_log2(full.volume_sz);
	shdata->volume_max = full.volume_max;
	shdata->join_max = full.join_max;
	shdata->footprint = footprint;
	shdata->szc_sum = config_szc_sum();
	shdata->epoch = 1;
	groove_volume_pool_new(shdata_pool(shdata), full.volume_max, full.volume_sz);
	/* Release: a join that sees the magic sees a groove. Pairs with is_groove(). */
	__atomic_store_n(&shdata->magic, GROOVE_DATA_MAGIC, __ATOMIC_RELEASE);
	return shmem;
}

void *
groove_data_delete(void *shdata)
{
	struct groove_shdata *shared = shdata;

	if (!is_groove(shdata, "delete"))
		return NULL;
	for (uint64_t i = 0; i < shared->join_max; i++) {
		if (record_kind(__atomic_load_n(&shared->record[i].state, __ATOMIC_ACQUIRE)) == RECORD_VACANT)
			continue;
		GROOVE_LOG(ERR, "delete: join %" PRIu64 " is still there: leave first, or recover if it is dead\n", i);
		return NULL;
	}
	groove_volume_pool_delete(shdata_pool(shared));
	__atomic_store_n(&shared->magic, 0, __ATOMIC_RELEASE);
	return shdata;
}
