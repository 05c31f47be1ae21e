/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_SIGNALS_H
#define STRESS_SIGNALS_H

/** @file Ctrl-C, SIGTERM and SIGHUP end a run in order; the second of a kind ends the process. */

#include <stdbool.h>

#include "stress_loop.h"

/** From here on signals are noted, whatever mask the parent left; SIGHUP not if it is ignored, as by nohup. */
void stress_signals_catch(void);

/** Whether there was one. */
bool stress_signals_caught(void);

/** From here on a signal stops this run, also one that came before. It must outlive the process's signals. */
void stress_signals_stop(struct stress *stress);

#endif /* STRESS_SIGNALS_H */
