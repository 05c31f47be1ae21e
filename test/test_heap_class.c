/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Classes of a heap: their objects are as those of all other calls, which take them as well. */

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_heap.h>

#include "fixture.h"
#include "heap_fixture.h"
#include "log.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)

static int
count_one(void *arg, void *obj)
{
	(void)obj;
	*(uint64_t *)arg += 1;
	return 0;
}

static int
live_are(groove_heap_t *heap, uint64_t expected)
{
	uint64_t live = 0;

	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, expected, "live objects");
	return TEST_SUCCESS;
}

/* ---- objects ---- */

#define CNT 200

/* Every second is freed by the class, the others by the heap; and what comes back has other bytes in it. */
static int
check_class(groove_heap_t *heap, size_t sz, size_t align, int node, unsigned int cnt)
{
	groove_heap_class_t cls;
	uint8_t *objs[CNT];
	int err;

	TEST_ASSERT_SUCCESS(groove_heap_class(heap, sz, align, node, &cls), "%zu aligned to %zu", sz, align);
	for (unsigned int turn = 0; turn < 2; turn++) {
		for (unsigned int i = 0; i < cnt; i++) {
			objs[i] = groove_heap_class_alloc_tagged(&cls, GROOVE_HEAP_ZERO, i + 1, &err);
			TEST_ASSERT(objs[i] != NULL && err == GROOVE_SUCCESS, "alloc %u: %d", i, err);
			if (align <= GROOVE_DATA_ALLOC_ALIGN_MAX)
				TEST_CALL(object_check(objs[i], align, sz, i + 1));
			TEST_ASSERT_EQUAL((uintptr_t)objs[i] % (align != 0 ? align : 1), 0, "alignment");
			TEST_ASSERT_EQUAL(groove_data_alloc_sz(objs[i]), sz, "size");
			TEST_ASSERT_EQUAL(groove_data_alloc_tag(objs[i]), i + 1, "tag");
			for (size_t byte = 0; byte < sz; byte++)
				TEST_ASSERT_EQUAL(objs[i][byte], 0, "byte %zu", byte);
		}
		TEST_CALL(live_are(heap, cnt));
		for (unsigned int i = 0; i < cnt; i++) {
			memset(objs[i], 0xff, sz);
			TEST_ASSERT_SUCCESS(
				i % 2 == 0 ? groove_heap_class_free(&cls, objs[i]) : groove_heap_free(heap, objs[i]),
				"free %u", i);
		}
	}
	return TEST_SUCCESS;
}

static int
test_objects(void)
{
	static const size_t sizes[] = {0, 1, 100, 1500, 4096, 70000};
	groove_heap_t *heap = heap_small(16);
	groove_heap_node_info_t info;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_SUCCESS(groove_heap_node_info(heap, 0, &info), "node");
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t align = 0; align <= 4096; align = align != 0 ? 4 * align : 16) {
			TEST_CALL(check_class(heap, sizes[i], align, GROOVE_HEAP_NODE_LOCAL, 50));
			TEST_CALL(check_class(heap, sizes[i], align, info.node, 8));
		}
	}
	TEST_CALL(check_class(heap, 64, 64, info.node, CNT));
	TEST_CALL(check_class(heap, 10 * MIB, 0, info.node, 2));
	return heap_end(heap);
}

/* ---- what is wrong ---- */

static int
refused(groove_heap_t *heap, size_t sz, size_t align, int node, const char *word)
{
	groove_heap_class_t cls = {.sz = 77};

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_class(heap, sz, align, node, &cls), GROOVE_ERR_INVAL, "bad: %s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line that names %s", word);
	TEST_ASSERT_EQUAL(cls.sz, 77, "touched on error");
	return TEST_SUCCESS;
}

static int
test_bad(void)
{
	groove_heap_t *heap = heap_small(16);
	groove_heap_class_t cls;
	uint8_t *obj;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_CALL(refused(NULL, 1, 0, GROOVE_HEAP_NODE_LOCAL, "no heap"));
	TEST_CALL(refused(heap, 1, 3, GROOVE_HEAP_NODE_LOCAL, "aligned to 3"));
	TEST_CALL(refused(heap, 1, 8192, GROOVE_HEAP_NODE_LOCAL, "aligned to 8192"));
	TEST_CALL(refused(heap, 11 * MIB, 0, GROOVE_HEAP_NODE_LOCAL, "11534336 bytes"));
	TEST_CALL(refused(heap, 10 * MIB, 4096, GROOVE_HEAP_NODE_LOCAL, "10485760 bytes"));
	TEST_CALL(refused(heap, 1, 0, 63, "node 63"));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_class(heap, 1, 0, GROOVE_HEAP_NODE_LOCAL, NULL), GROOVE_ERR_INVAL, "NULL");
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_heap_class(heap, 300, 0, GROOVE_HEAP_NODE_LOCAL, &cls), "class");
	obj = groove_heap_class_alloc(&cls, 0);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_heap_class_free(&cls, NULL), "free of nothing");
	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_class_alloc_tagged(&cls, 8, 0, &err), "flags");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "flags");
	TEST_ASSERT_EQUAL(groove_heap_class_free(&cls, obj + 128), GROOVE_ERR_INVAL, "an interior pointer");
	TEST_ASSERT_EQUAL(groove_heap_class_free(&cls, &err), GROOVE_ERR_INVAL, "a variable");
	TEST_ASSERT_SUCCESS(groove_heap_class_free(&cls, obj), "free");
	TEST_ASSERT_EQUAL(groove_heap_class_free(&cls, obj), GROOVE_ERR_INVAL, "what is free");
	TEST_ASSERT_EQUAL(test_log_lines(), 4, "lines");
	test_log_end();
	return heap_end(heap);
}

/* ---- memory ---- */

/* A class grows the heap when it has to, and says FULL at the limit. */
static int
test_full(void)
{
	groove_heap_t *heap = heap_small(16);
	groove_heap_class_t cls;
	void **last = NULL, **obj;
	uint64_t cnt = 0, more = 0;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_SUCCESS(groove_heap_class(heap, 60000, 0, GROOVE_HEAP_NODE_LOCAL, &cls), "class");
	for (; (obj = groove_heap_class_alloc_tagged(&cls, GROOVE_HEAP_NO_GROW, 0, &err)) != NULL; cnt++) {
		*obj = last;
		last = obj;
	}
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "do not grow");
	for (; (obj = groove_heap_class_alloc_tagged(&cls, 0, 0, &err)) != NULL; more++) {
		*obj = last;
		last = obj;
	}
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "at the limit");
	TEST_ASSERT(cnt * 60000 <= VOLUME_SZ && more >= cnt - cnt / 8 && more <= cnt + cnt / 8,
		"%" PRIu64 ", and of another volume %" PRIu64, cnt, more);
	TEST_CALL(heap_chain_free(heap, last));
	return heap_end(heap);
}

/* ---- threads and processes ---- */

#define THREAD_CNT 4
#define TURN_CNT   20000UL
#define HELD	   64

struct shared {
	const groove_heap_class_t *cls;
	uint64_t left[THREAD_CNT]; /* objects that a thread has not freed */
};

/* Threads use one class; what one of them holds nobody writes to. */
static int
work(unsigned int index, void *arg)
{
	struct shared *shared = arg;
	uint64_t *held[HELD] = {NULL};
	uint64_t seed = index + 1;

	for (uint64_t i = 0; i < test_turns(TURN_CNT); i++) {
		uint64_t **obj = &held[test_rand(&seed) % HELD];

		if (*obj != NULL) {
			TEST_ASSERT(**obj == (uintptr_t)*obj + index, "another's bytes");
			TEST_ASSERT_SUCCESS(groove_heap_class_free(shared->cls, *obj), "free");
			*obj = NULL;
		} else {
			*obj = groove_heap_class_alloc(shared->cls, 0);
			TEST_ASSERT_NOT_NULL(*obj, "alloc");
			**obj = (uintptr_t)*obj + index;
		}
	}
	for (unsigned int i = 0; i < HELD; i++)
		shared->left[index] += held[i] != NULL;
	return TEST_SUCCESS;
}

static int
test_threads(void)
{
	groove_heap_t *heap = heap_small(16);
	groove_heap_class_t cls;
	struct shared shared = {.cls = &cls};
	uint64_t left = 0, cnt;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_SUCCESS(groove_heap_class(heap, 100, 64, GROOVE_HEAP_NODE_LOCAL, &cls), "class");
	TEST_CALL(test_threads_run(THREAD_CNT, work, &shared));
	for (unsigned int i = 0; i < THREAD_CNT; i++)
		left += shared.left[i];
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 0, 0, &cnt), "free");
	TEST_ASSERT_EQUAL(cnt, left, "objects that were left");
	return heap_end(heap);
}

/* In a child of fork a class is of no heap. */
static int
in_child(const groove_heap_class_t *cls, void *obj)
{
	int err;

	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_class_alloc_tagged(cls, 0, 0, &err), "alloc in a child");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc in a child");
	TEST_ASSERT_EQUAL(groove_heap_class_free(cls, obj), GROOVE_ERR_INVAL, "free in a child");
	test_log_end();
	return TEST_SUCCESS;
}

static int
test_fork(void)
{
	groove_heap_t *heap = heap_small(16);
	groove_heap_class_t cls;
	void *obj;
	int status;
	pid_t pid;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_SUCCESS(groove_heap_class(heap, 100, 0, GROOVE_HEAP_NODE_LOCAL, &cls), "class");
	obj = groove_heap_class_alloc(&cls, 0);
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork: %m");
	if (pid == 0)
		test_child_end(in_child(&cls, obj) == TEST_SUCCESS ? 0 : 1);
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid");
	TEST_ASSERT_EQUAL(status, 0, "child");
	TEST_ASSERT_SUCCESS(groove_heap_class_free(&cls, obj), "free in the parent");
	return heap_end(heap);
}

static int
test_heap_class(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	TEST_CALL(test_objects());
	TEST_CALL(test_bad());
	TEST_CALL(test_full());
	TEST_CALL(test_threads());
	return test_fork();
}

GROOVE_TEST(heap_class_autotest, fast, test_heap_class);
