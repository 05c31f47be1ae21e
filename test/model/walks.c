/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Walks: what lives all the time is visited once, and nothing that is no object. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

#define FALSE_TAG 101U /* in bytes that look like headers */

static int
walk_one(void *arg, void *obj)
{
	struct outcome *outcome = arg;

	outcome->wrong_cnt += obj <= outcome->walked || groove_data_alloc_tag(obj) == FALSE_TAG;
	outcome->anchor_cnt += world.kept_cnt > 0 && obj == world.kept[world.kept_cnt - 1];
	outcome->walked = obj;
	return 0;
}

static void
walk_0(void)
{
	if (groove_data_walk(&world.join[0], NULL, walk_one, &outcomes[0]) != GROOVE_SUCCESS)
		outcomes[0].wrong_cnt++;
}

/* An object of LARGE where there were nested ones, with what looks like their headers in its bytes. */
static void
alloc_false_1(void)
{
	const struct outcome *outcome = &outcomes[1];

	do_alloc(1, LARGE_SZ);
	for (uint64_t i = 0; outcome->obj_cnt > 0 && i < world.nested_slots; i++) {
		const groove_data_t *join = &world.join[1];
		const uint64_t off = addr_off(join, groove_data_object_hdr(outcome->obj[0]));
		groove_data_hdr_t *hdr = slot_hdr(join, world.nested_szc, off / GROOVE_BLOCK_FOOTPRINT, i);

		schedule_write(hdr, sizeof(*hdr));
		*hdr = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, i, world.nested_szc, 16, 1, FALSE_TAG);
	}
}

static void
recycle_false_1(void)
{
	if (groove_data_free(&world.join[1], world.passing) != GROOVE_SUCCESS)
		outcomes[1].wrong_cnt++;
	do_trim(1);
	alloc_false_1();
}

/* A nested object of thread 1 that goes, and an anchor that stays. */
static int
setup_walk(void)
{
	if (world_make(1) != 0 || keep(LARGE_SZ, 1) != 0)
		return -1;
	world.passing = groove_data_alloc(&world.join[CHECKER], 0, world.nested_sz, 1, NULL);
	EXPECT(world.passing != NULL, "alloc");
	return 0;
}

static int
check_walk_anchor(void)
{
	EXPECT(outcomes[0].anchor_cnt == 1, "the anchor was visited %u times", outcomes[0].anchor_cnt);
	return check_all(1, 0, 0, 0);
}

static int
check_walk_free(void)
{
	EXPECT(outcomes[0].anchor_cnt == 1, "the anchor was visited %u times", outcomes[0].anchor_cnt);
	return check_all(0, 0, 1, 0);
}

static int
check_walk_alloc(void)
{
	return check_all(1, 0, 0, 0);
}

/* The volume that is walked goes. */
static int
setup_walk_shrink(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, 1) != 0 ? -1 : 0;
}

static void
free_and_remove_twice_1(void)
{
	do_free(1, 0);
	remove_twice_1();
}

const struct scenario walk_scenarios[] = {
	{"walk-recycle", 2, setup_walk, {walk_0, recycle_false_1}, check_walk_anchor},
	{"walk-alloc", 2, setup_empty, {walk_0, alloc_nested_1}, check_walk_alloc},
	{"walk-cached", 2, setup_cached, {walk_0, free_1}, check_walk_free},
	{"walk-shrink", 2, setup_walk_shrink, {walk_0, free_and_remove_twice_1}, check_shrink_free},
	{0},
};
