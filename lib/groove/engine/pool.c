/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "pool.h"

#include <inttypes.h>

#include "hold.h"
#include "list.h"
#include "log.h"

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
	/* As long as the head is the same, so are the elements after it; else the links may lead anywhere. */
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
	/* Acquire and release pair with each other: the last to swap has seen what the others had changed. */
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

uint64_t
pool_volume_top(const struct pool_shared *shared)
{
	uint64_t top = shared->volume_max;

	while (top > 0 &&
		volume_state_kind(__atomic_load_n(&shared->slot[top - 1].state, __ATOMIC_SEQ_CST)) == VOLUME_OUT)
		top--;
	return top;
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
