/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* After processes that died, and going from a groove that processes share. The last to go recovers and checks it. */

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <groove_volume_driver.h>

#include "gate.h"
#include "run.h"
#include "screen.h"
#include "share_root.h"
#include "text.h"

#define RECOVER_TRIES 100
#define RECOVER_NS    (10L * 1000 * 1000)
#define REMOVE_TRIES  8 /* per volume: the library may ask to call again */

static bool
never(void)
{
	return false;
}

static void
tell_others(const struct stress_run *run)
{
	const unsigned int others = run->share.others;
	char line[192];

	snprintf(line, sizeof(line), "%u other process%s on in groove %s, the last to leave verifies\n", others,
		others != 1 ? "es go" : " goes", run->options.name);
	app_screen_print(line);
}

void
stress_share_begin_end(struct stress_run *run)
{
	struct stress_share *share = &run->share;

	share->gate = stress_gate_in(run->options.driver, run->options.name, never);
	if (share->gate < 0)
		stress_run_error(run, STRESS_EXIT_CANNOT, "no way to agree with the others which is the last");
	share->others = stress_processes(&run->stress, groove_data_join_idx(&share->join));
	share->last = share->gate >= 0 && share->others == 0;
	if (!share->last)
		tell_others(run);
}

/* ---- after processes that died ---- */

static uint64_t
join_cnt(const struct stress_run *run)
{
	groove_data_stats_t stats;

	return groove_data_stats(&run->share.join, &stats) == GROOVE_SUCCESS ? stats.join_cnt : 0;
}

/* Another program may be at it, too, or just inside a call. */
static int
recover(struct stress_run *run)
{
	const struct timespec wait = {.tv_nsec = RECOVER_NS};
	int err = groove_region_recover(run->region, &run->share.join);

	for (int tries = 1; err == GROOVE_ERR_AGAIN && tries < RECOVER_TRIES; tries++) {
		nanosleep(&wait, NULL);
		err = groove_region_recover(run->region, &run->share.join);
	}
	return err;
}

static void
tell_settled(uint64_t joins, const struct stress_settled *settled)
{
	char line[192];

	if (joins == 0 && settled->slot_cnt == 0 && settled->obj_cnt == 0)
		return;
	snprintf(line, sizeof(line),
		"recovered after processes that died: joins %s, locked slots %s, objects between groove and slot %s\n",
		app_text_count(joins).s, app_text_count(settled->slot_cnt).s, app_text_count(settled->obj_cnt).s);
	app_screen_print(line);
}

static void
report_failed(struct stress_run *run, int err)
{
	stress_run_error(
		run, STRESS_EXIT_MISMATCH, "recovery after processes that died: %s (%d)", groove_strerror(err), err);
}

void
stress_share_settle(struct stress_run *run)
{
	struct stress_settled settled = {0};
	const uint64_t joins = join_cnt(run);
	int err = recover(run);

	if (err == GROOVE_SUCCESS)
		err = stress_settle(&run->stress, &run->share.join, &settled);
	if (err != GROOVE_SUCCESS)
		report_failed(run, err);
	tell_settled(joins - join_cnt(run), &settled);
}

static void
tell_recovered(unsigned int joins)
{
	char line[192];

	snprintf(line, sizeof(line),
		"recovered during the loop after processes that died: joins %u; slots that they had locked stay so\n",
		joins);
	app_screen_print(line);
}

void
stress_share_look_after(struct stress_run *run)
{
	struct stress_share *share = &run->share;
	int err;

	if (share->not_recovered)
		return;
	/* The seats first: what was a dead one's may be a new join's when it is recovered. */
	share->dead_cnt += stress_seats_clear(&run->stress);
	err = groove_region_recover(run->region, &share->join);
	if (err == GROOVE_ERR_AGAIN)
		return; /* next time */
	if (err != GROOVE_SUCCESS) {
		share->not_recovered = true;
		report_failed(run, err);
		return;
	}
	if (share->dead_cnt > 0)
		tell_recovered(share->dead_cnt);
	share->dead_cnt = 0;
}

/* ---- recovering the groove ---- */

static void
free_table(struct stress_run *run)
{
	struct stress_share *share = &run->share;
	int err;

	/* Relaxed: the process that comes next comes through the gate. */
	__atomic_store_n(groove_region_root(run->region, STRESS_ROOT_TABLE), 0, __ATOMIC_RELAXED);
	err = groove_data_free(&share->join, share->table);
	share->table = NULL;
	if (err != GROOVE_SUCCESS)
		stress_run_error(
			run, STRESS_EXIT_MISMATCH, "free of the slot table: %s (%d)", groove_strerror(err), err);
}

/* Groove counts its calls, too: what is left is what the walk over all objects found, which is other programs'. */
static void
check_counts(struct stress_run *run)
{
	const uint64_t foreign = run->stress.foreign_cnt;
	groove_data_stats_t stats;
	const int err = groove_data_stats(&run->share.join, &stats);

	if (err != GROOVE_SUCCESS)
		stress_run_error(run, STRESS_EXIT_MISMATCH, "stats: %s (%d)", groove_strerror(err), err);
	else if (stats.total.obj_cnt != foreign || stats.total.alloc_cnt - stats.total.free_cnt != foreign)
		stress_run_error(run, STRESS_EXIT_MISMATCH,
			"counts differ: %s objects are live, groove counts %s allocs, %s frees and %s live",
			app_text_count(foreign).s, app_text_count(stats.total.alloc_cnt).s,
			app_text_count(stats.total.free_cnt).s, app_text_count(stats.total.obj_cnt).s);
}

static void
remove_volumes(struct stress_run *run)
{
	groove_data_t *join = &run->share.join;
	int err = GROOVE_SUCCESS;

	for (uint64_t tries = run->options.volume_cnt * REMOVE_TRIES; tries > 0 && err != GROOVE_ERR_EMPTY; tries--)
		err = groove_region_shrink(run->region, join, NULL);
	if (stress_volumes_added(&run->stress, join) > 0)
		stress_run_error(run, STRESS_EXIT_MISMATCH, "%s volumes cannot be removed though all objects are freed",
			app_text_count(stress_volumes_added(&run->stress, join)).s);
}

static void
tell_foreign(const struct stress_run *run)
{
	char line[192];

	if (run->stress.foreign_cnt == 0)
		return;
	snprintf(line, sizeof(line), "objects of other programs stay in groove %s: %s\n", run->options.name,
		app_text_count(run->stress.foreign_cnt).s);
	app_screen_print(line);
}

static bool
made_by_us(const struct stress_run *run)
{
	return __atomic_load_n(groove_region_root(run->region, STRESS_ROOT_MADE), __ATOMIC_RELAXED) == 1;
}

void
stress_share_clear(struct stress_run *run)
{
	struct stress_share *share = &run->share;
	/* Damage that was found leaves objects over; only a sound groove must come out empty. */
	const bool sound = run->errors.status != STRESS_EXIT_MISMATCH && run->sum.lost == 0;

	free_table(run);
	tell_foreign(run);
	share->destroy = made_by_us(run) && run->stress.foreign_cnt == 0;
	if (!sound)
		return;
	check_counts(run);
	if (share->destroy)
		remove_volumes(run);
}

/* ---- going ---- */

void
stress_share_leave(struct stress_run *run)
{
	struct stress_share *share = &run->share;

	/* If the groove of the last one is damaged, there may be no table any more. */
	if (share->seat != NULL && share->table != NULL)
		stress_seat_leave(share->seat);
	share->table = NULL;
	share->seat = NULL;
	if (share->joined && groove_region_leave(run->region, &share->join) == NULL)
		stress_run_error(run, STRESS_EXIT_MISMATCH, "a join cannot leave the groove");
	share->joined = false;
	share->ended = true;
}

void
stress_share_give_up(struct stress_run *run)
{
	struct stress_share *share = &run->share;

	if (share->table != NULL && share->table_made)
		free_table(run);
	share->destroy = share->made;
	stress_share_leave(run);
}

void
stress_share_close(struct stress_run *run)
{
	const groove_region_id_t id = stress_share_id(&run->options);
	struct stress_share *share = &run->share;
	char line[512];

	/* Memory that nobody has any more may be gone already. */
	if (share->destroy && stress_share_is_there(&run->options) == 1 &&
		groove_region_destroy(&id) != GROOVE_SUCCESS) {
		snprintf(line, sizeof(line), "groove %s stays, empty: destroy it when no process has it: %s\n",
			run->options.name,
			groove_volume_ctl("destroy", run->options.driver, run->options.dir, run->options.name));
		app_screen_print(line);
	}
	stress_gate_out(share->gate);
	share->gate = -1;
}
