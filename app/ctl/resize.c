/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* grow, shrink and drain: how many volumes a groove has. */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include "complain.h"
#include "json_put.h"
#include "text.h"
#include "work.h"

#define SHRINK_TRIES 100000 /* while others are inside calls */

static groove_data_stats_t stats;

static uint64_t
volumes_now(const struct ctl_work *work)
{
	return groove_data_stats(&work->join, &stats) == GROOVE_SUCCESS ? stats.volume_cnt : 0;
}

static uint64_t
wanted(const struct ctl_options *options)
{
	return options->volume_cnt != 0 ? options->volume_cnt : 1;
}

/* How many volumes came or went, of how many that should, and how many there are now. */
static enum ctl_exit
show(const struct ctl_work *work, const char *verb, uint64_t cnt, int err)
{
	const char *result = err == GROOVE_SUCCESS ? "done" : groove_strerror(err);
	json_t *more = ctl_count_json("volumes_changed", cnt);
	const uint64_t now = volumes_now(work);
	char text[CTL_LINE_SZ];

	app_json_put_count(more, "volumes", now);
	snprintf(text, sizeof(text), "groove %s %s by %s of %s volume%s, to %s: %s", work->options.name, verb,
		app_text_count(cnt).s, app_text_count(wanted(&work->options)).s, ctl_plural(wanted(&work->options)),
		app_text_count(now).s, result);
	ctl_result(&work->options, result, text, more);
	return ctl_exit_of(err);
}

/* ---- grow ---- */

/*
 * The first calls may hand out volumes that it was made with: they count when the groove has more than before. Where
 * others shrink at the same time that may never be, so there is an end to it.
 */
static int
grow_by(struct ctl_work *work, uint64_t want, uint64_t *cnt)
{
	const uint64_t tries = want + groove_region_volume_max(work->region);
	int err = GROOVE_SUCCESS;

	for (uint64_t i = 0; err == GROOVE_SUCCESS && *cnt < want; i++) {
		const uint64_t before = volumes_now(work);

		err = i < tries ? groove_region_grow(work->region, &work->join, NULL) : GROOVE_ERR_AGAIN;
		if (err == GROOVE_SUCCESS)
			*cnt += volumes_now(work) > before;
	}
	return err;
}

enum ctl_exit
ctl_grow(const struct ctl_options *options)
{
	static struct ctl_work work;
	enum ctl_exit status = ctl_work_change(&work, options, true);
	uint64_t cnt = 0;
	int err;

	if (status != CTL_EXIT_OK)
		return status;
	err = grow_by(&work, wanted(options), &cnt);
	if (err == GROOVE_ERR_AGAIN)
		app_complain("groove %s: others grow or shrink it: try again", work.options.name);
	status = show(&work, "grew", cnt, err);
	ctl_work_end(&work);
	return status;
}

/* ---- shrink ---- */

static int
shrink_by(struct ctl_work *work, uint64_t want, uint64_t *cnt)
{
	int err = GROOVE_SUCCESS;

	for (unsigned int i = 0; *cnt < want && i < SHRINK_TRIES; i++) {
		err = groove_region_shrink(work->region, &work->join, NULL);
		if (err == GROOVE_SUCCESS)
			(*cnt)++;
		else if (err != GROOVE_ERR_AGAIN)
			break;
		else
			sched_yield();
	}
	return err;
}

enum ctl_exit
ctl_shrink(const struct ctl_options *options)
{
	static struct ctl_work work;
	enum ctl_exit status = ctl_work_change(&work, options, true);
	char line[CTL_LINE_SZ];
	uint64_t cnt = 0;
	int err;

	if (status != CTL_EXIT_OK)
		return status;
	err = shrink_by(&work, wanted(options), &cnt);
	if (err == GROOVE_ERR_EMPTY)
		app_complain("groove %s has no volume without objects: have one emptied: %s --volume N",
			work.options.name, ctl_line(&work.options, CTL_DRAIN, line));
	else if (err == GROOVE_ERR_AGAIN)
		app_complain("groove %s: a process is inside a call that may still read an empty volume: try again",
			work.options.name);
	status = show(&work, "shrank", cnt, err);
	ctl_work_end(&work);
	return status;
}

/* ---- drain ---- */

static int
check_drain(const struct ctl_options *options)
{
	if (options->end != (options->volume != CTL_VOLUME_NONE))
		return GROOVE_SUCCESS;
	app_complain("drain: take --volume N, the volume, or --end, to drain none any more");
	return GROOVE_ERR_INVAL;
}

enum ctl_exit
ctl_drain(const struct ctl_options *options)
{
	static struct ctl_work work;
	const uint64_t volume = options->end ? GROOVE_VOLUME_NONE : options->volume;
	char line[CTL_LINE_SZ];
	char text[2 * CTL_LINE_SZ];
	enum ctl_exit status;
	int err;

	if (check_drain(options) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	status = ctl_work_change(&work, options, true);
	if (status != CTL_EXIT_OK)
		return status;
	err = groove_data_volume_drain(&work.join, volume);
	if (options->end)
		snprintf(text, sizeof(text), "no volume of groove %s is drained", work.options.name);
	else
		snprintf(text, sizeof(text),
			"volume %" PRIu64 " of groove %s is drained: when its objects are freed: %s", volume,
			work.options.name, ctl_line(&work.options, CTL_SHRINK, line));
	if (err == GROOVE_SUCCESS)
		ctl_result(&work.options, "done", text, NULL);
	ctl_work_end(&work);
	return ctl_exit_of(err);
}
