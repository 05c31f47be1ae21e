/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Heaps with many threads and processes: joins by themselves, more threads than records, fork, death, and makers of one
 * name. */

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_heap.h>

#include "heap.h"
#include "heap_fixture.h"
#include "log.h"
#include "test.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)
#define JOIN_MAX  8

static char name[GROOVE_HEAP_NAME_MAX + 1];

static groove_heap_cfg_t
small_cfg(void)
{
	groove_heap_cfg_t cfg = heap_small_cfg(JOIN_MAX);

	cfg.name = name;
	return cfg;
}

static uint64_t
join_cnt(groove_heap_t *heap)
{
	groove_data_stats_t stats = {0};

	groove_data_stats(heap_of(heap)->node[0].common, &stats);
	return stats.join_cnt;
}

static uint64_t
dead_cnt(groove_heap_t *heap)
{
	return groove_region_join_dead_cnt(heap_of(heap)->node[0].region);
}

static int
count_one(void *arg, void *obj)
{
	(void)obj;
	*(uint64_t *)arg += 1;
	return 0;
}

/* As heap_end(), of a heap in which no object is left. */
static int
empty_end(groove_heap_t *heap)
{
	uint64_t live = 0;

	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, 0, "objects that are left");
	return heap_end(heap);
}

/* ---- threads ---- */

#define THREAD_CNT (4 * JOIN_MAX)
#define OBJ_CNT	   200

struct crowd {
	groove_heap_t *heap;
	pthread_barrier_t all_joined; /* none ends before each has made a call */
	void *objs[THREAD_CNT][OBJ_CNT];
	unsigned int self; /* of the next thread */
	unsigned int bad;
};

/* Allocate, then free what the neighbour allocated. */
static void *
work(void *arg)
{
	struct crowd *crowd = arg;
	const unsigned int self = __atomic_fetch_add(&crowd->self, 1, __ATOMIC_SEQ_CST);
	unsigned int bad = 0;

	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		const size_t sz = 1 + (self * 31 + i * 97) % 5000;
		uint8_t *obj = groove_heap_alloc(crowd->heap, sz, 0, 0);

		if (obj != NULL)
			memset(obj, (int)self, sz);
		crowd->objs[self][i] = obj;
		bad += obj == NULL;
	}
	pthread_barrier_wait(&crowd->all_joined);
	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		uint8_t *obj = crowd->objs[(self + 1) % THREAD_CNT][i];
		const size_t sz = obj != NULL ? groove_data_alloc_sz(obj) : 0;

		for (size_t at = 0; at < sz; at++)
			bad += obj[at] != (self + 1) % THREAD_CNT;
		bad += groove_heap_free(crowd->heap, obj) != GROOVE_SUCCESS;
	}
	__atomic_fetch_add(&crowd->bad, bad, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Given more threads than records, when each allocates and frees, then all succeed, one line says that they share, and
 * no record is left behind. */
static int
test_crowd(void)
{
	static struct crowd crowd;
	const groove_heap_cfg_t cfg = small_cfg();
	pthread_t threads[THREAD_CNT];

	memset(&crowd, 0, sizeof(crowd));
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &crowd.heap), "open");
	TEST_ASSERT_EQUAL(join_cnt(crowd.heap), 1, "joins of a thread that has made no call");
	pthread_barrier_init(&crowd.all_joined, NULL, THREAD_CNT);
	test_log_begin();
	for (unsigned int i = 0; i < THREAD_CNT; i++)
		TEST_ASSERT_EQUAL(pthread_create(&threads[i], NULL, work, &crowd), 0, "thread %u", i);
	for (unsigned int i = 0; i < THREAD_CNT; i++)
		TEST_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0, "thread %u", i);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "share a join"), "the line that says so");
	TEST_ASSERT_EQUAL(crowd.bad, 0, "calls that failed, and bytes that are others'");
	TEST_ASSERT_EQUAL(join_cnt(crowd.heap), 1, "joins of threads that ended");
	pthread_barrier_destroy(&crowd.all_joined);
	return empty_end(crowd.heap);
}

static void *
alloc_one(void *arg)
{
	return groove_heap_alloc(arg, 1000, 0, 0);
}

/* Threads that come and go, many more than records, one after the other. */
static int
test_row(void)
{
	const groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;

	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	test_log_begin();
	for (uint64_t i = 0; i < test_turns(1000); i++) {
		pthread_t thread;
		void *obj;

		TEST_ASSERT_EQUAL(pthread_create(&thread, NULL, alloc_one, heap), 0, "thread");
		TEST_ASSERT_EQUAL(pthread_join(thread, &obj), 0, "thread");
		TEST_ASSERT_NOT_NULL(obj, "alloc by thread %" PRIu64, i);
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	}
	TEST_ASSERT_EQUAL(test_log_lines(), 0, "lines: each had a record of its own");
	test_log_end();
	TEST_ASSERT_EQUAL(join_cnt(heap), 2, "joins");
	return empty_end(heap);
}

/* A thread that waits to be cancelled. */
static void *
wait_for_end(void *arg)
{
	struct crowd *crowd = arg;

	crowd->objs[0][0] = groove_heap_alloc(crowd->heap, 1000, 0, 0);
	pthread_barrier_wait(&crowd->all_joined);
	while (crowd->heap != NULL)
		pause();
	return NULL;
}

static int
test_cancel(void)
{
	static struct crowd crowd;
	const groove_heap_cfg_t cfg = small_cfg();
	pthread_t thread;

	memset(&crowd, 0, sizeof(crowd));
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &crowd.heap), "open");
	pthread_barrier_init(&crowd.all_joined, NULL, 2);
	TEST_ASSERT_EQUAL(pthread_create(&thread, NULL, wait_for_end, &crowd), 0, "thread");
	pthread_barrier_wait(&crowd.all_joined);
	TEST_ASSERT_EQUAL(join_cnt(crowd.heap), 2, "joins while it lives");
	TEST_ASSERT_EQUAL(pthread_cancel(thread), 0, "cancel");
	TEST_ASSERT_EQUAL(pthread_join(thread, NULL), 0, "thread");
	TEST_ASSERT_EQUAL(join_cnt(crowd.heap), 1, "joins when it was cancelled");
	TEST_ASSERT_SUCCESS(groove_heap_free(crowd.heap, crowd.objs[0][0]), "free of what it allocated");
	pthread_barrier_destroy(&crowd.all_joined);
	return empty_end(crowd.heap);
}

/* What a thread's own destructor frees, after the thread has left, is freed. */
static groove_heap_t *late_heap;

static void
free_late(void *obj)
{
	groove_heap_free(late_heap, obj);
}

static void *
leave_to_key(void *key)
{
	pthread_setspecific(*(pthread_key_t *)key, groove_heap_alloc(late_heap, 1000, 0, 0));
	return NULL;
}

static int
test_late(void)
{
	const groove_heap_cfg_t cfg = small_cfg();
	pthread_key_t key;
	pthread_t thread;

	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &late_heap), "open");
	TEST_ASSERT_SUCCESS(groove_heap_free(late_heap, groove_heap_alloc(late_heap, 1, 0, 0)), "first call");
	TEST_ASSERT_EQUAL(pthread_key_create(&key, free_late), 0, "key");
	TEST_ASSERT_EQUAL(pthread_create(&thread, NULL, leave_to_key, &key), 0, "thread");
	TEST_ASSERT_EQUAL(pthread_join(thread, NULL), 0, "thread");
	pthread_key_delete(key);
	TEST_ASSERT_EQUAL(join_cnt(late_heap), 2, "joins");
	return empty_end(late_heap);
}

/* ---- fork ---- */

static int
be_child(void *arg)
{
	const groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap = *(groove_heap_t **)arg, *own;
	void *obj;
	int err = 0;

	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, 100, 0, 0, 0, &err), "alloc in a child");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc in a child");
	TEST_ASSERT_EQUAL(groove_heap_free(heap, heap_of(heap)), GROOVE_ERR_INVAL, "free in a child");
	TEST_ASSERT_EQUAL(groove_heap_alloc_bulk(heap, 1, 0, 0, NULL, &obj, 1), GROOVE_ERR_INVAL, "bulk");
	TEST_ASSERT_EQUAL(groove_heap_free_bulk(heap, &obj, 1), GROOVE_ERR_INVAL, "bulk");
	TEST_ASSERT_EQUAL(groove_heap_recover(heap), GROOVE_ERR_INVAL, "recover");
	TEST_ASSERT_NULL(groove_heap_realloc(heap, heap, 1, 0, 0, NULL), "realloc");
	TEST_ASSERT_EQUAL(test_log_lines(), 6, "lines");
	test_log_end();
	groove_heap_close(heap);
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &own), "open in a child");
	obj = groove_heap_alloc(own, 100, 0, 0);
	TEST_ASSERT_NOT_NULL(obj, "alloc in the child's own");
	TEST_ASSERT_SUCCESS(groove_heap_free(own, obj), "free");
	groove_heap_close(own);
	return TEST_SUCCESS;
}

static int
test_fork(void)
{
	const groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	void *obj;

	if (!test_fork_wipes())
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_CALL(test_child_run(be_child, &heap)); /* before the parent has made a call */
	obj = groove_heap_alloc(heap, 100, 0, 0);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_CALL(test_child_run(be_child, &heap)); /* after */
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free in the parent");
	TEST_ASSERT_EQUAL(join_cnt(heap), 2, "joins");
	return empty_end(heap);
}

/* ---- death ---- */

#define OBJ_SZ 60000UL

static int
start(int (*fn)(void *arg), void *arg, pid_t *pid)
{
	fflush(NULL);
	*pid = fork();
	TEST_ASSERT(*pid >= 0, "fork: %m");
	if (*pid == 0)
		test_child_end(fn(arg) == TEST_SUCCESS ? 0 : 1);
	return TEST_SUCCESS;
}

/* Cache as much as there is, and die: nothing of it is an object. */
static int
cache_and_die(void *arg)
{
	const groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	void *objs[64];

	(void)arg;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	for (size_t sz = 1; sz < OBJ_SZ; sz += sz / 8 + 16) {
		const uint64_t cnt = groove_heap_alloc_burst(heap, sz, 0, GROOVE_HEAP_NO_GROW, NULL, objs, 64, NULL);

		TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, objs, cnt, NULL), cnt, "free");
	}
	test_child_covered();
	kill(getpid(), SIGKILL);
	return TEST_FAILED;
}

/* Allocate until it fails, count, and free all. */
static uint64_t
room(groove_heap_t *heap)
{
	static void *objs[4096];
	const uint64_t cnt = groove_heap_alloc_burst(heap, OBJ_SZ, 0, 0, NULL, objs, 4096, NULL);

	return groove_heap_free_burst(heap, objs, cnt, NULL) == cnt ? cnt : 0;
}

/* Given a process that died with memory cached, when others need it, then they have it, without asking. */
static int
test_death(void)
{
	groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	uint64_t before, after;
	int status;
	pid_t pid;

	cfg.limit_sz = VOLUME_SZ;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	before = room(heap);
	TEST_ASSERT(before > 0, "room");
	for (unsigned int i = 0; i < 2 * JOIN_MAX; i++) {
		TEST_CALL(start(cache_and_die, NULL, &pid));
		TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid");
		TEST_ASSERT(WIFSIGNALED(status), "it was killed");
		if (i % 2 == 0)
			continue;
		/* The first time some objects get larger slots than they need, as there is no better one; and some
		 * superblocks lie in slots of other classes from then on, with a little left over in each. */
		TEST_ASSERT(room(heap) > 0, "room");
		TEST_ASSERT_EQUAL(dead_cnt(heap), 0, "joins of the dead, when memory was short");
		after = room(heap);
		TEST_ASSERT(after + before / 8 >= before, "%" PRIu64 " of %" PRIu64, after, before);
	}
	TEST_ASSERT_EQUAL(dead_cnt(heap), 0, "joins of the dead");
	TEST_CALL(start(cache_and_die, NULL, &pid));
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid");
	TEST_ASSERT(dead_cnt(heap) > 0, "joins of the dead");
	TEST_ASSERT_SUCCESS(groove_heap_recover(heap), "recover");
	TEST_ASSERT_EQUAL(dead_cnt(heap), 0, "joins of the dead");
	return empty_end(heap);
}

/* ---- several that open one name ---- */

#define MAKER_CNT 3

struct race {
	const char *driver;
	const char *dir;
	unsigned int *gate; /* shared: makers that are not there yet */
	unsigned int *left; /* shared: makers that have not made all their calls */
};

static void
meet(unsigned int *word)
{
	__atomic_sub_fetch(word, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) > 0)
		sched_yield();
}

static int
open_at_once(void *arg)
{
	const struct race *race = arg;
	groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	uint64_t live = 0, lines;
	const char *log;
	void *obj;
	int err, walked;

	cfg.driver = race->driver;
	cfg.dir = race->dir;
	cfg.join_max = 2UL * MAKER_CNT;
	meet(race->gate);
	test_log_begin();
	err = groove_heap_open(&cfg, &heap);
	obj = err == GROOVE_SUCCESS ? groove_heap_alloc(heap, 100, 0, 0) : NULL;
	meet(race->left);
	walked = err == GROOVE_SUCCESS ? groove_heap_walk(heap, NULL, count_one, &live) : err;
	meet(race->gate + 16);
	lines = test_log_lines();
	log = test_log_end();
	TEST_ASSERT_SUCCESS(err, "open: %s", log);
	TEST_ASSERT_EQUAL(lines, 0, "it is usual that others make it as well: %s", log);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(walked, "walk");
	TEST_ASSERT_EQUAL(live, MAKER_CNT, "objects of one heap");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	groove_heap_close(heap);
	return TEST_SUCCESS;
}

static int
test_race(const char *driver, const char *dir)
{
	groove_heap_cfg_t cfg = small_cfg();
	unsigned int *shared = test_mem_map(4096);
	struct race race = {.driver = driver, .dir = dir, .gate = &shared[0], .left = &shared[64]};

	cfg.driver = driver;
	cfg.dir = dir;
	for (uint64_t round = 0; round < test_turns(10); round++) {
		pid_t pids[MAKER_CNT];
		int status;

		shared[0] = shared[16] = shared[64] = MAKER_CNT;
		for (int i = 0; i < MAKER_CNT; i++)
			TEST_CALL(start(open_at_once, &race, &pids[i]));
		for (int i = 0; i < MAKER_CNT; i++) {
			TEST_ASSERT_EQUAL(waitpid(pids[i], &status, 0), pids[i], "waitpid");
			TEST_ASSERT_EQUAL(status, 0, "%s, round %" PRIu64 ", maker %d", driver, round, i);
		}
		if (dir != NULL)
			TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	}
	test_mem_unmap(shared, 4096);
	return TEST_SUCCESS;
}

static int
test_heap_joins(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	snprintf(name, sizeof(name), "joins-%d", (int)getpid());
	TEST_CALL(test_crowd());
	TEST_CALL(test_row());
	TEST_CALL(test_cancel());
	TEST_CALL(test_late());
	TEST_CALL(test_fork());
	TEST_CALL(test_death());
	return test_on_files(test_race);
}

GROOVE_TEST(heap_joins_autotest, fast, test_heap_joins);
