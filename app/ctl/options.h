/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

/** @file The command line of groove-ctl. */

#include <stdbool.h>

#include <groove_region.h>

#include "option.h"

/** What is to be done. */
enum ctl_command {
	CTL_LIST,
	CTL_INFO,
	CTL_VERIFY,
	CTL_RECOVER,
	CTL_REBUILD,
	CTL_DESTROY,
	CTL_COMMAND_CNT,
};

/** What it ends with. */
enum ctl_exit {
	CTL_EXIT_OK,
	CTL_EXIT_ERROR,	  /**< A wrong argument, no such region, or it may not be opened. */
	CTL_EXIT_DAMAGED, /**< The region is torn or damaged. */
	CTL_EXIT_IN_USE,  /**< Not now: other processes have it, or are at it. */
};

struct ctl_options {
	enum ctl_command command;
	const char *name;   /**< NULL for list. */
	const char *driver; /**< NULL: of all. */
	const char *dir;    /**< NULL: each driver's default. */
	const char *eal;    /**< EAL's arguments, each after a space; NULL: none. */
	bool json;
	bool force;
	bool trust_owner; /**< Also what other users have, or may write to. */
	bool help;
	bool version;
};

extern const struct app_option ctl_option_table[];

/** Names of the commands. */
extern const char *const ctl_command_names[CTL_COMMAND_CNT];

/**
 * Read the command line.
 *
 * @param first
 *   Index of the word before the program's own: its name, or the "--" after EAL's arguments.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong.
 */
int ctl_options_parse(int argc, char **argv, int first, struct ctl_options *options);

/** Which region the options name. */
static inline groove_region_id_t
ctl_id(const struct ctl_options *options)
{
	return (groove_region_id_t){
		.driver = options->driver,
		.name = options->name,
		.dir = options->dir,
		.flags = options->trust_owner ? GROOVE_REGION_TRUST : 0,
	};
}

/** Print what the program does. */
void ctl_usage(const char *program);

#endif /* CTL_OPTIONS_H */
