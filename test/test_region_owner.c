/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Joins in a region that were made by groove_data_join(): their process is unknown, so nobody takes them for dead. */

#include <unistd.h>

#include "fixture.h"
#include "groove_region.h"

#define OBJ_CNT	  2000UL
#define OBJ_SZ	  64UL
#define TAG_LIVE  1UL
#define TAG_OTHER 2UL

static groove_data_t *
join_plain(const groove_region_t *region, groove_data_t *ljoin)
{
	return groove_data_join(ljoin, groove_region_shdata(region), groove_region_volume0(region), 0, 0);
}

static int
alloc_many(groove_data_t *join, uint64_t tag, uint64_t cnt)
{
	for (uint64_t i = 0; i < cnt; i++) {
		void *obj = groove_data_alloc(join, 0, OBJ_SZ, tag, NULL);

		TEST_ASSERT_NOT_NULL(obj, "object %lu of tag %lu", i, tag);
		object_fill(obj, tag);
	}
	return TEST_SUCCESS;
}

/* ---- another process ---- */

static int
recover_and_alloc(void *arg)
{
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach_fd(*(const int *)arg, &region), "attach");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_recover(region, &join), "recover");
	TEST_CALL(alloc_many(&join, TAG_OTHER, OBJ_CNT));
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Ends without leaving. */
static int
join_and_die(void *arg)
{
	static groove_region_t *region; /* reachable at the end, for leak checkers */
	static groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach_fd(*(const int *)arg, &region), "attach");
	TEST_ASSERT_NOT_NULL(join_plain(region, &join), "plain join");
	return alloc_many(&join, TAG_OTHER, 1);
}

/* ---- what is there ---- */

struct count {
	uint64_t tag;
	uint64_t intact;
};

static int
count_intact(void *arg, void *obj)
{
	struct count *count = arg;

	count->intact += groove_data_alloc_tag(obj) == count->tag && object_intact(obj, count->tag);
	return 0;
}

static int
check_intact(groove_data_t *join, uint64_t tag, uint64_t expected)
{
	struct count count = {tag, 0};

	TEST_ASSERT_SUCCESS(groove_data_walk(join, NULL, count_intact, &count), "walk");
	TEST_ASSERT_EQUAL(count.intact, expected, "objects of tag %lu, with all their bytes", tag);
	return TEST_SUCCESS;
}

static uint64_t
join_cnt(groove_data_t *join)
{
	static groove_data_stats_t stats; /* too large for the stack */

	return groove_data_stats(join, &stats) == GROOVE_SUCCESS ? stats.join_cnt : 0;
}

/* ---- lives ---- */

/* What it has cached is its own, whatever others recover. */
static int
test_live(groove_region_t *region)
{
	int fd = groove_region_fd(region);
	groove_data_t join;

	TEST_ASSERT_NOT_NULL(join_plain(region, &join), "plain join");
	TEST_CALL(alloc_many(&join, TAG_LIVE, OBJ_CNT));
	TEST_CALL(test_child_run(recover_and_alloc, &fd));
	TEST_CALL(alloc_many(&join, TAG_LIVE, OBJ_CNT));
	TEST_CALL(check_intact(&join, TAG_LIVE, 2 * OBJ_CNT));
	TEST_CALL(check_intact(&join, TAG_OTHER, OBJ_CNT));
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&join), "leave");
	return TEST_SUCCESS;
}

/* ---- died ---- */

static int
is_other(void *arg, uint64_t join_idx)
{
	return join_idx != *(const uint64_t *)arg;
}

/* Its record stays until a program that knows says so. */
static int
test_dead(groove_region_t *region)
{
	int fd = groove_region_fd(region);
	groove_data_t join;
	uint64_t own;

	TEST_CALL(test_child_run(join_and_die, &fd));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_recover(region, &join), "recover of the region");
	TEST_ASSERT_EQUAL(join_cnt(&join), 2, "joins, one of them of an unknown process");
	own = groove_data_join_idx(&join);
	TEST_ASSERT_SUCCESS(groove_data_recover(&join, is_other, &own), "recover by one that knows");
	TEST_ASSERT_EQUAL(join_cnt(&join), 1, "joins");
	TEST_CALL(check_intact(&join, TAG_OTHER, OBJ_CNT + 1));
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return TEST_SUCCESS;
}

static int
test_region_owner(void)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd", .volume_sz = VOLUME_SZ_MIN, .volume_max = 2, .page = GROOVE_PAGE_NORMAL};
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	TEST_CALL(test_live(region));
	TEST_CALL(test_dead(region));
	groove_region_detach(region);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_owner_autotest, driver, test_region_owner);
