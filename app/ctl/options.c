/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stddef.h>
#include <string.h>

#include <rte_common.h>

#include "complain.h"
#include "option.h"
#include "options.h"

enum {
	OPTION_DRIVER = APP_OPTION_FIRST,
	OPTION_DIR,
	OPTION_JSON,
	OPTION_FORCE,
	OPTION_TRUST_OWNER,
};

const struct option ctl_long_options[] = {
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"dir", required_argument, NULL, OPTION_DIR},
	{"json", no_argument, NULL, OPTION_JSON},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"trust-owner", no_argument, NULL, OPTION_TRUST_OWNER},
	{"version", no_argument, NULL, APP_OPTION_VERSION},
	{"help", no_argument, NULL, APP_OPTION_HELP},
	{NULL, 0, NULL, 0},
};

const char *const ctl_command_names[CTL_COMMAND_CNT] = {
	[CTL_LIST] = "list",
	[CTL_INFO] = "info",
	[CTL_VERIFY] = "verify",
	[CTL_RECOVER] = "recover",
	[CTL_REBUILD] = "rebuild",
	[CTL_DESTROY] = "destroy",
};

#define FIELD(name) offsetof(struct ctl_options, name)

static const struct app_word words[] = {
	{OPTION_DRIVER, FIELD(driver)},
	{OPTION_DIR, FIELD(dir)},
};

static const struct app_flag flags[] = {
	{OPTION_JSON, FIELD(json)},
	{OPTION_FORCE, FIELD(force)},
	{OPTION_TRUST_OWNER, FIELD(trust_owner)},
	{APP_OPTION_VERSION, FIELD(version)},
	{APP_OPTION_HELP, FIELD(help)},
};

static int
command_parse(const char *word, enum ctl_command *command)
{
	for (int i = 0; i < CTL_COMMAND_CNT; i++) {
		if (strcmp(word, ctl_command_names[i]) == 0) {
			*command = (enum ctl_command)i;
			return GROOVE_SUCCESS;
		}
	}
	app_complain("%s: no such command: take list, info, verify, recover, rebuild or destroy", word);
	return GROOVE_ERR_INVAL;
}

/* The command, and the name of a region where it takes one. */
static int
words_parse(int argc, char **argv, void *values)
{
	struct ctl_options *options = values;
	const int name_cnt = argc - 1;
	int err;

	if (options->help || options->version)
		return GROOVE_SUCCESS;
	if (app_dir_check(options->driver, options->dir) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	if (argc == 0) {
		app_complain("no command: take list, info, verify, recover, rebuild or destroy, see --help");
		return GROOVE_ERR_INVAL;
	}
	err = command_parse(argv[0], &options->command);
	if (err != GROOVE_SUCCESS)
		return err;
	if (name_cnt > (options->command != CTL_LIST)) {
		app_complain("%s: one word too many, see --help", argv[options->command == CTL_LIST ? 1 : 2]);
		return GROOVE_ERR_INVAL;
	}
	if (options->command == CTL_LIST)
		return GROOVE_SUCCESS;
	if (name_cnt == 0) {
		app_complain("%s: needs the name of a groove: groove-ctl list shows them", argv[0]);
		return GROOVE_ERR_INVAL;
	}
	options->name = argv[1];
	return GROOVE_SUCCESS;
}

/* Also in a command line that cannot be read to its end. */
static bool
json_asked(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

int
ctl_options_parse(int argc, char **argv, struct ctl_options *options)
{
	static const struct app_options set = {
		.long_options = ctl_long_options,
		.words = words,
		.word_cnt = RTE_DIM(words),
		.flags = flags,
		.flag_cnt = RTE_DIM(flags),
		.rest = words_parse,
	};

	*options = (struct ctl_options){.command = CTL_COMMAND_CNT, .json = json_asked(argc, argv)};
	return app_options_parse(&set, argc, argv, options);
}
