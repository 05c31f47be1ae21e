/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The table of operations, by which the mempool library calls. */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <rte_errno.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include "mp_log.h"
#include "mp_ops.h"
#include "mp_seat.h"
#include "mp_stranger.h"

#define ID_BITS		56
#define STRANGER_ROUNDS 256U /* tries for the lock of strangers */

/* ---- a pool ---- */

/* A random number but for its lowest bits, which are those of a count: the pools of a process have different seats. */
static uint64_t
id_draw(void)
{
	static uint32_t pools;
	/* Relaxed: it orders nothing. */
	const uint32_t seat = __atomic_fetch_add(&pools, 1, __ATOMIC_RELAXED) % SEAT_CNT;
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return 0;
	/* Never 0. */
	id = (id | 1UL << (ID_BITS - 1)) & ((1UL << ID_BITS) - 1);
	return id - id % SEAT_CNT + seat;
}

static void
zone_name(char name[RTE_MEMZONE_NAMESIZE], uint64_t id)
{
	snprintf(name, RTE_MEMZONE_NAMESIZE, "groove_mp_%014" PRIx64, id);
}

static const struct rte_memzone *
zone_reserve(const struct rte_mempool *mp, uint64_t id)
{
	const size_t sz = mp_sz(mp->size);
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *zone;

	if (sz == 0) {
		MP_LOG(ERR, "%s: %u elements are too many: 2^31 is the limit", mp->name, mp->size);
		rte_errno = EINVAL;
		return NULL;
	}
	zone_name(name, id);
	zone = rte_memzone_reserve(name, sz, mp->socket_id, 0);
	if (zone == NULL)
		MP_LOG(ERR, "%s: no memzone of %zu bytes for the magazines of %u elements: %s", mp->name, sz, mp->size,
			rte_strerror(rte_errno));
	return zone;
}

static int
mp_alloc(struct rte_mempool *mp)
{
	const struct rte_memzone *zone;
	struct mp_pool *pool;
	const uint64_t id = id_draw();
	int err;

	if (id == 0)
		return -EIO;
	zone = zone_reserve(mp, id);
	if (zone == NULL)
		return -rte_errno;
	pool = zone->addr;
	memset(pool, 0, zone->len);
	mp_init(pool, mp->size, (uint64_t)mp->header_size + mp->elt_size + mp->trailer_size, id);
	pool->mempool = mp;
	err = self_note_file(pool);
	pool->sole = err == 0 ? self_enter(pool) : 0;
	if (pool->sole == 0) {
		rte_memzone_free(zone);
		return err != 0 ? err : -ENOSPC;
	}
	mp->pool_data = pool;
	MP_LOG(DEBUG, "%s: %u elements in %u magazines of %u", mp->name, mp->size, pool->magazine_cnt,
		pool->magazine_slots);
	return 0;
}

static void
mp_free(struct rte_mempool *mp)
{
	const struct mp_pool *pool = mp->pool_data;
	char name[RTE_MEMZONE_NAMESIZE];

	if (pool == NULL)
		return;
	zone_name(name, pool->id);
	rte_memzone_free(rte_memzone_lookup(name));
	mp->pool_data = NULL;
}

/* ---- populate: each element is noted before the library puts it ---- */

struct noting {
	uint8_t member;
	bool failed;
	rte_mempool_populate_obj_cb_t *obj_cb;
	void *obj_cb_arg;
};

static void
note_each(struct rte_mempool *mp, void *arg, void *obj, rte_iova_t iova)
{
	struct noting *noting = arg;

	if (!mp_note(mp->pool_data, obj, noting->member))
		noting->failed = true;
	noting->obj_cb(mp, noting->obj_cb_arg, obj, iova);
}

static int
mp_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova, size_t len,
	rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	struct noting noting = {.member = self_enter(mp->pool_data), .obj_cb = obj_cb, .obj_cb_arg = obj_cb_arg};
	int cnt;

	if (noting.member == 0)
		return -ENOSPC;
	if (mp->populated_size == 0)
		mp_forget(mp->pool_data);
	cnt = rte_mempool_op_populate_default(mp, max_objs, vaddr, iova, len, note_each, &noting);
	if (!noting.failed)
		return cnt;
	MP_LOG(ERR, "%s: its elements lie in more than %u places: give larger pieces of memory", mp->name, EXTENT_CNT);
	return -ENOSPC;
}

/* ---- get and put ---- */

/*
 * There were too few: the dead may hold magazines. Or one look at the counts has missed what another thread moved
 * meanwhile: two do not, as a rule.
 */
static int __attribute__((__cold__, __noinline__))
dequeue_again(struct mp_pool *pool, struct seat *seat, void **objs, unsigned int n)
{
	if (seat == NULL || mp_cnt(pool, n) < n)
		return -ENOBUFS;
	self_recover(pool);
	return magazine_get(pool, seat->member, &seat->last, objs, n) ? 0 : -ENOBUFS;
}

static int
mp_dequeue(struct rte_mempool *mp, void **objs, unsigned int n)
{
	struct mp_pool *pool = mp->pool_data;
	struct seat *seat = seat_of(pool);

	if (likely(seat != NULL && magazine_get(pool, seat->member, &seat->last, objs, n)))
		return 0;
	return dequeue_again(pool, seat, objs, n);
}

/*
 * Put in the name of strangers, one at a time. Nobody waits for one that is stopped: then it is in the name of nobody,
 * and what this process holds is lost if it is killed in this very put.
 */
static uint32_t
put_strange(struct mp_pool *pool, struct magazine **last, void *const *objs, uint32_t n)
{
	int fd = -1;

	for (uint32_t round = 0; round < STRANGER_ROUNDS && fd < 0; round++) {
		fd = self_lock_strangers(pool);
		if (fd < 0)
			sched_yield();
	}
	if (fd < 0)
		return magazine_put(pool, OWNER_UNKNOWN, last, objs, n);
	n = stranger_put(pool, last, objs, n);
	self_unlock_strangers(fd);
	return n;
}

/*
 * There was no room: the dead may hold magazines. Or there is no seat: a process that can have no place puts all the
 * same, as the library takes no put for failed.
 */
static int __attribute__((__cold__, __noinline__))
enqueue_again(struct mp_pool *pool, struct seat *seat, void *const *objs, uint32_t n)
{
	struct magazine *last = mp_magazine(pool, 0);

	self_recover(pool);
	n = seat != NULL ? magazine_put(pool, seat->member, &last, objs, n) : put_strange(pool, &last, objs, n);
	if (n == 0)
		return 0;
	MP_LOG_LIMITED(
		ERR, "%s: threads that are stopped hold all magazines: %u elements stay out", pool->mempool->name, n);
	return -ENOBUFS;
}

static int
mp_enqueue(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	struct mp_pool *pool = mp->pool_data;
	struct seat *seat = seat_of(pool);
	const uint32_t left = likely(seat != NULL) ? magazine_put(pool, seat->member, &seat->last, objs, n) : n;

	return likely(left == 0) ? 0 : enqueue_again(pool, seat, objs, left);
}

static unsigned int
mp_get_count(const struct rte_mempool *mp)
{
	return (unsigned int)mp_cnt(mp->pool_data, UINT64_MAX);
}

static const struct rte_mempool_ops mp_ops = {
	.name = MP_OPS_NAME,
	.alloc = mp_alloc,
	.free = mp_free,
	.enqueue = mp_enqueue,
	.dequeue = mp_dequeue,
	.get_count = mp_get_count,
	.populate = mp_populate,
};
RTE_MEMPOOL_REGISTER_OPS(mp_ops)

struct mp_pool *
mp_of(const struct rte_mempool *mp)
{
	if (mp == NULL || mp->pool_data == NULL || strcmp(rte_mempool_get_ops(mp->ops_index)->name, MP_OPS_NAME) != 0)
		return NULL;
	return mp->pool_data;
}
