/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove-stress [EAL arguments] -- [options] */

#include <errno.h>
#include <stdio.h>
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

static int
eal_complain(void)
{
	/* What EAL says when it was not told --no-huge and finds no hugepages. */
	if (rte_errno == EACCES)
		stress_complain("EAL does not start: no hugepages that it may use, reserve some or give it --no-huge "
				"-m 1280 (MiB, for one volume of 1 GiB)");
	else
		stress_complain("EAL does not start: %s, see --help for its arguments", rte_strerror(rte_errno));
	return GROOVE_ERR_INVAL;
}

/* EAL's own messages: to stderr, and only what somebody has to act upon. Its --log-level changes that. */
static int
eal_start(int argc, char **argv)
{
	rte_openlog_stream(stderr);
	rte_log_set_global_level(RTE_LOG_WARNING);
	rte_set_application_usage_hook(stress_usage);

	const int used = rte_eal_init(argc, argv);

	if (used < 0)
		return eal_complain();
	if (used < argc - 1) {
		stress_complain("%s: not an EAL argument, see --help", argv[used + 1]);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
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
