/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The mempool driver "groove" by the calls of the mempool library: its contract, in one process. test/mempool has
 * several, and their deaths.
 */

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include <groove_mempool.h>

#include "test.h"

#define ELT_SZ	 64U
#define ELT_CNT	 3001U
#define BULK_MAX 700U

/* ---- pools ---- */

static struct rte_mempool *
pool_make(const char *name, unsigned int cnt, unsigned int sz, unsigned int cache, unsigned int flags)
{
	struct rte_mempool *mp = rte_mempool_create_empty(name, cnt, sz, cache, 0, SOCKET_ID_ANY, flags);

	if (mp == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(mp, "groove", NULL) == 0 && rte_mempool_populate_default(mp) == (int)cnt)
		return mp;
	rte_mempool_free(mp);
	return NULL;
}

static void
number_each(struct rte_mempool *mp, void *arg, void *obj, unsigned int idx)
{
	(void)mp;
	(void)arg;
	*(unsigned int *)obj = idx;
}

/* Whether these are different elements of the pool. */
static int
check_different(struct rte_mempool *mp, void *const *objs, unsigned int n)
{
	bool *seen = calloc(mp->size, sizeof(*seen));
	unsigned int twice = 0;

	TEST_ASSERT_NOT_NULL(seen, "no memory");
	for (unsigned int i = 0; i < n; i++) {
		const unsigned int idx = *(const unsigned int *)objs[i];

		twice += rte_mempool_from_obj(objs[i]) != mp || idx >= mp->size || seen[idx];
		if (idx < mp->size)
			seen[idx] = true;
	}
	free(seen);
	TEST_ASSERT_EQUAL(twice, 0, "elements that are none, or were got twice");
	return TEST_SUCCESS;
}

/* ---- one process ---- */

/* Bulks of any size, until nothing is left: all or none. Then back in another order. */
static int
drain_and_fill(struct rte_mempool *mp, void **objs, uint64_t seed)
{
	const unsigned int cnt = mp->size;
	unsigned int got = 0;

	while (got < cnt) {
		const unsigned int n = 1 + (unsigned int)(test_rand(&seed) % BULK_MAX);
		const int err = rte_mempool_get_bulk(mp, objs + got, n);

		if (got + n > cnt) {
			TEST_ASSERT(err < 0, "%u elements of %u, %u are out", n, cnt, got);
			TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), cnt - got, "a get that failed took some");
			TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs + got, cnt - got), "all that are left");
			got = cnt;
		} else {
			TEST_ASSERT_SUCCESS(err, "%u elements, %u of %u are out", n, got, cnt);
			got += n;
		}
		TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), cnt - got, "count after a get");
	}
	TEST_ASSERT(rte_mempool_get(mp, objs + cnt) < 0, "one more than there are");
	TEST_CALL(check_different(mp, objs, cnt));
	for (unsigned int i = 1; i < cnt; i++) {
		const unsigned int other = (unsigned int)(test_rand(&seed) % (i + 1));
		void *obj = objs[i];

		objs[i] = objs[other];
		objs[other] = obj;
	}
	while (got > 0) {
		const unsigned int n = RTE_MIN(got, 1 + (unsigned int)(test_rand(&seed) % BULK_MAX));

		got -= n;
		rte_mempool_put_bulk(mp, objs + got, n);
		TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), cnt - got, "count after a put");
	}
	TEST_ASSERT(rte_mempool_full(mp), "all were put");
	return TEST_SUCCESS;
}

static int
check_pool(unsigned int cnt, unsigned int sz, unsigned int cache, unsigned int flags)
{
	struct rte_mempool *mp = pool_make("groove", cnt, sz, cache, flags);
	void **objs = calloc(cnt + BULK_MAX, sizeof(*objs));
	int result = TEST_SUCCESS;

	TEST_ASSERT_NOT_NULL(mp, "pool of %u elements of %u bytes: %s", cnt, sz, rte_strerror(rte_errno));
	TEST_ASSERT_NOT_NULL(objs, "no memory");
	rte_mempool_obj_iter(mp, number_each, NULL);
	for (uint64_t seed = 1; seed <= 5 && result == TEST_SUCCESS; seed++)
		result = drain_and_fill(mp, objs, seed);
	free(objs);
	rte_mempool_free(mp);
	return result;
}

static int
test_sizes(void)
{
	TEST_CALL(check_pool(1, ELT_SZ, 0, 0));
	TEST_CALL(check_pool(7, 8, 0, RTE_MEMPOOL_F_NO_CACHE_ALIGN));
	TEST_CALL(check_pool(ELT_CNT, ELT_SZ, 0, 0));
	TEST_CALL(check_pool(ELT_CNT, 100, 0, RTE_MEMPOOL_F_NO_CACHE_ALIGN | RTE_MEMPOOL_F_NO_SPREAD));
	TEST_CALL(check_pool(ELT_CNT, 2368, 0, 0));
	TEST_CALL(check_pool(20, 1500000, 0, RTE_MEMPOOL_F_NO_IOVA_CONTIG));
	return check_pool(60000, 16, 0, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
}

static void
count_zone(const struct rte_memzone *zone, void *arg)
{
	(void)zone;
	(*(unsigned int *)arg)++;
}

#define POOLS 20U /* more than a thread has seats */

static int
use_all(struct rte_mempool **pools)
{
	int err = 0;

	for (unsigned int i = 0; i < POOLS; i++) {
		void *obj;

		if (rte_mempool_get(pools[i], &obj) != 0)
			return -1;
		err |= groove_mempool_own(pools[i], &obj, 1);
		rte_mempool_put(pools[i], obj);
	}
	return err;
}

/* After the first use, no use of pools in turn is a call of the system: those are forbidden. */
static int
check_no_system_call(struct rte_mempool **pools)
{
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		int err = use_all(pools);

		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0)
			err |= use_all(pools);
		syscall(SYS_exit, err != 0);
	}
	TEST_ASSERT(pid > 0, "fork: %m");
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT_EQUAL(status, 0, "status of a process that uses pools in turn");
	return TEST_SUCCESS;
}

/* Several pools have nothing of each other, and free gives all back. */
static int
test_pools(void)
{
	struct rte_mempool *pools[POOLS];
	unsigned int before = 0, after = 0;
	void *obj[RTE_DIM(pools)];

	rte_memzone_walk(count_zone, &before);
	for (unsigned int i = 0; i < RTE_DIM(pools); i++) {
		char name[RTE_MEMPOOL_NAMESIZE];

		snprintf(name, sizeof(name), "groove_%u", i);
		pools[i] = pool_make(name, 10 + i, ELT_SZ, 0, 0);
		TEST_ASSERT_NOT_NULL(pools[i], "pool %u: %s", i, rte_strerror(rte_errno));
	}
	for (unsigned int i = 0; i < RTE_DIM(pools); i++) {
		TEST_ASSERT_SUCCESS(rte_mempool_get(pools[i], &obj[i]), "pool %u", i);
		TEST_ASSERT_EQUAL(rte_mempool_from_obj(obj[i]), pools[i], "whose it is");
		TEST_ASSERT_EQUAL(rte_mempool_avail_count(pools[i]), 9 + i, "count");
	}
	TEST_CALL(check_no_system_call(pools));
	for (unsigned int i = 0; i < RTE_DIM(pools); i++) {
		rte_mempool_put(pools[i], obj[i]);
		TEST_ASSERT(rte_mempool_full(pools[i]), "pool %u", i);
		rte_mempool_free(pools[i]);
	}
	rte_memzone_walk(count_zone, &after);
	TEST_ASSERT_EQUAL(after, before, "memzones");
	return TEST_SUCCESS;
}

/* ---- pieces of memory ---- */

/* So many elements without gaps between them. */
static struct rte_mempool *
pieces_begin(unsigned int cnt, size_t *elt_sz)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("groove", cnt, 192, 0, 0, SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_SPREAD);

	if (mp == NULL || rte_mempool_set_ops_byname(mp, "groove", NULL) != 0)
		return NULL;
	*elt_sz = (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
	return mp;
}

static int
piece_add(struct rte_mempool *mp, char *memory, size_t elt_sz, unsigned int from, unsigned int cnt)
{
	const int added = rte_mempool_populate_iova(mp, memory + from * elt_sz, RTE_BAD_IOVA, cnt * elt_sz, NULL, NULL);

	TEST_ASSERT_EQUAL(added, (int)cnt, "elements from %u on", from);
	return TEST_SUCCESS;
}

#define PIECES 43U

static enum groove_mempool_verdict
put_it(struct rte_mempool *mp, void *obj, void *arg)
{
	(void)mp;
	(void)obj;
	(void)arg;
	return GROOVE_MEMPOOL_PUT;
}

static int
by_address(const void *one, const void *other)
{
	const uintptr_t a = *(const uintptr_t *)one, b = *(const uintptr_t *)other;

	return (a > b) - (a < b);
}

/* A child gets all elements, in the order of their addresses, and dies: each is listed. */
static int
check_all_listed(struct rte_mempool *mp)
{
	void *objs[PIECES];
	int status;
	pid_t pid;

	TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs, PIECES), "all");
	qsort(objs, PIECES, sizeof(objs[0]), by_address);
	rte_mempool_put_bulk(mp, objs, PIECES);
	pid = fork();
	if (pid == 0)
		_exit(rte_mempool_get_bulk(mp, objs, PIECES) != 0);
	TEST_ASSERT(pid > 0, "fork: %m");
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT_EQUAL(status, 0, "the child got all");
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(mp, put_it, NULL), PIECES, "elements listed");
	TEST_ASSERT(rte_mempool_full(mp), "all were put");
	return TEST_SUCCESS;
}

/* Pieces that lie side by side, in this order, with an element of another between two, or none. */
static int
test_pieces(void)
{
	static const unsigned int orders[][4][2] = {
		{{0, 20}, {20, 3}, {23, 19}, {42, 1}},
		{{20, 3}, {0, 20}, {23, 19}, {42, 1}},
		{{0, 20}, {22, 19}, {20, 2}, {41, 2}},
		{{23, 20}, {0, 20}, {21, 2}, {20, 1}},
	};

	for (unsigned int i = 0; i < RTE_DIM(orders); i++) {
		size_t elt_sz;
		struct rte_mempool *mp = pieces_begin(PIECES, &elt_sz);
		char *memory = mp != NULL ? rte_zmalloc(NULL, PIECES * elt_sz, RTE_CACHE_LINE_SIZE) : NULL;
		int result = TEST_SUCCESS;

		TEST_ASSERT_NOT_NULL(memory, "pool of pieces: %s", rte_strerror(rte_errno));
		for (unsigned int n = 0; n < 4 && result == TEST_SUCCESS; n++)
			result = piece_add(mp, memory, elt_sz, orders[i][n][0], orders[i][n][1]);
		if (result == TEST_SUCCESS)
			result = check_all_listed(mp);
		rte_mempool_free(mp);
		rte_free(memory);
		TEST_CALL(result);
	}
	return TEST_SUCCESS;
}

#define PLACES 64U /* as many as the driver knows */
#define APART  8U  /* elements from one to the next */

/* A pool that could not be populated is as before: other memory will do. */
static int
test_populate_again(void)
{
	size_t elt_sz;
	struct rte_mempool *mp = pieces_begin(PLACES + 1, &elt_sz);
	char *memory =
		mp != NULL ? rte_zmalloc(NULL, (size_t)(PLACES + 1) * APART * elt_sz, RTE_CACHE_LINE_SIZE) : NULL;

	TEST_ASSERT_NOT_NULL(memory, "pool of pieces: %s", rte_strerror(rte_errno));
	for (unsigned int turn = 0; turn < 2; turn++) {
		for (unsigned int i = 0; i < PLACES; i++)
			TEST_CALL(piece_add(mp, memory, elt_sz, i * APART, 1));
		/* One place too many: the library takes all pieces away. */
		TEST_ASSERT(rte_mempool_populate_virt(
				    mp, memory + (size_t)PLACES * APART * elt_sz, elt_sz, elt_sz, NULL, NULL) < 0,
			"one too many");
		TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), 0, "elements that are left");
	}
	TEST_CALL(piece_add(mp, memory, elt_sz, 0, PLACES + 1));
	rte_mempool_free(mp);
	rte_free(memory);
	return TEST_SUCCESS;
}

/* ---- the calls of the public header, where nobody has died ---- */

static int
test_calls(void)
{
	struct rte_mempool *mp = pool_make("groove", 40, ELT_SZ, 0, 0);
	struct rte_mempool *ring =
		rte_mempool_create("ring", 40, ELT_SZ, 0, 0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, 0);
	void *objs[2];

	TEST_ASSERT(mp != NULL && ring != NULL, "pools: %s", rte_strerror(rte_errno));
	TEST_ASSERT_SUCCESS(rte_mempool_get_bulk(mp, objs, 2), "two");
	TEST_ASSERT_EQUAL(groove_mempool_recover(mp), 0, "nobody has died");
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(mp, put_it, NULL), 0, "nobody has died");
	TEST_ASSERT_SUCCESS(groove_mempool_own(mp, objs, 2), "own elements");
	TEST_ASSERT_EQUAL(groove_mempool_recover(ring), -EINVAL, "another driver's pool");
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(ring, put_it, NULL), -EINVAL, "another driver's pool");
	TEST_ASSERT_EQUAL(groove_mempool_walk_dead(mp, NULL, NULL), -EINVAL, "no function");
	TEST_ASSERT_EQUAL(groove_mempool_own(ring, objs, 2), -EINVAL, "another driver's pool");
	TEST_ASSERT_EQUAL(groove_mempool_own(mp, (void *[]){&objs}, 1), -EINVAL, "no element");
	rte_mempool_put_bulk(mp, objs, 2);
	TEST_ASSERT(rte_mempool_full(mp), "all were put");
	rte_mempool_free(mp);
	rte_mempool_free(ring);
	return TEST_SUCCESS;
}

/* ---- threads ---- */

#define TURNS 200000UL
#define HELD  300U /* elements that a thread has at most */

/* Get and put bulks of any size. No element is had by two, which would see each other's marks. */
static int
worker(unsigned int index, void *arg)
{
	const uint64_t turns = test_turns(TURNS);
	uint64_t seed = index + 1;
	void *objs[HELD];
	unsigned int cnt = 0;

	for (uint64_t turn = 0; turn < turns; turn++) {
		const unsigned int n = 1 + (unsigned int)(test_rand(&seed) % 64);

		if ((test_rand(&seed) & 1) != 0 && cnt + n <= HELD && rte_mempool_get_bulk(arg, objs + cnt, n) == 0) {
			for (unsigned int i = cnt; i < cnt + n; i++)
				*(uint64_t *)objs[i] = index;
			cnt += n;
		} else if (cnt >= n) {
			cnt -= n;
			for (unsigned int i = cnt; i < cnt + n; i++)
				TEST_ASSERT_EQUAL(*(uint64_t *)objs[i], index, "an element that another has too");
			rte_mempool_put_bulk(arg, objs + cnt, n);
		}
	}
	rte_mempool_put_bulk(arg, objs, cnt);
	return TEST_SUCCESS;
}

/* With elements for all, and with too few. */
static int
test_threads(void)
{
	for (unsigned int cnt = 400; cnt <= 6400; cnt *= 4) {
		struct rte_mempool *mp = pool_make("groove", cnt, ELT_SZ, 0, 0);
		int result;

		TEST_ASSERT_NOT_NULL(mp, "pool of %u: %s", cnt, rte_strerror(rte_errno));
		result = test_threads_run(2, worker, mp);
		if (result == TEST_SUCCESS)
			TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), cnt, "all were put");
		rte_mempool_free(mp);
		TEST_CALL(result);
	}
	return TEST_SUCCESS;
}

static int
test_mempool(void)
{
	TEST_CALL(test_sizes());
	TEST_CALL(test_pools());
	TEST_CALL(test_pieces());
	TEST_CALL(test_populate_again());
	TEST_CALL(test_calls());
	return test_threads();
}
GROOVE_TEST(mempool_autotest, driver, test_mempool);
