/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <rte_lcore.h>
#include <rte_memory.h>
#include <rte_pause.h>

#include <groove_tile.h>

#include "test.h"

/* ---- which thread is a tile ---- */

static int
test_order(void)
{
	const unsigned int cnt = groove_tile_cnt();

	TEST_ASSERT_EQUAL(cnt, rte_lcore_count(), "tiles and lcores");
	TEST_ASSERT(cnt >= 1 && cnt <= GROOVE_TILE_MAX, "%u tiles", cnt);
	TEST_ASSERT_EQUAL(groove_tile_lcore(0), rte_get_main_lcore(), "tile 0");
	for (unsigned int tile = 1; tile < cnt; tile++) {
		const int lcore = groove_tile_lcore(tile);

		TEST_ASSERT(lcore >= 0 && lcore != (int)rte_get_main_lcore(), "tile %u is lcore %d", tile, lcore);
		TEST_ASSERT_EQUAL(rte_eal_lcore_role((unsigned int)lcore), ROLE_RTE, "lcore %d", lcore);
		if (tile > 1)
			TEST_ASSERT(lcore > groove_tile_lcore(tile - 1), "tile %u is lcore %d", tile, lcore);
	}
	return TEST_SUCCESS;
}

static int
test_no_tile(void)
{
	const unsigned int no_tiles[] = {groove_tile_cnt(), groove_tile_cnt() + 1, GROOVE_TILE_MAX, INT_MAX, UINT_MAX};
	int result = 5;

	for (size_t i = 0; i < sizeof(no_tiles) / sizeof(no_tiles[0]); i++) {
		const unsigned int tile = no_tiles[i];

		TEST_ASSERT_EQUAL(groove_tile_lcore(tile), GROOVE_ERR_KEY, "tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_cpu(tile), GROOVE_ERR_KEY, "tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_node(tile), GROOVE_ERR_KEY, "tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_pinned(tile), GROOVE_ERR_KEY, "tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_launch(tile, NULL, NULL), GROOVE_ERR_KEY, "tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_wait(tile, &result), GROOVE_ERR_KEY, "tile %u", tile);
	}
	TEST_ASSERT_EQUAL(result, 5, "result touched on error");
	return TEST_SUCCESS;
}

static void *
self_of_thread(void *arg)
{
	*(int *)arg = groove_tile_self();
	return NULL;
}

static int
test_self(void)
{
	int self = 0;
	pthread_t thread;

	TEST_ASSERT_EQUAL(groove_tile_self(), 0, "the main lcore");
	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, self_of_thread, &self), "thread");
	pthread_join(thread, NULL);
	TEST_ASSERT_EQUAL(self, GROOVE_ERR_KEY, "a thread that is no tile");
	return TEST_SUCCESS;
}

/* ---- where tiles run ---- */

/* What a tile sees of itself. */
struct view {
	int self;
	int lcore;
	int cpu;
	int pinned;
	int kernel_cpu;	  /* where it runs */
	int eal_node;	  /* node of these CPUs, as EAL found it; SOCKET_ID_ANY for several */
	int affinity_cnt; /* CPUs it may run on */
	int affinity_cpu; /* first of these */
};

static int
look(unsigned int tile, void *arg)
{
	struct view *view = (struct view *)arg + tile;
	cpu_set_t set;

	view->self = groove_tile_self();
	view->lcore = (int)rte_lcore_id();
	view->cpu = groove_tile_cpu(tile);
	view->pinned = groove_tile_pinned(tile);
	view->kernel_cpu = sched_getcpu();
	view->eal_node = (int)rte_socket_id();
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return TEST_FAILED;
	view->affinity_cnt = CPU_COUNT(&set);
	for (view->affinity_cpu = 0; !CPU_ISSET(view->affinity_cpu, &set);)
		view->affinity_cpu++;
	return TEST_SUCCESS;
}

static int
test_view(void)
{
	static struct view views[GROOVE_TILE_MAX];

	TEST_ASSERT_SUCCESS(groove_tile_run(look, views, NULL), "run");
	for (unsigned int tile = 0; tile < groove_tile_cnt(); tile++) {
		const struct view *view = &views[tile];
		const int pinned = view->affinity_cnt == 1;

		TEST_ASSERT_EQUAL(view->self, tile, "tile %u asks for its index", tile);
		TEST_ASSERT_EQUAL(view->lcore, groove_tile_lcore(tile), "lcore of tile %u", tile);
		TEST_ASSERT_EQUAL(view->cpu, view->affinity_cpu, "CPU of tile %u", tile);
		TEST_ASSERT_EQUAL(groove_tile_cpu(tile), view->affinity_cpu, "CPU of tile %u", tile);
		TEST_ASSERT_EQUAL(view->pinned, pinned, "tile %u asks whether it is pinned", tile);
		TEST_ASSERT_EQUAL(groove_tile_pinned(tile), pinned, "tile %u", tile);
		if (view->eal_node != SOCKET_ID_ANY)
			TEST_ASSERT_EQUAL(groove_tile_node(tile), view->eal_node, "node of tile %u", tile);
		if (pinned)
			TEST_ASSERT_EQUAL(view->kernel_cpu, groove_tile_cpu(tile), "tile %u runs there", tile);
	}
	return TEST_SUCCESS;
}

/* A tile whose thread may leave its CPU is not pinned, whatever EAL's arguments say. */
static int
test_unpinned(void)
{
	cpu_set_t own, wide;
	int pinned;

	if (groove_tile_pinned(0) != 1)
		return TEST_SUCCESS;
	CPU_ZERO(&wide);
	for (int cpu = 0; cpu < (int)sysconf(_SC_NPROCESSORS_CONF); cpu++)
		CPU_SET(cpu, &wide);
	TEST_ASSERT_SUCCESS(sched_getaffinity(0, sizeof(own), &own), "%m");
	TEST_ASSERT_SUCCESS(sched_setaffinity(0, sizeof(wide), &wide), "%m");
	TEST_ASSERT_SUCCESS(sched_getaffinity(0, sizeof(wide), &wide), "%m");
	pinned = groove_tile_pinned(0);
	TEST_ASSERT_SUCCESS(sched_setaffinity(0, sizeof(own), &own), "%m");
	TEST_ASSERT_EQUAL(pinned, CPU_COUNT(&wide) == 1, "%d CPUs", CPU_COUNT(&wide));
	TEST_ASSERT_EQUAL(groove_tile_pinned(0), 1, "back on its CPU");
	return TEST_SUCCESS;
}

/* ---- one tile ---- */

static int
answer(unsigned int tile, void *arg)
{
	return *(int *)arg + (int)tile;
}

/* A tile that is busy until it is let go. */
struct hold {
	int begun;
	int let_go;
};

static int
hold_on(unsigned int tile, void *arg)
{
	struct hold *hold = arg;

	/* Release and acquire: pair with the test on tile 0. */
	__atomic_store_n(&hold->begun, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&hold->let_go, __ATOMIC_ACQUIRE))
		rte_pause();
	return 100 + (int)tile;
}

static int
test_launch(unsigned int tile)
{
	int base = 40, result = 0;

	TEST_ASSERT_SUCCESS(groove_tile_launch(tile, answer, &base), "launch");
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, &result), "wait");
	TEST_ASSERT_EQUAL(result, 40 + (int)tile, "result");
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, &result), "wait for nothing");
	TEST_ASSERT_EQUAL(result, 0, "result of nothing");

	/* A question in between does not spoil the result. */
	base = -1000;
	TEST_ASSERT_SUCCESS(groove_tile_launch(tile, answer, &base), "launch");
	while (groove_tile_pinned(tile) == GROOVE_ERR_AGAIN)
		rte_pause();
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, &result), "wait");
	TEST_ASSERT_EQUAL(result, -1000 + (int)tile, "result after a question");
	TEST_ASSERT_SUCCESS(groove_tile_launch(tile, answer, &base), "launch");
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, NULL), "wait without a place for the result");
	return TEST_SUCCESS;
}

static int
never(unsigned int tile, void *arg)
{
	(void)tile;
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
	return 0;
}

static int
test_busy(unsigned int tile)
{
	struct hold hold = {0};
	int result = 0, never_cnt = 0, launched, ran, pinned;

	TEST_ASSERT_SUCCESS(groove_tile_launch(tile, hold_on, &hold), "launch");
	while (!__atomic_load_n(&hold.begun, __ATOMIC_ACQUIRE))
		rte_pause();
	launched = groove_tile_launch(tile, never, &never_cnt);
	ran = groove_tile_run(never, &never_cnt, NULL);
	pinned = groove_tile_pinned(tile);
	__atomic_store_n(&hold.let_go, 1, __ATOMIC_RELEASE);
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, &result), "wait");

	TEST_ASSERT_EQUAL(result, 100 + (int)tile, "result");
	TEST_ASSERT_EQUAL(launched, GROOVE_ERR_AGAIN, "launch on a busy tile");
	TEST_ASSERT_EQUAL(ran, GROOVE_ERR_AGAIN, "run with a busy tile");
	TEST_ASSERT_EQUAL(pinned, GROOVE_ERR_AGAIN, "question to a busy tile");
	TEST_ASSERT_EQUAL(never_cnt, 0, "started on a busy tile, or next to one");
	TEST_ASSERT_SUCCESS(groove_tile_run(never, &never_cnt, NULL), "run afterwards");
	TEST_ASSERT_EQUAL(never_cnt, groove_tile_cnt(), "tiles that ran");
	return TEST_SUCCESS;
}

/* What only tile 0 may do. */
static int
trespass(unsigned int tile, void *arg)
{
	int unused = 0, *errs = arg;

	errs[0] = groove_tile_launch(tile, never, &unused);
	errs[1] = groove_tile_wait(tile, &unused);
	errs[2] = groove_tile_run(never, &unused, NULL);
	errs[3] = groove_tile_pinned(0);
	errs[4] = groove_tile_pinned(tile == 1 ? 2 : 1);
	return unused;
}

static int
test_bad_launch(unsigned int tile)
{
	int errs[5] = {0}, result = 1, base = 0;

	TEST_ASSERT_EQUAL(groove_tile_launch(0, answer, &base), GROOVE_ERR_INVAL, "launch tile 0");
	TEST_ASSERT_EQUAL(groove_tile_wait(0, &result), GROOVE_ERR_INVAL, "wait for tile 0");
	TEST_ASSERT_EQUAL(groove_tile_launch(tile, NULL, NULL), GROOVE_ERR_INVAL, "no function");
	TEST_ASSERT_EQUAL(result, 1, "result touched on error");

	TEST_ASSERT_SUCCESS(groove_tile_launch(tile, trespass, errs), "launch");
	TEST_ASSERT_SUCCESS(groove_tile_wait(tile, &result), "wait");
	TEST_ASSERT_EQUAL(result, 0, "something ran");
	TEST_ASSERT_EQUAL(errs[0], GROOVE_ERR_INVAL, "launch by another tile");
	TEST_ASSERT_EQUAL(errs[1], GROOVE_ERR_INVAL, "wait by another tile");
	TEST_ASSERT_EQUAL(errs[2], GROOVE_ERR_INVAL, "run by another tile");
	TEST_ASSERT_EQUAL(errs[3], GROOVE_ERR_AGAIN, "question to tile 0");
	TEST_ASSERT_EQUAL(errs[4], groove_tile_cnt() > 2 ? GROOVE_ERR_AGAIN : GROOVE_ERR_KEY, "question to a third");
	return TEST_SUCCESS;
}

/* ---- all tiles ---- */

struct meeting {
	unsigned int here;
	unsigned int bad_tile; /* returns 7 */
};

/* Ends only when all tiles are in it at the same time. */
static int
meet(unsigned int tile, void *arg)
{
	struct meeting *meeting = arg;

	/* Release and acquire: pair with each other, on the other tiles. */
	__atomic_fetch_add(&meeting->here, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&meeting->here, __ATOMIC_ACQUIRE) < groove_tile_cnt())
		rte_pause();
	return tile == meeting->bad_tile ? 7 : 0;
}

static int
test_run(unsigned int bad_tile)
{
	const unsigned int cnt = groove_tile_cnt();
	struct meeting meeting = {.bad_tile = bad_tile};
	int results[GROOVE_TILE_MAX];

	for (unsigned int tile = 0; tile < cnt; tile++)
		results[tile] = INT_MIN;
	TEST_ASSERT_EQUAL(groove_tile_run(meet, &meeting, results),
		bad_tile < cnt ? GROOVE_ERR_CORRUPT : GROOVE_SUCCESS, "run, tile %u fails", bad_tile);
	TEST_ASSERT_EQUAL(meeting.here, cnt, "tiles that ran");
	for (unsigned int tile = 0; tile < cnt; tile++)
		TEST_ASSERT_EQUAL(results[tile], tile == bad_tile ? 7 : 0, "result of tile %u", tile);
	return TEST_SUCCESS;
}

static int
test_runs(void)
{
	const unsigned int cnt = groove_tile_cnt();
	struct meeting meeting = {.bad_tile = cnt};

	TEST_ASSERT_EQUAL(groove_tile_run(NULL, &meeting, NULL), GROOVE_ERR_INVAL, "no function");
	TEST_ASSERT_SUCCESS(groove_tile_run(meet, &meeting, NULL), "no place for results");
	for (unsigned int bad_tile = 0; bad_tile <= cnt; bad_tile++)
		TEST_CALL(test_run(bad_tile));
	for (uint64_t i = 0; i < test_turns(1000); i++)
		TEST_CALL(test_run(cnt));
	return TEST_SUCCESS;
}

static int
test_tile(void)
{
	TEST_CALL(test_order());
	TEST_CALL(test_no_tile());
	TEST_CALL(test_self());
	TEST_CALL(test_view());
	TEST_CALL(test_unpinned());
	TEST_CALL(test_runs());
	if (groove_tile_cnt() < 2)
		return test_skip("needs 2 tiles, there is 1: start with more lcores (-l)");
	for (unsigned int tile = 1; tile < groove_tile_cnt(); tile++) {
		TEST_CALL(test_launch(tile));
		TEST_CALL(test_busy(tile));
		TEST_CALL(test_bad_launch(tile));
	}
	return TEST_SUCCESS;
}

GROOVE_TEST(tile_autotest, fast, test_tile);
