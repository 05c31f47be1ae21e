/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Two workers at the same time. What is asserted is conservation: every object keeps its pattern until it is freed, and
 * in the end nothing is live, the state verifies and every volume can be removed.
 */

#include <sched.h>
#include <string.h>

#include "cache.h"
#include "epoch.h"
#include "fixture.h"
#include "superblock_claim.h"

#define WORKER_CNT 2
#define TURNS	   400000UL
#define OWN_CNT	   512
#define SLOT_CNT   1024
#define RING_SZ	   256
#define ROOM	   24UL
#define DEATHS	   300UL

/* An object with what it was allocated with. The seed of its pattern is its tag. */
struct item {
	void *obj;
	uint64_t align;
	uint64_t sz;
	uint64_t tag;
};

struct ring {
	uint64_t head __attribute__((__aligned__(64))); /* items taken, written by the taker */
	uint64_t tail __attribute__((__aligned__(64))); /* items put, written by the giver */
	struct item items[RING_SZ];
};

struct shared {
	struct fixture fix;
	int stop;	       /* a worker has failed, or has no more turns */
	uint64_t volumes_out;  /* bit i: volume i is not in the groove and nobody has it */
	void *slots[SLOT_CNT]; /* objects that any worker may take */
	struct ring ring;
};

/* A worker: its join, its random numbers, its tags. */
struct worker {
	struct shared *shared;
	groove_data_t data;
	uint64_t seed;
	uint64_t tag;
};

typedef uint64_t (*size_fn)(uint64_t *seed);

static uint64_t
size_one_class(uint64_t *seed)
{
	return 1 + test_rand(seed) % 48;
}

/* Each power of two up to 64 KiB as often as any other, and at times up to 10 MiB. */
static uint64_t
size_all_classes(uint64_t *seed)
{
	const uint64_t dice = test_rand(seed) % 1024;
	const uint64_t most = dice == 0 ? 10UL << 20 : 1UL << 16;

	return test_rand(seed) % (most + 1) >> test_rand(seed) % 17;
}

static bool
is_stopped(const struct shared *shared)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static void
stop(struct shared *shared)
{
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
}

/* ---- volumes: taken from and put into a bitmap by both workers ---- */

/* Add a volume that nobody has. FULL when there is none. */
static int
grow(struct worker *worker)
{
	uint64_t out = __atomic_load_n(&worker->shared->volumes_out, __ATOMIC_ACQUIRE);
	unsigned int idx;

	do {
		if (out == 0)
			return GROOVE_ERR_FULL;
		idx = (unsigned int)__builtin_ctzll(out);
	} while (!__atomic_compare_exchange_n(/* acquire pairs with the release in shrink() */
		&worker->shared->volumes_out, &out, out & ~(1UL << idx), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return groove_data_volume_add(&worker->data, fixture_volume(&worker->shared->fix, idx),
		worker->shared->fix.cfg.volume_sz, &idx, sizeof(idx));
}

/* Remove a volume, if one is empty. It is mine then: what I write there must stay until it is added again. */
static int
shrink(struct worker *worker)
{
	const struct fixture *fix = &worker->shared->fix;
	uint64_t *volume = (uint64_t *)(void *)groove_data_volume_remove(&worker->data);
	const uint64_t words = (1UL << 20) / sizeof(uint64_t);

	if (volume == NULL)
		return TEST_SUCCESS;

	const uint64_t idx = (uint64_t)((uint8_t *)volume - fix->volume0) / fix->cfg.volume_sz;

	TEST_ASSERT(idx < ROOM && (uint8_t *)volume == fixture_volume(fix, idx), "%p is no volume", (void *)volume);
	for (uint64_t i = 0; i < words; i += 8)
		volume[i] = ~i;
	for (uint64_t i = 0; i < words; i += 8)
		TEST_ASSERT_EQUAL(volume[i], ~i, "removed volume %lu was written to at word %lu", idx, i);

	const uint64_t bit = 1UL << idx;
	const uint64_t out = __atomic_fetch_or(&worker->shared->volumes_out, bit, __ATOMIC_RELEASE);

	TEST_ASSERT_EQUAL(out & bit, 0, "volume %lu removed twice", idx);
	return TEST_SUCCESS;
}

/* ---- objects ---- */

/* Allocate an object with a pattern. FULL adds a volume; without one left item->obj is NULL. */
static int
make_item(struct worker *worker, size_fn size, struct item *item)
{
	const uint64_t lg_align = test_rand(&worker->seed) % 11;
	int err;

	item->align = lg_align < 10 ? 1UL << lg_align : 0;
	item->sz = size(&worker->seed);
	item->tag = ++worker->tag;
	while ((item->obj = groove_data_alloc(&worker->data, item->align, item->sz, item->tag, &err)) == NULL) {
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "alloc of %lu bytes aligned to %lu", item->sz, item->align);
		err = grow(worker);
		if (err == GROOVE_ERR_FULL)
			return TEST_SUCCESS;
		TEST_ASSERT_SUCCESS(err, "volume_add");
	}
	object_fill(item->obj, item->tag);
	return TEST_SUCCESS;
}

static int
free_item(struct worker *worker, const struct item *item)
{
	TEST_CALL(object_check(item->obj, item->align, item->sz, item->tag));
	TEST_ASSERT(object_intact(item->obj, item->tag), "object %#lx of %lu bytes changed", item->tag, item->sz);
	TEST_ASSERT_SUCCESS(groove_data_free(&worker->data, item->obj), "free of object %#lx", item->tag);
	return TEST_SUCCESS;
}

/* ---- each worker frees what it allocated ---- */

static int
own_objects(struct worker *worker, size_fn size, uint64_t turns)
{
	struct item items[OWN_CNT] = {0};

	for (uint64_t turn = 0; turn < turns && !is_stopped(worker->shared); turn++) {
		struct item *item = &items[test_rand(&worker->seed) % OWN_CNT];

		if (item->obj == NULL) {
			TEST_CALL(make_item(worker, size, item));
			continue;
		}
		TEST_CALL(free_item(worker, item));
		item->obj = NULL;
	}
	for (unsigned int i = 0; i < OWN_CNT; i++)
		if (items[i].obj != NULL)
			TEST_CALL(free_item(worker, &items[i]));
	return TEST_SUCCESS;
}

static int
one_class(struct worker *worker, unsigned int index)
{
	(void)index;
	return own_objects(worker, size_one_class, test_turns(2 * TURNS));
}

static int
all_classes(struct worker *worker, unsigned int index)
{
	(void)index;
	return own_objects(worker, size_all_classes, test_turns(TURNS / 2));
}

/* Joins come and go while others work. */
static int
short_joins(struct worker *worker, unsigned int index)
{
	struct shared *shared = worker->shared;

	for (unsigned int round = 0; round < 200; round++) {
		TEST_ASSERT_EQUAL(groove_data_leave(&worker->data), &worker->data, "leave");
		TEST_CALL(fixture_join(&shared->fix, &worker->data, index + round));
		TEST_CALL(own_objects(worker, size_one_class, test_turns(2000)));
	}
	return TEST_SUCCESS;
}

/* ---- a worker recovers from deaths while the other works ---- */

static int
is_lost(void *arg, uint64_t join_idx)
{
	const uint64_t *lost = arg;

	return join_idx == *lost;
}

/* A join that ends with slots cached, and in the midst of a claim. */
static int
lose_join(struct worker *worker, uint64_t *join_idx)
{
	const size_fn sizes[] = {size_one_class, size_all_classes};
	struct sb_claimed claimed;
	groove_data_t lost;

	TEST_CALL(fixture_join(&worker->shared->fix, &lost, test_rand(&worker->seed)));
	for (unsigned int i = 0; i < 16; i++) {
		void *obj = groove_data_alloc(&lost, 0, sizes[i % 2](&worker->seed), 0, NULL);

		TEST_ASSERT(obj == NULL || groove_data_free(&lost, obj) == GROOVE_SUCCESS, "free");
	}
	epoch_enter(&lost);
	superblock_claim(&lost, groove_data_szc(1 + test_rand(&worker->seed) % 5000), 5, &claimed);
	*join_idx = groove_data_join_idx(&lost);
	cache_drop(&lost);
	return TEST_SUCCESS;
}

static int
recover_lost(struct worker *worker, unsigned int index)
{
	if (index == 0)
		return own_objects(worker, size_all_classes, test_turns(TURNS / 2));
	for (uint64_t i = 0; i < test_turns(DEATHS) && !is_stopped(worker->shared); i++) {
		uint64_t lost;
		int err;

		TEST_CALL(lose_join(worker, &lost));
		do
			err = groove_data_recover(&worker->data, is_lost, &lost);
		while (err == GROOVE_ERR_AGAIN && !is_stopped(worker->shared));
		TEST_ASSERT_SUCCESS(err, "recover");
	}
	return TEST_SUCCESS;
}

/* ---- a worker frees what the other allocated ---- */

static int
pipe_give(struct worker *worker, struct ring *ring)
{
	uint64_t left = test_turns(TURNS);
	struct item item;

	for (uint64_t tail = 0; left > 0 && !is_stopped(worker->shared);) {
		/* Acquire pairs with the release of the taker: the place is free. */
		if (tail - __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == RING_SZ) {
			sched_yield();
			continue;
		}
		TEST_CALL(make_item(worker, size_all_classes, &item));
		if (item.obj == NULL) {
			sched_yield();
			continue;
		}
		ring->items[tail % RING_SZ] = item;
		__atomic_store_n(&ring->tail, ++tail, __ATOMIC_RELEASE);
		left--;
	}
	return TEST_SUCCESS;
}

static int
pipe_take(struct worker *worker, struct ring *ring)
{
	uint64_t left = test_turns(TURNS);

	for (uint64_t head = 0; left > 0 && !is_stopped(worker->shared);) {
		/* Acquire pairs with the release of the giver: the item is whole. */
		if (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) == head) {
			sched_yield();
			continue;
		}
		TEST_CALL(free_item(worker, &ring->items[head % RING_SZ]));
		__atomic_store_n(&ring->head, ++head, __ATOMIC_RELEASE);
		left--;
	}
	return TEST_SUCCESS;
}

static int
pipe_objects(struct worker *worker, unsigned int index)
{
	return index == 0 ? pipe_give(worker, &worker->shared->ring) : pipe_take(worker, &worker->shared->ring);
}

/* Swap objects with the slots that both workers use: the one that takes it out checks it and frees it. */
static int
swap_objects(struct worker *worker, unsigned int index)
{
	const uint64_t turns = test_turns(TURNS / 2);

	(void)index;
	for (uint64_t turn = 0; turn < turns && !is_stopped(worker->shared); turn++) {
		void **slot = &worker->shared->slots[test_rand(&worker->seed) % SLOT_CNT];
		struct item item = {0};

		if (test_rand(&worker->seed) & 1)
			TEST_CALL(make_item(worker, size_all_classes, &item));

		/* Release: the other sees the pattern; acquire: I see that of the other. */
		void *obj = __atomic_exchange_n(slot, item.obj, __ATOMIC_ACQ_REL);

		if (obj == NULL)
			continue;
		TEST_ASSERT(object_intact(obj, groove_data_alloc_tag(obj)), "object %#lx changed",
			groove_data_alloc_tag(obj));
		TEST_ASSERT_SUCCESS(groove_data_free(&worker->data, obj), "free");
	}
	return TEST_SUCCESS;
}

/* ---- volumes come and go while objects do ---- */

static int
move_volumes(struct worker *worker)
{
	while (!is_stopped(worker->shared)) {
		TEST_CALL(shrink(worker));
		if (test_rand(&worker->seed) & 1) {
			const int err = grow(worker);

			TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_FULL, "volume_add: %d", err);
		}
		sched_yield();
	}
	return TEST_SUCCESS;
}

static int
under_way(struct worker *worker, unsigned int index)
{
	if (index != 0)
		return move_volumes(worker);

	/* Waves from few objects to many and back, so that volumes empty now and then. */
	for (unsigned int wave = 0; wave < 20; wave++) {
		TEST_CALL(own_objects(worker, size_all_classes, test_turns(TURNS / 20)));
		TEST_ASSERT_SUCCESS(groove_data_flush(&worker->data), "flush");
		TEST_CALL(shrink(worker));
	}
	stop(worker->shared);
	return TEST_SUCCESS;
}

/* Few objects, so that each volume empties at once and is gone while the other may still look into it. */
static int
churn_volumes(struct worker *worker, unsigned int index)
{
	const uint64_t turns = test_turns(TURNS / 4);
	struct item item;
	int err;

	(void)index;
	for (uint64_t turn = 0; turn < turns && !is_stopped(worker->shared); turn++) {
		switch (test_rand(&worker->seed) % 4) {
		case 0:
			TEST_CALL(shrink(worker));
			break;
		case 1:
			err = grow(worker);
			TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_FULL, "volume_add: %d", err);
			break;
		default:
			TEST_CALL(make_item(worker, size_one_class, &item));
			if (item.obj != NULL)
				TEST_CALL(free_item(worker, &item));
			TEST_ASSERT_SUCCESS(groove_data_trim(&worker->data), "trim");
		}
	}
	return TEST_SUCCESS;
}

/* Both workers do both. */
static int
all_together(struct worker *worker, unsigned int index)
{
	(void)index;
	for (unsigned int wave = 0; wave < 40; wave++) {
		TEST_CALL(own_objects(worker, wave & 1 ? size_all_classes : size_one_class, test_turns(TURNS / 80)));
		TEST_CALL(shrink(worker));
		TEST_CALL(swap_objects(worker, index));
		TEST_ASSERT_SUCCESS(groove_data_trim(&worker->data), "trim");
	}
	return TEST_SUCCESS;
}

/* ---- running ---- */

struct job {
	struct shared *shared;
	int (*work)(struct worker *worker, unsigned int index);
};

static int
run_worker(unsigned int index, void *arg)
{
	const struct job *job = arg;
	struct worker worker = {.shared = job->shared, .seed = index, .tag = (uint64_t)index << 56};
	int result = fixture_join(&job->shared->fix, &worker.data, index);

	if (result == TEST_SUCCESS)
		result = job->work(&worker, index);
	if (result != TEST_SUCCESS)
		stop(job->shared);
	if (result == TEST_SUCCESS)
		TEST_ASSERT_EQUAL(groove_data_leave(&worker.data), &worker.data, "leave");
	return result;
}

static int
free_slots(struct shared *shared)
{
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		void *obj = shared->slots[i];

		if (obj == NULL)
			continue;
		TEST_ASSERT(object_intact(obj, groove_data_alloc_tag(obj)), "object in slot %u", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&shared->fix.data, obj), "free slot %u", i);
	}
	return TEST_SUCCESS;
}

/* Volumes in the groove and volumes out of it are all there are. */
static int
check_volumes(struct shared *shared)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&shared->fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_cnt + (uint64_t)__builtin_popcountll(shared->volumes_out), ROOM, "volumes");
	return TEST_SUCCESS;
}

static int
run(int (*work)(struct worker *worker, unsigned int index), uint64_t volumes_in)
{
	static struct shared shared;
	struct job job = {.shared = &shared, .work = work};

	memset(&shared, 0, sizeof(shared));
	TEST_CALL(fixture_make(&shared.fix, VOLUME_SZ_MIN, ROOM));
	TEST_CALL(fixture_add(&shared.fix, 0, volumes_in));
	shared.volumes_out = ((1UL << ROOM) - 1) & ~((1UL << volumes_in) - 1);
	TEST_CALL(test_threads_run(WORKER_CNT, run_worker, &job));
	TEST_ASSERT_SUCCESS(groove_data_verify(&shared.fix.data), "verify");
	TEST_CALL(free_slots(&shared));
	TEST_CALL(check_volumes(&shared));
	return fixture_end(&shared.fix);
}

static int
test_concurrent(void)
{
	TEST_CALL(run(one_class, 1));
	TEST_CALL(run(all_classes, 1));
	TEST_CALL(run(short_joins, 1));
	TEST_CALL(run(recover_lost, 4));
	TEST_CALL(run(pipe_objects, ROOM / 2));
	TEST_CALL(run(swap_objects, 1));
	TEST_CALL(run(under_way, 1));
	TEST_CALL(run(churn_volumes, 1));
	return run(all_together, 1);
}

GROOVE_TEST(concurrent_autotest, fast, test_concurrent);
