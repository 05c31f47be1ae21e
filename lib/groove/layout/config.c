/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "config.h"

#include <inttypes.h>

#include "geometry.h"
#include "log.h"
#include "sized.h"

static const groove_data_cfg_t data_cfg_default = {
	.volume_sz = GROOVE_VOLUME_FOOTPRINT,
	.join_max = GROOVE_DATA_JOIN_DEFAULT,
};

/* Of the first that had a size: programs that leave it 0 have no more. It grows at its end. */
#define CFG_SIZE_FIRST 32U
_Static_assert(sizeof(groove_data_cfg_t) >= CFG_SIZE_FIRST, "up to join_max");

bool
config_is_possible(const groove_data_cfg_t *full)
{
	return full->volume_sz >= GROOVE_VOLUME_FOOTPRINT_MIN && full->volume_sz <= GROOVE_VOLUME_FOOTPRINT_MAX &&
	       (full->volume_sz & (full->volume_sz - 1)) == 0 && full->volume_max > 0 &&
	       full->volume_max <= GROOVE_VOLUME_REACH / full->volume_sz && full->join_max > 0 &&
	       full->join_max <= GROOVE_DATA_JOIN_MAX;
}

uint64_t
config_footprint(const groove_data_cfg_t *full)
{
	return shdata_pool_off(full->join_max) + pool_footprint(full->volume_max);
}

bool
cfg_complete(const groove_data_cfg_t *cfg, groove_data_cfg_t *full)
{
	*full = data_cfg_default;
	if (cfg != NULL && !sized_copy(full, sizeof(*full), CFG_SIZE_FIRST, cfg, "groove_data_cfg_t"))
		return false;
	if (full->volume_sz == 0)
		full->volume_sz = data_cfg_default.volume_sz;
	if (full->join_max == 0)
		full->join_max = data_cfg_default.join_max;
	if (full->volume_sz < GROOVE_VOLUME_FOOTPRINT_MIN || full->volume_sz > GROOVE_VOLUME_FOOTPRINT_MAX ||
		(full->volume_sz & (full->volume_sz - 1)) != 0) {
		GROOVE_LOG(ERR, "volume size %" PRIu64 " is no power of two from %lu to %lu\n", full->volume_sz,
			GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX);
		return false;
	}

	const uint64_t reach = GROOVE_VOLUME_REACH / full->volume_sz;

	if (full->volume_max == 0)
		full->volume_max = reach;
	if (full->volume_max > reach) {
		GROOVE_LOG(ERR, "%" PRIu64 " volumes of %" PRIu64 " bytes: at most %" PRIu64 "\n", full->volume_max,
			full->volume_sz, reach);
		return false;
	}
	if (full->join_max > GROOVE_DATA_JOIN_MAX) {
		GROOVE_LOG(ERR, "%" PRIu64 " joins: at most %lu\n", full->join_max, GROOVE_DATA_JOIN_MAX);
		return false;
	}
	return true;
}

uint64_t
groove_data_align(void)
{
	return _Alignof(struct groove_shdata);
}

/* FNV-1a: the sum of what was before, and of some bytes. */
static uint64_t
sum_bytes(uint64_t sum, const void *bytes, size_t sz)
{
	for (size_t i = 0; i < sz; i++)
		sum = (sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3UL;
	return sum;
}

uint64_t
config_szc_sum(void)
{
	uint64_t sum = sum_bytes(0xcbf29ce484222325UL, groove_data_szc_cfg, sizeof(groove_data_szc_cfg));

	/* What a superblock may lie in another library has to know; which of it is used first is its own matter. */
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		sum = sum_bytes(sum, szc_hosts[szc].mask, sizeof(szc_hosts[szc].mask));
		sum = sum_bytes(sum, &szc_hosts[szc].level, sizeof(szc_hosts[szc].level));
	}
	return sum;
}

bool
is_groove(const void *shmem, const char *call)
{
	const struct groove_shdata *shdata = shmem;

	if (shmem == NULL || (uintptr_t)shmem % groove_data_align() != 0) {
		GROOVE_LOG(ERR, "%s: shared region at %p: not NULL, aligned to %" PRIu64 "\n", call, shmem,
			groove_data_align());
		return false;
	}
	if (__atomic_load_n(&shdata->magic, __ATOMIC_ACQUIRE) != GROOVE_DATA_MAGIC) {
		GROOVE_LOG(ERR, "%s: no groove at %p: magic %#" PRIx64 "\n", call, shmem, shdata->magic);
		return false;
	}
	if (shdata->version != SHDATA_VERSION) {
		GROOVE_LOG(ERR, "%s: the groove at %p has layout %u, this library reads layout %u\n", call, shmem,
			shdata->version, SHDATA_VERSION);
		return false;
	}

	if (shdata->szc_sum != config_szc_sum()) {
		GROOVE_LOG(ERR, "%s: the groove at %p was made with other size classes: use the library that made it\n",
			call, shmem);
		return false;
	}

	const groove_data_cfg_t cfg = {
		.volume_sz = shdata->volume_shift < 64 ? 1UL << shdata->volume_shift : 0,
		.volume_max = shdata->volume_max,
		.join_max = shdata->join_max,
	};

	if (!config_is_possible(&cfg) || config_footprint(&cfg) != shdata->footprint) {
		GROOVE_LOG(ERR, "%s: the groove at %p has a damaged configuration\n", call, shmem);
		return false;
	}
	return true;
}

bool
config_is_foreign(const struct groove_shdata *shdata)
{
	return __atomic_load_n(&shdata->magic, __ATOMIC_ACQUIRE) == GROOVE_DATA_MAGIC &&
	       (shdata->version != SHDATA_VERSION || shdata->szc_sum != config_szc_sum());
}

bool
groove_has_pool(const struct groove_shdata *shdata, const char *call)
{
	const struct pool_shared *pool = shdata_pool_const(shdata);

	if (pool->volume_max == shdata->volume_max && pool->volume_sz == 1UL << shdata->volume_shift)
		return true;
	GROOVE_LOG(ERR,
		"%s: the groove at %p has a damaged pool, for %" PRIu64 " volumes of %" PRIu64 " bytes, not %" PRIu64
		" of %lu\n",
		call, (const void *)shdata, pool->volume_max, pool->volume_sz, shdata->volume_max,
		1UL << shdata->volume_shift);
	return false;
}

bool
config_is_sound(const groove_data_t *data)
{
	const struct groove_shdata *shdata = data->shdata;
	const struct pool_shared *pool = data->pool.shpool;

	return is_groove(shdata, "check") && shdata->volume_shift == data->volume_shift &&
	       shdata->volume_max >= data->pool.volume_max && shdata->join_max == data->join_max &&
	       shdata_pool(data->shdata) == pool && groove_has_pool(shdata, "check");
}
