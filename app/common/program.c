/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>
#include <rte_eal.h>

#include "eal.h"
#include "json_file.h"
#include "program.h"
#include "signals.h"
#include "streams.h"
#include "version.h"

/* With the options after the "--" at argv[split]; without one there are none. */
static int
options_parse(const struct app_program *program, int split, int argc, char **argv)
{
	return split < argc ? program->parse(argc - split, argv + split) : program->parse(1, argv);
}

static bool interrupted;

int
app_program_interrupted(void)
{
	interrupted = true;
	return EXIT_SUCCESS;
}

/* The path of --json in a command line that could not be read up to there. NULL: none. */
static const char *
json_path_find(int argc, char **argv)
{
	static const char name[] = "--json";
	const size_t len = sizeof(name) - 1;
	const char *path = NULL;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], name, len) != 0)
			continue;
		if (argv[i][len] == '=')
			path = argv[i] + len + 1;
		else if (argv[i][len] == '\0' && i + 1 < argc)
			path = argv[++i];
	}
	return path != NULL && path[0] != '\0' ? path : NULL;
}

/* A command line that cannot be read is a run that could not be made, too. */
static int
refuse(int split, int argc, char **argv)
{
	if (split < argc && app_json_open(json_path_find(argc - split, argv + split), argc, argv, true) == 0)
		app_json_close("not run", EXIT_FAILURE);
	return EXIT_FAILURE;
}

/* What the exit status says in a word. */
static const char *
result_word(int status)
{
	if (interrupted && (status == EXIT_SUCCESS || status > 128))
		return "interrupted";
	if (status == EXIT_SUCCESS)
		return "pass";
	return app_json_has() ? "FAIL" : "not run";
}

/* Write all that is to be written. Returns the exit status. */
static int
finish(const struct app_program *program, int status)
{
	if (interrupted && status == EXIT_SUCCESS) {
		puts("interrupted");
		if (!*program->allow_interrupt)
			status = 128 + app_signals_number();
	}
	status = app_streams_close(status);
	if (app_json_close(result_word(status), status) != GROOVE_SUCCESS && status == EXIT_SUCCESS)
		status = EXIT_FAILURE;
	return status;
}

static int
run(const struct app_program *program, int split, int argc, char **argv)
{
	int status;

	if (app_json_open(*program->json_path, argc, argv, false) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	if ((program->check != NULL && program->check() != GROOVE_SUCCESS) ||
		app_eal_start(split, argv, program->options, program->usage) != GROOVE_SUCCESS)
		return finish(program, EXIT_FAILURE);
	status = program->run();
	rte_eal_cleanup();
	return finish(program, status);
}

int
app_program_main(const struct app_program *program, int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);

	app_streams_open();
	app_signals_catch();
	if (split == argc && argc == 2 && strcmp(argv[1], "--version") == 0) {
		app_version_print();
		return app_streams_close(EXIT_SUCCESS);
	}
	if (argc == 2 && strcmp(argv[1], APP_OPTIONS_LIST) == 0) {
		app_options_print(program->options);
		return app_streams_close(EXIT_SUCCESS);
	}
	if (options_parse(program, split, argc, argv) != GROOVE_SUCCESS)
		return refuse(split, argc, argv);
	if (*program->help)
		program->usage(program_invocation_short_name);
	else if (*program->version)
		app_version_print();
	else
		return run(program, split, argc, argv);
	return app_streams_close(EXIT_SUCCESS);
}
