/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What other libraries of a process do to it before main(), to be preloaded. GROOVE_TEST_PRELOAD says what:
 *
 *   profiler  a signal every 100 us of CPU time, as profilers have it
 *   lock      all memory is locked, now and in the future, as real-time programs have it
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#define PERIOD_US 100

/* Without SA_RESTART: a call of the system may end by it. */
static void
take_sample(int signum)
{
	(void)signum;
}

static int
profile(void)
{
	const struct sigaction action = {.sa_handler = take_sample};
	const struct itimerval timer = {{0, PERIOD_US}, {0, PERIOD_US}};

	return sigaction(SIGPROF, &action, NULL) == 0 ? setitimer(ITIMER_PROF, &timer, NULL) : -1;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *what = getenv("GROOVE_TEST_PRELOAD");
	int failed = -1;

	if (what != NULL && strcmp(what, "profiler") == 0)
		failed = profile();
	else if (what != NULL && strcmp(what, "lock") == 0)
		failed = mlockall(MCL_CURRENT | MCL_FUTURE);
	if (failed != 0) {
		perror("GROOVE_TEST_PRELOAD");
		_Exit(EXIT_FAILURE);
	}
}
