/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Volumes that are added and removed. */

#include <pool.h>

#include "check.h"
#include "scenarios.h"
#include "scene.h"

static void
add_1(void)
{
	do_add(1, 1);
}

/* The volume of the first listed superblock goes, while another join pops it. */
static void
free_and_remove_1(void)
{
	do_free(1, 2);
	do_remove(1);
}

/* The same, and it comes back at once. */
static void
free_remove_add_1(void)
{
	groove_volume_t *removed;

	do_free(1, 2);
	removed = groove_data_volume_remove(&world.join[1]);
	if (removed != NULL)
		do_add(1, (unsigned int)(((uint8_t *)removed - world.volume0) / GROOVE_VOLUME_FOOTPRINT_MIN));
}

static int
check_removers(void)
{
	EXPECT((outcomes[0].removed != NULL) + (outcomes[1].removed != NULL) <= 1, "removed twice");
	return check_all(0, 0, 0, 0);
}

/* One that reaches fewer volumes joins while another is added: one of both is refused, or both. */
static groove_data_t near_join;
static bool near_is_in;

static int
setup_reach(void)
{
	if (world_make_joins(1, JOINS_MAX) != 0)
		return -1;
	schedule_watch_nothing();
	for (unsigned int i = 0; i < JOINS_MAX; i++)
		schedule_watch(&world.join[CHECKER].shdata->record[i].state, 8);
	schedule_watch(&pool_shared(&world.join[CHECKER].pool)->slot[1].state, 8);
	return 0;
}

static void
add_0(void)
{
	do_add(0, 1);
}

static void
join_near_1(void)
{
	near_is_in = groove_data_join(&near_join, world.shmem, world.volume0, 1, 0) != NULL;
}

static int
check_reach(void)
{
	const bool added = volume_state_kind(pool_state(&world.join[CHECKER].pool, 1)) == VOLUME_EMPTY;

	EXPECT(!added || !near_is_in, "a join reaches 1 of 2 volumes");
	EXPECT(added == (outcomes[0].refused_cnt == 0), "added, and refused");
	EXPECT(!near_is_in || groove_data_leave(&near_join) == &near_join, "leave");
	return check_end(0);
}

const struct scenario reach_scenarios[] = {
	{"add-join", 2, setup_reach, {add_0, join_near_1}, check_reach},
	{0},
};

const struct scenario volume_scenarios[] = {
	{"grow", 2, setup_full, {alloc_0, add_1}, check_alloc_may_fail},
	{"shrink", 2, setup_two_volumes, {alloc_0, remove_1}, check_alloc_may_fail},
	{"shrink-pop", 2, setup_removable, {alloc_0, free_and_remove_1}, check_free_remove},
	{"shrink-grow", 2, setup_removable, {alloc_0, free_remove_add_1}, check_free_remove},
	{"shrink-shrink", 2, setup_two_volumes, {remove_0, remove_1}, check_removers},
	{"shrink-free", 2, setup_two_volumes, {free_same_0, remove_twice_1}, check_shrink_free},
	{"three-grow", 3, setup_full, {alloc_0, add_1, alloc_2}, check_two_or_full},
	{"three-shrink-pop", 3, setup_removable, {alloc_0, free_and_remove_1, trim_2}, check_free_remove},
	{0},
};
