/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Recovery takes nothing that a living join has: each of its looks is needed, the last no less than the first. What a
 * join does between two of them takes several preemptions at the right places, so only that is watched which the
 * argument is about: names, words, and where superblocks may be. Each scenario is named by what is done in its order.
 */

#include "check.h"
#include "death.h"
#include "scenarios.h"
#include "scene.h"

/*
 * Watch the superblock of a kept object, and the first name of each join that lives. Headers are read by recovery
 * without a point; but the checker's names come between the look at those of the threads and the headers.
 */
static void
watch_looks(unsigned int kept)
{
	schedule_watch_nothing();
	for (unsigned int i = 1; i < JOINS; i++)
		schedule_watch(world.join[i].record->hold, 8);
	watch_kept(kept);
}

/* A superblock with one object that is freed, from which the dead one claimed. */
static int
setup_look_slot(void)
{
	if (world_make(1) != 0 || keep(LARGE_SZ, 1) != 0)
		return -1;
	watch_looks(0);
	return 0;
}

/* An active superblock, empty, that the dead one was about to claim from, and that trim takes out of its slot. */
static int
setup_look_active(void)
{
	if (world_make(1) != 0 || keep(LARGE_SZ, 1) != 0)
		return -1;
	watch_looks(0);
	watch_slots(LARGE_SZC);
	drop(0);
	return 0;
}

/* One listed superblock. */
static int
setup_one_listed(void)
{
	if (setup_full() != 0)
		return -1;
	/* It is active until somebody finds it full. */
	EXPECT(groove_data_alloc(&world.join[CHECKER], 0, LARGE_SZ, 0, NULL) == NULL, "it is full");
	drop(0);
	return 0;
}

/* The dead one was about to take it, and another takes it. */
static int
setup_look_listed(void)
{
	if (setup_one_listed() != 0)
		return -1;
	watch_looks(1);
	watch_lists(LARGE_SZC);
	return 0;
}

/* The same; another moves it. */
static int
setup_look_moved(unsigned int living)
{
	if (setup_one_listed() != 0)
		return -1;
	schedule_watch_nothing();
	schedule_watch(world.join[living].record->hold, 8);
	watch_lists(LARGE_SZC);
	return 0;
}

static int
setup_look_moved_1(void)
{
	return setup_look_moved(1);
}

static int
setup_look_moved_2(void)
{
	return setup_look_moved(2);
}

const struct scenario look_scenarios[] = {
	{"look-free", 3, setup_look_slot, {alloc_0, recover_1, free_2}, check_undead},
	{"claim-look", 3, setup_look_listed, {alloc_0, alloc_1, recover_2}, check_undead},
	{"look-withdraw", 3, setup_look_active, {alloc_0, recover_1, trim_2}, check_undead},
	{"look-pop", 3, setup_look_listed, {alloc_0, recover_1, alloc_2}, check_undead},
	{"move-look", 3, setup_look_moved_1, {alloc_0, trim_1, recover_2}, check_undead},
	{0},
};

const struct scenario look_move_scenarios[] = {
	{"look-move", 3, setup_look_moved_2, {alloc_0, recover_1, trim_2}, check_undead},
	{0},
};
