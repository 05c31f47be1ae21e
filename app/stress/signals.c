/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <signal.h>

#include "signals.h"

/* A handler has no argument of ours. Set before the handlers are. */
static struct stress *signalled_run;

static void
on_signal(int signum)
{
	(void)signum;
	stress_stop(signalled_run, STRESS_STOP_INTERRUPTED);
}

void
stress_signals_catch(struct stress *stress)
{
	/* Once only, so that the next one has its usual effect. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};

	signalled_run = stress;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}
