/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>

#include <rte_mempool.h>

#include "groove_mempool.h"
#include "magazine.h"
#include "mp_ops.h"
#include "mp_seat.h"

struct walk {
	struct mp_pool *pool;
	groove_mempool_dead_fn fn;
	void *arg;
	uint8_t member;
	int listed;
};

/* Hand an element from one owner to another. False: another has it. */
static bool
hand_over(uint8_t *owner, uint8_t from, uint8_t to)
{
	/* Acquire, release: the new owner has what the one before has done to the element. */
	return __atomic_compare_exchange_n(owner, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void
walk_each(struct rte_mempool *mp, void *arg, void *obj, unsigned int idx)
{
	struct walk *walk = arg;
	uint8_t *owner = mp_owner(walk->pool, obj);

	RTE_SET_USED(idx);
	if (owner == NULL || !hand_over(owner, OWNER_DEAD, walk->member))
		return;
	walk->listed++;
	switch (walk->fn(mp, obj, walk->arg)) {
	case GROOVE_MEMPOOL_PUT:
		rte_mempool_ops_enqueue_bulk(mp, &obj, 1);
		break;
	case GROOVE_MEMPOOL_LEAVE:
		hand_over(owner, walk->member, OWNER_DEAD);
		break;
	case GROOVE_MEMPOOL_KEEP:
		break;
	}
}

int
groove_mempool_recover(struct rte_mempool *mp)
{
	struct mp_pool *pool = mp_of(mp);

	return pool != NULL ? self_recover(pool) : -EINVAL;
}

int
groove_mempool_walk_dead(struct rte_mempool *mp, groove_mempool_dead_fn fn, void *arg)
{
	struct walk walk = {.pool = mp_of(mp), .fn = fn, .arg = arg};
	const int err = fn != NULL ? groove_mempool_recover(mp) : -EINVAL;

	if (err < 0)
		return err;
	walk.member = self_enter(walk.pool);
	if (walk.member == 0)
		return -ENOSPC;
	/* Relaxed: while there has been no other process, none can be dead. */
	if (__atomic_load_n(&walk.pool->sole, __ATOMIC_RELAXED) == walk.member)
		return 0;
	magazine_clear(walk.pool, OWNER_DEAD);
	rte_mempool_obj_iter(mp, walk_each, &walk);
	magazine_clear_end(walk.pool);
	return walk.listed;
}

int
groove_mempool_own(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct mp_pool *pool = mp_of(mp);
	const struct seat *seat = pool != NULL ? seat_of(pool) : NULL;

	if (pool == NULL)
		return -EINVAL;
	if (seat == NULL)
		return -ENOSPC;
	for (unsigned int i = 0; i < n; i++) {
		uint8_t *owner = mp_owner(pool, objs[i]);

		if (owner == NULL)
			return -EINVAL;
		/* Relaxed: the way by which the element came here orders it. */
		__atomic_store_n(owner, seat->member, __ATOMIC_RELAXED);
	}
	return 0;
}
