/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The calls of groove_volume.h: a pool of volumes that a program uses without a groove. */

#include <groove_volume.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "log.h"
#include "pool.h"
#include "pool_add.h"

static bool
is_aligned(const void *addr, uint64_t align)
{
	return ((uintptr_t)addr & (align - 1)) == 0;
}

uint64_t
groove_volume_pool_align(void)
{
	return POOL_ALIGN;
}

uint64_t
groove_volume_pool_footprint(uint64_t volume_max)
{
	if (volume_max == 0 || volume_max > GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN)
		return 0;
	return pool_footprint(volume_max);
}

/* Whether there can be a pool of so many volumes of so many bytes. Logs, naming the call, when not. */
static bool
is_pool_size(uint64_t volume_max, uint64_t volume_sz, const char *call)
{
	if (volume_sz < GROOVE_VOLUME_FOOTPRINT_MIN || volume_sz > GROOVE_VOLUME_FOOTPRINT_MAX ||
		(volume_sz & (volume_sz - 1)) != 0) {
		GROOVE_LOG(ERR, "volume pool: %s: volume size %" PRIu64 " is no power of two from %lu to %lu\n", call,
			volume_sz, GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX);
		return false;
	}
	if (volume_max == 0 || volume_max > GROOVE_VOLUME_REACH / volume_sz) {
		GROOVE_LOG(ERR, "volume pool: %s: %" PRIu64 " volumes: at least 1, at most %" PRIu64 " of this size\n",
			call, volume_max, GROOVE_VOLUME_REACH / volume_sz);
		return false;
	}
	return true;
}

void *
groove_volume_pool_new(void *shmem, uint64_t volume_max, uint64_t volume_sz)
{
	struct pool_shared *shared = shmem;

	if (shmem == NULL || !is_aligned(shmem, POOL_ALIGN)) {
		GROOVE_LOG(ERR, "volume pool: shared memory at %p: not NULL, aligned to %lu\n", shmem, POOL_ALIGN);
		return NULL;
	}
	if (!is_pool_size(volume_max, volume_sz, "new"))
		return NULL;

	memset(shared, 0, groove_volume_pool_footprint(volume_max));
	shared->volume_max = volume_max;
	shared->volume_sz = volume_sz;
	/* Release: a join that sees the magic sees a pool. Pairs with join. */
	__atomic_store_n(&shared->magic, GROOVE_VOLUME_POOL_MAGIC, __ATOMIC_RELEASE);
	return shmem;
}

static bool
is_pool(const void *shpool)
{
	const struct pool_shared *shared = shpool;

	if (shpool == NULL || !is_aligned(shpool, POOL_ALIGN) ||
		__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) != GROOVE_VOLUME_POOL_MAGIC) {
		GROOVE_LOG(ERR, "no volume pool at %p\n", shpool);
		return false;
	}
	return true;
}

groove_volume_pool_t *
groove_volume_pool_join(groove_volume_pool_t *ljoin, void *shpool, void *volume0, uint64_t volume_max)
{
	if (ljoin == NULL || !is_aligned(ljoin, _Alignof(groove_volume_pool_t)) || volume0 == NULL ||
		!is_aligned(volume0, GROOVE_VOLUME_ALIGN)) {
		GROOVE_LOG(ERR, "join: handle at %p and volume 0 at %p: not NULL, aligned to %zu and %lu\n",
			(void *)ljoin, volume0, _Alignof(groove_volume_pool_t), GROOVE_VOLUME_ALIGN);
		return NULL;
	}
	if (!is_pool(shpool))
		return NULL;

	const struct pool_shared *shared = shpool;

	if (!is_pool_size(shared->volume_max, shared->volume_sz, "join of a damaged one"))
		return NULL;

	const uint64_t max = volume_max != 0 ? volume_max : shared->volume_max;
	const uint64_t top = pool_volume_top(shared);

	if (max > shared->volume_max || max < top) {
		GROOVE_LOG(ERR,
			"join: volume_max %" PRIu64 ": the groove has room for %" PRIu64 " and uses %" PRIu64 "\n",
			volume_max, shared->volume_max, top);
		return NULL;
	}
	if (max * shared->volume_sz > UINTPTR_MAX - (uintptr_t)volume0) {
		GROOVE_LOG(ERR, "join: %" PRIu64 " volumes of %" PRIu64 " bytes do not fit after %p\n", max,
			shared->volume_sz, volume0);
		return NULL;
	}
	ljoin->shpool = shpool;
	ljoin->volume0 = volume0;
	ljoin->volume_max = max;
	ljoin->volume_sz = shared->volume_sz;
	return ljoin;
}

void *
groove_volume_pool_leave(groove_volume_pool_t *pool)
{
	if (pool == NULL) {
		GROOVE_LOG(ERR, "volume pool: leave of NULL\n");
		return NULL;
	}
	memset(pool, 0, sizeof(*pool));
	return pool;
}

void *
groove_volume_pool_delete(void *shpool)
{
	if (!is_pool(shpool))
		return NULL;
	__atomic_store_n(&((struct pool_shared *)shpool)->magic, 0, __ATOMIC_RELEASE);
	return shpool;
}

int
groove_volume_pool_add(groove_volume_pool_t *pool, void *mem, uint64_t footprint, const void *info, uint64_t info_sz)
{
	if (pool == NULL) {
		GROOVE_LOG(ERR, "volume pool: add to NULL\n");
		return GROOVE_ERR_INVAL;
	}

	struct pool_range range;
	int err = pool_add_ask(pool, mem, footprint, info, info_sz, &range);

	if (err != GROOVE_SUCCESS || range.cnt == 0)
		return err;
	err = pool_add_begin(pool, &range);
	if (err == GROOVE_SUCCESS)
		pool_add_end(pool, &range, 0);
	return err;
}

groove_volume_t *
groove_volume_pool_remove(groove_volume_pool_t *pool)
{
	uint64_t name;
	uint64_t idx;

	if (pool == NULL || !pool_pop(pool, &name, &idx) || !pool_out(pool, idx, pool_state(pool, idx)))
		return NULL;
	return pool_volume(pool, idx);
}

groove_volume_t *
groove_volume_pool_acquire(groove_volume_pool_t *pool, int *err)
{
	uint64_t name;
	uint64_t idx;
	int rc = GROOVE_SUCCESS;

	if (pool == NULL) {
		GROOVE_LOG(ERR, "volume pool: acquire from NULL\n");
		rc = GROOVE_ERR_INVAL;
	} else if (!pool_pop(pool, &name, &idx)) {
		rc = GROOVE_ERR_EMPTY;
	} else {
		pool_use(pool, idx);
	}
	if (err != NULL)
		*err = rc;
	return rc == GROOVE_SUCCESS ? pool_volume(pool, idx) : NULL;
}

int
groove_volume_pool_release(groove_volume_pool_t *pool, groove_volume_t *volume)
{
	if (pool == NULL || volume == NULL || (uintptr_t)volume < (uintptr_t)pool->volume0) {
		GROOVE_LOG(ERR, "volume pool: release of %p to %p\n", (void *)volume, (void *)pool);
		return GROOVE_ERR_INVAL;
	}

	const uint64_t off = (uintptr_t)volume - (uintptr_t)pool->volume0;
	const uint64_t idx = off / pool->volume_sz;

	if (off % pool->volume_sz != 0 || idx >= pool->volume_max || !pool_release(pool, idx)) {
		GROOVE_LOG(ERR, "volume pool: %p is no acquired volume\n", (void *)volume);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

/* Walk the list: each volume in it once, and EMPTY. seen has volume_max bytes, zero. */
static int
pool_verify_list(const groove_volume_pool_t *pool, uint8_t *seen)
{
	const struct pool_shared *shared = pool_shared(pool);
	uint32_t next = list_head_first(__atomic_load_n(&shared->head, __ATOMIC_ACQUIRE));

	while (next != 0) {
		const uint64_t idx = next - 1;

		if (idx >= pool->volume_max) {
			GROOVE_LOG(ERR, "volume pool: list leads to volume %" PRIu64 " of %" PRIu64 "\n", idx,
				pool->volume_max);
			return GROOVE_ERR_CORRUPT;
		}
		if (seen[idx] != 0 || volume_state_kind(pool_state(pool, idx)) != VOLUME_EMPTY) {
			GROOVE_LOG(ERR, "volume pool: volume %" PRIu64 " is in the list, %s\n", idx,
				seen[idx] != 0 ? "twice" : "not empty");
			return GROOVE_ERR_CORRUPT;
		}
		seen[idx] = 1;
		next = __atomic_load_n(&shared->slot[idx].next, __ATOMIC_RELAXED);
	}
	return GROOVE_SUCCESS;
}

static int
pool_verify_volume(const groove_volume_pool_t *pool, uint64_t idx, bool listed)
{
	const uint64_t state = pool_state(pool, idx);
	const enum volume_kind kind = volume_state_kind(state);

	if (kind == VOLUME_ADDING || kind == VOLUME_REMOVING || kind >= VOLUME_KIND_CNT ||
		(kind != VOLUME_RETIRED && volume_state_epoch(state) != 0)) {
		GROOVE_LOG(ERR, "volume %" PRIu64 ": state %#" PRIx64 " in an idle groove\n", idx, state);
		return GROOVE_ERR_CORRUPT;
	}
	if (kind == VOLUME_OUT)
		return GROOVE_SUCCESS;
	if (kind == VOLUME_EMPTY && !listed) {
		GROOVE_LOG(ERR, "volume %" PRIu64 " is empty and not in the pool\n", idx);
		return GROOVE_ERR_CORRUPT;
	}
	return pool_check_hdr(pool, idx) ? GROOVE_SUCCESS : GROOVE_ERR_CORRUPT;
}

int
groove_volume_pool_verify(const groove_volume_pool_t *pool)
{
	if (pool == NULL || pool->shpool == NULL) {
		GROOVE_LOG(ERR, "volume pool: verify of NULL\n");
		return GROOVE_ERR_INVAL;
	}

	const struct pool_shared *shared = pool_shared(pool);

	if (shared->magic != GROOVE_VOLUME_POOL_MAGIC || shared->volume_sz != pool->volume_sz ||
		pool->volume_max > shared->volume_max) {
		GROOVE_LOG(ERR,
			"volume pool: damaged: magic %#" PRIx64 ", volume size %" PRIu64 ", room for %" PRIu64 "\n",
			shared->magic, shared->volume_sz, shared->volume_max);
		return GROOVE_ERR_CORRUPT;
	}

	uint8_t *seen = calloc(pool->volume_max, 1);

	if (seen == NULL) {
		GROOVE_LOG(ERR, "volume pool: no memory to verify %" PRIu64 " volumes with\n", pool->volume_max);
		return GROOVE_ERR_AGAIN;
	}

	int err = pool_verify_list(pool, seen);

	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < pool->volume_max; i++)
		err = pool_verify_volume(pool, i, seen[i] != 0);
	free(seen);
	return err;
}
