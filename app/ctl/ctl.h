/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_H
#define CTL_H

/** @file The commands, and how their results are printed. */

#include <jansson.h>

#include "options.h"

/** A command: does it, prints the result, and returns the exit status. */
typedef enum ctl_exit (*ctl_command_fn)(const struct ctl_options *options);

enum ctl_exit ctl_list(const struct ctl_options *options);
enum ctl_exit ctl_info(const struct ctl_options *options);
enum ctl_exit ctl_stats(const struct ctl_options *options);
enum ctl_exit ctl_walk(const struct ctl_options *options);
enum ctl_exit ctl_map(const struct ctl_options *options);
enum ctl_exit ctl_export(const struct ctl_options *options);
enum ctl_exit ctl_verify(const struct ctl_options *options);
enum ctl_exit ctl_recover(const struct ctl_options *options);
enum ctl_exit ctl_rebuild(const struct ctl_options *options);
enum ctl_exit ctl_create(const struct ctl_options *options);
enum ctl_exit ctl_grow(const struct ctl_options *options);
enum ctl_exit ctl_shrink(const struct ctl_options *options);
enum ctl_exit ctl_drain(const struct ctl_options *options);
enum ctl_exit ctl_destroy(const struct ctl_options *options);

/**
 * Find the one region that the options name, and look at it. options->driver is that one's afterwards.
 *
 * @return
 *   GROOVE_SUCCESS; an error, printed: there is none, there are several, or it may not be opened.
 */
int ctl_find(struct ctl_options *options, groove_region_report_t *report);

/**
 * Whether what was found can be attached. If not it says why, and what to do.
 *
 * @return
 *   CTL_EXIT_OK, or what the command is to end with.
 */
enum ctl_exit ctl_check_state(const struct ctl_options *options, const groove_region_report_t *report);

/** The command line that does something else to the same region, into buf. Returns buf. */
#define CTL_LINE_SZ 512
const char *ctl_line(const struct ctl_options *options, enum ctl_command command, char buf[CTL_LINE_SZ]);

/** Say that there is no such driver. CTL_EXIT_ERROR. */
enum ctl_exit ctl_complain_of_driver(const struct ctl_options *options);

/** Name of a state, as it is printed. */
const char *ctl_state_name(enum groove_region_state state);

/** The region of a report, for machines. */
json_t *ctl_region_json(const struct ctl_options *options, const char *name, const groove_region_report_t *report);

/** An object with what each result has: schema, version, command, driver, name. */
json_t *ctl_result_json(const struct ctl_options *options);

/** Keep an object, which is given up, for ctl_json_close(). */
void ctl_json_keep(json_t *object);

/** With --json: print what was kept, or that nothing was done, with the exit status and the error. */
void ctl_json_close(const struct ctl_options *options, enum ctl_exit status);

/**
 * The result of a command: one line is printed for people, or for machines the object of ctl_result_json() is kept with
 * result and more, which is given up (NULL: nothing more).
 */
void ctl_result(const struct ctl_options *options, const char *result, const char *line, json_t *more);

/** Send the libraries' log to standard error, and keep its first error. */
void ctl_log_open(void);

/** Drop what the libraries log, or no longer. */
void ctl_log_mute(bool mute);

/** The first error in the libraries' log, without the end of the line; empty: none. */
const char *ctl_log_error(void);

#endif /* CTL_H */
