/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Walks: what lives all the time is visited once, and nothing that is no object. */

#include <geometry.h>

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

/* A bulk free that is refused, as the last is a duplicate of the first: all live all the time. */
static int
walk_kept(void *arg, void *obj)
{
	struct outcome *outcome = arg;

	outcome->wrong_cnt += obj <= outcome->walked;
	outcome->anchor_cnt += groove_data_alloc_tag(obj) == KEPT_TAG;
	outcome->walked = obj;
	return 0;
}

static void
walk_kept_0(void)
{
	if (groove_data_walk(&world.join[0], NULL, walk_kept, &outcomes[0]) != GROOVE_SUCCESS)
		outcomes[0].wrong_cnt++;
}

static void
bulk_undo_1(void)
{
	do_bulk(1, (const unsigned int[]){0, 1, 2, 0}, 4);
}

static int
check_walk_bulk(void)
{
	EXPECT(outcomes[0].anchor_cnt == world.kept_cnt, "%u of %u objects were visited", outcomes[0].anchor_cnt,
		world.kept_cnt);
	return check_all(0, 0, 0, 1);
}

const struct scenario walk_scenarios[] = {
	{"walk-recycle", 2, setup_walk, {walk_0, recycle_false_1}, check_walk_anchor},
	{"walk-alloc", 2, setup_empty, {walk_0, alloc_nested_1}, check_walk_alloc},
	{"walk-cached", 2, setup_cached, {walk_0, free_1}, check_walk_free},
	{"walk-shrink", 2, setup_walk_shrink, {walk_0, free_and_remove_twice_1}, check_shrink_free},
	{"walk-bulk-undo", 2, setup_spill, {walk_kept_0, bulk_undo_1}, check_walk_bulk},
	{0},
};

/* ---- one slot, which goes from object to object in a cache, while its superblock's word stays as it is ---- */

#define REUSE_ALIGN 128U
#define REUSE_SZ    3900U
#define OTHER_TAG   102U /* of what comes after in the slot */

/* Visits objects of the first tag alone: each has that tag when it is visited. */
static int
walk_tag(void *arg, void *obj)
{
	struct outcome *outcome = arg;

	outcome->wrong_cnt += groove_data_alloc_tag(obj) != KEPT_TAG;
	return 0;
}

static void
walk_tag_0(void)
{
	const groove_data_walk_filter_t filter = {.tag_min = KEPT_TAG, .tag_max = KEPT_TAG, .szc_max = UINT64_MAX};

	if (groove_data_walk(&world.join[0], &filter, walk_tag, &outcomes[0]) != GROOVE_SUCCESS)
		outcomes[0].wrong_cnt++;
}

/* An object that is freed while it is visited may be another's by then: so nothing is read of it. */
static int
walk_blindly(void *arg, void *obj)
{
	(void)arg;
	(void)obj;
	return 0;
}

static void
walk_blindly_0(void)
{
	if (groove_data_walk(&world.join[0], NULL, walk_blindly, NULL) != GROOVE_SUCCESS)
		outcomes[0].wrong_cnt++;
}

static int
setup_reuse(void)
{
	groove_data_t *join = &world.join[1];
	groove_data_hdr_t *hdr;

	if (world_make(1) != 0)
		return -1;
	world.passing = groove_data_alloc(join, REUSE_ALIGN, REUSE_SZ, KEPT_TAG, NULL);
	EXPECT(world.passing != NULL, "alloc");
	hdr = groove_data_object_hdr(world.passing);
	schedule_watch_nothing();
	schedule_watch(hdr, sizeof(*hdr));
	schedule_watch((uint8_t *)hdr + REUSE_ALIGN - GROOVE_LINE_SZ, sizeof(*hdr));
	return 0;
}

/* An object is freed, and another of an alignment is made in its slot. */
static void *
reuse(void *obj, uint64_t align, uint64_t tag)
{
	groove_data_t *join = &world.join[1];
	const groove_data_hdr_t *slot = groove_data_object_hdr(obj);
	const int err = groove_data_free(join, obj);

	obj = groove_data_alloc(join, align, REUSE_SZ, tag, NULL);
	outcomes[1].wrong_cnt += err != GROOVE_SUCCESS || groove_data_object_hdr(obj) != slot;
	return obj;
}

/* Its owner writes where the redirect of the one before was; then that is made once more. */
static void
reuse_redirect_1(void)
{
	uint8_t *slot = (uint8_t *)groove_data_object_hdr(world.passing);
	uint64_t *redirect = (uint64_t *)(slot + REUSE_ALIGN - GROOVE_LINE_SZ);
	void *obj = reuse(world.passing, 16, KEPT_TAG); /* the same, so that nothing but the redirect differs */

	schedule_point(redirect);
	schedule_write(redirect, sizeof(*redirect));
	*redirect = UINT64_MAX;
	reuse(obj, REUSE_ALIGN, KEPT_TAG);
}

/* The same object, but for its tag. */
static void
reuse_tag_1(void)
{
	reuse(world.passing, REUSE_ALIGN, OTHER_TAG);
}

static int
free_passing(void *arg, void *obj)
{
	(void)arg;
	return groove_data_free(&world.join[CHECKER], obj);
}

static int
check_reuse(void)
{
	EXPECT(outcomes[0].wrong_cnt == 0, "the walk reported damage, or another tag");
	EXPECT(groove_data_walk(&world.join[CHECKER], NULL, free_passing, NULL) == GROOVE_SUCCESS, "free");
	return check_all(0, 0, 0, 0);
}

const struct scenario reuse_scenarios[] = {
	{"walk-redirect", 2, setup_reuse, {walk_blindly_0, reuse_redirect_1}, check_reuse},
	{"walk-tag", 2, setup_reuse, {walk_tag_0, reuse_tag_1}, check_reuse},
	{0},
};
