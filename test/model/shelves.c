/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Classes that joins cache: refill, spill, flush, bulk. */

#include "check.h"
#include "scenarios.h"
#include "scene.h"

static void
cached_1(void)
{
	do_free(1, 1);
	do_alloc(1, world.cached_sz);
	groove_data_flush(&world.join[1]);
}

static int
check_cached(void)
{
	return check_all(3, 0, 2, 0);
}

/* The last object of a superblock is cached by one, and freed by another at the same moment. */
static int
setup_cached_one(void)
{
	if (world_make(1) != 0 || keep(world.cached_sz, 1) != 0)
		return -1;
	return groove_data_flush(&world.join[CHECKER]);
}

/* One looks for room for LARGE, which needs what the other has cached to be given back. */
static void
cached_trim_0(void)
{
	do_free(0, 0);
	do_alloc(0, LARGE_SZ);
}

static int
check_cached_trim(void)
{
	return check_all(1, 1, 1, 1);
}

static int
check_spills(void)
{
	return check_all(0, 0, 2 * SHELF_FREES, 0);
}

static int
check_spill_claim(void)
{
	return check_all(2, 0, SHELF_FREES, 0);
}

/*
 * An active superblock without objects: one refills from it, another trims it away. Full is due, each time, while the
 * one that trims is stopped while it holds the memory of the one volume.
 */
static int
setup_refill(void)
{
	if (world_make(1) != 0 || shelves_shorten() != 0 || keep(world.cached_sz, 1) != 0)
		return -1;
	drop(0);
	return groove_data_flush(&world.join[CHECKER]);
}

static void
alloc_cached_0(void)
{
	do_alloc(0, world.cached_sz);
	do_alloc(0, world.cached_sz);
}

static int
check_refill_trim(void)
{
	return check_all(2, 2, 0, 0);
}

static int
check_shrink_spill(void)
{
	return check_all(0, 0, SHELF_FREES, 0);
}

static int
setup_shrink_spill(void)
{
	if (setup_spill() != 0)
		return -1;
	for (unsigned int i = SHELF_FREES; i < world.cached_slots; i++)
		drop(i);
	return groove_data_flush(&world.join[CHECKER]);
}

static void
bulk_reverse_1(void)
{
	do_bulk(1, (const unsigned int[]){3, 2, 1}, 3);
}

/* The last is a duplicate, so all are made live again. */
static void
bulk_undo_0(void)
{
	do_bulk(0, (const unsigned int[]){0, 1, 2, 0}, 4);
}

static void
free_two_1(void)
{
	do_free(1, 0);
	do_free(1, 2);
}

/* Of two bulks that share objects at most one is done; both may be refused, if each had one that the other wants. */
static int
check_bulk_bulk(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(sum.freed_cnt == 0 || sum.freed_cnt == 3, "%u freed", sum.freed_cnt);
	EXPECT(sum.freed_cnt / 3 + sum.refused_cnt == 2, "%u refused", sum.refused_cnt);
	return check_end(sum.freed_cnt);
}

static int
check_bulk_single(void)
{
	const struct outcome sum = outcomes_sum();

	EXPECT(outcomes[0].freed_cnt == 0 || outcomes[1].freed_cnt == 0, "object freed twice");
	return check_end(sum.freed_cnt);
}

static int
check_bulk_undo(void)
{
	EXPECT(outcomes[0].freed_cnt == 0, "a bulk with a duplicate was done");
	EXPECT(outcomes[1].freed_cnt + outcomes[1].refused_cnt == 2, "%u freed", outcomes[1].freed_cnt);
	return check_end(outcomes[1].freed_cnt);
}

const struct scenario shelf_scenarios[] = {
	{"cached", 2, setup_cached, {cached_0, cached_1}, check_cached},
	{"cached-double-free", 2, setup_cached_one, {free_same_0, free_1}, check_free_same},
	{"cached-return", 2, setup_cached_one, {cached_trim_0, free_1}, check_cached_trim},
	{"spill-spill", 2, setup_spill, {spill_0, spill_1}, check_spills},
	{"spill-empty", 2, setup_spill_all, {spill_flush_0, spill_flush_1}, check_spills},
	{"spill-claim", 2, setup_spill, {spill_0, alloc_cached_1}, check_spill_claim},
	{"spill-empty-claim", 2, setup_shrink_spill, {spill_flush_0, alloc_cached_1}, check_spill_claim},
	{"refill-trim", 2, setup_refill, {alloc_cached_0, trim_1}, check_refill_trim},
	{"shrink-spill", 2, setup_shrink_spill, {spill_flush_0, remove_twice_1}, check_shrink_spill},
	{"bulk-spill", 2, setup_spill, {bulk_cached_0, free_two_1}, check_bulk_single},
	{"bulk-bulk", 2, setup_spill, {bulk_cached_0, bulk_reverse_1}, check_bulk_bulk},
	{"bulk-undo", 2, setup_spill, {bulk_undo_0, free_two_1}, check_bulk_undo},
	{0},
};
