/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The heap: objects, growth and limits, as a program with one thread sees them. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <groove_heap.h>

#include "fixture.h"
#include "heap_fixture.h"
#include "log.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)
#define BIG_SZ	  (4 * MIB) /* few of them fill a volume */

static char name[GROOVE_HEAP_NAME_MAX + 1];

static groove_heap_cfg_t
small_cfg(void)
{
	return heap_small_cfg(16);
}

static groove_heap_t *
small_heap(void)
{
	const groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap = NULL;

	return groove_heap_open(&cfg, &heap) == GROOVE_SUCCESS ? heap : NULL;
}

static uint64_t
memory_sz(groove_heap_t *heap)
{
	groove_heap_node_info_t info = {0};

	groove_heap_node_info(heap, 0, &info);
	return info.memory_sz;
}

static bool
all_are(const void *mem, uint8_t value, size_t sz)
{
	const uint8_t *bytes = mem;

	for (size_t i = 0; i < sz; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

static int
count_one(void *arg, void *obj)
{
	*(uint64_t *)arg += groove_data_alloc_sz(obj);
	return 0;
}

/* ---- the lines that the header begins with ---- */

static int
test_first_lines(void)
{
	groove_heap_t *heap, *again;
	uint64_t *flow;
	groove_heap_cfg_t cfg = {.cfg_sz = sizeof(cfg), .name = name, .page = GROOVE_PAGE_NORMAL};

	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	flow = groove_heap_alloc(heap, 4000, 0, GROOVE_HEAP_ZERO);
	TEST_ASSERT_NOT_NULL(flow, "alloc");
	TEST_ASSERT(all_are(flow, 0, 4000), "zeroed");
	memset(flow, 0xff, 4000);
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &again), "open again: it is there");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, flow), "free");
	flow = groove_heap_alloc(heap, 4000, 0, GROOVE_HEAP_ZERO);
	TEST_ASSERT(all_are(flow, 0, 4000), "zeroed, of memory that was used");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, flow), "free");
	groove_heap_close(again);
	return heap_end(heap);
}

/* ---- objects ---- */

static int
check_object(groove_heap_t *heap, size_t sz, size_t align, uint64_t tag)
{
	int err = 1;
	void *obj = groove_heap_alloc_tagged(heap, sz, align, 0, tag, &err);

	TEST_ASSERT_NOT_NULL(obj, "%zu bytes aligned to %zu", sz, align);
	TEST_ASSERT_SUCCESS(err, "%zu bytes aligned to %zu", sz, align);
	TEST_CALL(object_check(obj, align, sz, tag));
	TEST_ASSERT(groove_heap_usable_sz(obj) >= sz, "usable: %zu of %zu", groove_heap_usable_sz(obj), sz);
	memset(obj, 0xa5, groove_heap_usable_sz(obj));
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return TEST_SUCCESS;
}

static int
test_objects(void)
{
	static const size_t sizes[] = {0, 1, 64, 1000, 4096, 70000, 10 * MIB};
	groove_heap_t *heap = small_heap();

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t align = 1; align <= GROOVE_DATA_ALLOC_ALIGN_MAX; align *= 2)
			TEST_CALL(check_object(heap, sizes[i], align, i << 32 | align));
	}
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, NULL), "free of nothing");
	return heap_end(heap);
}

static int
refused(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, int node, const char *word)
{
	int err = 0;

	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_alloc_node(heap, sz, align, flags, node, 0, &err), "bad: %s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line that names %s", word);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "bad: %s", word);
	return TEST_SUCCESS;
}

static int
free_refused(groove_heap_t *heap, void *obj, const char *what)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_free(heap, obj), GROOVE_ERR_INVAL, "free of %s", what);
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	return TEST_SUCCESS;
}

/* What is wrong is one line and a code, and changes nothing. */
static int
test_bad(void)
{
	groove_heap_t *heap = small_heap(), *other = small_heap();
	uint8_t *obj;
	int err;

	TEST_ASSERT(heap != NULL && other != NULL, "open");
	TEST_CALL(refused(NULL, 1, 0, 0, GROOVE_HEAP_NODE_LOCAL, "no heap"));
	TEST_CALL(refused(heap, 10 * MIB + 512, 0, 0, GROOVE_HEAP_NODE_LOCAL, "alloc"));
	TEST_CALL(refused(heap, 1, 3, 0, GROOVE_HEAP_NODE_LOCAL, "align"));
	TEST_CALL(refused(heap, 1, 8192, 0, GROOVE_HEAP_NODE_LOCAL, "align"));
	TEST_CALL(refused(heap, 1, 0, 8, GROOVE_HEAP_NODE_LOCAL, "flags 0x8"));
	TEST_CALL(refused(heap, 1, 0, 0, 63, "node 63"));
	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_alloc(heap, 1, 0, 8), "flags of the inline call");
	TEST_ASSERT_NULL(groove_heap_alloc_tagged(heap, 1, 3, 0, 0, &err), "alignment of the inline call");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alignment of the inline call");
	TEST_ASSERT_EQUAL(test_log_lines(), 2, "lines");
	test_log_end();
	obj = groove_heap_alloc(heap, 1000, 0, GROOVE_HEAP_ZERO);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_CALL(free_refused(NULL, obj, "no heap"));
	TEST_CALL(free_refused(other, obj, "another heap's object"));
	TEST_CALL(free_refused(heap, obj + 128, "an interior pointer"));
	TEST_CALL(free_refused(heap, &err, "a variable"));
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	TEST_CALL(free_refused(heap, obj, "what is free"));
	TEST_CALL(heap_end(other));
	return heap_end(heap);
}

/* ---- several at a time ---- */

#define CNT 100

static int
test_bulk(void)
{
	groove_heap_t *heap = small_heap();
	void *objs[CNT];
	uint64_t tags[CNT];
	int err = 1;

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (unsigned int i = 0; i < CNT; i++)
		tags[i] = i + 7;
	TEST_ASSERT_SUCCESS(groove_heap_alloc_bulk(heap, 300, 64, 0, tags, objs, CNT), "bulk");
	for (unsigned int i = 0; i < CNT; i++) {
		TEST_CALL(object_check(objs[i], 64, 300, i + 7));
		memset(objs[i], 0xff, 300);
	}
	test_log_begin();
	void *twice[] = {objs[0], objs[1], objs[0]};
	TEST_ASSERT_EQUAL(groove_heap_free_bulk(heap, twice, 3), GROOVE_ERR_INVAL, "one is there twice");
	void *foreign[] = {objs[0], &err};
	TEST_ASSERT_EQUAL(groove_heap_free_bulk(heap, foreign, 2), GROOVE_ERR_INVAL, "one is foreign");
	TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, foreign, 2, &err), 1, "the good one");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "for the other");
	TEST_ASSERT_EQUAL(test_log_lines(), 3, "lines");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_heap_free_bulk(heap, objs + 1, CNT - 1), "all that are left");
	TEST_ASSERT_EQUAL(groove_heap_alloc_burst(heap, 300, 0, GROOVE_HEAP_ZERO, NULL, objs, CNT, &err), CNT, "burst");
	TEST_ASSERT_SUCCESS(err, "burst");
	for (unsigned int i = 0; i < CNT; i++)
		TEST_ASSERT(all_are(objs[i], 0, 300), "zeroed: %u", i);
	TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, objs, CNT, &err), CNT, "burst");
	TEST_ASSERT_SUCCESS(groove_heap_free_bulk(heap, objs, 0), "none");
	TEST_ASSERT_SUCCESS(groove_heap_alloc_bulk(heap, 1, 0, 0, NULL, objs, 0), "none");
	return heap_end(heap);
}

/* ---- size ---- */

static int
test_realloc(void)
{
	groove_heap_t *heap = small_heap();
	uint8_t *obj, *moved;
	size_t room;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	obj = groove_heap_realloc(heap, NULL, 5000, 0, 0, &err);
	TEST_ASSERT_NOT_NULL(obj, "realloc of nothing");
	room = groove_heap_usable_sz(obj);
	for (size_t i = 0; i < room; i++)
		obj[i] = (uint8_t)(i * 7);
	TEST_ASSERT_EQUAL(groove_heap_realloc(heap, obj, room, 0, 0, NULL), obj, "its slot has the room");
	TEST_ASSERT_EQUAL(groove_heap_realloc(heap, obj, room / 2, 0, 0, NULL), obj, "half of it");
	moved = groove_heap_realloc(heap, obj, 100000, 512, 0, &err);
	TEST_ASSERT(moved != NULL && moved != obj && err == GROOVE_SUCCESS, "larger");
	TEST_ASSERT_EQUAL((uintptr_t)moved % 512, 0, "alignment");
	TEST_ASSERT_EQUAL(groove_data_alloc_sz(moved), 100000, "size");
	for (size_t i = 0; i < room; i++)
		TEST_ASSERT_EQUAL(moved[i], (uint8_t)(i * 7), "byte %zu", i);
	TEST_CALL(free_refused(heap, obj, "the old one"));
	obj = groove_heap_realloc(heap, moved, 100, 0, 0, &err);
	TEST_ASSERT(obj != NULL && obj != moved, "much smaller");
	for (size_t i = 0; i < 100; i++)
		TEST_ASSERT_EQUAL(obj[i], (uint8_t)(i * 7), "byte %zu", i);
	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_realloc(heap, obj, 100, 0, GROOVE_HEAP_ZERO, &err), "zeroed");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "zeroed");
	TEST_ASSERT_NULL(groove_heap_realloc(heap, obj, 11 * MIB, 0, 0, &err), "too large");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "too large");
	TEST_ASSERT_NULL(groove_heap_realloc(heap, obj + 16, 1000, 0, 0, &err), "an interior pointer");
	TEST_ASSERT_NULL(groove_heap_realloc(heap, &room, 1000, 0, 0, &err), "a variable");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "a variable");
	TEST_ASSERT_EQUAL(test_log_lines(), 4, "lines");
	test_log_end();
	TEST_ASSERT_EQUAL(obj[99], (uint8_t)(99 * 7), "as it was");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

/* Given a tag, then an object that moves keeps it; and one that cannot move to be smaller stays. */
static int
test_realloc_keeps(void)
{
	groove_heap_t *heap = small_heap();
	void *obj, *big;
	void *objs[64];
	unsigned int cnt = 0;

	TEST_ASSERT_NOT_NULL(heap, "open");
	obj = groove_heap_realloc(heap, groove_heap_alloc_tagged(heap, 10, 0, 0, 99, NULL), 10000, 0, 0, NULL);
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), 99, "tag");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, VOLUME_SZ), "limit");
	big = groove_heap_alloc(heap, BIG_SZ, 0, 0);
	while (cnt < 64 && (objs[cnt] = groove_heap_alloc(heap, BIG_SZ / 4, 0, 0)) != NULL)
		cnt++;
	TEST_ASSERT(big != NULL && cnt > 0 && cnt < 64, "full: %u", cnt);
	TEST_ASSERT_EQUAL(groove_heap_realloc(heap, big, BIG_SZ / 4, 0, 0, NULL), big, "no room for a smaller one");
	while (cnt > 0)
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, objs[--cnt]), "free");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, big), "free");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

static int
test_memdup(void)
{
	groove_heap_t *heap = small_heap();
	char *copy;

	TEST_ASSERT_NOT_NULL(heap, "open");
	copy = groove_heap_memdup(heap, "seven of nine", 14, 32, GROOVE_HEAP_ZERO);
	TEST_ASSERT_NOT_NULL(copy, "memdup");
	TEST_ASSERT_EQUAL(strcmp(copy, "seven of nine"), 0, "%s", copy);
	TEST_ASSERT_EQUAL((uintptr_t)copy % 32, 0, "alignment");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, copy), "free");
	copy = groove_heap_memdup(heap, NULL, 0, 0, 0);
	TEST_ASSERT_NOT_NULL(copy, "memdup of no bytes");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, copy), "free");
	return heap_end(heap);
}

/* ---- owners ---- */

/* Objects of a range of tags go, and no others. */
static int
test_free_tags(void)
{
	groove_heap_t *heap = small_heap();
	void *objs[CNT];
	uint64_t tags[CNT], cnt = 1, live = 0;

	TEST_ASSERT_NOT_NULL(heap, "open");
	for (unsigned int i = 0; i < CNT; i++)
		tags[i] = i;
	TEST_ASSERT_SUCCESS(groove_heap_alloc_bulk(heap, 300, 0, 0, tags, objs, CNT), "bulk");
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 5, 4, &cnt), "no tag");
	TEST_ASSERT_EQUAL(cnt, 0, "no tag");
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 10, 29, &cnt), "20 tags");
	TEST_ASSERT_EQUAL(cnt, 20, "20 tags");
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, (CNT - 20) * 300, "bytes of the others");
	for (unsigned int i = 0; i < CNT; i++)
		TEST_ASSERT(i / 10 == 1 || i / 10 == 2 || groove_data_alloc_tag(objs[i]) == i, "object %u", i);
	TEST_ASSERT_SUCCESS(groove_heap_free_tags(heap, 0, UINT64_MAX, NULL), "all that are left");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_free_tags(NULL, 0, 1, NULL), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	return heap_end(heap);
}

struct wanted {
	groove_heap_t *heap;
	uint64_t *obj;
};

#define WANTER_CNT 2
#define WANT_CNT   20000UL

/* Each takes the object when it is free (tag 0), counts in it, and gives it back: what is counted in it is no atomic.
 */
static int
want(unsigned int index, void *arg)
{
	struct wanted *wanted = arg;

	for (uint64_t i = 0; i < test_turns(WANT_CNT);) {
		const int err = groove_heap_retag(wanted->heap, wanted->obj, 0, index + 1);

		TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_KEY, "retag: %d", err);
		if (err != GROOVE_SUCCESS)
			continue;
		*wanted->obj += 1;
		TEST_ASSERT_SUCCESS(groove_heap_retag(wanted->heap, wanted->obj, index + 1, 0), "back");
		i++;
	}
	return TEST_SUCCESS;
}

static int
test_retag(void)
{
	struct wanted wanted = {.heap = small_heap()};

	TEST_ASSERT_NOT_NULL(wanted.heap, "open");
	wanted.obj = groove_heap_alloc_tagged(wanted.heap, 64, 0, GROOVE_HEAP_ZERO, 7, NULL);
	TEST_ASSERT_EQUAL(groove_heap_retag(wanted.heap, wanted.obj, 8, 9), GROOVE_ERR_KEY, "another tag");
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(wanted.obj), 7, "its tag");
	TEST_ASSERT_SUCCESS(groove_heap_retag(wanted.heap, wanted.obj, 7, 0), "its tag");
	TEST_CALL(test_threads_run(WANTER_CNT, want, &wanted));
	TEST_ASSERT_EQUAL(*wanted.obj, WANTER_CNT * test_turns(WANT_CNT), "turns that each had alone");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_retag(wanted.heap, wanted.obj + 8, 0, 1), GROOVE_ERR_INVAL, "interior");
	TEST_ASSERT_EQUAL(groove_heap_retag(wanted.heap, &wanted, 0, 1), GROOVE_ERR_INVAL, "a variable");
	TEST_ASSERT_EQUAL(groove_heap_retag(NULL, wanted.obj, 0, 1), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_SUCCESS(groove_heap_free(wanted.heap, wanted.obj), "free");
	TEST_ASSERT_EQUAL(groove_heap_retag(wanted.heap, wanted.obj, 0, 1), GROOVE_ERR_INVAL, "what is free");
	TEST_ASSERT_EQUAL(test_log_lines(), 4, "lines");
	test_log_end();
	return heap_end(wanted.heap);
}

/* ---- growth ---- */

/* Allocate until it fails; each object leads to the one before. How many. */
static uint64_t
fill(groove_heap_t *heap, unsigned int flags, void ***last, int *err)
{
	uint64_t cnt = 0;
	void **obj;

	while ((obj = groove_heap_alloc_tagged(heap, BIG_SZ, 0, flags, 0, err)) != NULL) {
		*obj = *last;
		*last = obj;
		cnt++;
	}
	return cnt;
}

/* It grows when it has to, up to its limit, and says nothing when it cannot; the limit may be changed. */
static int
test_growth(void)
{
	groove_heap_t *heap = small_heap();
	groove_heap_node_info_t info;
	void **last = NULL;
	uint64_t cnt, live = 0;
	int err = 0;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_EQUAL(memory_sz(heap), VOLUME_SZ, "at first");
	test_log_begin();
	cnt = fill(heap, GROOVE_HEAP_NO_GROW, &last, &err);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "do not grow");
	TEST_ASSERT(cnt > 0 && memory_sz(heap) == VOLUME_SZ, "it did not grow: %" PRIu64, memory_sz(heap));
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 3 * VOLUME_SZ), "limit");
	cnt += fill(heap, 0, &last, &err);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "at the limit");
	TEST_ASSERT_EQUAL(memory_sz(heap), 3 * VOLUME_SZ, "at the limit");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 4 * VOLUME_SZ), "limit");
	cnt += fill(heap, 0, &last, &err);
	TEST_ASSERT_EQUAL(memory_sz(heap), 4 * VOLUME_SZ, "at the limit that was raised");
	TEST_ASSERT_EQUAL(test_log_lines(), 0, "lines");
	test_log_end();
	TEST_ASSERT(cnt * BIG_SZ >= 3 * VOLUME_SZ, "%" PRIu64 " objects are less than 3/4 of it", cnt);
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, cnt * BIG_SZ, "bytes that a walk finds");
	TEST_ASSERT_SUCCESS(groove_heap_node_info(heap, 0, &info), "info");
	TEST_ASSERT(info.limit_sz == 4 * VOLUME_SZ && info.max_sz == 4 * VOLUME_SZ && info.volume_sz == VOLUME_SZ &&
			    info.page_sz == 4096,
		"info");
	TEST_ASSERT_EQUAL(groove_heap_node_info(heap, 1, &info), GROOVE_ERR_KEY, "it has one node");
	TEST_CALL(heap_chain_free(heap, last));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 5 * VOLUME_SZ), GROOVE_ERR_INVAL, "limit");
	TEST_ASSERT_EQUAL(groove_heap_limit_set(heap, GROOVE_NODE_ANY, VOLUME_SZ - 1), GROOVE_ERR_INVAL, "limit");
	TEST_ASSERT_EQUAL(groove_heap_limit_set(heap, 63, VOLUME_SZ), GROOVE_ERR_INVAL, "node");
	TEST_ASSERT_EQUAL(test_log_lines(), 3, "lines");
	test_log_end();
	return heap_end(heap);
}

/* A bulk that needs several volumes has them, or leaves nothing; one that cannot fit does not grow. */
static int
test_bulk_growth(void)
{
	groove_heap_t *heap = small_heap();
	void *objs[64];
	uint64_t live = 0;
	int err;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_EQUAL(
		groove_heap_alloc_bulk(heap, BIG_SZ, 0, 0, NULL, objs, 33), GROOVE_ERR_FULL, "132 of 128 MiB");
	TEST_ASSERT_EQUAL(memory_sz(heap), VOLUME_SZ, "it did not grow");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 2 * VOLUME_SZ), "limit");
	TEST_ASSERT_EQUAL(groove_heap_alloc_bulk(heap, BIG_SZ, 0, 0, NULL, objs, 17), GROOVE_ERR_FULL, "68 of 64 MiB");
	TEST_ASSERT_EQUAL(memory_sz(heap), VOLUME_SZ, "it did not grow");
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 4 * VOLUME_SZ), "limit");
	TEST_ASSERT_SUCCESS(groove_heap_alloc_bulk(heap, BIG_SZ, 0, 0, NULL, objs, 20), "80 MiB");
	TEST_ASSERT(memory_sz(heap) >= 3 * VOLUME_SZ, "volumes");
	const uint64_t grown = memory_sz(heap);
	TEST_ASSERT_EQUAL(
		groove_heap_alloc_bulk(heap, BIG_SZ, 0, 0, NULL, objs + 20, 13), GROOVE_ERR_FULL, "with these");
	TEST_ASSERT_EQUAL(memory_sz(heap), grown, "it did not grow");
	TEST_ASSERT_SUCCESS(groove_heap_free_bulk(heap, objs, 20), "free");
	TEST_ASSERT_EQUAL(groove_heap_alloc_bulk(heap, BIG_SZ, 0, 0, NULL, objs, 64), GROOVE_ERR_FULL, "256 MiB");
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, 0, "bytes that are left");
	const uint64_t got = groove_heap_alloc_burst(heap, BIG_SZ, 0, 0, NULL, objs, 64, &err);
	TEST_ASSERT(got >= 20 && got < 64 && err == GROOVE_ERR_FULL, "burst: %" PRIu64, got);
	TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, objs, got, NULL), got, "free");
	return heap_end(heap);
}

/* ---- open ---- */

static int
open_refused(const groove_heap_cfg_t *cfg, int expected, const char *word)
{
	groove_heap_t *const untouched = (groove_heap_t *)(uintptr_t)name;
	groove_heap_t *heap = untouched;
	int err;

	test_log_begin();
	err = groove_heap_open(cfg, &heap);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line that names %s", word);
	TEST_ASSERT_EQUAL(err, expected, "%s", word);
	TEST_ASSERT_EQUAL(heap, untouched, "touched on error");
	return TEST_SUCCESS;
}

static int
test_bad_cfg(void)
{
	groove_heap_cfg_t cfg = small_cfg();

	TEST_CALL(open_refused(NULL, GROOVE_ERR_INVAL, "configuration"));
	cfg.cfg_sz = 3;
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "groove_heap_cfg_t"));
	cfg = small_cfg();
	cfg.name = "a-name-that-is-longer-than-32-bytes";
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "up to 32"));
	cfg.name = "a/b";
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "a/b"));
	cfg = small_cfg();
	cfg.driver = "none";
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_KEY, "none"));
	cfg = small_cfg();
	cfg.join_max = 2;
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "join_max 2"));
	cfg = small_cfg();
	cfg.limit_sz = cfg.max_sz + 1;
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "limit"));
	cfg = small_cfg();
	cfg.node_mask = 1UL << 63;
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "node mask"));
	cfg = small_cfg();
	cfg.flags = 2;
	return open_refused(&cfg, GROOVE_ERR_INVAL, "flags");
}

/* A limit of the configuration holds from the first call on. */
static int
test_limit_cfg(void)
{
	groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	void **last = NULL;
	int err;

	cfg.limit_sz = 2 * VOLUME_SZ;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	fill(heap, GROOVE_HEAP_OTHER_NODES, &last, &err);
	TEST_ASSERT_EQUAL(memory_sz(heap), 2 * VOLUME_SZ, "at the limit");
	TEST_CALL(heap_chain_free(heap, last));
	return heap_end(heap);
}

static int
test_names(void)
{
	const groove_region_cfg_t region_cfg = {
		.name = name, .volume_sz = VOLUME_SZ, .volume_max = 1, .page = GROOVE_PAGE_NORMAL};
	groove_heap_cfg_t cfg = small_cfg();
	groove_region_t *region;
	groove_heap_t *heap;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_destroy(&cfg), GROOVE_ERR_INVAL, "destroy what has no name");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "close it"), "the line");
	cfg.name = name;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_destroy(&cfg), GROOVE_ERR_KEY, "destroy what is not there");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), name), "the line");
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_destroy(&cfg), GROOVE_ERR_AGAIN, "destroy what is open");
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	TEST_CALL(heap_end(heap));
	/* A region of a program is no heap. */
	TEST_ASSERT_SUCCESS(groove_region_create(&region_cfg, &region), "region");
	TEST_CALL(open_refused(&cfg, GROOVE_ERR_INVAL, "no heap"));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_destroy(&cfg), GROOVE_ERR_INVAL, "destroy what is no heap");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	return TEST_SUCCESS;
}

/* Objects of a driver that keeps them are there when the heap is opened again. */
static int
test_kept(void)
{
	char dir[] = "/dev/shm/groove-tested-XXXXXX";
	groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heap;
	uint64_t live = 0;

	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	cfg.driver = "file";
	cfg.dir = dir;
	cfg.name = name;
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	TEST_ASSERT_NOT_NULL(groove_heap_alloc(heap, 1234, 0, 0), "alloc");
	groove_heap_close(heap);
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open again");
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, 1234, "bytes that are there");
	TEST_CALL(heap_end(heap));
	TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(dir), "something is left in %s: %m", dir);
	return TEST_SUCCESS;
}

/* More heaps than there are seats, all of them one: the last are refused, and closed ones make room. */
static int
test_many(void)
{
	groove_heap_cfg_t cfg = small_cfg();
	groove_heap_t *heaps[GROOVE_HEAP_SEAT_MAX];
	unsigned int cnt = 0;

	cfg.name = name;
	cfg.join_max = GROOVE_DATA_JOIN_MAX;
	test_log_begin();
	while (cnt < GROOVE_HEAP_SEAT_MAX && groove_heap_open(&cfg, &heaps[cnt]) == GROOVE_SUCCESS) {
		TEST_ASSERT_SUCCESS(
			groove_heap_free(heaps[cnt], groove_heap_alloc(heaps[cnt], 100, 0, 0)), "heap %u", cnt);
		cnt++;
	}
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "too many heaps"), "the line");
	TEST_ASSERT_EQUAL(cnt, GROOVE_HEAP_SEAT_MAX / 2, "heaps of one node");
	while (cnt > 0)
		TEST_CALL(heap_end(heaps[--cnt]));
	heaps[0] = small_heap();
	TEST_ASSERT_NOT_NULL(heaps[0], "open");
	TEST_ASSERT_SUCCESS(groove_heap_free(heaps[0], groove_heap_alloc(heaps[0], 100, 0, 0)), "the seat of another");
	return heap_end(heaps[0]);
}

static int
test_heap(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	snprintf(name, sizeof(name), "heap-%d", (int)getpid());
	TEST_CALL(test_first_lines());
	TEST_CALL(test_objects());
	TEST_CALL(test_bad());
	TEST_CALL(test_bulk());
	TEST_CALL(test_realloc());
	TEST_CALL(test_realloc_keeps());
	TEST_CALL(test_memdup());
	TEST_CALL(test_free_tags());
	TEST_CALL(test_retag());
	TEST_CALL(test_growth());
	TEST_CALL(test_bulk_growth());
	TEST_CALL(test_bad_cfg());
	TEST_CALL(test_limit_cfg());
	TEST_CALL(test_names());
	TEST_CALL(test_kept());
	return test_many();
}

GROOVE_TEST(heap_autotest, fast, test_heap);
