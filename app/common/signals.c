/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <signal.h>

#include "signals.h"

/* A handler has no argument of ours. */
static void (*call_stop)(void *arg);
static void *call_arg;
static int caught; /* the first signal; 0: none */

static void
on_signal(int signum)
{
	void (*stop)(void *arg);

	int none = 0;

	/* Sequential, as in app_signals_call(): of the two, at least one sees what the other wrote. */
	__atomic_compare_exchange_n(&caught, &none, signum, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	stop = __atomic_load_n(&call_stop, __ATOMIC_SEQ_CST);
	if (stop != NULL)
		stop(call_arg);
}

static bool
is_ignored(int signum)
{
	struct sigaction action;

	return sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void
app_signals_catch(void)
{
	/* Once only, so that the next one has its usual effect. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};
	sigset_t set;

	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!is_ignored(SIGHUP)) {
		sigaddset(&set, SIGHUP);
		sigaction(SIGHUP, &action, NULL);
	}
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool
app_signals_caught(void)
{
	/* Relaxed: nothing is read that the handler wrote. */
	return __atomic_load_n(&caught, __ATOMIC_RELAXED) != 0;
}

int
app_signals_number(void)
{
	return __atomic_load_n(&caught, __ATOMIC_RELAXED);
}

void
app_signals_call(void (*stop)(void *arg), void *arg)
{
	call_arg = arg;
	/* Sequential: see on_signal(). */
	__atomic_store_n(&call_stop, stop, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&caught, __ATOMIC_SEQ_CST) != 0)
		stop(arg);
}
