/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Lists of superblocks, active slots, and trim. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

/* Both superblocks are taken out of the list, and the first is put back alone. */
static void
reuse_1(void)
{
	do_alloc(1, LARGE_SZ);
	do_alloc(1, LARGE_SZ);
	do_free(1, LARGE_SLOTS + 1);
}

static int
check_reuse(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.refused_cnt == 0 && sum.freed_cnt == 1, "%u refused, %u freed", sum.refused_cnt, sum.freed_cnt);
	return check_end(1);
}

/* An active superblock is emptied and returned, and its memory is made one of another class, under a thread's nose. */
static int
setup_active(void)
{
	return world_make(1) != 0 || keep(world.nested_sz, 1) != 0 ? -1 : 0;
}

static void
recycle_1(void)
{
	do_free(1, 0);
	do_trim(1);
	do_alloc(1, LARGE_SZ);
	do_trim(1);
}

static int
check_recycle(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.refused_cnt == 0 && sum.freed_cnt == 1, "%u refused, %u freed", sum.refused_cnt, sum.freed_cnt);
	/* Full is due when a thread is stopped just while it holds the memory of the one volume. */
	EXPECT(sum.full_cnt <= 1, "%u times full", sum.full_cnt);
	return check_end(1);
}

/* The same, but the memory becomes a superblock of another class, active as well, with the same entry in the table. */
static int
setup_siblings(void)
{
	return world_make(1) != 0 || keep(world.sibling_sz[0], 1) != 0 ? -1 : 0;
}

static void
alloc_sibling_0(void)
{
	do_alloc(0, world.sibling_sz[0]);
}

static void
replace_1(void)
{
	do_free(1, 0);
	do_trim(1);
	do_alloc(1, world.sibling_sz[1]);
}

static int
check_trimmed(void)
{
	return check_all(0, 0, 0, 0);
}

static int
check_trim_free(void)
{
	return check_all(0, 0, 1, 0);
}

/* The first frees of two full superblocks, which both go into one list. */
static void
free_of_second_1(void)
{
	do_free(1, LARGE_SLOTS);
}

static int
check_free_two(void)
{
	return check_all(0, 0, 2, 0);
}

const struct scenario list_scenarios[] = {
	{"list-list", 2, setup_two_full, {free_same_0, free_of_second_1}, check_free_two},
	{"pop-reuse", 2, setup_listed, {alloc_0, reuse_1}, check_reuse},
	{"recycle", 2, setup_active, {alloc_nested_0, recycle_1}, check_recycle},
	{"replace", 2, setup_siblings, {alloc_sibling_0, replace_1}, check_recycle},
	{"trim-trim", 2, setup_listed, {trim_0, trim_1}, check_trimmed},
	{"trim-free", 2, setup_nearly_empty, {trim_0, free_1}, check_trim_free},
	{"trim-alloc", 2, setup_listed, {trim_0, alloc_1}, check_alloc_may_fail},
	{"trim-alloc-nested", 2, setup_active, {trim_0, alloc_nested_1}, check_alloc_may_fail},
	{"three-pop-reuse", 3, setup_listed, {alloc_0, reuse_1, alloc_2}, check_reuse},
	{0},
};
