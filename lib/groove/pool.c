/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_volume.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hold.h"
#include "list.h"
#include "log.h"
#include "pool.h"

#define POOL_MAGIC 0x67726f6f76706f6fUL /* "groovpoo" */
#define POOL_ALIGN 64UL

static bool
is_aligned(const void *addr, uint64_t align)
{
	return ((uintptr_t)addr & (align - 1)) == 0;
}

bool
pool_pop(const groove_volume_pool_t *pool, uint64_t *name, uint64_t *idx)
{
	struct pool_shared *shared = pool_shared(pool);
	uint64_t head = __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */

	for (;;) {
		const uint32_t first = list_head_first(head);

		if (first == 0 || first > pool->volume_max)
			return false;
		if (volume_state_kind(pool_state(pool, first - 1)) != VOLUME_EMPTY) {
			/* Unless the list has changed meanwhile. */
			const uint64_t now = __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE);

			if (now == head) {
				GROOVE_LOG_LIMITED(
					ERR, "volume %u: in the pool, not empty: it stays there\n", first - 1);
				return false;
			}
			head = now;
			continue;
		}

		/* Relaxed: if the volume was popped meanwhile the link may be anything, and the swap fails on the tag.
		 */
		const uint32_t next = __atomic_load_n(&shared->slot[first - 1].next, __ATOMIC_RELAXED);

		__atomic_store_n(name, hold_name_volumes(first - 1, 1), __ATOMIC_RELAXED); /* released by the swap */
		if (list_head_swap(&shared->head, &head, next)) {
			*idx = first - 1;
			return true;
		}
		__atomic_store_n(name, 0, __ATOMIC_RELEASE);
	}
}

int
pool_has(const groove_volume_pool_t *pool, uint64_t idx, bool *has)
{
	const struct pool_shared *shared = pool_shared(pool);
	const uint64_t head = __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE); /* pairs with list_head_swap() */
	uint64_t next = list_head_first(head);

	*has = false;
	/* As long as the head is the same, so is what is behind it; else the links may lead anywhere. */
	for (uint64_t i = 0; next != 0 && next <= pool->volume_max && i < pool->volume_max && !*has; i++) {
		*has = next - 1 == idx;
		next = __atomic_load_n(&shared->slot[next - 1].next, __ATOMIC_ACQUIRE);
	}
	return __atomic_load_n(&shared->head, __ATOMIC_ACQUIRE) == head ? GROOVE_SUCCESS : GROOVE_ERR_AGAIN;
}

void
pool_recount(const groove_volume_pool_t *pool)
{
	struct pool_shared *shared = pool_shared(pool);
	/* Acquire and release pair with each other: who swaps last has seen what those before had changed. */
	uint64_t old = __atomic_load_n(&shared->volume_cnt, __ATOMIC_ACQUIRE);
	uint64_t cnt;

	do {
		cnt = 0;
		for (uint64_t i = 0; i < pool->volume_max; i++) {
			const enum volume_kind kind = volume_state_kind(pool_state(pool, i));

			cnt += kind != VOLUME_OUT && kind != VOLUME_ADDING && kind != VOLUME_REMOVING;
		}
	} while (!__atomic_compare_exchange_n(
		&shared->volume_cnt, &old, ((old >> 32) + 1) << 32 | cnt, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

void
pool_push(const groove_volume_pool_t *pool, uint64_t idx)
{
	struct pool_shared *shared = pool_shared(pool);
	uint64_t head = __atomic_load_n(&shared->head, __ATOMIC_RELAXED);

	do
		__atomic_store_n(&shared->slot[idx].next, list_head_first(head), __ATOMIC_RELAXED);
	while (!list_head_swap(&shared->head, &head, (uint32_t)idx + 1));
}

bool
pool_check_hdr(const groove_volume_pool_t *pool, uint64_t idx)
{
	const groove_volume_t *volume = pool_volume(pool, idx);
	const bool is_leaving = volume_state_kind(pool_state(pool, idx)) == VOLUME_REMOVING;

	if ((volume->magic == GROOVE_VOLUME_MAGIC || (is_leaving && volume->magic == 0)) && volume->idx == idx &&
		volume->sz == pool->volume_sz && volume->info_sz <= GROOVE_VOLUME_INFO_MAX)
		return true;
	GROOVE_LOG(ERR,
		"volume %" PRIu64 ": damaged header: magic %#" PRIx64 ", index %" PRIu64 ", size %" PRIu64
		", info %" PRIu64 " bytes\n",
		idx, volume->magic, volume->idx, volume->sz, volume->info_sz);
	return false;
}

bool
pool_out(const groove_volume_pool_t *pool, uint64_t idx, uint64_t old)
{
	/* REMOVING in between, so that nobody adds the volume while its header is still being cleared. */
	const uint64_t removing = volume_state_next(old, VOLUME_REMOVING, 0);

	if (!pool_state_swap(pool, idx, old, removing))
		return false;
	if (!pool_check_hdr(pool, idx)) {
		pool_state_swap(pool, idx, removing,
			volume_state_next(removing, volume_state_kind(old), volume_state_epoch(old)));
		return false;
	}
	pool_volume(pool, idx)->magic = 0;
	pool_state_swap(pool, idx, removing, volume_state_next(removing, VOLUME_OUT, 0));
	pool_recount(pool);
	return true;
}

static int
pool_add_check(
	const groove_volume_pool_t *pool, const void *mem, uint64_t footprint, const void *info, uint64_t info_sz)
{
	if (mem == NULL || pool->volume0 == NULL) {
		GROOVE_LOG(ERR, "volume_add: NULL memory\n");
		return GROOVE_ERR_INVAL;
	}
	if (info_sz > GROOVE_VOLUME_INFO_MAX || (info == NULL && info_sz != 0)) {
		GROOVE_LOG(ERR, "volume_add: info of %" PRIu64 " bytes at %p: at most %lu, not at NULL\n", info_sz,
			info, GROOVE_VOLUME_INFO_MAX);
		return GROOVE_ERR_INVAL;
	}
	if (footprint == 0 || footprint % pool->volume_sz != 0) {
		GROOVE_LOG(ERR, "volume_add: %" PRIu64 " bytes are not a number of volumes of %" PRIu64 "\n", footprint,
			pool->volume_sz);
		return GROOVE_ERR_INVAL;
	}

	const uintptr_t volume0 = (uintptr_t)pool->volume0;
	const uint64_t off = (uintptr_t)mem - volume0;
	const uint64_t reach = pool->volume_max * pool->volume_sz;

	if ((uintptr_t)mem < volume0 || off >= reach || footprint > reach - off || off % pool->volume_sz != 0) {
		GROOVE_LOG(ERR, "volume_add: %p + %" PRIu64 " is not a range of volumes of [%p, %p)\n", mem, footprint,
			pool->volume0, (void *)(volume0 + reach));
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

void
pool_add_undo(const groove_volume_pool_t *pool, uint64_t first, uint64_t cnt)
{
	for (uint64_t i = first; i < first + cnt; i++) {
		const uint64_t adding = pool_state(pool, i);

		pool_state_swap(pool, i, adding, volume_state_next(adding, VOLUME_OUT, 0));
	}
}

/* Take a volume from OUT to ADDING. */
static bool
pool_add_take(const groove_volume_pool_t *pool, uint64_t idx)
{
	const uint64_t out = pool_state(pool, idx);

	return volume_state_kind(out) == VOLUME_OUT &&
	       pool_state_swap(pool, idx, out, volume_state_next(out, VOLUME_ADDING, 0));
}

int
pool_add_ask(const groove_volume_pool_t *pool, const void *mem, uint64_t footprint, const void *info, uint64_t info_sz,
	struct pool_range *range)
{
	const int err = pool_add_check(pool, mem, footprint, info, info_sz);

	if (err != GROOVE_SUCCESS)
		return err;
	range->cnt = footprint / pool->volume_sz;
	range->idx = ((uintptr_t)mem - (uintptr_t)pool->volume0) / pool->volume_sz;
	/* A copy, as the info may lie in the volume's own header: that of a volume that was removed before. */
	range->info_sz = info_sz;
	if (info_sz != 0)
		memcpy(range->info, info, info_sz);
	return GROOVE_SUCCESS;
}

static int
pool_add_refuse(uint64_t idx)
{
	GROOVE_LOG(ERR, "volume_add: volume %" PRIu64 " is in the groove already: remove it first\n", idx);
	return GROOVE_ERR_INVAL;
}

int
pool_add_begin(const groove_volume_pool_t *pool, const struct pool_range *range)
{
	for (uint64_t i = range->idx; i < range->idx + range->cnt; i++)
		if (volume_state_kind(pool_state(pool, i)) != VOLUME_OUT)
			return pool_add_refuse(i);
	for (uint64_t i = range->idx; i < range->idx + range->cnt; i++) {
		if (pool_add_take(pool, i))
			continue;
		pool_add_undo(pool, range->idx, i - range->idx); /* another was faster */
		return pool_add_refuse(i);
	}
	return GROOVE_SUCCESS;
}

void
pool_add_end(const groove_volume_pool_t *pool, const struct pool_range *range, uint64_t clear_sz)
{
	/* From the highest, so that the lowest is popped first. */
	for (uint64_t i = range->idx + range->cnt; i-- > range->idx;) {
		groove_volume_t *volume = pool_volume(pool, i);

		memset(volume, 0, GROOVE_BLOCK_FOOTPRINT + clear_sz);
		volume->magic = GROOVE_VOLUME_MAGIC;
		volume->idx = i;
		volume->sz = pool->volume_sz;
		volume->info_sz = range->info_sz;
		memcpy(volume->info, range->info, range->info_sz);

		const uint64_t adding = pool_state(pool, i);

		pool_state_swap(pool, i, adding, volume_state_next(adding, VOLUME_EMPTY, 0));
		pool_push(pool, i);
	}
	pool_recount(pool);
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
	return (sizeof(struct pool_shared) + volume_max * sizeof(struct volume_slot) + POOL_ALIGN - 1) &
	       ~(POOL_ALIGN - 1);
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
	/* Release: who sees the magic sees a pool. Pairs with join. */
	__atomic_store_n(&shared->magic, POOL_MAGIC, __ATOMIC_RELEASE);
	return shmem;
}

static bool
is_pool(const void *shpool)
{
	const struct pool_shared *shared = shpool;

	if (shpool == NULL || !is_aligned(shpool, POOL_ALIGN) ||
		__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) != POOL_MAGIC) {
		GROOVE_LOG(ERR, "no volume pool at %p\n", shpool);
		return false;
	}
	return true;
}

uint64_t
pool_volume_top(const struct pool_shared *shared)
{
	uint64_t top = shared->volume_max;

	while (top > 0 &&
		volume_state_kind(__atomic_load_n(&shared->slot[top - 1].state, __ATOMIC_SEQ_CST)) == VOLUME_OUT)
		top--;
	return top;
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
		GROOVE_LOG(ERR, "join: %" PRIu64 " volumes of %" PRIu64 " bytes do not fit behind %p\n", max,
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

	if (err == GROOVE_SUCCESS)
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

void
pool_use(const groove_volume_pool_t *pool, uint64_t idx)
{
	const uint64_t empty = pool_state(pool, idx);

	pool_state_swap(pool, idx, empty, volume_state_next(empty, VOLUME_USED, 0));
}

bool
pool_release(const groove_volume_pool_t *pool, uint64_t idx)
{
	const uint64_t used = pool_state(pool, idx);

	if (volume_state_kind(used) != VOLUME_USED ||
		!pool_state_swap(pool, idx, used, volume_state_next(used, VOLUME_EMPTY, 0)))
		return false;
	pool_push(pool, idx);
	return true;
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

	if (shared->magic != POOL_MAGIC || shared->volume_sz != pool->volume_sz ||
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
