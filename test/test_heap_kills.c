/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Processes that work in one heap and are killed at any instruction: the caretaker alone puts things right. */

#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_heap.h>

#include "heap.h"
#include "test.h"

#define MIB	   1048576UL
#define VICTIM_CNT 3
#define KILL_CNT   60
#define OBJ_CNT	   500 /* that a victim has at a time, at most */
#define SZ_MAX	   20000
#define TURNS_MAX  20000 /* that a victim has before it is killed */
#define COMPLETE   0x9e3779b97f4a7c15UL

static char name[GROOVE_HEAP_NAME_MAX + 1];

/* An object: complete is set, to seal_of() it, when all of its bytes are. */
struct object {
	uint64_t complete;
	uint8_t bytes[];
};

static uint64_t *turns; /* shared: of each victim */

/*
 * Of its tag and size: a victim may be killed when its object is made but not zeroed yet, and what was in the slot
 * before has a seal as well.
 */
static uint64_t
seal_of(uint64_t tag, size_t sz)
{
	return COMPLETE ^ tag << 32 ^ sz;
}

static groove_heap_cfg_t
cfg_of(enum groove_heap_care care)
{
	const groove_heap_cfg_t cfg = {
		.cfg_sz = sizeof(cfg),
		.name = name,
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = 32 * MIB,
		.max_sz = 256 * MIB,
		.join_max = 16,
		.care = care,
	};

	return cfg;
}

static struct object *
make(groove_heap_t *heap, uint64_t *seed, uint64_t tag)
{
	const size_t sz = sizeof(struct object) + test_rand(seed) % SZ_MAX;
	const size_t align = 1UL << test_rand(seed) % 13; /* to 4 KiB */
	struct object *obj = groove_heap_alloc_tagged(heap, sz, align, GROOVE_HEAP_ZERO, tag, NULL);

	if (obj == NULL)
		return NULL;
	memset(obj->bytes, (int)tag, sz - sizeof(*obj));
	/* Release: one that sees it sees the bytes. */
	__atomic_store_n(&obj->complete, seal_of(tag, sz), __ATOMIC_RELEASE);
	return obj;
}

/* Allocate and free at random, until somebody kills it. */
static int
work(unsigned int victim, uint64_t tag)
{
	const groove_heap_cfg_t cfg = cfg_of(GROOVE_HEAP_CARE_CALLS);
	struct object *objs[OBJ_CNT] = {NULL};
	groove_heap_t *heap;
	uint64_t seed = tag;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* if the test fails */
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	for (;;) {
		struct object **obj = &objs[test_rand(&seed) % OBJ_CNT];

		if (*obj != NULL) {
			TEST_ASSERT_SUCCESS(groove_heap_free(heap, *obj), "free");
			*obj = NULL;
		} else {
			*obj = make(heap, &seed, tag);
			TEST_ASSERT_NOT_NULL(*obj, "alloc");
		}
		__atomic_add_fetch(&turns[victim], 1, __ATOMIC_RELAXED);
	}
}

static int
start(unsigned int victim, uint64_t tag, pid_t *pid)
{
	turns[victim] = 0;
	fflush(NULL);
	*pid = fork();
	TEST_ASSERT(*pid >= 0, "fork: %m");
	if (*pid == 0)
		test_child_end(work(victim, tag) == TEST_SUCCESS ? 0 : 1);
	return TEST_SUCCESS;
}

/* Kill a victim when it has had some turns. */
static int
strike(unsigned int victim, pid_t pid, uint64_t after)
{
	int status;

	while (__atomic_load_n(&turns[victim], __ATOMIC_RELAXED) < after) {
		TEST_ASSERT_EQUAL(waitpid(pid, &status, WNOHANG), 0, "it ended by itself");
		sched_yield();
	}
	kill(pid, SIGKILL);
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it ended by itself: %#x", status);
	return TEST_SUCCESS;
}

/* What a victim had completed is as it left it. */
static int
check_one(void *bad, void *mem)
{
	const struct object *obj = mem;
	const size_t sz = groove_data_alloc_sz(obj);

	if (__atomic_load_n(&obj->complete, __ATOMIC_ACQUIRE) != seal_of(groove_data_alloc_tag(obj), sz))
		return 0;
	for (size_t i = 0; i < sz - sizeof(*obj); i++)
		*(uint64_t *)bad += obj->bytes[i] != (uint8_t)groove_data_alloc_tag(obj);
	return 0;
}

/* All victims are dead: their objects are there, and nothing else is taken. */
static int
check_left(groove_heap_t *heap)
{
	const struct heap_node *node = &heap_of(heap)->node[0];
	uint64_t bad = 0, cnt = 0;
	groove_data_stats_t stats;

	while (groove_region_join_dead_cnt(node->region) > 0)
		sched_yield();
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, check_one, &bad), "walk");
	TEST_ASSERT_EQUAL(bad, 0, "bytes that changed");
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 1, UINT64_MAX, &cnt), "free what is left");
	TEST_ASSERT(cnt > 0, "objects that were left: %" PRIu64, cnt);
	TEST_ASSERT_SUCCESS(groove_data_stats(node->common, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "objects");
	TEST_ASSERT_EQUAL(stats.total.req_bytes, 0, "bytes");
	return TEST_SUCCESS;
}

static int
test_heap_kills(void)
{
	const groove_heap_cfg_t cfg = cfg_of(GROOVE_HEAP_CARE_THREAD);
	const groove_heap_cfg_t keeper_cfg = cfg_of(GROOVE_HEAP_CARE_CALLS);
	pid_t pids[VICTIM_CNT];
	uint64_t tags[VICTIM_CNT], tag = 0, seed = 1;
	groove_heap_t *heap, *keeper;

	snprintf(name, sizeof(name), "kills-%d", (int)getpid());
	turns = test_mem_map(4096);
	TEST_ASSERT_NOT_NULL(turns, "memory");
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_SUCCESS(groove_heap_open(&keeper_cfg, &keeper), "open");
	for (unsigned int i = 0; i < VICTIM_CNT; i++) {
		tags[i] = ++tag;
		TEST_CALL(start(i, tag, &pids[i]));
	}
	for (uint64_t i = 0; i < test_turns(KILL_CNT); i++) {
		const unsigned int victim = test_rand(&seed) % VICTIM_CNT;

		TEST_CALL(strike(victim, pids[victim], test_rand(&seed) % TURNS_MAX));
		/* Of what it had every other time: the rest stays, and is looked at in the end. */
		if (i % 4 != 0)
			TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, tags[victim], tags[victim], NULL), "free");
		tags[victim] = ++tag;
		TEST_CALL(start(victim, tag, &pids[victim]));
	}
	for (unsigned int i = 0; i < VICTIM_CNT; i++)
		TEST_CALL(strike(i, pids[i], 1000));
	TEST_CALL(check_left(heap));
	groove_heap_close(heap); /* the caretaker ends, so that the heap is idle */
	TEST_ASSERT_SUCCESS(groove_heap_verify(keeper), "verify");
	groove_heap_close(keeper);
	test_mem_unmap(turns, 4096);
	return TEST_SUCCESS;
}

GROOVE_TEST(heap_kills_autotest, fast, test_heap_kills);
