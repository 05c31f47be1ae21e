/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-perf [EAL arguments] -- [options] */

#include <errno.h>
#include <stdio.h>

#include <groove_base.h>
#include <rte_eal.h>

#include "eal.h"
#include "json_file.h"
#include "run.h"
#include "seat.h"

#define EXIT_DONE   0
#define EXIT_CANNOT 1

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

static int
compare(const struct perf_options *options, FILE *json)
{
	struct perf_run run = {.options = *options};
	int err = perf_plan(&run);

	if (err == GROOVE_SUCCESS) {
		err = perf_run(&run);
		if (figures_write(&run, json) != GROOVE_SUCCESS)
			err = GROOVE_ERR_FULL;
	}
	perf_run_free(&run);
	return err == GROOVE_SUCCESS ? EXIT_DONE : EXIT_CANNOT;
}

static int
start(int argc, char **argv, const struct perf_options *options)
{
	FILE *json = NULL;
	int status;

	if (options->json_path != NULL && (json = app_json_open(options->json_path)) == NULL)
		return EXIT_CANNOT;
	if (options->plot_path != NULL && perf_plot_check(options->plot_path) != GROOVE_SUCCESS)
		return EXIT_CANNOT;
	if (app_eal_start(argc, argv, perf_long_options, perf_usage) != GROOVE_SUCCESS)
		return EXIT_CANNOT;
	if (options->serve != NULL)
		status = perf_child_serve(perf_allocator_named(options->serve));
	else
		status = compare(options, json);
	rte_eal_cleanup();
	return status;
}

int
main(int argc, char **argv)
{
	const int split = app_eal_argc(argc, argv);
	struct perf_options options;
	int err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (split < argc)
		err = perf_options_parse(argc - split, argv + split, &options);
	else
		err = perf_options_parse(1, argv, &options);
	if (err != GROOVE_SUCCESS)
		return EXIT_CANNOT;
	if (options.help) {
		perf_usage(program_invocation_short_name);
		return EXIT_DONE;
	}
	return start(split, argv, &options);
}
