/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-stress [EAL arguments] -- [options] */

#include <stdio.h>

#include "json_file.h"
#include "program.h"
#include "run.h"
#include "signals.h"

static struct stress_options options;
static struct stress_run the_run; /* signal handlers reach it until the process ends */

static int
run_to_end(void)
{
	stress_run_loop(&the_run);
	stress_run_end(&the_run);
	stress_show_summary(&the_run);
	app_json_keep(stress_json(&the_run));
	return the_run.errors.status;
}

/* ---- what the program is ---- */

static int
parse(int argc, char **argv)
{
	return stress_options_parse(argc, argv, &options);
}

static void
run_stop(void *stress)
{
	stress_stop(stress, STRESS_STOP_INTERRUPTED);
}

static int
run(void)
{
	int status;
	int err;

	if (app_signals_caught())
		return app_program_interrupted();
	err = stress_run_open(&the_run, &options);
	if (err == GROOVE_ERR_AGAIN && app_signals_caught())
		return app_program_interrupted();
	if (err != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	app_signals_call(run_stop, &the_run.stress);
	/* Others may have begun to count on this one. */
	if (stress_stopped(&the_run.stress) == STRESS_STOP_INTERRUPTED && !stress_run_is_shared(&the_run)) {
		stress_run_close(&the_run);
		return app_program_interrupted();
	}
	status = run_to_end();
	stress_run_close(&the_run);
	/* What a signal cut short is no pass. */
	if (status == STRESS_EXIT_PASS && the_run.interrupted)
		return app_program_interrupted();
	puts(status == STRESS_EXIT_PASS ? "pass" : "FAIL");
	return status;
}

int
main(int argc, char **argv)
{
	static const struct app_program program = {
		.options = stress_option_table,
		.parse = parse,
		.help = &options.help,
		.version = &options.version,
		.allow_interrupt = &options.allow_interrupt,
		.usage = stress_usage,
		.json_path = &options.json_path,
		.run = run,
	};

	return app_program_main(&program, argc, argv);
}
