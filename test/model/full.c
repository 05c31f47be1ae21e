/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* One finds the groove full, and remembers it; another brings room back meanwhile. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

static void
watch_news(void)
{
	struct groove_shdata *shdata = world.shmem;

	for (unsigned int group = 0; group < JOINS; group++)
		schedule_watch(&shdata->news[group], sizeof(shdata->news[group]));
}

/* No room for NESTED, as its own objects are everywhere. */
static int
setup_objects(void)
{
	if (world_make(1) != 0 || keep(world.nested_sz, LARGE_SLOTS * (unsigned int)world.nested_slots) != 0)
		return -1;
	watch_news();
	return 0;
}

/* No room for LARGE, as there is an object in a slot of it. Its superblock stays active without it. */
static int
setup_last(void)
{
	if (setup_nested() != 0 || keep(LARGE_SZ, LARGE_SLOTS - 1) != 0)
		return -1;
	watch_news();
	return 0;
}

static void
alloc_nested_twice_0(void)
{
	do_alloc(0, world.nested_sz);
	do_alloc(0, world.nested_sz);
}

static void
alloc_twice_0(void)
{
	do_alloc(0, LARGE_SZ);
	do_alloc(0, LARGE_SZ);
}

static void
free_first_1(void)
{
	do_free(1, 0);
}

/* Whatever was remembered, there is room once now. */
static int
check_room(uint64_t sz)
{
	if (outcomes[0].obj_cnt == 0)
		do_alloc(0, sz);
	EXPECT(outcomes[0].obj_cnt == 1, "%u objects where there is room for one", outcomes[0].obj_cnt);
	return check_end(1);
}

static int
check_freed(void)
{
	return check_room(world.nested_sz);
}

static int
check_emptied(void)
{
	return check_room(LARGE_SZ);
}

const struct scenario full_scenarios[] = {
	{"full-freed", 2, setup_objects, {alloc_nested_twice_0, free_first_1}, check_freed},
	{"full-emptied", 2, setup_last, {alloc_twice_0, free_first_1}, check_emptied},
	{0},
};
