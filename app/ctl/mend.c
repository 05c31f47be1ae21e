/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* recover, rebuild and destroy. */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include "complain.h"
#include "text.h"
#include "work.h"

#define RECOVER_TRIES 1000 /* while living joins are inside calls; each goes through the whole groove */

/* ---- recover ---- */

/* Receives how many joins of dead processes there are no more. */
static int
recover_attached(struct ctl_work *work, uint64_t *recovered_cnt)
{
	const uint64_t dead_cnt = groove_region_join_dead_cnt(work->region);
	int err = GROOVE_ERR_AGAIN;
	uint64_t left_cnt;

	/* A join takes the record of a dead one where the dead have them all. */
	if (ctl_work_join(work) != CTL_EXIT_OK)
		return GROOVE_ERR_FULL;
	for (int i = 0; i < RECOVER_TRIES && err == GROOVE_ERR_AGAIN; i++) {
		err = groove_region_recover(work->region, &work->join);
		if (err == GROOVE_ERR_AGAIN)
			sched_yield();
	}
	left_cnt = groove_region_join_dead_cnt(work->region);
	*recovered_cnt = left_cnt < dead_cnt ? dead_cnt - left_cnt : 0;
	return err;
}

enum ctl_exit
ctl_recover(const struct ctl_options *options)
{
	static struct ctl_work work;
	const enum ctl_exit status = ctl_work_change(&work, options, false);
	char text[CTL_LINE_SZ];
	uint64_t recovered_cnt = 0;
	int err;

	if (status != CTL_EXIT_OK)
		return status;
	err = recover_attached(&work, &recovered_cnt);
	ctl_work_end(&work);
	if (err == GROOVE_ERR_AGAIN)
		app_complain(
			"groove %s: a living process keeps something of a dead one, or is at its recovery: try again",
			work.options.name);
	snprintf(text, sizeof(text), "recovery of %s: %s joins of processes that have ended: %s", work.options.name,
		app_text_count(recovered_cnt).s, err == GROOVE_SUCCESS ? "done" : groove_strerror(err));
	ctl_result(&work.options, err == GROOVE_SUCCESS ? "done" : groove_strerror(err), text,
		ctl_count_json("joins_recovered", recovered_cnt));
	return ctl_exit_of(err);
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
rebuild_attached(struct ctl_work *work)
{
	uint64_t lost_cnt = 0;
	char text[CTL_LINE_SZ];
	int err;

	if (!groove_region_needs_rebuild(work->region)) {
		snprintf(text, sizeof(text), "groove %s is whole: nothing to rebuild", work->options.name);
		ctl_result(&work->options, "whole", text, ctl_count_json("lost", 0));
		return CTL_EXIT_OK;
	}
	err = groove_region_rebuild(work->region, count_lost, &lost_cnt);
	snprintf(text, sizeof(text), "rebuild of %s: %s, %s objects could not be kept", work->options.name,
		err == GROOVE_SUCCESS ? "done" : groove_strerror(err), app_text_count(lost_cnt).s);
	ctl_result(&work->options, err == GROOVE_SUCCESS ? "done" : groove_strerror(err), text,
		ctl_count_json("lost", lost_cnt));
	return ctl_exit_of(err);
}

enum ctl_exit
ctl_rebuild(const struct ctl_options *options)
{
	static struct ctl_work work;
	enum ctl_exit status = ctl_work_find(&work, options, true);

	if (status == CTL_EXIT_OK)
		status = ctl_work_attach(&work, 0);
	if (status != CTL_EXIT_OK)
		return status;
	status = rebuild_attached(&work);
	ctl_work_end(&work);
	return status;
}

/* ---- destroy ---- */

enum ctl_exit
ctl_destroy(const struct ctl_options *options)
{
	struct ctl_work work = {.options = *options};
	groove_region_id_t id;
	char text[CTL_LINE_SZ];
	int err = ctl_find(&work.options, &work.report);

	if (err != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	id = ctl_id(&work.options);
	err = groove_region_destroy(&id);
	if (err != GROOVE_SUCCESS)
		return ctl_exit_of(err);
	snprintf(text, sizeof(text), "groove %s of driver %s is destroyed", work.options.name, work.options.driver);
	ctl_result(&work.options, "destroyed", text, NULL);
	return CTL_EXIT_OK;
}
