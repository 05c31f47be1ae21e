/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "json_put.h"
#include "options.h"

#define NAMES_SZ 256

/* ---- tables for the parser, made of those of the commands ---- */

struct table {
	struct app_option option[APP_OPTION_MAX + 1];
	unsigned int cnt;
};

static bool
table_has(const struct table *table, const char *name)
{
	for (unsigned int i = 0; i < table->cnt; i++) {
		if (strcmp(table->option[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
table_add(struct table *table, const struct ctl_option *rows)
{
	for (; rows != NULL && rows->option.name != NULL && table->cnt < APP_OPTION_MAX; rows++) {
		if (!table_has(table, rows->option.name))
			table->option[table->cnt++] = rows->option;
	}
}

/* CTL_COMMAND_CNT: of all commands together. Of an option that several have it is all the same which row is there. */
static struct table
table_of(enum ctl_command command)
{
	struct table table = {.cnt = 0};

	table_add(&table, ctl_options_common);
	for (unsigned int i = 0; i < CTL_COMMAND_CNT; i++) {
		if (command == CTL_COMMAND_CNT || command == (enum ctl_command)i)
			table_add(&table, ctl_commands[i].options);
	}
	return table;
}

const struct app_option *
ctl_option_table(void)
{
	static struct table all;

	all = table_of(CTL_COMMAND_CNT);
	return all.option;
}

/* ---- words that are no options ---- */

static const char *
command_names(char names[NAMES_SZ])
{
	size_t used = 0;

	names[0] = '\0';
	for (unsigned int i = 0; i < CTL_COMMAND_CNT && used < NAMES_SZ; i++)
		used += (size_t)snprintf(names + used, NAMES_SZ - used, "%s%s",
			i == 0 ? "" : (i + 1 < CTL_COMMAND_CNT ? ", " : " or "), ctl_commands[i].name);
	return names;
}

static int
command_parse(const char *word, enum ctl_command *command)
{
	char names[NAMES_SZ];

	for (unsigned int i = 0; i < CTL_COMMAND_CNT; i++) {
		if (strcmp(word, ctl_commands[i].name) == 0) {
			*command = (enum ctl_command)i;
			return GROOVE_SUCCESS;
		}
	}
	app_complain("%s: no such command: take %s", word, command_names(names));
	return GROOVE_ERR_INVAL;
}

/* The command, and the name of a region where it takes one. */
static int
words_parse(int argc, char **argv, void *values)
{
	struct ctl_options *options = values;
	const int name_cnt = argc - 1;
	char names[NAMES_SZ];
	int err;

	if (options->help || options->version)
		return GROOVE_SUCCESS;
	if (app_dir_check(options->driver, options->dir) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	if (argc == 0) {
		app_complain("no command: take %s, see --help", command_names(names));
		return GROOVE_ERR_INVAL;
	}
	err = command_parse(argv[0], &options->command);
	if (err != GROOVE_SUCCESS)
		return err;

	const enum ctl_takes takes = ctl_commands[options->command].takes;
	const int name_max = takes != CTL_TAKES_NOTHING;

	if (name_cnt > name_max) {
		app_complain("%s: one word too many, see --help", argv[1 + name_max]);
		return GROOVE_ERR_INVAL;
	}
	if (name_cnt == 0 && takes == CTL_TAKES_NAME) {
		app_complain("%s: needs the name of a groove: groove-ctl list shows them", argv[0]);
		return GROOVE_ERR_INVAL;
	}
	options->name = name_cnt > 0 ? argv[1] : NULL;
	return GROOVE_SUCCESS;
}

/* ---- JSON ---- */

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

/* ---- the whole ---- */

static struct ctl_options
defaults(bool json)
{
	return (struct ctl_options){
		.command = CTL_COMMAND_CNT,
		.json = json,
		.tag = {0, UINT64_MAX},
		.sz = {0, UINT64_MAX},
		.szc = {0, UINT64_MAX},
		.volume = CTL_VOLUME_NONE,
		.node = CTL_NODE_ANY,
	};
}

/* First by the options of all commands, which shows the command; then by those that it has. */
int
ctl_options_parse(int argc, char **argv, int first, struct ctl_options *options)
{
	const bool json = json_asked(argc - first, argv + first);
	struct table table;
	int err;

	*options = defaults(json);
	if (json && json_check(argc, argv) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	err = app_options_parse(ctl_option_table(), words_parse, argc - first, argv + first, options);
	if (err != GROOVE_SUCCESS || options->command == CTL_COMMAND_CNT)
		return err;
	table = table_of(options->command);
	*options = defaults(json);
	return app_options_parse(table.option, words_parse, argc - first, argv + first, options);
}
