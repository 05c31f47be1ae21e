/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The first steps of a program with a region: create, join, allocate, grow, leave, detach. */

#include <string.h>

#include <groove_region.h>

#include "test.h"

#define MIB	  1048576UL
#define VOLUME_SZ (32 * MIB)
#define OBJ_SZ	  MIB

static int
make(uint64_t volume_cnt, uint64_t volume_max, groove_region_t **region)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = VOLUME_SZ,
		.volume_cnt = volume_cnt,
		.volume_max = volume_max,
		.page = GROOVE_PAGE_NORMAL,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, region), "create");
	return TEST_SUCCESS;
}

/* Allocate until FULL. At least half of the memory can be allocated. */
static int
fill(groove_data_t *join, uint64_t volume_cnt)
{
	uint64_t cnt = 0;
	int err = GROOVE_SUCCESS;

	while (groove_data_alloc(join, 0, OBJ_SZ, 0, &err) != NULL)
		cnt++;
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "after %lu objects", cnt);
	TEST_ASSERT(cnt >= volume_cnt * VOLUME_SZ / OBJ_SZ / 2, "%lu objects of 1 MiB in %lu volumes", cnt, volume_cnt);
	return TEST_SUCCESS;
}

/* Given a region of some volumes, when it is joined in either way, then all of them serve at once. */
static int
test_first_alloc(uint64_t volume_cnt)
{
	groove_region_t *region;
	groove_data_stats_t stats;
	groove_data_t joins[2];

	TEST_CALL(make(volume_cnt, 0, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &joins[0], 0), "join");
	TEST_ASSERT_NOT_NULL(
		groove_data_join(&joins[1], groove_region_shdata(region), groove_region_volume0(region), 0, 0),
		"the core's join");
	TEST_ASSERT_SUCCESS(groove_data_stats(&joins[0], &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_cnt, volume_cnt, "volumes in the groove");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), volume_cnt, "volumes with memory");
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&joins[0], 0, 100, 1, NULL), "first alloc");
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&joins[1], 0, 100, 1, NULL), "first alloc of the other");
	TEST_CALL(fill(&joins[0], volume_cnt));
	TEST_ASSERT_SUCCESS(groove_data_verify(&joins[0]), "verify");
	groove_data_leave(&joins[1]);
	groove_region_leave(region, &joins[0]);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
check_grown(groove_region_t *region, groove_data_t *join, uint64_t expected, uint64_t memory_cnt)
{
	uint64_t idx = UINT64_MAX;

	TEST_ASSERT_SUCCESS(groove_region_grow(region, join, &idx), "grow");
	TEST_ASSERT_EQUAL(idx, expected, "volume");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), memory_cnt, "volumes with memory");
	return TEST_SUCCESS;
}

static int
check_no_more(groove_region_t *region, groove_data_t *join)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, join, NULL), GROOVE_ERR_FULL, "one volume too many");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "no volume left", "3 of 3"), "one volume too many");
	return TEST_SUCCESS;
}

/* A program that grows before it allocates gets the volumes that it made, each once, then new ones. */
static int
test_grow_first(void)
{
	groove_region_t *region;
	groove_data_t join;

	TEST_CALL(make(2, 3, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(check_grown(region, &join, 0, 2));
	TEST_CALL(check_grown(region, &join, 1, 2));
	TEST_CALL(check_grown(region, &join, 2, 3));
	TEST_CALL(check_no_more(region, &join));
	TEST_CALL(fill(&join, 3));
	groove_region_leave(region, &join);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* One that grows when it finds the groove full gets memory by it, at once. */
static int
test_grow_when_full(void)
{
	groove_region_t *region;
	groove_data_t join;

	TEST_CALL(make(1, 3, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	for (uint64_t i = 1; i < 3; i++) {
		TEST_CALL(fill(&join, i == 1));
		TEST_CALL(check_grown(region, &join, i, i + 1));
		TEST_ASSERT_NOT_NULL(groove_data_alloc(&join, 0, OBJ_SZ, 0, NULL), "alloc after grow %lu", i);
	}
	TEST_CALL(check_no_more(region, &join));
	groove_region_leave(region, &join);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* A volume that was given back is not taken for one that is there. */
static int
test_grow_after_shrink(void)
{
	groove_region_t *region;
	groove_data_t join;
	uint64_t idx;
	int err;

	TEST_CALL(make(2, 2, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	while ((err = groove_region_shrink(region, &join, &idx)) == GROOVE_SUCCESS || err == GROOVE_ERR_AGAIN)
		;
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 0, "volumes with memory");
	TEST_CALL(check_grown(region, &join, 0, 1));
	TEST_CALL(check_grown(region, &join, 1, 2));
	TEST_CALL(fill(&join, 2));
	groove_region_leave(region, &join);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* Without volumes at first there is nothing to allocate from, and grow makes it. */
static int
test_no_volume(void)
{
	groove_region_t *region;
	groove_data_t join;
	int err;

	TEST_CALL(make(0, 1, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_NULL(groove_data_alloc(&join, 0, 100, 0, &err), "alloc from nothing");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "alloc from nothing");
	TEST_CALL(check_grown(region, &join, 0, 1));
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&join, 0, 100, 0, NULL), "alloc");
	groove_region_leave(region, &join);
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
test_region_first(void)
{
	TEST_CALL(test_first_alloc(1));
	TEST_CALL(test_first_alloc(3));
	TEST_CALL(test_grow_first());
	TEST_CALL(test_grow_when_full());
	TEST_CALL(test_grow_after_shrink());
	return test_no_volume();
}

GROOVE_TEST(region_first_autotest, fast, test_region_first);
