/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef RUNNER_H
#define RUNNER_H

/**
 * @file
 * Finds and runs registered tests, for the main files of the test programs.
 */

#include <stdbool.h>

/** What became of the tests run so far. */
struct runner_tally {
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped;
	unsigned int unknown; /**< Names that are no test. */
};

/** Name of the i-th test in alphabetic order; NULL beyond the last. */
const char *runner_name(unsigned int i);

/** Print all tests with their suites. */
void runner_list(void);

/** Run a test, print its verdict and count it. A name that is no test is reported with those near it. */
void runner_run(const char *name, struct runner_tally *tally);

/** Whether there is a test of that name. */
bool runner_has(const char *name);

#define RUNNER_GO_ON -1 /**< No exit status: there is more to do. */

/**
 * Look at the words of a command line before anything runs: names of tests, --list, or --help (-h).
 *
 * @return
 *   RUNNER_GO_ON when all are names of tests, else the exit status: an unknown name is reported with the list of all.
 */
int runner_words(int cnt, char *const *words, const char *usage);

/** Run the tests of a list of names separated by commas. */
void runner_run_list(const char *names, struct runner_tally *tally);

/**
 * Exit status: 1 when a test failed or a name was unknown, else 0; TEST_SKIPPED when all were skipped, after a line
 * "SKIP: " with the reason of the last one.
 */
int runner_status(const struct runner_tally *tally);

#endif /* RUNNER_H */
