/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-stress [EAL arguments] -- [options] */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "run.h"
#include "signals.h"

/* Index of the "--" that ends EAL's arguments; argc when there is none. */
static int
eal_argc(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

/* EAL would answer with pages of its own usage. */
static int
eal_words_check(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (stress_option_is(argv[i])) {
			stress_complain("%s: stands among EAL's arguments, put it behind a \"--\"", argv[i]);
			return GROOVE_ERR_INVAL;
		}
	}
	return GROOVE_SUCCESS;
}

static void
eal_complain(void)
{
	/* What EAL says when it was not told --no-huge and finds no hugepages. */
	if (rte_errno == EACCES)
		stress_complain("EAL does not start: no hugepages that it may use, reserve some or give it --no-huge "
				"-m 1280 (MiB, for one volume of 1 GiB)");
	else
		stress_complain("EAL does not start: %s, see --help for its arguments", rte_strerror(rte_errno));
}

/* EAL's own messages go to stderr, and are errors only: it warns of page sizes that nobody asked for. */
static void
eal_hush(void)
{
	rte_openlog_stream(stderr);
	rte_log_set_global_level(RTE_LOG_WARNING);
	rte_log_set_level_pattern("lib.eal", RTE_LOG_ERR);
}

/*
 * Start EAL with the arguments given, and some before them: this program has no use for devices, and others may; nor is
 * there anything to ask it by telemetry.
 */
static int
eal_start(int argc, char **argv)
{
	static char no_pci[] = "--no-pci";
	static char no_telemetry[] = "--no-telemetry";
	const int last = argc + 1;
	char **eal_argv = calloc((size_t)last + 2, sizeof(*eal_argv));
	int used;

	if (eal_argv == NULL) {
		stress_complain("no memory for %d arguments", argc);
		return GROOVE_ERR_FULL;
	}
	eal_argv[0] = argv[0];
	eal_argv[1] = no_pci;
	eal_argv[2] = no_telemetry;
	memcpy(&eal_argv[3], &argv[1], (size_t)(argc - 1) * sizeof(*eal_argv));
	eal_hush();
	rte_set_application_usage_hook(stress_usage);
	used = rte_eal_init(last + 1, eal_argv);
	if (used < 0)
		eal_complain();
	else if (used < last)
		stress_complain("%s: not an EAL argument, see --help", eal_argv[used + 1]);
	free(eal_argv);
	return used == last ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}

static int
run(const struct stress_options *options, FILE *json)
{
	static struct stress_run the_run; /* static: signal handlers reach it until the process ends */
	int status;

	if (stress_run_open(&the_run, options) != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	stress_signals_catch(&the_run.stress);
	stress_show_start(&the_run);
	stress_run_loop(&the_run);
	stress_run_end(&the_run);
	stress_show_summary(&the_run);
	status = the_run.errors.status;
	if (json != NULL && stress_json_write(json, &the_run) != GROOVE_SUCCESS && status == STRESS_EXIT_PASS)
		status = STRESS_EXIT_CANNOT;
	stress_run_close(&the_run);
	rte_eal_cleanup();
	puts(status == STRESS_EXIT_PASS ? "pass" : "FAIL");
	return status;
}

int
main(int argc, char **argv)
{
	const int split = eal_argc(argc, argv);
	struct stress_options options;
	FILE *json = NULL;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (split < argc)
		status = stress_options_parse(argc - split, argv + split, &options);
	else
		status = stress_options_parse(1, argv, &options);
	if (status != GROOVE_SUCCESS || eal_words_check(split, argv) != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	if (options.help) {
		stress_usage(STRESS_PROGRAM);
		return STRESS_EXIT_PASS;
	}
	if (options.json_path != NULL && (json = stress_json_open(options.json_path)) == NULL)
		return STRESS_EXIT_CANNOT;
	if (eal_start(split, argv) != GROOVE_SUCCESS)
		return STRESS_EXIT_CANNOT;
	return run(&options, json);
}
