/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "wrap.h"

#define LEFT	 "19" /* columns of what is explained */
#define LINE_MAX 512

static const char ending[] = "\n"
			     "RANGE is N, N..M, N.. or ..M. SZ takes K, M and G.\n"
			     "list and info read a copy. stats, walk, map, export and verify map the groove\n"
			     "for reading alone, join nothing and change nothing. All others change it.\n"
			     "Driver memzone needs EAL. It is started as a secondary process of the program\n"
			     "that has the groove, with the --file-prefix of that:\n"
			     "  groove-ctl --file-prefix PREFIX -- list --driver memzone\n"
			     "Exit status: 0 done, and all is well; 1 an error, or no such groove; 2 the\n"
			     "groove is torn or damaged; 3 not now: other processes have it.\n";

static void
print_line(const char *left, const char *right)
{
	char line[LINE_MAX];

	snprintf(line, sizeof(line), "  %-" LEFT "s  %s\n", left, right);
	app_wrap(stdout, line, APP_WRAP_WIDTH);
}

static const char *
short_of(const char *name)
{
	if (strcmp(name, "output") == 0)
		return "-o, ";
	return strcmp(name, "help") == 0 ? "-h, " : "";
}

static void
print_options(const struct ctl_option *rows)
{
	char left[64];

	for (; rows->option.name != NULL; rows++) {
		snprintf(left, sizeof(left), "%s--%s%s%s", short_of(rows->option.name), rows->option.name,
			rows->value != NULL ? " " : "", rows->value != NULL ? rows->value : "");
		print_line(left, rows->help);
	}
}

void
ctl_usage(const char *program)
{
	static const char *const names[] = {
		[CTL_TAKES_NOTHING] = "", [CTL_TAKES_NAME] = " NAME", [CTL_MAY_TAKE_NAME] = " [NAME]"};
	char left[64];

	printf("%s [EAL arguments --] COMMAND [NAME] [options]\n"
	       "\n"
	       "Looks after grooves that have a name, running ones and what is left of others.\n"
	       "\n"
	       "Commands\n",
		program);
	for (unsigned int i = 0; i < CTL_COMMAND_CNT; i++) {
		snprintf(left, sizeof(left), "%s%s", ctl_commands[i].name, names[ctl_commands[i].takes]);
		print_line(left, ctl_commands[i].help);
	}
	puts("Options");
	print_options(ctl_options_common);
	for (unsigned int i = 0; i < CTL_COMMAND_CNT; i++) {
		if (ctl_commands[i].options == NULL)
			continue;
		printf("Options of %s\n", ctl_commands[i].name);
		print_options(ctl_commands[i].options);
	}
	fputs(ending, stdout);
}
