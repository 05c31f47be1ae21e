/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Counts of a heap are those of what was done with it. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_heap.h>

#include "heap_fixture.h"
#include "log.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)
#define BIG_SZ	  (4 * MIB)

/* Objects, growths and refusals, counted here as well. */
static int
test_counts(void)
{
	groove_heap_t *heap = heap_small(8);
	groove_heap_node_info_t info;
	groove_heap_stats_t stats;
	void **last = NULL, **obj;
	uint64_t cnt = 0;

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_SUCCESS(groove_heap_node_info(heap, 0, &info), "node");
	TEST_ASSERT_SUCCESS(groove_heap_stats(heap, 0, &stats), "stats");
	TEST_ASSERT(stats.node == info.node && stats.grow_cnt == 0 && stats.full_cnt == 0, "a new heap");
	TEST_ASSERT(stats.counts.total.obj_cnt == 0 && stats.counts.volume_cnt == 1, "a new heap");
	while ((obj = groove_heap_alloc(heap, BIG_SZ, 0, GROOVE_HEAP_NO_GROW)) != NULL) {
		*obj = last;
		last = obj;
		cnt++;
	}
	TEST_ASSERT_SUCCESS(groove_heap_stats(heap, 0, &stats), "stats");
	TEST_ASSERT(stats.grow_cnt == 0 && stats.full_cnt == 1, "one that must not grow");
	while ((obj = groove_heap_alloc(heap, BIG_SZ, 0, 0)) != NULL) {
		*obj = last;
		last = obj;
		cnt++;
	}
	TEST_ASSERT_SUCCESS(groove_heap_stats(heap, 0, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.grow_cnt, 1, "it grew by a volume");
	TEST_ASSERT_EQUAL(stats.full_cnt, 2, "twice full");
	TEST_ASSERT_EQUAL(stats.counts.total.obj_cnt, cnt, "objects");
	TEST_ASSERT_EQUAL(stats.counts.total.req_bytes, cnt * BIG_SZ, "bytes");
	TEST_ASSERT_EQUAL(stats.counts.volume_cnt, 2, "volumes");
	TEST_CALL(heap_chain_free(heap, last));
	/* Growth by care is counted, too. */
	TEST_ASSERT_SUCCESS(groove_heap_limit_set(heap, GROOVE_NODE_ANY, 3 * VOLUME_SZ), "limit");
	TEST_ASSERT_SUCCESS(groove_heap_reserve_set(heap, GROOVE_NODE_ANY, 4 * VOLUME_SZ), "reserve");
	TEST_ASSERT_SUCCESS(groove_heap_care(heap), "care");
	TEST_ASSERT_SUCCESS(groove_heap_stats(heap, 0, &stats), "stats");
	TEST_ASSERT(stats.grow_cnt == 2 && stats.counts.volume_cnt == 3, "it grew by another one");
	TEST_ASSERT_EQUAL(stats.counts.total.obj_cnt, 0, "objects");
	return heap_end(heap);
}

static int
test_bad(void)
{
	groove_heap_t *heap = heap_small(8);
	groove_heap_stats_t stats = {.node = 77};

	TEST_ASSERT_NOT_NULL(heap, "open");
	TEST_ASSERT_EQUAL(groove_heap_stats(heap, heap->node_cnt, &stats), GROOVE_ERR_KEY, "no more nodes");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_stats(NULL, 0, &stats), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_EQUAL(groove_heap_stats(heap, 0, NULL), GROOVE_ERR_INVAL, "no place");
	TEST_ASSERT_EQUAL(groove_heap_dump(stderr, NULL), GROOVE_ERR_INVAL, "no heap");
	TEST_ASSERT_EQUAL(groove_heap_dump(NULL, heap), GROOVE_ERR_INVAL, "no file");
	TEST_ASSERT_EQUAL(test_log_lines(), 4, "lines");
	test_log_end();
	TEST_ASSERT_EQUAL(stats.node, 77, "touched on error");
	return heap_end(heap);
}

static int
test_dump(void)
{
	groove_heap_t *heap = heap_small(8);
	char *text = NULL;
	size_t text_sz;
	FILE *file = open_memstream(&text, &text_sz);
	void *obj;

	TEST_ASSERT(heap != NULL && file != NULL, "open");
	obj = groove_heap_alloc(heap, 1000, 0, 0);
	TEST_ASSERT_SUCCESS(groove_heap_dump(file, heap), "dump");
	fclose(file);
	TEST_ASSERT(strstr(text, ": 32 MiB of 64 MiB, pages of 4 KiB, grown 0 times and full 0 times") != NULL,
		"the node's line: %s", text);
	TEST_ASSERT(strstr(text, "objects  1, 1000 bytes") != NULL, "its objects: %s", text);
	free(text);
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, obj), "free");
	return heap_end(heap);
}

static int
test_heap_stats(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	TEST_CALL(test_counts());
	TEST_CALL(test_bad());
	return test_dump();
}

GROOVE_TEST(heap_stats_autotest, fast, test_heap_stats);
