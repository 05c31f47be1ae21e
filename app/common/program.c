/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <stdlib.h>

#include <groove_base.h>
#include <rte_eal.h>

#include "eal.h"
#include "json_file.h"
#include "program.h"
#include "signals.h"
#include "streams.h"

/* With the options behind the "--" at argv[split]; without one there are none. */
static int
options_parse(const struct app_program *program, int split, int argc, char **argv)
{
	return split < argc ? program->parse(argc - split, argv + split) : program->parse(1, argv);
}

static int
run(const struct app_program *program, int eal_argc, char **argv)
{
	FILE *json = NULL;
	int status;

	if (*program->json_path != NULL && (json = app_json_open(*program->json_path)) == NULL)
		return EXIT_FAILURE;
	if ((program->check != NULL && program->check() != GROOVE_SUCCESS) ||
		app_eal_start(eal_argc, argv, program->long_options, program->usage) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	status = program->run(json);
	rte_eal_cleanup();
	return status;
}

int
app_program_main(const struct app_program *program, int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);

	app_streams_open();
	app_signals_catch();
	if (options_parse(program, split, argc, argv) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	if (*program->help) {
		program->usage(program_invocation_short_name);
		return app_streams_close(EXIT_SUCCESS);
	}
	return app_streams_close(run(program, split, argv));
}

int
app_program_interrupted(void)
{
	puts("interrupted before the run");
	return EXIT_SUCCESS;
}
