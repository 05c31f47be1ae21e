/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-ctl [EAL arguments --] COMMAND [NAME] [options] */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include "complain.h"
#include "ctl.h"
#include "eal.h"
#include "streams.h"

static const ctl_command_fn commands[CTL_COMMAND_CNT] = {
	[CTL_LIST] = ctl_list,
	[CTL_INFO] = ctl_info,
	[CTL_STATS] = ctl_stats,
	[CTL_WALK] = ctl_walk,
	[CTL_MAP] = ctl_map,
	[CTL_EXPORT] = ctl_export,
	[CTL_VERIFY] = ctl_verify,
	[CTL_RECOVER] = ctl_recover,
	[CTL_REBUILD] = ctl_rebuild,
	[CTL_CREATE] = ctl_create,
	[CTL_GROW] = ctl_grow,
	[CTL_SHRINK] = ctl_shrink,
	[CTL_DRAIN] = ctl_drain,
	[CTL_DESTROY] = ctl_destroy,
};

/* EAL as a secondary process, unless the arguments say otherwise: the primary has the memory. */
static int
eal_start(int argc, char **argv)
{
	static char secondary[] = "--proc-type=secondary";
	char **eal_argv = calloc((size_t)argc + 2, sizeof(*eal_argv));
	int err;

	if (eal_argv == NULL) {
		app_complain("no memory for %d arguments", argc);
		return GROOVE_ERR_FULL;
	}
	eal_argv[0] = argv[0];
	eal_argv[1] = secondary;
	memcpy(&eal_argv[2], &argv[1], (size_t)(argc - 1) * sizeof(*eal_argv));
	err = app_eal_start(argc + 1, eal_argv, ctl_option_table(), ctl_usage);
	free(eal_argv);
	return err;
}

/* Without EAL the regions of memzone are not to be seen. */
static int
check_driver(const struct ctl_options *options)
{
	char line[CTL_LINE_SZ];

	if (options->driver == NULL || strcmp(options->driver, "memzone") != 0)
		return GROOVE_SUCCESS;
	app_complain("driver memzone needs EAL, as a secondary of the program that has the groove: "
		     "groove-ctl --file-prefix PREFIX -- %s",
		ctl_line(options, options->command, line) + strlen("groove-ctl "));
	return GROOVE_ERR_INVAL;
}

static enum ctl_exit
run(const struct ctl_options *options, bool has_eal, int eal_argc, char **argv)
{
	enum ctl_exit status;
	int err = has_eal ? eal_start(eal_argc, argv) : check_driver(options);

	ctl_log_open();
	if (err != GROOVE_SUCCESS)
		return CTL_EXIT_ERROR;
	status = commands[options->command](options);
	if (has_eal)
		rte_eal_cleanup();
	return status;
}

int
main(int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);
	const bool has_eal = split < argc;
	const int first = has_eal ? split : 0;
	enum ctl_exit status = CTL_EXIT_ERROR;
	struct ctl_options options;
	char eal[CTL_LINE_SZ / 2];

	app_streams_open();
	if (argc == 2 && strcmp(argv[1], APP_OPTIONS_LIST) == 0) {
		app_options_print(ctl_option_table());
		return app_streams_close(CTL_EXIT_OK);
	}
	if (ctl_options_parse(argc, argv, first, &options) != GROOVE_SUCCESS) {
		ctl_json_close(&options, status);
		return app_streams_close((int)status);
	}
	if (has_eal)
		options.eal = app_eal_words(split, argv, eal, sizeof(eal));
	if (options.help)
		ctl_usage(program_invocation_short_name);
	else if (options.version)
		puts("groove-ctl " CTL_VERSION);
	if (options.help || options.version)
		return app_streams_close(CTL_EXIT_OK);
	status = run(&options, has_eal, split, argv);
	ctl_json_close(&options, status);
	return app_streams_close((int)status);
}
