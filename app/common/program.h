/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_PROGRAM_H
#define APP_PROGRAM_H

/** @file What main() does in every program: streams, signals, options, EAL, the run, and the exit status. */

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

struct app_program {
	/** What getopt_long() takes. */
	const struct option *long_options;
	/** Read the options. GROOVE_SUCCESS, or an error, printed. */
	int (*parse)(int argc, char **argv);
	/** Set by parse: the usage is all that is asked for. */
	const bool *help;
	void (*usage)(const char *program);
	/** Set by parse: where --json goes; NULL: it was not asked for. */
	const char *const *json_path;
	/** Before EAL starts: look at what else the run needs. GROOVE_SUCCESS, or an error, printed. NULL: nothing. */
	int (*check)(void);
	/** The run, with EAL, and the file of --json or NULL. Answers the exit status. */
	int (*run)(FILE *json);
};

/**
 * Run a program: program [EAL arguments] -- [options].
 *
 * @return
 *   The exit status: that of the run; 1 when it could not be made, or its output could not be written.
 */
int app_program_main(const struct app_program *program, int argc, char **argv);

/** Print that a signal came before the run. Answers the exit status. */
int app_program_interrupted(void);

#endif /* APP_PROGRAM_H */
