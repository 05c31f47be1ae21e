/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* verify: threads check volumes, one at a time each; what they found is compared with the counters at the end. */

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "complain.h"
#include "json_put.h"
#include "screen.h"
#include "text.h"
#include "work.h"

struct check {
	struct ctl_work *work;
	uint64_t volume_max;
	uint64_t volume_cnt; /* in the groove, as counted before */
	uint64_t next;	     /* volume that no thread has taken yet */
	uint64_t done_cnt;
	uint64_t obj_cnt; /* in these */
	uint64_t start_ns;
	bool show; /* how far it is */
};

struct checker {
	groove_data_t join;
	struct check *check;
	groove_data_stats_t found;
	pthread_t thread;
	uint64_t volume; /* at which it is */
	int err;
};

/* ---- how far it is ---- */

static double
rate_of(const struct check *check, uint64_t obj_cnt)
{
	const uint64_t ns = app_clock_ns() - check->start_ns;

	return ns != 0 ? (double)obj_cnt * APP_NS_PER_S / (double)ns : 0;
}

static void
progress_show(struct check *check, uint64_t more)
{
	const uint64_t obj_cnt = __atomic_add_fetch(&check->obj_cnt, more, __ATOMIC_RELAXED);
	const uint64_t done_cnt = __atomic_add_fetch(&check->done_cnt, 1, __ATOMIC_RELAXED);
	char line[CTL_LINE_SZ];

	if (!check->show)
		return;
	snprintf(line, sizeof(line), "verify of %s: %" PRIu64 " of %" PRIu64 " volumes, %s objects, %s/s",
		check->work->options.name, done_cnt, check->volume_cnt, app_text_count(obj_cnt).s,
		app_text_rate(rate_of(check, obj_cnt)).s);
	app_screen_live(line);
}

/* ---- the threads ---- */

static int
check_one(void *arg)
{
	struct checker *checker = arg;

	return groove_data_verify_part(&checker->join, checker->volume, &checker->found);
}

static void *
check_volumes(void *arg)
{
	struct checker *checker = arg;
	struct check *check = checker->check;

	while (checker->err == GROOVE_SUCCESS) {
		const uint64_t before = checker->found.total.obj_cnt;
		int err;

		/* Relaxed: it only hands out numbers. */
		checker->volume = __atomic_fetch_add(&check->next, 1, __ATOMIC_RELAXED);
		if (checker->volume >= check->volume_max)
			break;
		err = ctl_guarded(check_one, checker);
		if (err == GROOVE_SUCCESS)
			progress_show(check, checker->found.total.obj_cnt - before);
		else if (err != GROOVE_ERR_EMPTY)
			checker->err = err;
	}
	return NULL;
}

static void
found_add(groove_data_stats_t *sum, const groove_data_stats_t *found)
{
	for (uint64_t i = 0; i < GROOVE_DATA_SZC_CNT; i++) {
		sum->szc[i].obj_cnt += found->szc[i].obj_cnt;
		sum->szc[i].req_bytes += found->szc[i].req_bytes;
		sum->szc[i].superblock_cnt += found->szc[i].superblock_cnt;
		sum->szc[i].cached_cnt += found->szc[i].cached_cnt;
	}
}

/* The first does it in this thread; one that cannot be started leaves its part to the others. */
static void
checkers_run(struct checker *checkers, uint64_t cnt)
{
	uint64_t started = 1;

	while (started < cnt && pthread_create(&checkers[started].thread, NULL, check_volumes, &checkers[started]) == 0)
		started++;
	check_volumes(&checkers[0]);
	for (uint64_t i = 1; i < started; i++)
		pthread_join(checkers[i].thread, NULL);
}

static int
checkers_sum(const struct ctl_work *work, const struct checker *checkers, uint64_t cnt)
{
	static groove_data_stats_t sum;

	for (uint64_t i = 0; i < cnt; i++) {
		if (checkers[i].err != GROOVE_SUCCESS)
			return checkers[i].err;
		found_add(&sum, &checkers[i].found);
	}
	return groove_data_verify_counts(&work->join, &sum);
}

static int
checkers_open(struct check *check, struct checker *checkers, uint64_t cnt)
{
	for (uint64_t i = 0; i < cnt; i++) {
		checkers[i].check = check;
		if (groove_region_join(check->work->region, &checkers[i].join, 0) == NULL) {
			for (uint64_t j = 0; j < i; j++)
				groove_region_leave(check->work->region, &checkers[j].join);
			return GROOVE_ERR_FULL;
		}
	}
	return GROOVE_SUCCESS;
}

static int
verify_by(struct check *check, uint64_t thread_cnt)
{
	const size_t sz = thread_cnt * sizeof(struct checker);
	struct checker *checkers = aligned_alloc(_Alignof(struct checker), sz);
	int err;

	if (checkers == NULL) {
		app_complain("--threads %" PRIu64 ": no %zu bytes of memory: take fewer", thread_cnt, sz);
		return GROOVE_ERR_FULL;
	}
	for (uint64_t i = 0; i < thread_cnt; i++)
		checkers[i] = (struct checker){.err = GROOVE_SUCCESS};
	err = checkers_open(check, checkers, thread_cnt);
	if (err == GROOVE_SUCCESS) {
		checkers_run(checkers, thread_cnt);
		err = checkers_sum(check->work, checkers, thread_cnt);
		for (uint64_t i = 0; i < thread_cnt; i++)
			groove_region_leave(check->work->region, &checkers[i].join);
	}
	free(checkers);
	return err;
}

/* ---- before and after ---- */

/* What others do at the moment looks like damage. */
static enum ctl_exit
check_idle(const struct ctl_work *work)
{
	const groove_region_report_t *report = &work->report;
	const uint64_t writer_cnt = ctl_writer_cnt(report);
	char line[CTL_LINE_SZ];

	if (work->options.force)
		return CTL_EXIT_OK;
	if (writer_cnt > 0) {
		app_complain("groove %s is in use by %" PRIu64 " process%s, process %" PRIu64
			     " the first: verify needs an idle one, end them, or take --force",
			work->options.name, writer_cnt, writer_cnt == 1 ? "" : "es", ctl_writer_pid(report));
		return CTL_EXIT_IN_USE;
	}
	if (report->join_dead_cnt > 0) {
		app_complain("groove %s has %s joins of processes that have ended: first %s", work->options.name,
			app_text_count(report->join_dead_cnt).s, ctl_line(&work->options, CTL_RECOVER, line));
		return CTL_EXIT_IN_USE;
	}
	return CTL_EXIT_OK;
}

static void
show_result(const struct check *check, uint64_t thread_cnt, int err)
{
	const struct ctl_options *options = &check->work->options;
	const double elapsed_s = (double)(app_clock_ns() - check->start_ns) / APP_NS_PER_S;
	json_t *more = ctl_count_json("objects", check->obj_cnt);
	char text[CTL_LINE_SZ];

	app_json_put(more, "elapsed_s", json_real(elapsed_s));
	app_json_put(more, "objects_per_s", json_real(rate_of(check, check->obj_cnt)));
	app_json_put_count(more, "threads", thread_cnt);
	app_json_put_count(more, "volumes", check->done_cnt);
	if (err == GROOVE_SUCCESS)
		snprintf(text, sizeof(text), "verify of %s: pass, %s object%s in %s volume%s", options->name,
			app_text_count(check->obj_cnt).s, ctl_plural(check->obj_cnt), app_text_count(check->done_cnt).s,
			ctl_plural(check->done_cnt));
	else
		snprintf(text, sizeof(text), "verify of %s: %s", options->name, groove_strerror(err));
	ctl_result(options, err == GROOVE_SUCCESS ? "pass" : "FAIL", text, more);
}

static enum ctl_exit
verify_joined(struct ctl_work *work)
{
	struct check check = {
		.work = work,
		.volume_max = groove_region_volume_max(work->region),
		.volume_cnt = work->report.volume_cnt,
		.show = !work->options.json && app_screen_is_live(),
	};
	uint64_t thread_cnt = work->options.thread_cnt;
	int err;

	if (thread_cnt == 0)
		thread_cnt = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (thread_cnt > check.volume_cnt)
		thread_cnt = check.volume_cnt > 0 ? check.volume_cnt : 1;
	check.start_ns = app_clock_ns();
	err = verify_by(&check, thread_cnt);
	if (check.show)
		app_screen_live_end();
	if (err == GROOVE_ERR_AGAIN || (err == GROOVE_ERR_CORRUPT && ctl_work_is_shared(work)))
		return ctl_work_in_use(work, ctl_look_problem(err));
	show_result(&check, thread_cnt, err);
	return ctl_exit_of(err);
}

enum ctl_exit
ctl_verify(const struct ctl_options *options)
{
	static struct ctl_work work;
	enum ctl_exit status = ctl_work_find(&work, options, false);

	if (status == CTL_EXIT_OK)
		status = check_idle(&work);
	if (status == CTL_EXIT_OK)
		status = ctl_work_attach(&work, GROOVE_REGION_READ_ONLY);
	if (status != CTL_EXIT_OK)
		return status;
	status = ctl_work_join(&work);
	if (status == CTL_EXIT_OK)
		status = verify_joined(&work);
	ctl_work_end(&work);
	return status;
}
