/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stddef.h>
#include <string.h>

#include "complain.h"
#include "json_put.h"
#include "option.h"
#include "options.h"

const char *const ctl_command_names[CTL_COMMAND_CNT] = {
	[CTL_LIST] = "list",
	[CTL_INFO] = "info",
	[CTL_VERIFY] = "verify",
	[CTL_RECOVER] = "recover",
	[CTL_REBUILD] = "rebuild",
	[CTL_DESTROY] = "destroy",
};

#define FIELD(name) offsetof(struct ctl_options, name)

const struct app_option ctl_option_table[] = {
	APP_WORD("driver", FIELD(driver)),
	APP_WORD("dir", FIELD(dir)),
	APP_FLAG("json", FIELD(json)),
	APP_FLAG("force", FIELD(force)),
	APP_FLAG("trust-owner", FIELD(trust_owner)),
	APP_FLAG("version", FIELD(version)),
	APP_FLAG("help", FIELD(help)),
	APP_OPTIONS_END,
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

/* Also in a command line that cannot be read to its end, and with a value that --json does not take. */
static bool
json_asked(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0 || strncmp(argv[i], "--json=", strlen("--json=")) == 0)
			return true;
	}
	return false;
}

/* JSON says what was asked, and in errors what EAL was given. */
static int
json_check(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!app_json_can_hold(argv[i])) {
			app_complain("word %d after the program's name is not UTF-8, as JSON has to be: leave --json "
				     "out, or take another name",
				i);
			return GROOVE_ERR_INVAL;
		}
	}
	return GROOVE_SUCCESS;
}

int
ctl_options_parse(int argc, char **argv, int first, struct ctl_options *options)
{
	*options = (struct ctl_options){.command = CTL_COMMAND_CNT, .json = json_asked(argc - first, argv + first)};
	if (options->json && json_check(argc, argv) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	return app_options_parse(ctl_option_table, words_parse, argc - first, argv + first, options);
}
