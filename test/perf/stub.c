/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <groove_tile.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "clock.h"
#include "test.h"
#include "tsc.h"

struct stub_plan stub_plan;
struct stub_lcore stub_lcores[STUB_LCORE_MAX];
struct stub_seen stub_seen;

static __thread unsigned int self;

void
stub_reset(void)
{
	memset(&stub_plan, 0, sizeof(stub_plan));
	memset(&stub_seen, 0, sizeof(stub_seen));
	stub_plan.tile_cnt = 1;
	stub_plan.cpu_percent = 100;
}

/* ---- clocks ---- */

uint64_t
stub_clock_ns(void)
{
	stub_lcores[self].now_ns += stub_plan.look_ns;
	return stub_lcores[self].now_ns;
}

uint64_t
stub_clock_cpu_ns(void)
{
	return stub_lcores[self].now_ns * stub_plan.cpu_percent / 100;
}

uint64_t
stub_tsc(void)
{
	stub_lcores[self].now_ns += stub_plan.tick_ns;
	return 4 * stub_lcores[self].now_ns;
}

/* ---- calls ---- */

static uint64_t
call_ns(const struct stub_lcore *lcore, enum stub_call call)
{
	const uint64_t nth = lcore->calls[call];
	const uint64_t ns = stub_plan.ns[self][call];

	if (!lcore->timed && stub_plan.slow_after != 0 && lcore->warm_calls >= stub_plan.slow_after)
		return 3 * stub_plan.warm_ns;
	if (!lcore->timed)
		return stub_plan.warm_ns;
	if (!stub_plan.outliers)
		return ns;
	if (nth % 5000 == 4999)
		return 1000 * ns + nth % 11;
	if (nth % 500 == 499)
		return 100 * ns + nth % 13;
	return (nth % 50 == 49 ? 10 * ns : ns) + nth % 7;
}

static void
call_made(struct stub_lcore *lcore, enum stub_call call)
{
	const uint64_t ns = call_ns(lcore, call);

	lcore->now_ns += ns;
	if (!lcore->timed) {
		lcore->warm_calls++;
		return;
	}
	if (lcore->calls[call] < STUB_SEEN_MAX)
		lcore->took[call][lcore->calls[call]] = (uint32_t)ns;
	lcore->calls[call]++;
	lcore->ns[call] += ns;
}

static void
is_full(struct stub_lcore *lcore)
{
	if (lcore->full_cnt < STUB_FULL_MAX) {
		lcore->full_live[lcore->full_cnt] = lcore->live;
		lcore->full_objs[lcore->full_cnt] = lcore->live_cnt;
		lcore->full_freed[lcore->full_cnt] = lcore->freed;
	}
	lcore->full_cnt++;
	lcore->freed = 0;
}

#define ARENA_SZ  (256UL << 20)
#define WORDS	  8	     /* nobody writes to more of an object than its first 64 bytes, so it has no more */
#define UNTOUCHED 0x5afe0b1e /* what is in each word at first */

struct object {
	uint64_t sz;
	uint64_t serial;
	uint64_t words[WORDS];
};

/* Look at what its user did to an object. */
static void
object_seen(struct stub_lcore *lcore, const struct object *object)
{
	lcore->frees++;
	lcore->touched += object->words[0] != UNTOUCHED;
	lcore->worked += object->words[WORDS - 1] != UNTOUCHED;
	lcore->fifo += object->serial == lcore->freed_last + 1;
	lcore->lifo += object->serial == lcore->freed_last - 1;
	lcore->freed_last = object->serial;
}

uint64_t
stub_slot(uint64_t sz)
{
	return (STUB_HDR + sz + 63) / 64 * 64;
}

/* Memory for an object: its own, or the next slot of the arena, of one lcore. */
static struct object *
object_room(struct stub_lcore *lcore, uint64_t sz)
{
	static uint8_t *arena;
	struct object *object;

	if (!stub_plan.arena)
		return malloc(sizeof(*object));
	if (arena == NULL) {
		arena = mmap(
			NULL, ARENA_SZ, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (arena == MAP_FAILED)
			abort();
	}
	if (lcore->serial % STUB_SUPERBLOCK == 0)
		lcore->arena_used += 64;
	object = (struct object *)(arena + lcore->arena_used);
	lcore->arena_used += stub_slot(sz);
	if (lcore->arena_used > ARENA_SZ || lcore->serial + 1 >= STUB_SERIAL_MAX)
		abort();
	return object;
}

static void
object_drop(struct stub_lcore *lcore, struct object *object)
{
	if (stub_plan.arena)
		lcore->freed_at[object->serial] = (uint8_t)(1 + lcore->full_cnt);
	else
		free(object);
}

void *
rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	struct stub_lcore *lcore = &stub_lcores[self];
	struct object *object;

	(void)type;
	(void)align;
	(void)socket;
	call_made(lcore, STUB_ALLOC);
	if (lcore->seen_cnt[STUB_ALLOC] < STUB_SEEN_MAX)
		lcore->sz[lcore->seen_cnt[STUB_ALLOC]++] = (uint32_t)size;
	if (stub_plan.capacity != 0 && lcore->live + size > stub_plan.capacity) {
		is_full(lcore);
		return NULL;
	}
	object = object_room(lcore, size);
	if (object == NULL)
		abort();
	object->sz = size;
	object->serial = ++lcore->serial;
	for (unsigned int i = 0; i < WORDS; i++)
		object->words[i] = UNTOUCHED;
	lcore->live += size;
	lcore->live_cnt++;
	/* wraps below 0 where one frees what others allocate */
	if ((int64_t)lcore->live_cnt > (int64_t)lcore->peak_cnt)
		lcore->peak_cnt = lcore->live_cnt;
	return object->words;
}

void
rte_free(void *ptr)
{
	struct stub_lcore *lcore = &stub_lcores[self];
	struct object *object = (struct object *)((uint8_t *)ptr - offsetof(struct object, words));

	call_made(lcore, STUB_FREE);
	lcore->freed++;
	object_seen(lcore, object);
	lcore->live -= object->sz; /* wraps where one frees what others allocate: the sum over all is right */
	lcore->live_cnt--;
	object_drop(lcore, object);
}

struct rte_mempool *
rte_mempool_create(const char *name, unsigned int n, unsigned int elt_size, unsigned int cache_size,
	unsigned int private_data_size, rte_mempool_ctor_t *mp_init, void *mp_init_arg, rte_mempool_obj_cb_t *obj_init,
	void *obj_init_arg, int socket, unsigned int flags)
{
	(void)name;
	(void)private_data_size;
	(void)mp_init;
	(void)mp_init_arg;
	(void)obj_init;
	(void)obj_init_arg;
	(void)socket;
	(void)flags;
	stub_seen.mempool_sz = elt_size;
	stub_seen.mempool_cnt = n;
	stub_seen.mempool_cache = cache_size;
	rte_errno = ENOMEM;
	return NULL;
}

/* ---- the allocators ---- */

int perf_rte_malloc_socket;

static void
job_comes(const char *name, unsigned int allocator, char *buf, size_t buf_sz)
{
	const unsigned int rep = stub_seen.job_cnt / 2; /* two allocators take turns */

	snprintf(buf, buf_sz, "1.%u", allocator);
	for (unsigned int i = 0; i < STUB_LCORE_MAX; i++) {
		stub_lcores[i] = (struct stub_lcore){.now_ns = 1000UL * i};
		if (stub_plan.rep_ns[allocator][0] != 0 && rep < STUB_FULL_MAX) {
			stub_plan.ns[i][STUB_ALLOC] = stub_plan.rep_ns[allocator][rep];
			stub_plan.ns[i][STUB_FREE] = stub_plan.rep_ns[allocator][rep];
		}
	}
	if (stub_seen.job_cnt < sizeof(stub_seen.order) - 1)
		stub_seen.order[stub_seen.job_cnt] = name[0];
	stub_seen.job_cnt++;
}

static void
groove_version(char *buf, size_t buf_sz)
{
	job_comes("groove", 0, buf, buf_sz);
}

static void
peer_version(char *buf, size_t buf_sz)
{
	job_comes("peer", 1, buf, buf_sz);
}

static int
stub_open(const struct perf_job *job)
{
	if (stub_seen.open_cnt < sizeof(stub_seen.open) / sizeof(stub_seen.open[0]))
		stub_seen.open[stub_seen.open_cnt] = *job;
	stub_seen.open_cnt++;
	return 0;
}

static int
stub_close(bool all_freed)
{
	stub_seen.close_cnt++;
	stub_seen.close_all_freed = all_freed;
	return 0;
}

static void
stub_watch(struct perf_worker *worker, bool begins)
{
	struct stub_lcore *lcore = &stub_lcores[worker->idx];

	lcore->timed = begins;
	if (begins)
		lcore->begin_ns = lcore->now_ns;
	else
		lcore->end_ns = lcore->now_ns;
}

#define STUB(stub_name, stub_version)                                                                                  \
	.name = (stub_name), .family = PERF_RTE_MALLOC, .calls = &stub_calls, .version = (stub_version),               \
	.open = stub_open, .close = stub_close, .watch = stub_watch

static void *
stub_alloc(struct perf_worker *worker, uint64_t sz)
{
	(void)worker;
	return rte_malloc_socket(NULL, sz, 0, 0);
}

static void
stub_free(struct perf_worker *worker, void *obj)
{
	(void)worker;
	rte_free(obj);
}

static const struct perf_calls stub_calls = {.alloc = stub_alloc, .free = stub_free};

static uint64_t
stub_slot_of(const void *obj)
{
	return stub_slot(((const struct object *)((const uint8_t *)obj - offsetof(struct object, words)))->sz);
}

const struct perf_allocator perf_groove = {
	STUB("groove", groove_version), .slot_of = stub_slot_of, .slot_for = stub_slot, .slot_hdr = STUB_HDR};
const struct perf_allocator stub_peer = {STUB("peer", peer_version)};
const struct perf_allocator stub_fixed = {STUB("fixed", peer_version), .only_fixed = true};

const struct perf_allocator *const perf_allocators[] = {&perf_groove, &stub_peer, &stub_fixed};
const unsigned int perf_allocator_cnt = 3;

/* ---- tiles ---- */

struct tiles {
	groove_tile_fn fn;
	void *arg;
};

static int
tile_work(unsigned int index, void *arg)
{
	const struct tiles *tiles = arg;

	self = index;
	return tiles->fn(index, tiles->arg);
}

unsigned int
rte_lcore_count(void)
{
	return stub_plan.tile_cnt;
}

unsigned int
groove_tile_cnt(void)
{
	return stub_plan.tile_cnt;
}

int
groove_tile_cpu(unsigned int tile)
{
	return (int)tile;
}

int
groove_tile_run(groove_tile_fn fn, void *arg, int *results)
{
	struct tiles tiles = {.fn = fn, .arg = arg};

	(void)results;
	return test_threads_run(stub_plan.tile_cnt, tile_work, &tiles) == TEST_SUCCESS ? GROOVE_SUCCESS
										       : GROOVE_ERR_CORRUPT;
}
