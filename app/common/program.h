/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_PROGRAM_H
#define APP_PROGRAM_H

/** @file What main() does in every program: streams, signals, options, EAL, the run, and the exit status. */

#include <stdbool.h>

#include "option.h"

struct app_program {
	/** Its options. */
	const struct app_option *options;
	/** Read the options. GROOVE_SUCCESS, or an error, printed. */
	int (*parse)(int argc, char **argv);
	/** Set by parse: the usage, or the version, is all that is asked for. */
	const bool *help;
	const bool *version;
	/** Set by parse: a signal that ends the run is no failure. */
	const bool *allow_interrupt;
	void (*usage)(const char *program);
	/** Set by parse: where --json goes; NULL: it was not asked for. */
	const char *const *json_path;
	/** Before EAL starts: look at what else the run needs. GROOVE_SUCCESS, or an error, printed. NULL: nothing. */
	int (*check)(void);
	/** The run, with EAL. It gives what it found to app_json_keep(). Returns the exit status. */
	int (*run)(void);
};

/**
 * Run a program: program [EAL arguments] -- [options].
 *
 * @return
 *   The exit status: that of the run; 1 when it could not be made, or its output could not be written; 128 and the
 *   number of a signal that ended it.
 */
int app_program_main(const struct app_program *program, int argc, char **argv);

/**
 * Say that a signal ended the run, or came before it. The last line will be "interrupted", and the exit status 128 and
 * the number of the signal, or 0 if the program was allowed to.
 *
 * @return
 *   EXIT_SUCCESS: what the run returns when nothing else is wrong.
 */
int app_program_interrupted(void);

#endif /* APP_PROGRAM_H */
