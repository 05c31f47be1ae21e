/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Care of heaps: the reserve, memory that is idle, the dead; by calls and by the caretaker. */

#include <dirent.h>
#include <inttypes.h>
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

#define MIB	   1048576UL
#define VOLUME_SZ  (32 * MIB)
#define VOLUME_MAX 6
#define BIG_SZ	   (4 * MIB)

static char name[GROOVE_HEAP_NAME_MAX + 1];

static groove_heap_cfg_t
small_cfg(enum groove_heap_care care)
{
	const groove_heap_cfg_t cfg = {
		.cfg_sz = sizeof(cfg),
		.name = name,
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = VOLUME_SZ,
		.max_sz = VOLUME_MAX * VOLUME_SZ,
		.join_max = 16,
		.care = care,
		.idle_ms = 1,
	};

	return cfg;
}

static uint64_t
volumes(groove_heap_t *heap)
{
	groove_heap_node_info_t info = {0};

	groove_heap_node_info(heap, 0, &info);
	return info.memory_sz / VOLUME_SZ;
}

static uint64_t
dead_cnt(groove_heap_t *heap)
{
	return groove_region_join_dead_cnt(heap_of(heap)->node[0].region);
}

/* Objects that fill so many volumes at least, linked; NULL: there is no room. */
static void **
fill(groove_heap_t *heap, uint64_t volume_cnt)
{
	void **last = NULL;

	for (uint64_t i = 0; i < volume_cnt * VOLUME_SZ / BIG_SZ; i++) {
		void **obj = groove_heap_alloc(heap, BIG_SZ, 0, 0);

		if (obj == NULL)
			return NULL;
		*obj = last;
		last = obj;
	}
	return last;
}

/* ---- the reserve ---- */

/* So many volumes are ready beyond those in use, within the limit; an allocation that may not grow has them. */
static int
test_reserve(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;
	void *obj;

	cfg.idle_ms = GROOVE_HEAP_NEVER;
	cfg.reserve_sz = 2 * VOLUME_SZ - 1;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_EQUAL(volumes(heap), 1, "before care");
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), 2, "a reserve of two");
	obj = groove_heap_alloc(heap, BIG_SZ, 0, GROOVE_HEAP_NO_GROW);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), 3, "one in use, and two");
	TEST_ASSERT_SUCCESS(groove_heap_reserve_set(heap, 0, VOLUME_MAX * VOLUME_SZ), "reserve");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, 0, 4 * VOLUME_SZ), "limit");
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), 4, "up to the limit");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_reserve_set(heap, 63, 0), GROOVE_ERR_INVAL, "a node that it has not");
	TEST_ASSERT_EQUAL(groove_heap_reserve_set(NULL, 0, 0), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_EQUAL(groove_heap_care(NULL), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_EQUAL(test_log_lines(), 3, "lines");
	test_log_end();
	return heap_end(heap);
}

/* By default it is one volume, and none if that is asked for. */
static int
test_reserve_default(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;
	void **obj;

	cfg.idle_ms = GROOVE_HEAP_NEVER;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	obj = fill(heap, 1);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	const uint64_t used = volumes(heap);
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), used + 1, "one more");
	TEST_CALL(heap_chain_free(heap, obj));
	TEST_CALL(heap_end(heap));
	cfg.reserve_sz = GROOVE_HEAP_NONE;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	obj = fill(heap, 1);
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), used, "none more");
	TEST_CALL(heap_chain_free(heap, obj));
	return heap_end(heap);
}

/* ---- memory that is idle ---- */

/* What was used and is not goes back, but for the reserve; and nothing does as long as it is used, or not idle. */
static int
test_idle(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap, *keeper;
	void **objs;

	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	cfg.idle_ms = GROOVE_HEAP_NEVER;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &keeper), "open, by settings of its own");
	objs = fill(heap, 3);
	TEST_ASSERT_NOT_NULL(objs, "alloc");
	const uint64_t used = volumes(heap);
	TEST_ASSERT(used >= 3, "volumes: %" PRIu64, used);
	for (unsigned int i = 0; i < 100; i++)
		groove_heap_care(heap);
	TEST_ASSERT(volumes(heap) >= used, "volumes in use: %" PRIu64, volumes(heap));
	TEST_CALL(heap_chain_free(heap, objs));
	for (unsigned int i = 0; i < 100; i++)
		groove_heap_care(keeper);
	TEST_ASSERT(volumes(heap) >= used, "never idle: %" PRIu64, volumes(heap));
	while (volumes(heap) > 1)
		groove_heap_care(heap);
	for (unsigned int i = 0; i < 100; i++)
		groove_heap_care(heap);
	TEST_ASSERT_EQUAL(volumes(heap), 1, "the reserve");
	TEST_ASSERT_SUCCESS(groove_heap_reserve_set(heap, GROOVE_NODE_ANY, GROOVE_HEAP_NONE), "no reserve");
	while (volumes(heap) > 0)
		groove_heap_care(heap);
	objs = fill(heap, 1);
	TEST_ASSERT_NOT_NULL(objs, "alloc when all memory was given back");
	TEST_CALL(heap_chain_free(heap, objs));
	groove_heap_close(keeper);
	return heap_end(heap);
}

/* A limit that is lowered takes effect on what is empty, however long that is. */
static int
test_lowered(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;

	cfg.idle_ms = GROOVE_HEAP_NEVER;
	cfg.reserve_sz = 4 * VOLUME_SZ;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_EQUAL(volumes(heap), 4, "the reserve");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 2 * VOLUME_SZ), "limit");
	while (volumes(heap) > 2)
		groove_heap_care(heap);
	for (unsigned int i = 0; i < 100; i++)
		groove_heap_care(heap);
	TEST_ASSERT_EQUAL(volumes(heap), 2, "the limit, and no less");
	return heap_end(heap);
}

/* ---- the dead ---- */

static int
join_and_die(void *arg)
{
	const groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;

	(void)arg;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, groove_heap_alloc(heap, 1000, 0, 0)), "alloc and free");
	test_child_covered();
	kill(getpid(), SIGKILL);
	return TEST_FAILED;
}

static int
have_one_die(void)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0)
		test_child_end(join_and_die(NULL));
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid");
	TEST_ASSERT(WIFSIGNALED(status), "it was killed");
	return TEST_SUCCESS;
}

static int
test_dead(void)
{
	const groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;

	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_CALL(have_one_die());
	TEST_ASSERT_EQUAL(dead_cnt(heap), 2, "joins of the dead");
	groove_heap_care(heap);
	TEST_ASSERT_EQUAL(dead_cnt(heap), 0, "joins of the dead, after care");
	return heap_end(heap);
}

/* ---- the caretaker ---- */

/* Caretakers of this process, by the name of the thread: a sanitizer has threads of its own. */
static unsigned int
thread_cnt(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned int cnt = 0;

	for (const struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
		char path[64], comm[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%.16s/comm", entry->d_name);
		file = fopen(path, "re");
		if (file != NULL && fgets(comm, sizeof(comm), file) != NULL)
			cnt += strcmp(comm, "groove-care\n") == 0;
		if (file != NULL)
			fclose(file);
	}
	if (tasks != NULL)
		closedir(tasks);
	return cnt;
}

/* Threads that have ended may be there for a moment. */
static void
wait_for_threads(unsigned int cnt)
{
	while (thread_cnt() != cnt)
		sched_yield();
}

static int
be_child(void *arg)
{
	const groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_THREAD);
	groove_heap_t *own;

	TEST_ASSERT_EQUAL(thread_cnt(), 0, "caretakers of a child");
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &own), "open in a child");
	wait_for_threads(1);
	groove_heap_close(*(groove_heap_t **)arg);
	TEST_ASSERT_EQUAL(thread_cnt(), 1, "the child's own caretaker");
	groove_heap_close(own);
	wait_for_threads(0);
	return TEST_SUCCESS;
}

/* One thread for all heaps, which does by itself what a call does, and ends with the last heap. */
static int
test_thread(void)
{
	const groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_THREAD);
	groove_heap_cfg_t private_cfg = cfg;
	groove_heap_t *heap, *other;
	void **objs;

	private_cfg.name = NULL;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_SUCCESS(groove_heap_open(&private_cfg, &other), "open another");
	wait_for_threads(1);
	TEST_CALL(have_one_die());
	while (dead_cnt(heap) > 0)
		sched_yield();
	objs = fill(heap, 2);
	TEST_ASSERT_NOT_NULL(objs, "alloc");
	TEST_CALL(heap_chain_free(heap, objs));
	while (volumes(heap) > 1)
		sched_yield();
	objs = groove_heap_alloc(other, 100, 0, 0);
	while (volumes(other) < 2)
		sched_yield();
	TEST_ASSERT_SUCCESS(groove_heap_free(other, objs), "free");
	/* A sanitizer has no threads in a child of a process with threads. */
	if (!TEST_SANITIZED && test_fork_wipes())
		TEST_CALL(test_child_run(be_child, &heap));
	groove_heap_close(heap);
	TEST_ASSERT_EQUAL(thread_cnt(), 1, "threads while one is open");
	groove_heap_close(other);
	wait_for_threads(0);
	return TEST_SUCCESS;
}

/* Heaps that are opened and closed all the time, with the caretaker at work. */
static int
test_restart(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_THREAD);

	cfg.name = NULL;
	for (uint64_t i = 0; i < test_turns(20); i++) {
		groove_heap_t *heap;

		TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open %" PRIu64, i);
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, groove_heap_alloc(heap, 100, 0, 0)), "turn %" PRIu64, i);
		groove_heap_close(heap);
	}
	wait_for_threads(0);
	return TEST_SUCCESS;
}

static int
test_bad_care(void)
{
	groove_heap_cfg_t cfg = small_cfg(GROOVE_HEAP_CARE_CALLS);
	groove_heap_t *heap;

	cfg.care = (enum groove_heap_care)2;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_open(&cfg, &heap), GROOVE_ERR_INVAL, "care 2");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "care 2"), "the line");
	return TEST_SUCCESS;
}

static int
test_heap_care(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	snprintf(name, sizeof(name), "care-%d", (int)getpid());
	TEST_CALL(test_reserve());
	TEST_CALL(test_reserve_default());
	TEST_CALL(test_idle());
	TEST_CALL(test_lowered());
	TEST_CALL(test_dead());
	TEST_CALL(test_thread());
	TEST_CALL(test_restart());
	return test_bad_care();
}

GROOVE_TEST(heap_care_autotest, fast, test_heap_care);
