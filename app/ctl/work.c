/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "work.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>

#include "complain.h"

enum ctl_exit
ctl_exit_of(int err)
{
	switch (err) {
	case GROOVE_SUCCESS:
		return CTL_EXIT_OK;
	case GROOVE_ERR_CORRUPT:
		return CTL_EXIT_DAMAGED;
	case GROOVE_ERR_AGAIN:
	case GROOVE_ERR_EMPTY:
		return CTL_EXIT_IN_USE;
	default:
		return CTL_EXIT_ERROR;
	}
}

/* ---- find, attach, end ---- */

enum ctl_exit
ctl_work_find(struct ctl_work *work, const struct ctl_options *options, bool torn)
{
	*work = (struct ctl_work){.options = *options};
	if (ctl_find(&work->options, &work->report) != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	if (torn && work->report.state == GROOVE_REGION_TORN)
		return CTL_EXIT_OK;
	return ctl_check_state(&work->options, &work->report);
}

/* Errors are logged by the library. */
enum ctl_exit
ctl_work_attach(struct ctl_work *work, uint64_t flags)
{
	groove_region_id_t id = ctl_id(&work->options);

	id.flags |= flags;
	return ctl_exit_of(groove_region_attach(&id, &work->region));
}

enum ctl_exit
ctl_work_join(struct ctl_work *work)
{
	work->joined = groove_region_join(work->region, &work->join, 0) != NULL;
	return work->joined ? CTL_EXIT_OK : CTL_EXIT_ERROR;
}

void
ctl_work_end(struct ctl_work *work)
{
	if (work->joined)
		groove_region_leave(work->region, &work->join);
	groove_region_detach(work->region);
}

static enum ctl_exit
attach_and_join(struct ctl_work *work, uint64_t flags, bool join)
{
	enum ctl_exit status = ctl_work_attach(work, flags);

	if (status != CTL_EXIT_OK || !join)
		return status;
	status = ctl_work_join(work);
	if (status != CTL_EXIT_OK)
		ctl_work_end(work);
	return status;
}

enum ctl_exit
ctl_work_look(struct ctl_work *work, const struct ctl_options *options)
{
	const enum ctl_exit status = ctl_work_find(work, options, false);

	return status == CTL_EXIT_OK ? attach_and_join(work, GROOVE_REGION_READ_ONLY, true) : status;
}

enum ctl_exit
ctl_work_change(struct ctl_work *work, const struct ctl_options *options, bool join)
{
	const enum ctl_exit status = ctl_work_find(work, options, false);

	return status == CTL_EXIT_OK ? attach_and_join(work, 0, join) : status;
}

/* ---- others ---- */

uint64_t
ctl_writer_cnt(const groove_region_report_t *report)
{
	return report->member_cnt - report->reader_cnt;
}

/* Those that only read have none. */
uint64_t
ctl_writer_pid(const groove_region_report_t *report)
{
	for (uint64_t i = 0; i < report->member_cnt; i++) {
		if (report->member_pid[i] != 0)
			return report->member_pid[i];
	}
	return 0;
}

bool
ctl_work_is_shared(const struct ctl_work *work)
{
	const groove_region_id_t id = ctl_id(&work->options);
	groove_region_report_t now = {.size = sizeof(now)};

	return groove_region_inspect(&id, &now) == GROOVE_SUCCESS && ctl_writer_cnt(&now) > 0;
}

enum ctl_exit
ctl_work_in_use(const struct ctl_work *work, const char *what)
{
	app_complain("groove %s: %s: other processes work with it: try again, or end them", work->options.name, what);
	ctl_result(&work->options, "in use", "in use", NULL);
	return CTL_EXIT_IN_USE;
}

/* ---- memory that goes as it is read ---- */

static __thread sigjmp_buf *way_out; /* NULL: the thread is at nothing that is guarded */

static void
on_sigbus(int number)
{
	if (way_out != NULL)
		siglongjmp(*way_out, 1);
	signal(number, SIG_DFL);
	raise(number);
}

/* It is the thread's own access that faults, in code of the library that holds no lock there. */
int
ctl_guarded(int (*fn)(void *arg), void *arg)
{
	static const struct sigaction action = {.sa_handler = on_sigbus, .sa_flags = SA_NODEFER};
	sigjmp_buf here;
	int err;

	sigaction(SIGBUS, &action, NULL);
	if (sigsetjmp(here, 1) != 0) {
		way_out = NULL;
		return GROOVE_ERR_AGAIN;
	}
	way_out = &here;
	err = fn(arg);
	way_out = NULL;
	return err;
}

json_t *
ctl_count_json(const char *key, uint64_t count)
{
	return json_pack("{s:I}", key, (json_int_t)count);
}
