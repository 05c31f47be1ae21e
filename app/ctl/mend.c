/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* verify, recover, rebuild and destroy. */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include "complain.h"
#include "ctl.h"
#include "text.h"

#define RECOVER_TRIES 1000 /* while living joins are inside calls; each goes through the whole groove */

static groove_data_t join;

/* What a command works on. */
struct work {
	struct ctl_options options;
	groove_region_report_t report; /* as it was before */
	groove_region_t *region;
};

/* ---- what all of them do ---- */

static enum ctl_exit
exit_of(int err)
{
	switch (err) {
	case GROOVE_SUCCESS:
		return CTL_EXIT_OK;
	case GROOVE_ERR_CORRUPT:
		return CTL_EXIT_DAMAGED;
	case GROOVE_ERR_AGAIN:
		return CTL_EXIT_IN_USE;
	default:
		return CTL_EXIT_ERROR;
	}
}

/* Attach what was found. Errors are logged by the library. */
static enum ctl_exit
work_attach(struct work *work)
{
	const groove_region_id_t id = ctl_id(&work->options);

	return exit_of(groove_region_attach(&id, &work->region));
}

static json_t *
counts_json(const char *key, uint64_t count)
{
	return json_pack("{s:I}", key, (json_int_t)count);
}

/* ---- verify ---- */

/* What others do at the moment looks like damage. */
static enum ctl_exit
check_idle(const struct work *work)
{
	const groove_region_report_t *report = &work->report;
	char line[CTL_LINE_SZ];

	if (work->options.force)
		return CTL_EXIT_OK;
	if (report->member_cnt > 0) {
		app_complain("groove %s is in use by %" PRIu64 " process%s, process %" PRIu64
			     " the first: verify needs an idle one, end them, or take --force",
			work->options.name, report->member_cnt, report->member_cnt == 1 ? "" : "es",
			report->member_pid[0]);
		return CTL_EXIT_IN_USE;
	}
	if (report->join_dead_cnt > 0) {
		app_complain("groove %s has %s joins of processes that have ended: first %s", work->options.name,
			app_text_count(report->join_dead_cnt).s, ctl_line(&work->options, CTL_RECOVER, line));
		return CTL_EXIT_IN_USE;
	}
	return CTL_EXIT_OK;
}

/* Whether another process has attached it meanwhile. */
static bool
is_shared(struct work *work)
{
	const groove_region_id_t id = ctl_id(&work->options);
	groove_region_report_t now = {.size = sizeof(now)};

	return groove_region_inspect(&id, &now) == GROOVE_SUCCESS && now.member_cnt > 1;
}

static enum ctl_exit
verify_joined(struct work *work)
{
	const int err = groove_data_verify(&join);
	char text[CTL_LINE_SZ];

	if (err == GROOVE_ERR_CORRUPT && is_shared(work)) {
		ctl_result(&work->options, "in use",
			"what the log says may be work of other processes, which have it too: end them", NULL);
		return CTL_EXIT_IN_USE;
	}
	snprintf(text, sizeof(text), "verify of %s: %s", work->options.name,
		err == GROOVE_SUCCESS ? "pass" : groove_strerror(err));
	ctl_result(&work->options, err == GROOVE_SUCCESS ? "pass" : "FAIL", text,
		counts_json("objects", work->report.obj_cnt));
	return exit_of(err);
}

enum ctl_exit
ctl_verify(const struct ctl_options *options)
{
	struct work work = {.options = *options};
	enum ctl_exit status;

	if (ctl_find(&work.options, &work.report) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	status = ctl_check_state(&work.options, &work.report);
	if (status == CTL_EXIT_OK)
		status = check_idle(&work);
	if (status == CTL_EXIT_OK)
		status = work_attach(&work);
	if (status != CTL_EXIT_OK)
		return status;
	status = CTL_EXIT_ERROR;
	if (groove_region_join(work.region, &join, 0) != NULL) {
		status = verify_joined(&work);
		groove_region_leave(work.region, &join);
	}
	groove_region_detach(work.region);
	return status;
}

/* ---- recover ---- */

/* A join takes the record of a dead one where the dead have them all. */
static int
recover_attached(struct work *work)
{
	int err = GROOVE_ERR_AGAIN;

	if (groove_region_join(work->region, &join, 0) == NULL)
		return GROOVE_ERR_FULL;
	for (int i = 0; i < RECOVER_TRIES && err == GROOVE_ERR_AGAIN; i++) {
		err = groove_region_recover(work->region, &join);
		if (err == GROOVE_ERR_AGAIN)
			sched_yield();
	}
	groove_region_leave(work->region, &join);
	return err;
}

enum ctl_exit
ctl_recover(const struct ctl_options *options)
{
	struct work work = {.options = *options};
	enum ctl_exit status;
	char text[CTL_LINE_SZ];
	int err;

	if (ctl_find(&work.options, &work.report) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	status = ctl_check_state(&work.options, &work.report);
	if (status == CTL_EXIT_OK)
		status = work_attach(&work);
	if (status != CTL_EXIT_OK)
		return status;
	err = recover_attached(&work);
	groove_region_detach(work.region);
	if (err == GROOVE_ERR_AGAIN)
		app_complain(
			"groove %s: a living process keeps something of a dead one, or is at its recovery: try again",
			work.options.name);
	snprintf(text, sizeof(text), "recovery of %s: %s joins of processes that have ended: %s", work.options.name,
		app_text_count(work.report.join_dead_cnt).s, err == GROOVE_SUCCESS ? "done" : groove_strerror(err));
	ctl_result(&work.options, err == GROOVE_SUCCESS ? "done" : groove_strerror(err), text,
		counts_json("joins_recovered", work.report.join_dead_cnt));
	return exit_of(err);
}

/* ---- rebuild ---- */

static void
count_lost(void *arg, const groove_data_lost_t *lost)
{
	uint64_t *lost_cnt = arg;

	(*lost_cnt)++;
	fprintf(stderr, "lost: tag %#" PRIx64 ", %s bytes, in volume %" PRIu64 " at %#" PRIx64 ", %s\n", lost->tag,
		app_text_count(lost->sz).s, lost->volume, lost->off,
		lost->why == GROOVE_DATA_LOST_UNREACHABLE ? "not reached by headers" : "in the bytes of another");
}

static enum ctl_exit
rebuild_attached(struct work *work)
{
	uint64_t lost_cnt = 0;
	char text[CTL_LINE_SZ];
	int err;

	if (!groove_region_needs_rebuild(work->region)) {
		snprintf(text, sizeof(text), "groove %s is whole: nothing to rebuild", work->options.name);
		ctl_result(&work->options, "whole", text, counts_json("lost", 0));
		return CTL_EXIT_OK;
	}
	err = groove_region_rebuild(work->region, count_lost, &lost_cnt);
	snprintf(text, sizeof(text), "rebuild of %s: %s, %s objects could not be kept", work->options.name,
		err == GROOVE_SUCCESS ? "done" : groove_strerror(err), app_text_count(lost_cnt).s);
	ctl_result(&work->options, err == GROOVE_SUCCESS ? "done" : groove_strerror(err), text,
		counts_json("lost", lost_cnt));
	return exit_of(err);
}

enum ctl_exit
ctl_rebuild(const struct ctl_options *options)
{
	struct work work = {.options = *options};
	enum ctl_exit status;

	if (ctl_find(&work.options, &work.report) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	if (work.report.state != GROOVE_REGION_TORN) {
		status = ctl_check_state(&work.options, &work.report);
		if (status != CTL_EXIT_OK)
			return status;
	}
	status = work_attach(&work);
	if (status != CTL_EXIT_OK)
		return status;
	status = rebuild_attached(&work);
	groove_region_detach(work.region);
	return status;
}

/* ---- destroy ---- */

enum ctl_exit
ctl_destroy(const struct ctl_options *options)
{
	struct work work = {.options = *options};
	groove_region_id_t id;
	char text[CTL_LINE_SZ];
	int err = ctl_find(&work.options, &work.report);

	if (err != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	id = ctl_id(&work.options);
	err = groove_region_destroy(&id);
	if (err != GROOVE_SUCCESS)
		return exit_of(err);
	snprintf(text, sizeof(text), "groove %s of driver %s is destroyed", work.options.name, work.options.driver);
	ctl_result(&work.options, "destroyed", text, NULL);
	return CTL_EXIT_OK;
}
