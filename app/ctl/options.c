/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <string.h>

#include "complain.h"
#include "option.h"
#include "options.h"

enum {
	OPTION_DRIVER = APP_OPTION_FIRST,
	OPTION_DIR,
	OPTION_JSON,
	OPTION_FORCE,
	OPTION_TRUST_OWNER,
	OPTION_VERSION,
	OPTION_HELP,
};

const struct option ctl_long_options[] = {
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"dir", required_argument, NULL, OPTION_DIR},
	{"json", no_argument, NULL, OPTION_JSON},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"trust-owner", no_argument, NULL, OPTION_TRUST_OWNER},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
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

static int
word_parse(const char *option, const char *text, const char **word)
{
	*word = text;
	if (text[0] != '\0')
		return GROOVE_SUCCESS;
	app_complain("%s: needs a value that is not empty", option);
	return GROOVE_ERR_INVAL;
}

/* Read one option, or print what getopt_long() did not like of a word. */
static int
option_parse(int id, const char *word, struct ctl_options *options)
{
	switch (id) {
	case OPTION_DRIVER:
		return word_parse("--driver", optarg, &options->driver);
	case OPTION_DIR:
		return word_parse("--dir", optarg, &options->dir);
	case OPTION_JSON: /* seen already */
		options->json = true;
		return GROOVE_SUCCESS;
	case OPTION_TRUST_OWNER:
		options->trust_owner = true;
		return GROOVE_SUCCESS;
	case OPTION_FORCE:
		options->force = true;
		return GROOVE_SUCCESS;
	case OPTION_VERSION:
		options->version = true;
		return GROOVE_SUCCESS;
	case OPTION_HELP:
	case 'h':
		options->help = true;
		return GROOVE_SUCCESS;
	default:
		break;
	}
	if (id == ':')
		app_complain("%s: needs a value, see --help", word);
	else if (optopt >= APP_OPTION_FIRST)
		app_complain("%s: takes no value", word);
	else
		app_complain("%s: no such option, see --help", word);
	return GROOVE_ERR_INVAL;
}

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
words_parse(int argc, char **argv, struct ctl_options *options)
{
	const int name_cnt = argc - 1;
	int err;

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
		app_complain("%s: needs the name of a region: groove-ctl list shows them", argv[0]);
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
	int id;

	*options = (struct ctl_options){.command = CTL_COMMAND_CNT, .json = json_asked(argc, argv)};
	optind = 0;
	opterr = 0;
	while ((id = getopt_long(argc, argv, ":h", ctl_long_options, NULL)) != -1) {
		if (option_parse(id, argv[optind - 1], options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (options->help || options->version)
		return GROOVE_SUCCESS;
	if (app_dir_check(options->driver, options->dir) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	return words_parse(argc - optind, argv + optind, options);
}
