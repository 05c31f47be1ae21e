/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <groove_tile.h>

#include "clock.h"
#include "progress.h"
#include "run.h"

/* ---- making a run ---- */

/* The tiles add the volumes themselves, as they find the groove full. */
static int
volumes_out(struct stress_run *run)
{
	groove_data_t join;

	if (groove_region_join(run->region, &join, 0) == NULL)
		return GROOVE_ERR_FULL;
	for (uint64_t i = 0; i < groove_region_volume_cnt(run->region); i++) {
		if (groove_data_volume_remove(&join) == NULL)
			app_complain("volume %" PRIu64 " of a new groove is not empty", i);
	}
	groove_region_leave(run->region, &join);
	return GROOVE_SUCCESS;
}

static int
region_open_own(struct stress_run *run)
{
	groove_region_cfg_t cfg;
	int err;

	stress_show_job(run);
	err = stress_run_cfg(run, &run->options, &cfg);
	if (err == GROOVE_SUCCESS)
		err = groove_region_create(&cfg, &run->region);
	return err == GROOVE_SUCCESS ? volumes_out(run) : err;
}

/* Part of the job belongs to the groove, and is known only then. */
static int
region_open_shared(struct stress_run *run)
{
	const int err = stress_share_enter(run);

	if (err == GROOVE_SUCCESS)
		stress_show_job(run);
	return err;
}

static int
pinned_read(struct stress_run *run)
{
	run->pinned = calloc(run->tile_cnt, sizeof(*run->pinned));
	if (run->pinned == NULL) {
		app_complain("no memory for %u tiles", run->tile_cnt);
		return GROOVE_ERR_FULL;
	}
	for (unsigned int tile = 0; tile < run->tile_cnt; tile++)
		run->pinned[tile] = groove_tile_pinned(tile) == 1;
	return GROOVE_SUCCESS;
}

static int
loop_open(struct stress_run *run)
{
	const struct stress_options *options = &run->options;
	const struct stress_cfg cfg = {
		.tile_cnt = run->tile_cnt,
		.turn_cnt = 2 * options->alloc_cnt,
		.duration_ns = options->duration_s * APP_NS_PER_S,
		.slot_cnt = options->slot_cnt,
		.volume_cnt = groove_region_volume_max(run->region),
		.sz_max = options->sz_max,
		.seed = options->seed,
		.keep_going = options->keep_going,
		.inject = options->inject,
	};
	const struct stress_shared shared = stress_share_calls(run);
	const int err = stress_run_is_shared(run)
				? stress_init_shared(&run->stress, &cfg, &shared, stress_show_finding, run)
				: stress_init(&run->stress, &cfg, stress_show_finding, run);

	if (err == GROOVE_SUCCESS)
		return GROOVE_SUCCESS;
	app_complain("--slot-cnt %" PRIu64 ": needs %" PRIu64 " MiB, take fewer", options->slot_cnt,
		options->slot_cnt * sizeof(struct stress_slot) >> 20);
	return GROOVE_ERR_FULL;
}

int
stress_run_open(struct stress_run *run, const struct stress_options *options)
{
	*run = (struct stress_run){.options = *options, .tile_cnt = groove_tile_cnt(), .share.gate = -1};
	pthread_mutex_init(&run->errors.lock, NULL);

	int err = pinned_read(run);

	if (err == GROOVE_SUCCESS)
		err = stress_run_is_shared(run) ? region_open_shared(run) : region_open_own(run);
	if (err == GROOVE_SUCCESS)
		err = loop_open(run);
	if (err == GROOVE_SUCCESS && stress_run_is_shared(run))
		stress_share_take_part(run);
	if (err != GROOVE_SUCCESS)
		stress_run_close(run);
	return err;
}

void
stress_run_close(struct stress_run *run)
{
	if (stress_run_is_shared(run) && !run->share.ended)
		stress_share_give_up(run);
	stress_fini(&run->stress);
	groove_region_detach(run->region);
	if (stress_run_is_shared(run))
		stress_share_close(run);
	free(run->pinned);
	pthread_mutex_destroy(&run->errors.lock);
}

/* ---- tiles ---- */

groove_data_t *
stress_run_join(struct stress_run *run, groove_data_t *ljoin, uint64_t cgroup_hint)
{
	groove_data_t *join = groove_region_join(run->region, ljoin, cgroup_hint);

	if (join == NULL)
		stress_run_error(run, STRESS_EXIT_CANNOT, "tile %" PRIu64 " cannot join the groove", cgroup_hint);
	return join;
}

void
stress_run_leave(struct stress_run *run, groove_data_t *join)
{
	if (groove_region_leave(run->region, join) == NULL)
		stress_run_error(run, STRESS_EXIT_MISMATCH, "a join cannot leave the groove");
}

struct tile_work {
	struct stress_run *run;
	stress_join_fn fn;
};

static int
tile_main(unsigned int tile, void *arg)
{
	const struct tile_work *work = arg;
	groove_data_t ljoin;
	groove_data_t *join = stress_run_join(work->run, &ljoin, tile);

	if (join == NULL) {
		stress_stop(&work->run->stress, STRESS_STOP_FINDING);
		return 0; /* counted as an error */
	}
	work->fn(&work->run->stress, tile, join);
	stress_run_leave(work->run, join);
	return 0;
}

void
stress_run_tiles(struct stress_run *run, stress_join_fn fn)
{
	struct tile_work work = {.run = run, .fn = fn};
	const int err = groove_tile_run(tile_main, &work, NULL);

	if (err != GROOVE_SUCCESS)
		stress_run_error(run, STRESS_EXIT_CANNOT, "tiles cannot start: %s", groove_strerror(err));
}

/*
 * The kernel reports the node of a page only to a process that has touched it: touch one page of each volume. Not of a
 * volume that another process is adding now: it may have no page yet, and that process reports its node. A volume that
 * is given back meanwhile makes an error of the kernel's, where a load might end this process: it is left out then.
 */
static void
touch_volumes(const struct stress_run *run)
{
	const uint64_t volume_sz = groove_region_volume_sz(run->region);
	const uint64_t volume_max = groove_region_volume_max(run->region);
	uint8_t *volume = groove_region_volume0(run->region);

	for (uint64_t i = 0; i < volume_max; i++, volume += volume_sz) {
		if (groove_region_volume_has_memory(run->region, i))
			(void)madvise(volume, (size_t)sysconf(_SC_PAGESIZE), MADV_POPULATE_READ);
	}
}

static struct stress_memory
memory_now(const struct stress_run *run)
{
	touch_volumes(run);
	return (struct stress_memory){
		.volume_cnt = groove_region_volume_cnt(run->region),
		.volume_used = stress_run_volumes(run),
		.node = groove_region_node(run->region),
	};
}

void
stress_run_loop(struct stress_run *run)
{
	struct stress_progress progress;

	run->memory = memory_now(run);
	stress_show_place(run);
	run->start_ns = app_clock_ns();

	const bool shown = stress_progress_start(&progress, run) == GROOVE_SUCCESS;

	stress_run_tiles(run, stress_loop);
	run->elapsed_ns = app_clock_ns() - run->start_ns;
	run->looped = stress_sum(&run->stress);
	if (shown)
		stress_progress_end(&progress);
	run->memory = memory_now(run);
	run->interrupted = stress_stopped(&run->stress) == STRESS_STOP_INTERRUPTED;
}
