/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The end of a run: what is there is checked, everything is freed, and nothing may be left. */

#include <inttypes.h>
#include <stdio.h>

#include "run.h"
#include "screen.h"
#include "text.h"

#define REMOVE_TRIES 8 /* per volume: the library may ask to call again */

static void
report_verify(struct stress_run *run, int err, const char *when)
{
	char line[128];

	if (err != GROOVE_SUCCESS) {
		run->verify = STRESS_VERIFY_FAIL;
		stress_run_error(run, STRESS_EXIT_MISMATCH, "verify with %s: %s (%d)", when, groove_strerror(err), err);
		return;
	}
	if (run->verify == STRESS_VERIFY_NOT_DONE)
		run->verify = STRESS_VERIFY_PASS;
	snprintf(line, sizeof(line), "verify with %s: pass\n", when);
	app_screen_print(line);
}

/* Verify, then check and free every object. Only the sweep knows where damage is, and so it reports first. */
static void
verify_and_sweep(struct stress_run *run, groove_data_t *join)
{
	const int err = groove_data_verify(join);
	char when[64];

	snprintf(when, sizeof(when), "%s live objects", app_text_count(stress_slots_full(&run->stress)).s);
	stress_run_tiles(run, stress_sweep);
	report_verify(run, err, when);
	report_verify(run, groove_data_verify(join), "all objects freed");
}

static void
check_leaks(struct stress_run *run, groove_data_t *join)
{
	int err;

	if (run->sum.lost > 0)
		return; /* found already */
	err = stress_find_leaks(&run->stress, join);
	if (err != GROOVE_SUCCESS)
		stress_run_error(
			run, STRESS_EXIT_MISMATCH, "walk over all objects: %s (%d)", groove_strerror(err), err);
}

/* Groove counts its calls, too. */
static void
check_counts(struct stress_run *run, groove_data_t *join)
{
	const struct stress_counters sum = run->sum.counters;
	static groove_data_stats_t stats; /* too large for the stack */
	const int err = groove_data_stats(join, &stats);

	if (err != GROOVE_SUCCESS) {
		stress_run_error(run, STRESS_EXIT_MISMATCH, "stats: %s (%d)", groove_strerror(err), err);
		return;
	}
	if (sum.allocs != sum.frees || stats.total.alloc_cnt != sum.allocs || stats.total.free_cnt != sum.frees ||
		stats.total.obj_cnt != 0)
		stress_run_error(run, STRESS_EXIT_MISMATCH,
			"counts differ: tiles made %s allocs and %s frees, groove counts %s, %s and %s live",
			app_text_count(sum.allocs).s, app_text_count(sum.frees).s,
			app_text_count(stats.total.alloc_cnt).s, app_text_count(stats.total.free_cnt).s,
			app_text_count(stats.total.obj_cnt).s);
}

static void
remove_volumes(struct stress_run *run, groove_data_t *join)
{
	const uint64_t added = stress_volumes_added(&run->stress, join);
	uint64_t removed = 0;

	for (uint64_t tries = added * REMOVE_TRIES; tries > 0 && removed < added; tries--)
		removed += groove_data_volume_remove(join) != NULL;
	if (removed < added)
		stress_run_error(run, STRESS_EXIT_MISMATCH,
			"%s of %s volumes cannot be removed though all objects are freed",
			app_text_count(added - removed).s, app_text_count(added).s);
}

static void
delete_groove(struct stress_run *run)
{
	if (groove_data_delete(groove_region_shdata(run->region)) == NULL)
		stress_run_error(run, STRESS_EXIT_MISMATCH, "the groove cannot be deleted");
}

/* Live bytes show how far from full the volumes are: a part of a volume that serves one size serves no other. */
static void
report_no_volume(struct stress_run *run)
{
	const int64_t live = run->looped.live_bytes;
	const uint64_t volume_cnt = run->stress.cfg.volume_cnt;

	stress_run_error(run, STRESS_EXIT_CANNOT, "no volume left: %s of %s in use, raise --volume-cnt; %s live of %s",
		app_text_count(run->memory.volume_used).s, app_text_count(volume_cnt).s,
		app_text_bytes(live > 0 ? (uint64_t)live : 0).s,
		app_text_bytes(volume_cnt * groove_region_volume_sz(run->region)).s);
}

static void
report_stop(struct stress_run *run)
{
	const enum stress_stop why = stress_stopped(&run->stress);

	if (why == STRESS_STOP_NO_VOLUME)
		report_no_volume(run);
	if (why == STRESS_STOP_NO_MEMORY)
		stress_run_error(run, STRESS_EXIT_CANNOT,
			"no memory for another volume: %s of %s in use, stderr says why",
			app_text_count(run->memory.volume_used).s, app_text_count(run->stress.cfg.volume_cnt).s);
	if (why == STRESS_STOP_NO_SLOT)
		stress_run_error(run, STRESS_EXIT_CANNOT,
			"no slot left: %s of %s are locked by processes that died, let all end and start again with "
			"a larger --slot-cnt",
			app_text_count(run->stress.cfg.slot_cnt).s, app_text_count(run->stress.cfg.slot_cnt).s);
	if (run->interrupted)
		app_screen_print("interrupted: ending cleanly\n");
}

/* What ends each groove. */
static void
check_and_free_all(struct stress_run *run, groove_data_t *join)
{
	stress_inject_late(&run->stress, join);
	verify_and_sweep(run, join);
	run->sum = stress_sum(&run->stress);
	check_leaks(run, join);
	run->sum = stress_sum(&run->stress); /* with the leaks */
}

static void
end_own(struct stress_run *run)
{
	groove_data_t ljoin;
	groove_data_t *join = stress_run_join(run, &ljoin, run->tile_cnt);

	if (join == NULL)
		return;
	check_and_free_all(run, join);
	/* Damage that was found leaves objects over; only a sound groove must come out empty. */
	if (run->errors.status != STRESS_EXIT_MISMATCH) {
		check_counts(run, join);
		remove_volumes(run, join);
	}
	stress_run_leave(run, join);
	delete_groove(run);
}

/* Damage that is done while others work would be theirs. */
static void
report_inject(struct stress_run *run)
{
	if (run->options.inject != STRESS_INJECT_NONE && !run->stress.injected)
		stress_run_error(run, STRESS_EXIT_CANNOT,
			"--inject %s: not done before others were left alone with the groove: have this one leave last",
			stress_inject_name(run->options.inject));
}

static void
end_shared(struct stress_run *run)
{
	stress_share_begin_end(run);
	if (run->share.last) {
		stress_share_settle(run);
		check_and_free_all(run, &run->share.join);
		stress_share_clear(run);
	} else {
		report_inject(run);
	}
	stress_share_leave(run);
}

void
stress_run_end(struct stress_run *run)
{
	run->sum = stress_sum(&run->stress);
	report_stop(run);
	if (stress_run_is_shared(run))
		end_shared(run);
	else
		end_own(run);
}
