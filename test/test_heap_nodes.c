/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Heaps of several nodes: where objects lie, and what becomes of the regions. The nodes are numbers: all their memory
 * may be on one real node. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <groove_heap.h>

#include "heap_regions.h"
#include "log.h"
#include "test.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)
#define NODE_CNT  3U
#define BIG_SZ	  (4 * MIB)

static const int nodes[NODE_CNT] = {0, 2, 5};

static char dir[] = "/dev/shm/groove-tested-XXXXXX";

static groove_heap_cfg_t
cfg_of(void)
{
	const groove_heap_cfg_t cfg = {
		.cfg_sz = sizeof(cfg),
		.name = "nodes",
		.driver = "file",
		.dir = dir,
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = VOLUME_SZ,
		.max_sz = 2 * VOLUME_SZ,
		.limit_sz = VOLUME_SZ,
		.join_max = 8,
		.care = GROOVE_HEAP_CARE_CALLS,
	};

	return cfg;
}

/* Make the heap that a machine of these nodes would have. */
static int
make(struct heap **made)
{
	const groove_heap_cfg_t given = cfg_of();
	groove_heap_cfg_t cfg;
	struct heap_plan plan;

	TEST_ASSERT_SUCCESS(heap_cfg_complete(&given, &cfg), "configuration");
	TEST_ASSERT_SUCCESS(heap_plan_make(&cfg, &plan), "plan");
	plan.node_cnt = NODE_CNT;
	plan.nodes = 1U << 0 | 1U << 2 | 1U << 5;
	plan.anywhere = true;
	TEST_ASSERT_SUCCESS(heap_regions_create(&cfg, &plan, made), "create");
	return TEST_SUCCESS;
}

/* Index of the node that an object lies on, by the regions' addresses. */
static unsigned int
place(groove_heap_t *heap, const void *obj)
{
	for (unsigned int i = 0; i < NODE_CNT; i++) {
		const groove_region_t *region = heap_of(heap)->node[i].region;
		const uint64_t off = (uintptr_t)obj - (uintptr_t)groove_region_volume0(region);

		if (off < 2 * VOLUME_SZ)
			return i;
	}
	return NODE_CNT;
}

static int
count_one(void *arg, void *obj)
{
	(void)obj;
	*(uint64_t *)arg += 1;
	return 0;
}

#define OBJ_CNT 60

/* Objects lie on the node that was asked for, are freed whatever their nodes, and stay there when they move. */
static int
test_objects(groove_heap_t *heap)
{
	void *objs[OBJ_CNT], *local;
	uint64_t live = 0;
	int err;

	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		objs[i] = groove_heap_alloc_node(heap, 1000 + i, 0, GROOVE_HEAP_ZERO, nodes[i % NODE_CNT], i, &err);
		TEST_ASSERT_NOT_NULL(objs[i], "alloc on node %d", nodes[i % NODE_CNT]);
		TEST_ASSERT_EQUAL(place(heap, objs[i]), i % NODE_CNT, "node of object %u", i);
		TEST_ASSERT_EQUAL(heap_idx_of(heap, objs[i]), i % NODE_CNT, "node by the address");
	}
	for (unsigned int i = 0; i < NODE_CNT; i++) {
		objs[i] = groove_heap_realloc(heap, objs[i], 50000, 0, 0, NULL);
		TEST_ASSERT_EQUAL(place(heap, objs[i]), i, "node of an object that moved");
		TEST_ASSERT_EQUAL(groove_data_alloc_tag(objs[i]), i, "tag of an object that moved");
	}
	local = groove_heap_alloc(heap, 100, 0, 0);
	TEST_ASSERT(place(heap, local) < NODE_CNT, "alloc on the thread's own node");
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, OBJ_CNT + 1, "objects of all nodes");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, local), "free");
	TEST_ASSERT_SUCCESS(groove_heap_free_bulk(heap, objs, OBJ_CNT / 2), "bulk of all nodes");
	TEST_ASSERT_EQUAL(groove_heap_free_burst(heap, objs + OBJ_CNT / 2, OBJ_CNT / 2, &err), OBJ_CNT / 2, "burst");
	test_log_begin();
	TEST_ASSERT_NULL(groove_heap_alloc_node(heap, 1, 0, 0, 1, 0, &err), "a node that it has not");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "a node that it has not");
	TEST_ASSERT_EQUAL(
		groove_heap_free(heap, (void *)heap->base), GROOVE_ERR_INVAL, "an address before the volumes");
	TEST_ASSERT_EQUAL(test_log_lines(), 2, "lines");
	test_log_end();
	return TEST_SUCCESS;
}

/* A class of a node has its objects there, and frees those of all. */
static int
test_class(groove_heap_t *heap)
{
	groove_heap_class_t classes[NODE_CNT], local;
	void *objs[NODE_CNT], *own;

	TEST_ASSERT_SUCCESS(groove_heap_class(heap, 100, 0, GROOVE_HEAP_NODE_LOCAL, &local), "class of any node");
	for (unsigned int turn = 0; turn < 4; turn++) {
		own = groove_heap_class_alloc(&local, 0);
		TEST_ASSERT_SUCCESS(groove_heap_free(heap, own), "free"); /* its slot is cached now */
		for (unsigned int i = NODE_CNT; i-- > 0;) {
			TEST_ASSERT_SUCCESS(
				groove_heap_class(heap, 100, 0, nodes[i], &classes[i]), "class of node %d", nodes[i]);
			objs[i] = groove_heap_class_alloc(&classes[i], 0);
			TEST_ASSERT_EQUAL(place(heap, objs[i]), i, "node of an object of class %u", i);
		}
		for (unsigned int i = 0; i < NODE_CNT; i++)
			TEST_ASSERT_SUCCESS(
				groove_heap_class_free(turn % 2 == 0 ? &local : &classes[(i + 1) % NODE_CNT], objs[i]),
				"free of object %u", i);
	}
	return TEST_SUCCESS;
}

/* A bad object keeps those of its node from being freed, and no others. */
static int
test_bad_bulk(groove_heap_t *heap)
{
	void *objs[4];
	uint64_t live = 0;

	for (unsigned int i = 0; i < 3; i++)
		objs[i] = groove_heap_alloc_node(heap, 100, 0, 0, nodes[i / 2], 0, NULL);
	objs[3] = objs[2];
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_free_bulk(heap, objs, 4), GROOVE_ERR_INVAL, "one is there twice");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_heap_walk(heap, NULL, count_one, &live), "walk");
	TEST_ASSERT_EQUAL(live, 1, "the one that was there twice");
	TEST_ASSERT_SUCCESS(groove_heap_free(heap, objs[2]), "free");
	return TEST_SUCCESS;
}

static uint64_t
fill(groove_heap_t *heap, unsigned int flags, int node, void ***last)
{
	uint64_t cnt = 0;
	void **obj;

	while ((obj = groove_heap_alloc_node(heap, BIG_SZ, 0, flags, node, 0, NULL)) != NULL) {
		*obj = *last;
		*last = obj;
		cnt++;
	}
	return cnt;
}

/* When a node is full the others have room, for those that may be there. */
static int
test_full(groove_heap_t *heap)
{
	void **last = NULL;
	const uint64_t one = fill(heap, 0, nodes[1], &last);
	uint64_t all = one;

	for (void **obj = last; obj != NULL; obj = *obj)
		TEST_ASSERT_EQUAL(place(heap, obj), 1, "node");
	all += fill(heap, GROOVE_HEAP_OTHER_NODES, nodes[1], &last);
	TEST_ASSERT(one > 0 && all == NODE_CNT * one, "%" PRIu64 " on one node, %" PRIu64 " on all", one, all);
	while (last != NULL) {
		void **before = *last;

		TEST_ASSERT_SUCCESS(groove_heap_free(heap, last), "free");
		last = before;
	}
	return TEST_SUCCESS;
}

static int
test_open(void)
{
	const groove_heap_cfg_t cfg = cfg_of();
	groove_heap_node_info_t info;
	struct heap *made;
	groove_heap_t *heap;

	TEST_CALL(make(&made));
	TEST_ASSERT_SUCCESS(groove_heap_open(&cfg, &heap), "open");
	heap_regions_detach(made);
	for (unsigned int i = 0; i < NODE_CNT; i++) {
		TEST_ASSERT_SUCCESS(groove_heap_node_info(heap, i, &info), "info");
		TEST_ASSERT_EQUAL(info.node, nodes[i], "node");
	}
	TEST_ASSERT_EQUAL(groove_heap_node_info(heap, NODE_CNT, &info), GROOVE_ERR_KEY, "no more");
	TEST_CALL(test_objects(heap));
	TEST_CALL(test_class(heap));
	TEST_CALL(test_bad_bulk(heap));
	TEST_CALL(test_full(heap));
	TEST_ASSERT_SUCCESS(groove_heap_recover(heap), "recover");
	TEST_ASSERT_SUCCESS(groove_heap_verify(heap), "verify");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_destroy(&cfg), GROOVE_ERR_AGAIN, "destroy what is open");
	test_log_end();
	groove_heap_close(heap);
	TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	return TEST_SUCCESS;
}

/* Given a heap of which a part was destroyed, as its destroyer died, then nobody opens it, and it can be destroyed. */
static int
test_half_destroyed(void)
{
	const groove_heap_cfg_t cfg = cfg_of();
	groove_region_id_t id = {.size = sizeof(id), .driver = "file", .dir = dir};
	char part[GROOVE_REGION_NAME_MAX + 1];
	groove_heap_t *heap;
	struct heap *made;

	TEST_CALL(make(&made));
	snprintf(part, sizeof(part), "%s", groove_region_name(made->node[1].region));
	heap_regions_detach(made);
	id.name = part;
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy a part");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_heap_open(&cfg, &heap), GROOVE_ERR_AGAIN, "open");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "destroy it"), "the line");
	TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	return TEST_SUCCESS;
}

/* Given that the name is taken when the last region is to get it, then nothing of the others is left. */
static int
test_lost(void)
{
	const groove_heap_cfg_t cfg = cfg_of();
	struct heap_plan plan;
	groove_heap_cfg_t full;
	struct heap *winner, *loser = NULL;

	TEST_CALL(make(&winner));
	TEST_ASSERT_SUCCESS(heap_cfg_complete(&cfg, &full), "configuration");
	TEST_ASSERT_SUCCESS(heap_plan_make(&full, &plan), "plan");
	plan.node_cnt = NODE_CNT;
	plan.nodes = 1U << 0 | 1U << 2 | 1U << 5;
	plan.anywhere = true;
	test_log_begin();
	TEST_ASSERT_EQUAL(heap_regions_create(&full, &plan, &loser), GROOVE_ERR_KEY, "the name is taken");
	test_log_end();
	heap_regions_detach(winner);
	TEST_ASSERT_SUCCESS(groove_heap_destroy(&cfg), "destroy");
	return TEST_SUCCESS;
}

static int
test_heap_nodes(void)
{
	groove_log_per_second = UINT32_MAX; /* each line is looked at */
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test_open());
	TEST_CALL(test_half_destroyed());
	TEST_CALL(test_lost());
	TEST_ASSERT_SUCCESS(rmdir(dir), "something is left in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(heap_nodes_autotest, fast, test_heap_nodes);
