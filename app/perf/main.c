/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-perf [EAL arguments] -- [options] */

#include <stdio.h>
#include <stdlib.h>

#include <groove_base.h>

#include "program.h"
#include "run.h"
#include "seat.h"
#include "signals.h"

static struct perf_options options;

static int
figures_write(const struct perf_run *run, FILE *json)
{
	int err = GROOVE_SUCCESS;

	if (json != NULL)
		err = perf_json_write(json, run);
	if (run->options.plot_path != NULL && perf_plot_write(run) != GROOVE_SUCCESS)
		err = GROOVE_ERR_FULL;
	return err;
}

/* Files stay as they were when there is no figure at all. */
static int
run_to_end(struct perf_run *run, FILE *json)
{
	int err = perf_run(run);

	if (run->interrupted && !perf_run_has_figure(run, NULL))
		return err;
	if (figures_write(run, json) != GROOVE_SUCCESS)
		err = GROOVE_ERR_FULL;
	return err;
}

static int
compare(FILE *json)
{
	struct perf_run run = {.options = options};
	int err;

	if (app_signals_caught())
		return app_program_interrupted();
	err = perf_plan(&run);
	if (err == GROOVE_SUCCESS)
		err = run_to_end(&run, json);
	perf_run_free(&run);
	return err == GROOVE_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- what the program is ---- */

static int
parse(int argc, char **argv)
{
	return perf_options_parse(argc, argv, &options);
}

static int
check(void)
{
	return options.plot_path != NULL ? perf_plot_check(options.plot_path) : GROOVE_SUCCESS;
}

static int
run(FILE *json)
{
	if (options.serve != NULL)
		return perf_child_serve(perf_allocator_named(options.serve));
	return compare(json);
}

int
main(int argc, char **argv)
{
	static const struct app_program program = {
		.long_options = perf_long_options,
		.parse = parse,
		.help = &options.help,
		.usage = perf_usage,
		.json_path = &options.json_path,
		.check = check,
		.run = run,
	};

	return app_program_main(&program, argc, argv);
}
