/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "scene.h"

#include "check.h"
#include "death.h"

int
setup_empty(void)
{
	return world_make(2);
}

int
setup_full(void)
{
	return world_make(1) != 0 || keep(LARGE_SZ, LARGE_SLOTS) != 0 ? -1 : 0;
}

int
setup_two_full(void)
{
	if (world_make(2) != 0 || keep(LARGE_SZ, 2 * LARGE_SLOTS) != 0)
		return -1;
	/* The second is active until somebody finds it full. */
	EXPECT(groove_data_alloc(&world.join[CHECKER], 0, LARGE_SZ, 0, NULL) == NULL, "both are full");
	return 0;
}

int
setup_listed(void)
{
	if (setup_two_full() != 0)
		return -1;
	drop(0);
	drop(LARGE_SLOTS);
	return 0;
}

int
setup_nearly_empty(void)
{
	if (setup_full() != 0)
		return -1;
	drop(1);
	drop(2);
	return 0;
}

int
setup_nested(void)
{
	if (world_make(1) != 0 || keep(world.nested_sz, (unsigned int)world.nested_slots) != 0)
		return -1;
	for (unsigned int i = 1; i < world.nested_slots; i++)
		drop(i);
	return 0;
}

int
setup_host(void)
{
	return world_make(1) != 0 || keep(world.nested_sz, 1) != 0 || keep(LARGE_SZ, LARGE_SLOTS - 1) != 0 ? -1 : 0;
}

int
setup_host_used(void)
{
	return setup_host() != 0 || keep(world.inner_sz, 1) != 0 ? -1 : 0;
}

int
setup_two_volumes(void)
{
	return world_make(2) != 0 || keep(LARGE_SZ, 1) != 0 ? -1 : 0;
}

int
setup_removable(void)
{
	if (setup_two_full() != 0)
		return -1;
	drop(0);
	drop(1);
	return 0;
}

int
setup_cached(void)
{
	return world_make(1) != 0 || keep(world.cached_sz, 3) != 0 ? -1 : 0;
}

int
shelves_shorten(void)
{
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT(groove_data_cache_limit(&world.join[i],
			       SHELF_SLOTS * groove_data_szc_cfg[CACHED_SZC].obj_footprint,
			       GROOVE_DATA_CACHE_JOIN_BYTES) == GROOVE_SUCCESS,
			"cache_limit");
	return 0;
}

int
setup_spill(void)
{
	return world_make(2) != 0 || shelves_shorten() != 0 || keep(world.cached_sz, world.cached_slots) != 0 ? -1 : 0;
}

int
setup_spill_all(void)
{
	if (setup_spill() != 0)
		return -1;
	for (unsigned int i = 2 * SHELF_FREES; i < world.cached_slots; i++)
		drop(i);
	return groove_data_flush(&world.join[CHECKER]);
}

void
alloc_inner_0(void)
{
	do_alloc(0, world.inner_sz);
}

void
alloc_inner_1(void)
{
	do_alloc(1, world.inner_sz);
}

void
free_host_0(void)
{
	do_free(0, LARGE_SLOTS);
	do_trim(0);
}

void
free_host_1(void)
{
	do_free(1, LARGE_SLOTS);
	do_trim(1);
}

void
alloc_0(void)
{
	do_alloc(0, LARGE_SZ);
}

void
alloc_1(void)
{
	do_alloc(1, LARGE_SZ);
}

void
free_1(void)
{
	do_free(1, 0);
}

void
free_same_0(void)
{
	do_free(0, 0);
}

void
alloc_nested_0(void)
{
	do_alloc(0, world.nested_sz);
}

void
alloc_nested_1(void)
{
	do_alloc(1, world.nested_sz);
}

void
trim_0(void)
{
	do_trim(0);
}

void
trim_1(void)
{
	do_trim(1);
}

void
remove_1(void)
{
	do_remove(1);
}

void
remove_0(void)
{
	do_remove(0);
}

/* Of three sizes: a death in one call is not settled with the size of the call before. */
void
cached_0(void)
{
	do_alloc(0, world.cached_sz - 1);
	do_free(0, 0);
	do_alloc(0, world.cached_sz - 2);
}

void
spill_0(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(0, i);
}

void
spill_1(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(1, SHELF_FREES + i);
}

void
spill_flush_0(void)
{
	spill_0();
	groove_data_flush(&world.join[0]);
}

void
spill_flush_1(void)
{
	spill_1();
	groove_data_flush(&world.join[1]);
}

void
alloc_cached_1(void)
{
	do_alloc(1, world.cached_sz);
	do_alloc(1, world.cached_sz);
}

void
remove_twice_1(void)
{
	do_remove(1);
	if (outcomes[1].removed == NULL)
		do_remove(1);
}

void
bulk_cached_0(void)
{
	do_bulk(0, (const unsigned int[]){0, 1, 2}, 3);
}

void
trim_2(void)
{
	do_trim(2);
}

void
alloc_2(void)
{
	do_alloc(2, LARGE_SZ);
}

void
free_2(void)
{
	do_free(2, 0);
}

void
recover_1(void)
{
	do_recover(1);
}

void
recover_2(void)
{
	do_recover(2);
}

int
check_free_same(void)
{
	return check_all(0, 0, 1, 1);
}

int
check_alloc_may_fail(void)
{
	return check_all(1, 1, 0, 0);
}

int
check_free_remove(void)
{
	return check_all(1, 1, 1, 0);
}

int
check_shrink_free(void)
{
	return check_all(0, 0, 1, 0);
}

int
check_two_or_full(void)
{
	return check_all(2, 2, outcomes_sum().freed_cnt, 0);
}
