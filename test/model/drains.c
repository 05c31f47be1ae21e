/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Volumes that are drained. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

/* The volume of the listed superblock is drained, emptied and removed, while another join pops it. */
static void
drain_and_remove_1(void)
{
	groove_data_volume_drain(&world.join[1], 0);
	do_free(1, 2);
	do_remove(1);
}

/* Whoever claims from the drained volume meanwhile, and finds no other with room, still gets memory. */
static void
drain_1(void)
{
	groove_data_volume_drain(&world.join[1], 0);
	do_alloc(1, LARGE_SZ);
}

static int
check_drain(void)
{
	return check_all(2, 0, 0, 0);
}

const struct scenario drain_scenarios[] = {
	{"drain-pop", 2, setup_removable, {alloc_0, drain_and_remove_1}, check_free_remove},
	{"drain-claim", 2, setup_two_volumes, {alloc_0, drain_1}, check_drain},
	{"drain-listed", 2, setup_listed, {alloc_0, drain_1}, check_drain},
	{0},
};
