/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "progress.h"
#include "screen.h"
#include "text.h"

#define LIVE_NS	    (APP_NS_PER_S / 2)
#define PIPE_NS	    (APP_NS_PER_S * 5)
#define LINE_SZ	    256
#define TIME_MIN_NS (APP_NS_PER_S / 4) /* less gives no rate */

/* ---- the line ---- */

/* How much of the run is over, in [0, 1]. */
static double
share_done(const struct stress_run *run, uint64_t turns, uint64_t elapsed_ns)
{
	const struct stress_cfg *cfg = &run->stress.cfg;
	const double share = cfg->turn_cnt > 0 ? (double)turns / ((double)cfg->turn_cnt * run->tile_cnt)
					       : (double)elapsed_ns / (double)cfg->duration_ns;

	return share < 1 ? share : 1;
}

static double
turn_rate(struct stress_progress *progress, uint64_t turns, uint64_t now_ns)
{
	const struct stress_run *run = progress->run;
	const bool fresh = now_ns - progress->last_ns >= TIME_MIN_NS;
	const uint64_t from_ns = fresh ? progress->last_ns : run->start_ns;
	const uint64_t from_turns = fresh ? progress->last_turns : 0;

	progress->last_ns = now_ns;
	progress->last_turns = turns;
	return (double)(turns - from_turns) * APP_NS_PER_S / (double)(now_ns - from_ns + 1);
}

static void
line_show(struct stress_progress *progress)
{
	const struct stress_run *run = progress->run;
	const struct stress_sum sum = stress_sum(&run->stress);
	const uint64_t turns = sum.counters.turns;
	const uint64_t now_ns = app_clock_ns();
	const uint64_t elapsed_ns = now_ns - run->start_ns;
	const double share = share_done(run, turns, elapsed_ns);
	const double left_s = share > 0 ? (double)elapsed_ns / APP_NS_PER_S * (1 - share) / share : 0;
	char line[LINE_SZ];

	snprintf(line, sizeof(line), "%3u %%  %s turns/s  %s objects  %s live  %s/%s volumes  %s to go",
		(unsigned int)(share * 100), app_text_rate(turn_rate(progress, turns, now_ns)).s,
		app_text_count(sum.live_objs > 0 ? (uint64_t)sum.live_objs : 0).s,
		app_text_bytes(sum.live_bytes > 0 ? (uint64_t)sum.live_bytes : 0).s,
		app_text_count(stress_run_volumes(run)).s, app_text_count(run->stress.cfg.volume_cnt).s,
		app_text_time((uint64_t)left_s).s);
	app_screen_live(line);
}

/* ---- the thread ---- */

/* Wait for the time of the next line. True: the run is over. */
static bool
progress_wait(struct stress_progress *progress, uint64_t next_ns)
{
	const struct timespec next = {
		.tv_sec = (time_t)(next_ns / APP_NS_PER_S), .tv_nsec = (long)(next_ns % APP_NS_PER_S)};
	int timeout = 0;
	bool over;

	pthread_mutex_lock(&progress->lock);
	while (!progress->over && timeout == 0)
		timeout = pthread_cond_timedwait(&progress->wake, &progress->lock, &next);
	over = progress->over;
	pthread_mutex_unlock(&progress->lock);
	return over;
}

static void *
progress_main(void *arg)
{
	struct stress_progress *progress = arg;
	const bool shared = stress_run_is_shared(progress->run);
	const uint64_t every_ns = app_screen_is_live() ? LIVE_NS : PIPE_NS;
	const uint64_t tick_ns = shared ? LIVE_NS : every_ns;
	uint64_t line_ns = progress->run->start_ns + every_ns;
	uint64_t next_ns = progress->run->start_ns + tick_ns;

	while (!progress_wait(progress, next_ns)) {
		if (shared)
			stress_share_look_after(progress->run);
		if (next_ns >= line_ns) {
			line_show(progress);
			line_ns = app_clock_ns() + every_ns;
		}
		next_ns = app_clock_ns() + tick_ns;
	}
	return NULL;
}

int
stress_progress_start(struct stress_progress *progress, struct stress_run *run)
{
	pthread_condattr_t attr;

	*progress = (struct stress_progress){.run = run, .last_ns = run->start_ns};
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&progress->thread, NULL, progress_main, progress) != 0)
		return GROOVE_ERR_FULL;
	pthread_setname_np(progress->thread, "progress");
	return GROOVE_SUCCESS;
}

void
stress_progress_end(struct stress_progress *progress)
{
	pthread_mutex_lock(&progress->lock);
	progress->over = true;
	pthread_cond_signal(&progress->wake);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	line_show(progress);
	app_screen_live_end();
	pthread_cond_destroy(&progress->wake);
	pthread_mutex_destroy(&progress->lock);
}
