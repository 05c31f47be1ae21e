/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-mempool-kill EAL-arguments -- ROLE: processes with one mempool, which are killed at random moments.
 *
 *   fork DRIVER KILLS   children of this process, one after the other. Of the driver groove each element must be
 *                       accounted for after each death, and be back when the application has said so; of another it
 * ends with the elements that are left, or hangs. primary             does what each line asks, and replies with a
 * line: "strike PID" works until that secondary has made some turns, kills it at a random moment and goes on; "recover"
 * takes back what it had; "end" ends secondary           of that, says "inside", and works until it is killed
 *
 * Everybody gets, holds and puts elements in bulks of any size, with its mark in those that it has.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include <groove_mempool.h>

#include "test.h"

#define NAME	   "kill"
#define ELT_CNT	   4095U
#define ELT_SZ	   64U
#define CACHE_SZ   128U
#define HELD_MAX   1000U
#define BULK_MAX   200U
#define TURNS_MAX  300UL /* that one has made, at most, before it is killed */
#define SPINS_MAX  4000UL
#define TURNS_REST 50UL /* of the one that lives, between deaths */

/* Shared by all. */
struct board {
	uint64_t turns;	 /* of the one to be killed */
	uint64_t failed; /* it found an element that another has, too */
};

static struct board *board;
static struct rte_mempool *mp;
static bool is_groove;

/* ---- work ---- */

struct worker {
	uint64_t mark;
	uint64_t seed;
	unsigned int cnt;
	void *objs[HELD_MAX];
};

static int
work_get(struct worker *worker, unsigned int n)
{
	void **objs = worker->objs + worker->cnt;

	if (worker->cnt + n > HELD_MAX || rte_mempool_get_bulk(mp, objs, n) != 0)
		return TEST_SUCCESS;
	for (unsigned int i = 0; i < n; i++) {
		TEST_ASSERT(!is_groove || *(uint64_t *)objs[i] == 0, "an element that %" PRIu64 " has, too",
			*(uint64_t *)objs[i]);
		*(uint64_t *)objs[i] = worker->mark;
	}
	worker->cnt += n;
	return TEST_SUCCESS;
}

static int
work_put(struct worker *worker, unsigned int n)
{
	void **objs;

	n = RTE_MIN(n, worker->cnt);
	worker->cnt -= n;
	objs = worker->objs + worker->cnt;
	for (unsigned int i = 0; i < n; i++) {
		TEST_ASSERT(!is_groove || *(uint64_t *)objs[i] == worker->mark, "an element that %" PRIu64 " has, too",
			*(uint64_t *)objs[i]);
		*(uint64_t *)objs[i] = 0;
	}
	rte_mempool_put_bulk(mp, objs, n);
	return TEST_SUCCESS;
}

static int
work(struct worker *worker, uint64_t turns)
{
	for (uint64_t turn = 0; turn < turns; turn++) {
		const unsigned int n = 1 + (unsigned int)(test_rand(&worker->seed) % BULK_MAX);

		TEST_CALL((test_rand(&worker->seed) & 1) != 0 ? work_get(worker, n) : work_put(worker, n));
	}
	return TEST_SUCCESS;
}

static __rte_noreturn void
work_until_killed(struct worker *worker)
{
	for (;;) {
		if (work(worker, 1) != TEST_SUCCESS) {
			__atomic_store_n(&board->failed, 1, __ATOMIC_RELEASE);
			_exit(EXIT_FAILURE);
		}
		__atomic_add_fetch(&board->turns, 1, __ATOMIC_RELEASE);
	}
}

/* ---- a death ---- */

static int
strike(struct worker *worker, pid_t pid, uint64_t *seed)
{
	const uint64_t turns = 1 + test_rand(seed) % TURNS_MAX;
	volatile uint64_t spins = test_rand(seed) % SPINS_MAX;

	while (__atomic_load_n(&board->turns, __ATOMIC_ACQUIRE) < turns) {
		TEST_ASSERT_EQUAL(__atomic_load_n(&board->failed, __ATOMIC_ACQUIRE), 0, "the other process");
		TEST_CALL(work(worker, 1));
	}
	while (spins-- > 0)
		;
	TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
	return work(worker, TURNS_REST);
}

struct listed {
	uint64_t mark; /* of the dead */
	unsigned int marked;
	unsigned int alive; /* that a living process has */
	unsigned int turn;
};

/* Each verdict in turn: what is left is listed again, what is kept is put by hand. */
static enum groove_mempool_verdict
verdict(struct rte_mempool *pool, void *obj, void *arg)
{
	struct listed *listed = arg;
	const uint64_t mark = *(uint64_t *)obj;

	listed->marked += mark == listed->mark;
	listed->alive += mark != 0 && mark != listed->mark;
	switch (listed->turn++ % 3) {
	case 0:
		return GROOVE_MEMPOOL_LEAVE;
	case 1:
		*(uint64_t *)obj = 0;
		rte_mempool_ops_enqueue_bulk(pool, &obj, 1);
		return GROOVE_MEMPOOL_KEEP;
	default:
		*(uint64_t *)obj = 0;
		return GROOVE_MEMPOOL_PUT;
	}
}

static void
count_marked(struct rte_mempool *pool, void *arg, void *obj, unsigned int idx)
{
	struct listed *listed = arg;

	RTE_SET_USED(pool);
	RTE_SET_USED(idx);
	listed->marked += *(uint64_t *)obj == listed->mark;
}

/* All elements can be got, and are different. */
static int
check_whole(void)
{
	static void *objs[ELT_CNT];

	for (unsigned int lcore = 0; mp->cache_size > 0 && lcore < RTE_MAX_LCORE; lcore++)
		TEST_ASSERT_EQUAL(mp->local_cache[lcore].len, 0, "elements in the cache of lcore %u", lcore);
	TEST_ASSERT_EQUAL(rte_mempool_avail_count(mp), ELT_CNT, "elements in the pool");
	TEST_ASSERT_SUCCESS(rte_mempool_ops_dequeue_bulk(mp, objs, ELT_CNT), "all elements");
	for (unsigned int i = 0; i < ELT_CNT; i++) {
		TEST_ASSERT_EQUAL(*(uint64_t *)objs[i], 0, "an element that somebody has, too");
		*(uint64_t *)objs[i] = 1;
	}
	for (unsigned int i = 0; i < ELT_CNT; i++) {
		TEST_ASSERT_EQUAL(*(uint64_t *)objs[i], 1, "an element twice");
		*(uint64_t *)objs[i] = 0;
	}
	rte_mempool_ops_enqueue_bulk(mp, objs, ELT_CNT);
	return TEST_SUCCESS;
}

/* What the dead one had is listed, and comes back. Returns how much that was by *listed_sum. */
static int
recover(struct worker *worker, uint64_t mark, uint64_t *listed_sum)
{
	struct listed had = {.mark = mark};
	struct listed listed = {.mark = mark};
	int cnt;

	TEST_CALL(work_put(worker, HELD_MAX));
	rte_mempool_obj_iter(mp, count_marked, &had);
	do {
		cnt = groove_mempool_walk_dead(mp, verdict, &listed);
		TEST_ASSERT(cnt >= 0, "walk: %s", rte_strerror(-cnt));
		*listed_sum += (uint64_t)cnt;
	} while (cnt > 0);
	TEST_ASSERT(listed.marked >= had.marked, "%u elements of the dead were listed, it had %u", listed.marked,
		had.marked);
	TEST_ASSERT_EQUAL(listed.alive, 0, "elements listed that a living process has");
	if (mp->cache_size > 0)
		rte_mempool_cache_flush(rte_mempool_default_cache(mp, rte_lcore_id()), mp);
	return check_whole();
}

/* ---- the pool ---- */

static int
pool_make(const char *driver, unsigned int cache)
{
	const struct rte_memzone *zone = rte_memzone_reserve("kill_board", sizeof(*board), SOCKET_ID_ANY, 0);

	TEST_ASSERT_NOT_NULL(zone, "memzone: %s", rte_strerror(rte_errno));
	board = zone->addr;
	memset(board, 0, sizeof(*board));
	is_groove = strcmp(driver, "groove") == 0;
	mp = rte_mempool_create_empty(NAME, ELT_CNT, ELT_SZ, cache, 0, SOCKET_ID_ANY, 0);
	TEST_ASSERT_NOT_NULL(mp, "pool: %s", rte_strerror(rte_errno));
	TEST_ASSERT_SUCCESS(rte_mempool_set_ops_byname(mp, driver, NULL), "no driver %s", driver);
	TEST_ASSERT_EQUAL(rte_mempool_populate_default(mp), ELT_CNT, "populate");
	return TEST_SUCCESS;
}

/* ---- children ---- */

static int
kill_child(struct worker *worker, uint64_t number, uint64_t *seed)
{
	pid_t pid;

	__atomic_store_n(&board->turns, 0, __ATOMIC_RELEASE);
	pid = fork();
	if (pid == 0) {
		struct worker child = {.mark = number, .seed = number};

		work_until_killed(&child);
	}
	TEST_ASSERT(pid > 0, "fork: %m");
	TEST_CALL(strike(worker, pid, seed));
	TEST_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid, "waitpid: %m");
	return TEST_SUCCESS;
}

static int
run_fork(const char *driver, uint64_t kills)
{
	struct worker worker = {.mark = UINT64_MAX, .seed = 1};
	uint64_t seed = 2, listed = 0;

	TEST_CALL(pool_make(driver, 0));
	for (uint64_t i = 1; i <= kills; i++) {
		TEST_CALL(kill_child(&worker, i, &seed));
		if (is_groove)
			TEST_CALL(recover(&worker, i, &listed));
		printf("%" PRIu64 " kills, %u elements\n", i, rte_mempool_avail_count(mp) + worker.cnt);
		fflush(stdout);
	}
	printf("%" PRIu64 " kills, %" PRIu64 " elements listed, none lost\n", kills, listed);
	return TEST_SUCCESS;
}

/* ---- secondaries ---- */

/* As a service does: have some elements in the cache of its lcore. */
static int
use_service_lcores(void)
{
	unsigned int used = 0;

	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		void *obj;

		if (rte_eal_lcore_role(lcore) != ROLE_SERVICE)
			continue;
		TEST_ASSERT_SUCCESS(rte_mempool_generic_get(mp, &obj, 1, rte_mempool_default_cache(mp, lcore)), "one");
		rte_mempool_generic_put(mp, &obj, 1, rte_mempool_default_cache(mp, lcore));
		used++;
	}
	TEST_ASSERT_EQUAL(used, 1, "lcores of services");
	return TEST_SUCCESS;
}

static int
run_secondary(void)
{
	const struct rte_memzone *zone = rte_memzone_lookup("kill_board");
	struct worker worker = {.mark = (uint64_t)getpid(), .seed = (uint64_t)getpid()};

	mp = rte_mempool_lookup(NAME);
	TEST_ASSERT(zone != NULL && mp != NULL, "no pool");
	board = zone->addr;
	is_groove = true;
	__atomic_store_n(&board->turns, 0, __ATOMIC_RELEASE);
	TEST_CALL(use_service_lcores());
	puts("inside");
	fflush(stdout);
	work_until_killed(&worker);
}

static int
run_primary(void)
{
	struct worker worker = {.mark = UINT64_MAX, .seed = 1};
	uint64_t seed = 2, listed = 0;
	char line[64];
	pid_t pid = 0;

	TEST_CALL(pool_make("groove", CACHE_SZ));
	puts("made");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "end\n") != 0) {
		if (strcmp(line, "recover\n") == 0) {
			TEST_CALL(recover(&worker, (uint64_t)pid, &listed));
			puts("recovered");
		} else {
			pid = (pid_t)strtol(line + strlen("strike "), NULL, 10);
			TEST_CALL(strike(&worker, pid, &seed));
			puts("struck");
		}
		fflush(stdout);
	}
	rte_mempool_free(mp);
	printf("%" PRIu64 " elements listed, none lost\n", listed);
	return TEST_SUCCESS;
}

int
main(int argc, char **argv)
{
	const int used = rte_eal_init(argc, argv);
	int result = TEST_FAILED;

	if (used < 0)
		return EXIT_FAILURE;
	argc -= used;
	argv += used;
	if (argc == 4 && strcmp(argv[1], "fork") == 0)
		result = run_fork(argv[2], strtoul(argv[3], NULL, 10));
	else if (argc == 2 && strcmp(argv[1], "primary") == 0)
		result = run_primary();
	else if (argc == 2 && strcmp(argv[1], "secondary") == 0)
		result = run_secondary();
	else
		fprintf(stderr,
			"usage: groove-mempool-kill EAL-arguments -- fork DRIVER KILLS | primary | secondary\n");
	rte_eal_cleanup();
	return result == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
