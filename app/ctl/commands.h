/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

/**
 * @file
 * The commands and their options: one table for each command. The command line is read by them, the usage is printed
 * from them, and man page and completion are made from the usage.
 */

#include "options.h"

/** An option of a command, and what the usage says of it. */
struct ctl_option {
	struct app_option option;
	const char *value; /**< What it takes, as the usage shows it; NULL: nothing. */
	const char *help;
};

/** Whether the name of a groove comes after a command. */
enum ctl_takes {
	CTL_TAKES_NOTHING,
	CTL_TAKES_NAME,
	CTL_MAY_TAKE_NAME,
};

struct ctl_command_row {
	const char *name;
	enum ctl_takes takes;
	const char *help;
	const struct ctl_option *options; /**< Of this command alone, after it a row without a name; NULL: none. */
};

extern const struct ctl_command_row ctl_commands[CTL_COMMAND_CNT];

/** Options of every command; after them a row without a name. */
extern const struct ctl_option ctl_options_common[];

#endif /* CTL_COMMANDS_H */
