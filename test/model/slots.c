/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Slots: the last, the first, one that two free; superblocks that fill up and become empty. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

/* One slot is left. */
static int
setup_last_slot(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, LARGE_SLOTS - 1) != 0 ? -1 : 0;
}

static int
check_one_of_two(void)
{
	EXPECT(outcomes_sum().obj_cnt == 1, "%u got the one slot", outcomes_sum().obj_cnt);
	return check_all(2, 1, 0, 0);
}

static int
check_two(void)
{
	return check_all(2, 0, 0, 0);
}

static int
check_alloc_or_full(void)
{
	return check_all(1, 1, 1, 0);
}

/* Bulk free wins all or none against a free of one of them. */
static void
bulk_free_0(void)
{
	void *objs[] = {world.kept[0], world.kept[1]};

	if (groove_data_free_bulk(&world.join[0], objs, 2) == GROOVE_SUCCESS)
		outcomes[0].freed_cnt += 2;
	else
		outcomes[0].refused_cnt++;
}

static void
free_second_1(void)
{
	do_free(1, 1);
}

static int
check_bulk(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(outcomes[0].freed_cnt + outcomes[1].freed_cnt >= 1 || sum.refused_cnt == 2, "nobody won");
	EXPECT(outcomes[0].freed_cnt == 0 || outcomes[1].freed_cnt == 0, "object freed twice");
	return check_end(sum.freed_cnt);
}

/* Two that find the same active superblock full: one makes another the active one. */
static int
setup_full_slot(void)
{
	return world_make(2) != 0 || keep(LARGE_SZ, LARGE_SLOTS) != 0 ? -1 : 0;
}

/*
 * An object is freed by one, while another frees it, returns its superblock, and does it all again: what the first
 * reads of header and id contradicts itself, twice. Whatever it frees then, or not, nothing is damaged. With this
 * alignment free looks thoroughly at once.
 */
#define AGAIN_ALIGN 128U

static int
setup_again(void)
{
	if (world_make(1) != 0)
		return -1;
	world.kept[world.kept_cnt++] = groove_data_alloc(&world.join[CHECKER], AGAIN_ALIGN, LARGE_SZ, KEPT_TAG, NULL);
	if (world.kept[0] == NULL)
		return -1;

	schedule_watch_nothing();
	watch_kept_id(0);
	return 0;
}

static void
free_again_1(void)
{
	int err;

	do_free(1, 0);
	groove_data_trim(&world.join[1]);

	void *obj = groove_data_alloc(&world.join[1], AGAIN_ALIGN, LARGE_SZ, 1, NULL);

	if (obj == NULL) {
		outcomes[1].full_cnt++;
		return;
	}
	err = groove_data_free(&world.join[1], obj);
	outcomes[1].freed_cnt += err == GROOVE_SUCCESS;
	outcomes[1].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_INVAL;
	groove_data_trim(&world.join[1]);
}

/* Of the kept object and, if there was one, that of the slot each was freed once. */
static int
check_again(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.freed_cnt == 2 - sum.full_cnt, "%u freed, %u times full", sum.freed_cnt, sum.full_cnt);
	return check_end(1);
}

static int
check_one_of_three(void)
{
	EXPECT(outcomes_sum().obj_cnt == 1, "%u got the one slot", outcomes_sum().obj_cnt);
	return check_all(3, 2, 0, 0);
}

static void
free_same_2(void)
{
	do_free(2, 0);
}

static int
check_free_same_three(void)
{
	return check_all(0, 0, 1, 2);
}

/* Each frees another object: one lists the superblock, one returns it. */
static void
free_third_2(void)
{
	do_free(2, 2);
}

static int
check_free_three(void)
{
	return check_all(0, 0, 3, 0);
}

const struct scenario slot_scenarios[] = {
	{"last-slot", 2, setup_last_slot, {alloc_0, alloc_1}, check_one_of_two},
	{"first-superblock", 2, setup_empty, {alloc_0, alloc_1}, check_two},
	{"full-slot", 2, setup_full_slot, {alloc_0, alloc_1}, check_two_or_full},
	{"first-free", 2, setup_full, {alloc_0, free_1}, check_alloc_or_full},
	{"double-free", 2, setup_full, {free_same_0, free_1}, check_free_same},
	{"return", 2, setup_nearly_empty, {alloc_0, free_1}, check_alloc_or_full},
	{"return-nested", 2, setup_nested, {alloc_nested_0, free_1}, check_alloc_or_full},
	{"return-under-parent", 2, setup_nested, {alloc_0, free_1}, check_alloc_or_full},
	{"host", 2, setup_host, {alloc_inner_0, alloc_inner_1}, check_two_or_full},
	{"host-nested", 2, setup_host, {alloc_inner_0, alloc_nested_1}, check_two_or_full},
	{"return-host-alloc", 2, setup_host_used, {alloc_inner_0, free_host_1}, check_alloc_or_full},
	{"bulk-free", 2, setup_full, {bulk_free_0, free_second_1}, check_bulk},
	{"three", 3, setup_full, {alloc_0, free_1, trim_2}, check_alloc_or_full},
	{"three-last-slot", 3, setup_last_slot, {alloc_0, alloc_1, alloc_2}, check_one_of_three},
	{"three-double-free", 3, setup_full, {free_same_0, free_1, free_same_2}, check_free_same_three},
	{"three-last-free", 3, setup_full, {free_same_0, free_second_1, free_third_2}, check_free_three},
	{"three-return", 3, setup_nearly_empty, {alloc_0, free_1, alloc_2}, check_two_or_full},
	{0},
};

const struct scenario deep_scenarios[] = {
	{"free-again", 2, setup_again, {free_same_0, free_again_1}, check_again},
	{0},
};
