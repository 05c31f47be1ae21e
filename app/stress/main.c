/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-stress [EAL arguments] -- [options] */

#include <errno.h>
#include <stdio.h>

#include <rte_eal.h>

#include "eal.h"
#include "json_file.h"
#include "run.h"
#include "signals.h"
#include "streams.h"

static int
interrupted_early(void)
{
	puts("interrupted before the run");
	return STRESS_EXIT_PASS;
}

static int
run_to_end(struct stress_run *run, FILE *json)
{
	int status;

	stress_show_place(run);
	stress_run_loop(run);
	stress_run_end(run);
	stress_show_summary(run);
	status = run->errors.status;
	if (json != NULL && stress_json_write(json, run) != GROOVE_SUCCESS && status == STRESS_EXIT_PASS)
		status = STRESS_EXIT_CANNOT;
	return status;
}

static int
run(const struct stress_options *options, FILE *json)
{
	static struct stress_run the_run; /* static: signal handlers reach it until the process ends */
	int status;

	if (stress_signals_caught())
		return interrupted_early();
	if (stress_run_open(&the_run, options) != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	stress_signals_stop(&the_run.stress);
	if (stress_stopped(&the_run.stress) == STRESS_STOP_INTERRUPTED) {
		stress_run_close(&the_run);
		return interrupted_early();
	}
	status = run_to_end(&the_run, json);
	stress_run_close(&the_run);
	puts(status == STRESS_EXIT_PASS ? "pass" : "FAIL");
	return status;
}

/* With the options behind the "--" at argv[split]. */
static int
start(int split, char **argv, const struct stress_options *options)
{
	FILE *json = NULL;
	int status;

	if (options->json_path != NULL && (json = app_json_open(options->json_path)) == NULL)
		return STRESS_EXIT_CANNOT;
	if (app_eal_start(split, argv, stress_long_options, stress_usage) != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	status = run(options, json);
	rte_eal_cleanup();
	return status;
}

int
main(int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);
	struct stress_options options;
	int err;

	stress_streams_open();
	stress_signals_catch();
	if (split < argc)
		err = stress_options_parse(argc - split, argv + split, &options);
	else
		err = stress_options_parse(1, argv, &options);
	if (err != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	if (options.help) {
		stress_usage(program_invocation_short_name);
		return stress_streams_close(STRESS_EXIT_PASS);
	}
	return stress_streams_close(start(split, argv, &options));
}
