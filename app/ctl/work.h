/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_WORK_H
#define CTL_WORK_H

/** @file What a command works on: a region that was found, attached to look at it or to change it. */

#include "ctl.h"

struct ctl_work {
	struct ctl_options options;
	groove_region_report_t report; /**< As it was before. */
	groove_region_t *region;
	groove_data_t join;
	bool joined;
};

/**
 * Find the region that options name, and attach it for reading alone.
 *
 * @return
 *   CTL_EXIT_OK; else what the command is to end with, printed, and there is nothing to end.
 */
enum ctl_exit ctl_work_look(struct ctl_work *work, const struct ctl_options *options);

/** The same, to change it, with a join where that is said. */
enum ctl_exit ctl_work_change(struct ctl_work *work, const struct ctl_options *options, bool join);

/** Find it, whole; what is torn is found too where that is said. Nothing is attached. As ctl_work_look(). */
enum ctl_exit ctl_work_find(struct ctl_work *work, const struct ctl_options *options, bool torn);

/** Attach what was found; flags as in groove_region_id_t. */
enum ctl_exit ctl_work_attach(struct ctl_work *work, uint64_t flags);

/** Join what was attached. */
enum ctl_exit ctl_work_join(struct ctl_work *work);

/** Leave and detach. */
void ctl_work_end(struct ctl_work *work);

/** What a command ends with after an error of the library. */
enum ctl_exit ctl_exit_of(int err);

/** Processes that are attached and may write. */
uint64_t ctl_writer_cnt(const groove_region_report_t *report);

/** Process number of one of them; 0: unknown. */
uint64_t ctl_writer_pid(const groove_region_report_t *report);

/** Whether another process works with it at this moment. */
bool ctl_work_is_shared(const struct ctl_work *work);

/** The result of a look that met damage, or lost memory, while others work. CTL_EXIT_IN_USE. */
enum ctl_exit ctl_work_in_use(const struct ctl_work *work, const char *what);

/**
 * Do something that reads volumes. Where another process gives the memory of one back as it is read, or cuts its file,
 * it ends there: then its own memory is lost, and no more. By each thread for itself.
 *
 * @return
 *   What fn returned; GROOVE_ERR_AGAIN: memory went as it was read.
 */
int ctl_guarded(int (*fn)(void *arg), void *arg);

/** The end of a word for so many of them. */
static inline const char *
ctl_plural(uint64_t cnt)
{
	return cnt == 1 ? "" : "s";
}

/** What was wrong with a look that others may have disturbed, by its error. */
static inline const char *
ctl_look_problem(int err)
{
	return err == GROOVE_ERR_AGAIN ? "memory went as it was read" : "what looks like damage may be work";
}

/** An object with one count. */
json_t *ctl_count_json(const char *key, uint64_t count);

#endif /* CTL_WORK_H */
