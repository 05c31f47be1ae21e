/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-perf [EAL arguments] -- [options] */

#include <stdbool.h>
#include <stdlib.h>

#include <groove_base.h>

#include "json_file.h"
#include "program.h"
#include "run.h"
#include "seat.h"
#include "signals.h"

static struct perf_options options;

/* A picture stays as it was when there is no figure at all. */
static int
run_to_end(struct perf_run *run)
{
	const int err = perf_run(run);

	app_json_keep(perf_json(run));
	if (run->options.plot_path == NULL || (run->interrupted && !perf_run_has_figure(run, NULL)))
		return err;
	return perf_plot_write(run) == GROOVE_SUCCESS ? err : GROOVE_ERR_FULL;
}

static int
compare(void)
{
	struct perf_run run = {.options = options};
	bool interrupted;
	int err;

	if (app_signals_caught())
		return app_program_interrupted();
	err = perf_plan(&run);
	if (err == GROOVE_SUCCESS)
		err = run_to_end(&run);
	interrupted = run.interrupted;
	perf_run_free(&run);
	if (err != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	return interrupted ? app_program_interrupted() : EXIT_SUCCESS;
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
run(void)
{
	if (options.serve != NULL)
		return perf_child_serve(perf_allocator_named(options.serve));
	return compare();
}

int
main(int argc, char **argv)
{
	static const struct app_program program = {
		.options = perf_option_table,
		.parse = parse,
		.help = &options.help,
		.version = &options.version,
		.allow_interrupt = &options.allow_interrupt,
		.usage = perf_usage,
		.json_path = &options.json_path,
		.check = check,
		.run = run,
	};

	return app_program_main(&program, argc, argv);
}
