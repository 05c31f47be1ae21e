/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Thread 0 dies at each of its points. Then another recovers from that while a third one works: each may be preempted
 * by the other anywhere.
 */

#include "check.h"
#include "death.h"
#include "scenarios.h"
#include "scene.h"

static void
alloc_nested_2(void)
{
	do_alloc(2, world.nested_sz);
}

static void
alloc_inner_2(void)
{
	do_alloc(2, world.inner_sz);
}

static void
cached_2(void)
{
	do_free(2, 1);
	do_alloc(2, world.cached_sz);
	groove_data_flush(&world.join[2]);
}

static void
alloc_cached_2(void)
{
	do_alloc(2, world.cached_sz);
	do_alloc(2, world.cached_sz);
}

static void
spill_2(void)
{
	for (unsigned int i = 0; i < SHELF_FREES; i++)
		do_free(2, SHELF_FREES + i);
	groove_data_flush(&world.join[2]);
}

static void
remove_2(void)
{
	do_remove(2);
}

static void
adopt_1(void)
{
	do_adopt(1);
}

static void
adopt_2(void)
{
	do_adopt(2);
}

const struct scenario recovery_scenarios[] = {
	{"birth-alloc", 3, setup_empty, {alloc_0, recover_1, alloc_2}, check_undead},
	{"birth-nested-alloc", 3, setup_empty, {alloc_nested_0, recover_1, alloc_nested_2}, check_undead},
	{"claim-free", 3, setup_nearly_empty, {alloc_0, recover_1, free_2}, check_undead},
	{"return-alloc", 3, setup_nearly_empty, {free_same_0, recover_1, alloc_2}, check_undead},
	{"return-nested-alloc", 3, setup_nested, {free_same_0, recover_1, alloc_nested_2}, check_undead},
	{"host-alloc", 3, setup_host, {alloc_inner_0, recover_1, alloc_inner_2}, check_undead},
	{"host-nested", 3, setup_host, {alloc_inner_0, recover_1, alloc_nested_2}, check_undead},
	{"return-host-alloc", 3, setup_host_used, {free_host_0, recover_1, alloc_inner_2}, check_undead},
	{"pop-alloc", 3, setup_listed, {alloc_0, recover_1, alloc_2}, check_undead},
	{"trim-alloc", 3, setup_listed, {trim_0, recover_1, alloc_2}, check_undead},
	{"remove-alloc", 3, setup_two_volumes, {remove_0, recover_1, alloc_2}, check_undead},
	{"birth-remove", 3, setup_empty, {alloc_0, recover_1, remove_2}, check_undead},
	{"cached-cached", 3, setup_cached, {cached_0, recover_1, cached_2}, check_undead},
	{"spill-claim", 3, setup_spill, {spill_0, recover_1, alloc_cached_2}, check_undead},
	{"spill-spill", 3, setup_spill_all, {spill_flush_0, recover_1, spill_2}, check_undead},
	{"bulk-claim", 3, setup_spill, {bulk_cached_0, recover_1, alloc_cached_2}, check_undead},
	/* The same with the one that works first, so that it is stopped while the other recovers. */
	{"alloc-birth", 3, setup_empty, {alloc_0, alloc_1, recover_2}, check_undead},
	{"alloc-birth-nested", 3, setup_empty, {alloc_nested_0, alloc_nested_1, recover_2}, check_undead},
	{"free-claim", 3, setup_nearly_empty, {alloc_0, free_1, recover_2}, check_undead},
	{"alloc-return", 3, setup_nearly_empty, {free_same_0, alloc_1, recover_2}, check_undead},
	{"alloc-return-nested", 3, setup_nested, {free_same_0, alloc_nested_1, recover_2}, check_undead},
	{"alloc-return-host", 3, setup_host_used, {free_host_0, alloc_nested_1, recover_2}, check_undead},
	{"alloc-pop", 3, setup_listed, {alloc_0, alloc_1, recover_2}, check_undead},
	{"alloc-trim", 3, setup_listed, {trim_0, alloc_1, recover_2}, check_undead},
	{"remove-birth", 3, setup_empty, {alloc_0, remove_1, recover_2}, check_undead},
	{"claim-spill", 3, setup_spill, {spill_0, alloc_cached_1, recover_2}, check_undead},
	{"spill-spill-first", 3, setup_spill_all, {spill_flush_0, spill_flush_1, recover_2}, check_undead},
	{"two-birth", 3, setup_empty, {alloc_nested_0, recover_1, recover_2}, check_undead},
	{"two-return", 3, setup_nested, {free_same_0, recover_1, recover_2}, check_undead},
	{"two-spill", 3, setup_spill_all, {spill_flush_0, recover_1, recover_2}, check_undead},
	{"two-trim", 3, setup_listed, {trim_0, recover_1, recover_2}, check_undead},
	{"two-host", 3, setup_host, {alloc_inner_0, recover_1, recover_2}, check_undead},
	/* All records are taken: the recoverer takes over that of the dead. */
	{"adopt-birth", 3, setup_empty, {alloc_nested_0, adopt_1, alloc_2}, check_undead},
	{"adopt-claim", 3, setup_nearly_empty, {alloc_0, adopt_1, free_2}, check_undead},
	{"adopt-return", 3, setup_nested, {free_same_0, adopt_1, alloc_nested_2}, check_undead},
	{"adopt-host", 3, setup_host, {alloc_inner_0, adopt_1, alloc_inner_2}, check_undead},
	{"adopt-pop", 3, setup_listed, {alloc_0, adopt_1, alloc_2}, check_undead},
	{"adopt-trim", 3, setup_listed, {trim_0, adopt_1, alloc_2}, check_undead},
	{"adopt-remove", 3, setup_two_volumes, {remove_0, adopt_1, alloc_2}, check_undead},
	{"adopt-cached", 3, setup_cached, {cached_0, adopt_1, cached_2}, check_undead},
	{"adopt-spill", 3, setup_spill_all, {spill_flush_0, adopt_1, spill_2}, check_undead},
	{"adopt-bulk", 3, setup_spill, {bulk_cached_0, adopt_1, alloc_cached_2}, check_undead},
	{"adopt-adopt", 3, setup_spill_all, {spill_flush_0, adopt_1, adopt_2}, check_undead},
	{"adopt-adopt-trim", 3, setup_listed, {trim_0, adopt_1, adopt_2}, check_undead},
	{"adopt-adopt-return", 3, setup_nested, {free_same_0, adopt_1, adopt_2}, check_undead},
	{"adopt-recover", 3, setup_nested, {free_same_0, adopt_1, recover_2}, check_undead},
	{"recover-adopt", 3, setup_spill_all, {spill_flush_0, recover_1, adopt_2}, check_undead},
	{0},
};
