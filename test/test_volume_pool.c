/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The pool of volumes alone. */

#include <stdbool.h>
#include <string.h>

#include "fixture.h"

#define VOLUME_SZ  VOLUME_SZ_MIN
#define VOLUME_MAX 8UL
#define VOLUMES_SZ (VOLUME_MAX * VOLUME_SZ)
#define TURNS	   4000000UL

/* A pool in memory of the test's own. */
struct pool {
	void *shmem;
	uint64_t shmem_sz;
	uint8_t *volume0;
	groove_volume_pool_t join;
};

static int
pool_make(struct pool *pool)
{
	pool->shmem_sz = groove_volume_pool_footprint(VOLUME_MAX);
	pool->shmem = test_mem_map(pool->shmem_sz);
	pool->volume0 = test_mem_map(VOLUMES_SZ);
	TEST_ASSERT(pool->shmem != NULL && pool->volume0 != NULL, "no memory");
	TEST_ASSERT_EQUAL(groove_volume_pool_new(pool->shmem, VOLUME_MAX, VOLUME_SZ), pool->shmem, "new");
	TEST_ASSERT_EQUAL(groove_volume_pool_join(&pool->join, pool->shmem, pool->volume0, 0), &pool->join, "join");
	return TEST_SUCCESS;
}

static int
pool_end(struct pool *pool)
{
	TEST_ASSERT_SUCCESS(groove_volume_pool_verify(&pool->join), "verify");
	TEST_ASSERT_EQUAL(groove_volume_pool_leave(&pool->join), &pool->join, "leave");
	TEST_ASSERT_EQUAL(groove_volume_pool_delete(pool->shmem), pool->shmem, "delete");
	TEST_ASSERT_NULL(groove_volume_pool_delete(pool->shmem), "delete twice");
	test_mem_unmap(pool->shmem, pool->shmem_sz);
	test_mem_unmap(pool->volume0, VOLUMES_SZ);
	return TEST_SUCCESS;
}

static uint8_t *
pool_volume(const struct pool *pool, uint64_t idx)
{
	return pool->volume0 + idx * VOLUME_SZ;
}

static int
test_footprint(void)
{
	const uint64_t align = groove_volume_pool_align();

	TEST_ASSERT(align > 0 && (align & (align - 1)) == 0, "alignment %lu is no power of two", align);
	TEST_ASSERT_EQUAL(groove_volume_pool_footprint(0), 0, "footprint of no volumes");
	TEST_ASSERT_EQUAL(groove_volume_pool_footprint(65537), 0, "footprint of 65537 volumes");
	TEST_ASSERT_EQUAL(groove_volume_pool_footprint(UINT64_MAX), 0, "footprint");
	TEST_ASSERT(groove_volume_pool_footprint(1) > 0, "footprint of one volume");
	TEST_ASSERT(groove_volume_pool_footprint(65536) > groove_volume_pool_footprint(1), "footprint of all");
	return TEST_SUCCESS;
}

static int
test_new_bad(void)
{
	const uint64_t sz = groove_volume_pool_footprint(65536);
	uint8_t *shmem = test_mem_map(sz);

	TEST_ASSERT_NOT_NULL(shmem, "no memory");
	test_log_begin();
	TEST_ASSERT_NULL(groove_volume_pool_new(NULL, 1, VOLUME_SZ), "NULL memory");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem + 1, 1, VOLUME_SZ), "misaligned memory");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 0, VOLUME_SZ), "no volumes");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 65537, VOLUME_SZ), "65537 volumes");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 2049, 1UL << 30), "2049 volumes of 1 GiB");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 1, 0), "volumes of 0 bytes");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 1, VOLUME_SZ / 2), "volumes of 16 MiB");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 1, 1UL << 31), "volumes of 2 GiB");
	TEST_ASSERT_NULL(groove_volume_pool_new(shmem, 1, 3UL << 26), "volumes of 192 MiB");
	const unsigned int lines = test_log_lines();
	test_log_end();
	TEST_ASSERT_EQUAL(lines, 9, "log lines of 9 bad calls");
	for (uint64_t i = 0; i < sz; i++)
		TEST_ASSERT_EQUAL(shmem[i], 0, "byte %lu changed", i);
	for (uint64_t volume_sz = VOLUME_SZ_MIN; volume_sz <= 1UL << 30; volume_sz *= 2)
		TEST_ASSERT_EQUAL(groove_volume_pool_new(shmem, (1UL << 41) / volume_sz, volume_sz), shmem,
			"2 TiB in volumes of %lu", volume_sz);
	test_mem_unmap(shmem, sz);
	return TEST_SUCCESS;
}

static int
test_join_bad(struct pool *pool)
{
	groove_volume_pool_t ljoin;
	uint8_t *shmem = pool->shmem;

	TEST_ASSERT_NULL(groove_volume_pool_join(NULL, shmem, pool->volume0, 0), "NULL ljoin");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, NULL, pool->volume0, 0), "NULL pool");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, shmem + 1, pool->volume0, 0), "misaligned pool");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, pool->volume0, pool->volume0, 0), "no pool there");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, shmem, NULL, 0), "NULL volume0");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, shmem, pool->volume0 + 64, 0), "misaligned volume0");
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, shmem, pool->volume0, VOLUME_MAX + 1), "too many volumes");
	TEST_ASSERT_NULL(
		groove_volume_pool_join((groove_volume_pool_t *)((uint8_t *)&pool->join + 1), shmem, pool->volume0, 0),
		"misaligned ljoin");
	/* The last volume that there can be in an address space: the others are beyond it. */
	TEST_ASSERT_NULL(groove_volume_pool_join(&ljoin, shmem, (void *)-GROOVE_VOLUME_ALIGN, 0), "end of all memory");
	TEST_ASSERT_NULL(groove_volume_pool_leave(NULL), "leave NULL");
	TEST_ASSERT_NULL(groove_volume_pool_delete(NULL), "delete NULL");
	TEST_ASSERT_NULL(groove_volume_pool_delete(pool->volume0), "delete no pool");
	TEST_ASSERT_EQUAL(groove_volume_pool_verify(NULL), GROOVE_ERR_INVAL, "verify NULL");
	return TEST_SUCCESS;
}

static int
test_add_bad(struct pool *pool)
{
	groove_volume_pool_t *join = &pool->join;
	uint8_t *shmem_before = test_mem_map(pool->shmem_sz);
	const struct {
		groove_volume_pool_t *join;
		void *mem;
		uint64_t footprint;
		const void *info;
		uint64_t info_sz;
	} bad[] = {
		{NULL, pool->volume0, VOLUME_SZ, NULL, 0},
		{join, NULL, VOLUME_SZ, NULL, 0},
		{join, pool->volume0 + 512, VOLUME_SZ, NULL, 0},
		{join, pool->volume0 - VOLUME_SZ, VOLUME_SZ, NULL, 0},
		{join, pool->volume0 + VOLUMES_SZ, VOLUME_SZ, NULL, 0},
		{join, NULL, 0, NULL, 0},
		{join, pool->volume0 + 512, 0, NULL, 0},
		{join, pool->volume0 - VOLUME_SZ, 0, NULL, 0},
		{join, pool->volume0 + VOLUMES_SZ + VOLUME_SZ, 0, NULL, 0},
		{join, pool->volume0, VOLUME_SZ - 1, NULL, 0},
		{join, pool->volume0, VOLUMES_SZ + VOLUME_SZ, NULL, 0},
		{join, pool->volume0 + VOLUME_SZ, VOLUMES_SZ, NULL, 0},
		{join, pool->volume0 + 3 * VOLUME_SZ, VOLUME_SZ, NULL, 0},
		{join, pool->volume0 + 2 * VOLUME_SZ, 2 * VOLUME_SZ, NULL, 0},
		{join, pool->volume0, VOLUMES_SZ, NULL, 0},
	};

	TEST_ASSERT_NOT_NULL(shmem_before, "no memory");
	TEST_ASSERT_SUCCESS(groove_volume_pool_add(join, pool_volume(pool, 3), VOLUME_SZ, NULL, 0), "add volume 3");
	memcpy(shmem_before, pool->shmem, pool->shmem_sz);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TEST_ASSERT_EQUAL(
			groove_volume_pool_add(bad[i].join, bad[i].mem, bad[i].footprint, bad[i].info, bad[i].info_sz),
			GROOVE_ERR_INVAL, "bad add %zu", i);
		TEST_ASSERT_SUCCESS(memcmp(shmem_before, pool->shmem, pool->shmem_sz), "bad add %zu changed state", i);
	}
	TEST_ASSERT_EQUAL(groove_volume_pool_remove(join), pool_volume(pool, 3), "remove");
	TEST_ASSERT_NULL(groove_volume_pool_remove(join), "remove from an empty pool");
	TEST_ASSERT_NULL(groove_volume_pool_remove(NULL), "remove from NULL");
	test_mem_unmap(shmem_before, pool->shmem_sz);
	return TEST_SUCCESS;
}

/* No volume is a range of volumes, wherever one could begin. Nothing changes. */
static int
test_add_none(struct pool *pool)
{
	uint8_t *shmem_before = test_mem_map(pool->shmem_sz);

	TEST_ASSERT_NOT_NULL(shmem_before, "no memory");
	memcpy(shmem_before, pool->shmem, pool->shmem_sz);
	for (uint64_t i = 0; i <= VOLUME_MAX; i++)
		TEST_ASSERT_SUCCESS(groove_volume_pool_add(&pool->join, pool_volume(pool, i), 0, "info", 4),
			"no volume from volume %lu", i);
	TEST_ASSERT_SUCCESS(memcmp(shmem_before, pool->shmem, pool->shmem_sz), "no volume changed state");
	TEST_ASSERT_NULL(groove_volume_pool_remove(&pool->join), "remove from an empty pool");
	test_mem_unmap(shmem_before, pool->shmem_sz);
	return TEST_SUCCESS;
}

/* What is more than the header has room for is cut, and no info is none whatever its size. */
static int
test_add_info(struct pool *pool)
{
	uint8_t info[GROOVE_VOLUME_INFO_MAX + 20];
	const struct {
		const void *info;
		uint64_t info_sz;
		uint64_t kept;
	} cases[] = {
		{NULL, 0, 0},
		{NULL, 1, 0},
		{NULL, UINT64_MAX, 0},
		{info, 0, 0},
		{info, 1, 1},
		{info, 479, 479},
		{info, 480, 480},
		{info, 481, 480},
		{info, sizeof(info), 480},
		{info, UINT64_MAX, 480},
	};

	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (uint8_t)(i % 250 + 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const groove_volume_t *volume;

		TEST_ASSERT_SUCCESS(
			groove_volume_pool_add(&pool->join, pool->volume0, VOLUME_SZ, cases[i].info, cases[i].info_sz),
			"info %zu", i);
		volume = groove_volume_pool_remove(&pool->join);
		TEST_ASSERT_EQUAL(volume, pool_volume(pool, 0), "remove %zu", i);
		TEST_ASSERT_EQUAL(volume->info_sz, cases[i].kept, "bytes of info %zu", i);
		for (uint64_t byte = 0; byte < GROOVE_VOLUME_INFO_MAX; byte++)
			TEST_ASSERT_EQUAL(volume->info[byte], byte < cases[i].kept ? info[byte] : 0,
				"byte %lu of info %zu", byte, i);
	}
	return TEST_SUCCESS;
}

/* The lowest of an added range comes first; an acquired volume stays in the groove. */
static int
test_acquire(struct pool *pool)
{
	groove_volume_pool_t *join = &pool->join;
	groove_volume_pool_t narrow;
	int err = 1234;

	TEST_ASSERT_NULL(groove_volume_pool_acquire(NULL, &err), "acquire from NULL");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "acquire from NULL");
	TEST_ASSERT_NULL(groove_volume_pool_acquire(join, &err), "acquire from an empty pool");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_EMPTY, "acquire from an empty pool");
	TEST_ASSERT_NULL(groove_volume_pool_acquire(join, NULL), "acquire without err");
	TEST_ASSERT_SUCCESS(groove_volume_pool_add(join, pool->volume0, VOLUMES_SZ, NULL, 0), "add all");
	TEST_ASSERT_SUCCESS(groove_volume_pool_verify(join), "verify");
	for (uint64_t i = 0; i < VOLUME_MAX; i++) {
		TEST_ASSERT_EQUAL(groove_volume_pool_acquire(join, &err), pool_volume(pool, i), "acquire %lu", i);
		TEST_ASSERT_SUCCESS(err, "acquire %lu", i);
		TEST_ASSERT_EQUAL(groove_volume_pool_add(join, pool_volume(pool, i), VOLUME_SZ, NULL, 0),
			GROOVE_ERR_INVAL, "add acquired volume %lu", i);
	}
	TEST_ASSERT_NULL(groove_volume_pool_remove(join), "remove an acquired volume");
	TEST_ASSERT_NULL(groove_volume_pool_join(&narrow, pool->shmem, pool->volume0, VOLUME_MAX - 1), "narrow join");
	TEST_ASSERT_SUCCESS(groove_volume_pool_verify(join), "verify");
	return TEST_SUCCESS;
}

static int
test_release(struct pool *pool)
{
	groove_volume_pool_t *join = &pool->join;
	groove_volume_t *first = (groove_volume_t *)(void *)pool->volume0;
	groove_volume_t *inside = (groove_volume_t *)(void *)(pool->volume0 + 512);
	groove_volume_t *beyond = (groove_volume_t *)(void *)(pool->volume0 + VOLUMES_SZ);
	groove_volume_t *before = (groove_volume_t *)(void *)(pool->volume0 - VOLUME_SZ);

	TEST_ASSERT_EQUAL(groove_volume_pool_release(NULL, first), GROOVE_ERR_INVAL, "release to NULL");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, NULL), GROOVE_ERR_INVAL, "release of NULL");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, inside), GROOVE_ERR_INVAL, "release of no volume");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, beyond), GROOVE_ERR_INVAL, "release beyond the last");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, before), GROOVE_ERR_INVAL, "release before the first");
	TEST_ASSERT_SUCCESS(groove_volume_pool_release(join, first), "release");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, first), GROOVE_ERR_INVAL, "release twice");
	TEST_ASSERT_EQUAL(groove_volume_pool_remove(join), first, "remove");
	TEST_ASSERT_EQUAL(groove_volume_pool_release(join, first), GROOVE_ERR_INVAL, "release of a removed volume");
	for (uint64_t i = 1; i < VOLUME_MAX; i++)
		TEST_ASSERT_SUCCESS(groove_volume_pool_release(join, (void *)pool_volume(pool, i)), "release %lu", i);
	for (uint64_t i = 1; i < VOLUME_MAX; i++)
		TEST_ASSERT_NOT_NULL(groove_volume_pool_remove(join), "remove %lu", i);
	TEST_ASSERT_NULL(groove_volume_pool_remove(join), "remove one more");
	return TEST_SUCCESS;
}

/* ---- two workers: a volume is in the pool or with one worker, never with two ---- */

struct shared {
	struct pool *pool;
	unsigned int holders[VOLUME_MAX];
};

static int
hold(struct shared *shared, const uint8_t *volume, uint64_t *idx)
{
	*idx = (uint64_t)(volume - shared->pool->volume0) / VOLUME_SZ;
	TEST_ASSERT(*idx < VOLUME_MAX && volume == pool_volume(shared->pool, *idx), "%p is no volume",
		(const void *)volume);
	TEST_ASSERT_EQUAL(
		__atomic_exchange_n(&shared->holders[*idx], 1, __ATOMIC_RELAXED), 0, "volume %lu is held twice", *idx);
	return TEST_SUCCESS;
}

/* A volume that a worker has taken out of the pool. */
struct held {
	groove_volume_t *volume;
	uint64_t idx;
	bool acquired; /* not removed */
};

static int
take(struct shared *shared, groove_volume_pool_t *join, bool acquire, struct held *held)
{
	held->acquired = acquire;
	held->volume = acquire ? groove_volume_pool_acquire(join, NULL) : groove_volume_pool_remove(join);
	return held->volume != NULL ? hold(shared, (const uint8_t *)held->volume, &held->idx) : TEST_SUCCESS;
}

static int
give(struct shared *shared, groove_volume_pool_t *join, const struct held *held)
{
	if (held->volume == NULL)
		return TEST_SUCCESS;
	__atomic_store_n(&shared->holders[held->idx], 0, __ATOMIC_RELAXED);
	if (held->acquired)
		TEST_ASSERT_SUCCESS(groove_volume_pool_release(join, held->volume), "release %lu", held->idx);
	else
		TEST_ASSERT_SUCCESS(
			groove_volume_pool_add(join, held->volume, VOLUME_SZ, NULL, 0), "add %lu", held->idx);
	return TEST_SUCCESS;
}

/* Take up to three volumes one way or the other, and give them back in the same order or turned round. */
static int
take_and_give(unsigned int index, void *arg)
{
	struct shared *shared = arg;
	uint64_t turns = test_turns(TURNS);
	uint64_t seed = index;
	groove_volume_pool_t join;
	struct held held[3];

	TEST_ASSERT_NOT_NULL(groove_volume_pool_join(&join, shared->pool->shmem, shared->pool->volume0, 0), "join");
	while (turns-- > 0) {
		const uint64_t dice = test_rand(&seed);
		const unsigned int cnt = 1 + (unsigned int)(dice >> 8) % 3;

		for (unsigned int i = 0; i < cnt; i++)
			TEST_CALL(take(shared, &join, dice >> i & 1, &held[i]));
		for (unsigned int i = 0; i < cnt; i++)
			TEST_CALL(give(shared, &join, &held[dice >> 16 & 1 ? i : cnt - 1 - i]));
	}
	TEST_ASSERT_NOT_NULL(groove_volume_pool_leave(&join), "leave");
	return TEST_SUCCESS;
}

static int
test_two_workers(struct pool *pool)
{
	struct shared shared = {.pool = pool};
	uint64_t idx;

	TEST_ASSERT_SUCCESS(groove_volume_pool_add(&pool->join, pool->volume0, 3 * VOLUME_SZ, NULL, 0), "add 3");
	TEST_CALL(test_threads_run(2, take_and_give, &shared));
	TEST_ASSERT_SUCCESS(groove_volume_pool_verify(&pool->join), "verify");
	for (unsigned int i = 0; i < 3; i++) {
		const uint8_t *volume = (const uint8_t *)groove_volume_pool_remove(&pool->join);

		TEST_ASSERT_NOT_NULL(volume, "volume %u of 3 is lost", i);
		TEST_CALL(hold(&shared, volume, &idx));
		TEST_ASSERT(idx < 3, "volume %lu was never added", idx);
	}
	TEST_ASSERT_NULL(groove_volume_pool_remove(&pool->join), "a fourth volume");
	return TEST_SUCCESS;
}

static int
test_volume_pool(void)
{
	struct pool pool;

	TEST_CALL(test_footprint());
	TEST_CALL(test_new_bad());
	TEST_CALL(pool_make(&pool));
	TEST_CALL(test_join_bad(&pool));
	TEST_CALL(test_add_bad(&pool));
	TEST_CALL(test_add_none(&pool));
	TEST_CALL(test_add_info(&pool));
	TEST_CALL(test_acquire(&pool));
	TEST_CALL(test_release(&pool));
	TEST_CALL(test_two_workers(&pool));
	return pool_end(&pool);
}

GROOVE_TEST(volume_pool_autotest, fast, test_volume_pool);
