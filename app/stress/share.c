/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Coming to a groove that processes share. */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <groove_volume_driver.h>

#include "gate.h"
#include "run.h"
#include "share_root.h"
#include "signals.h"

static_assert(STRESS_SHARED_SLOT_MAX > 8192, "the default must fit");

/* ---- the region ---- */

static int
is_named(void *arg, const char *driver, const char *name)
{
	(void)driver;
	return strcmp(name, arg) == 0;
}

int
stress_share_is_there(const struct stress_options *options)
{
	char name[GROOVE_REGION_NAME_MAX + 2];

	snprintf(name, sizeof(name), "%s", options->name);
	return groove_region_list(options->driver, options->dir, is_named, name);
}

static int
make_region(struct stress_run *run)
{
	struct stress_options all = run->options;
	groove_region_cfg_t cfg;
	int err;

	stress_options_default(&all);
	err = stress_run_cfg(run, &all, &cfg);
	if (err == GROOVE_SUCCESS)
		err = groove_region_create(&cfg, &run->region);
	if (err != GROOVE_SUCCESS)
		return err;
	run->share.made = true;
	/* Relaxed: read by the last to leave, which comes through the gate. */
	__atomic_store_n(groove_region_root(run->region, STRESS_ROOT_MADE), 1, __ATOMIC_RELAXED);
	return GROOVE_SUCCESS;
}

/* Whether to rebuild it, and what to do about objects that are lost, is for the owner of the objects there to say. */
static int
check_whole(const struct stress_run *run)
{
	if (groove_region_needs_rebuild(run->region) != 1)
		return GROOVE_SUCCESS;
	app_complain("--name %s: the groove may be torn and is read-only: have its program rebuild it, or %s; or take "
		     "another name",
		run->options.name,
		groove_volume_ctl("rebuild", run->options.driver, run->options.dir, run->options.name));
	return GROOVE_ERR_INVAL;
}

static int
open_region(struct stress_run *run)
{
	const groove_region_id_t id = stress_share_id(&run->options);
	const int there = stress_share_is_there(&run->options);
	int err;

	if (there < 0)
		return there;
	err = there != 0 ? groove_region_attach(&id, &run->region) : make_region(run);
	return err == GROOVE_SUCCESS ? check_whole(run) : err;
}

/* ---- the table ---- */

static bool
is_object(const void *obj, uint64_t tag)
{
	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);

	return groove_data_hdr_type(hdr) == GROOVE_DATA_HDR_TYPE_ALLOC && groove_data_hdr_info(hdr) == tag;
}

/* The table that there is; NULL when there is none. */
static int
find_table(struct stress_run *run)
{
	/* Acquire pairs with the release in make_table(). */
	const uint64_t handle = __atomic_load_n(groove_region_root(run->region, STRESS_ROOT_TABLE), __ATOMIC_ACQUIRE);
	struct stress_table *table = groove_region_pointer(run->region, handle);

	if (handle == 0)
		return GROOVE_SUCCESS;
	if (table != NULL && is_object(table, STRESS_TAG_TABLE) &&
		stress_table_is_sound(table, groove_data_alloc_sz(table)) && table->seat_cnt == GROOVE_DATA_JOIN_MAX) {
		run->share.table = table;
		return GROOVE_SUCCESS;
	}
	app_complain("--name %s: root word %d of the groove is %#" PRIx64
		     ", no slot table of this program: the groove is another program's, or damaged: take another name",
		run->options.name, STRESS_ROOT_TABLE, handle);
	return GROOVE_ERR_INVAL;
}

static void *
alloc_table(struct stress_run *run, uint64_t sz)
{
	int err = GROOVE_ERR_FULL;
	void *mem = NULL;

	while (mem == NULL && err == GROOVE_ERR_FULL) {
		mem = groove_data_alloc(&run->share.join, STRESS_ALIGN, sz, STRESS_TAG_TABLE, &err);
		if (mem == NULL && err == GROOVE_ERR_FULL &&
			groove_region_grow(run->region, &run->share.join, NULL) != GROOVE_SUCCESS)
			break;
	}
	return mem;
}

static int
make_table(struct stress_run *run)
{
	const struct stress_options *options = &run->options;
	const uint64_t sz = stress_table_sz(options->slot_cnt, GROOVE_DATA_JOIN_MAX);
	void *mem = alloc_table(run, sz);

	if (mem == NULL) {
		app_complain("--slot-cnt %" PRIu64 ": no %" PRIu64
			     " KiB left for the slots in groove %s: take fewer, or "
			     "make the groove with more volumes",
			options->slot_cnt, sz >> 10, options->name);
		return GROOVE_ERR_FULL;
	}
	run->share.table_made = true;
	run->share.table =
		stress_table_new(mem, options->slot_cnt, GROOVE_DATA_JOIN_MAX, options->sz_max, options->seed);
	/* Release: a process that finds the table finds it made. Pairs with the acquire in find_table(). */
	__atomic_store_n(groove_region_root(run->region, STRESS_ROOT_TABLE), groove_region_handle(run->region, mem),
		__ATOMIC_RELEASE);
	return GROOVE_SUCCESS;
}

static int
open_table(struct stress_run *run)
{
	int err = find_table(run);

	if (err == GROOVE_SUCCESS)
		err = stress_settings_table(run);
	if (err == GROOVE_SUCCESS && run->share.table == NULL)
		err = make_table(run);
	return err;
}

/* ---- coming ---- */

static int
join(struct stress_run *run)
{
	if (groove_region_join(run->region, &run->share.join, 0) != NULL) {
		run->share.joined = true;
		return GROOVE_SUCCESS;
	}
	app_complain("--name %s: no join left in the groove: let another process end first", run->options.name);
	return GROOVE_ERR_FULL;
}

int
stress_share_enter(struct stress_run *run)
{
	struct stress_share *share = &run->share;
	int err = GROOVE_SUCCESS;

	share->gate = stress_gate_in(run->options.driver, run->options.name, app_signals_caught);
	if (share->gate < 0)
		return share->gate;
	err = open_region(run);
	if (err == GROOVE_SUCCESS)
		err = stress_settings_region(run);
	if (err == GROOVE_SUCCESS)
		err = join(run);
	if (err == GROOVE_SUCCESS)
		err = open_table(run);
	return err;
}

void
stress_share_take_part(struct stress_run *run)
{
	struct stress_share *share = &run->share;
	const uint64_t seat = groove_data_join_idx(&share->join);

	share->others = stress_processes(&run->stress, seat);
	share->seat = stress_seat(&run->stress, seat);
	stress_seat_take(share->seat, STRESS_SEAT_PROCESS);
	stress_gate_out(share->gate);
	share->gate = -1;
}

void
stress_show_share(const struct stress_run *run)
{
	const struct stress_share *share = &run->share;

	printf("groove %s: ", run->options.name);
	if (share->made)
		printf("made here");
	else
		printf("attached, with %u other process%s", share->others, share->others != 1 ? "es" : "");
	printf(", its volumes from %p on\n", groove_region_volume0(run->region));
}

/* ---- what the loop asks for ---- */

static int
grow(void *arg, groove_data_t *join)
{
	const struct stress_run *run = arg;

	return groove_region_grow(run->region, join, NULL);
}

static uint64_t
volume_cnt(void *arg, const groove_data_t *join)
{
	groove_data_stats_t stats;

	(void)arg;
	return groove_data_stats(join, &stats) == GROOVE_SUCCESS ? stats.volume_cnt : 0;
}

static bool
is_dead(void *arg, uint64_t join_idx)
{
	const struct stress_run *run = arg;

	return groove_region_join_is_dead(run->region, join_idx) == 1;
}

struct stress_shared
stress_share_calls(struct stress_run *run)
{
	return (struct stress_shared){
		.table = run->share.table,
		.grow = grow,
		.volume_cnt = volume_cnt,
		.is_dead = is_dead,
		.arg = run,
	};
}
