/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

/** @file Ctrl-C, SIGTERM and SIGHUP end a run cleanly; the second of a kind ends the process. */

#include <stdbool.h>

/** From here on signals are noted, whatever mask the parent left; SIGHUP not if it is ignored, as by nohup. */
void app_signals_catch(void);

/** Whether there was one. For loops that look now and then. */
bool app_signals_caught(void);

/** The first one; 0: there was none. */
int app_signals_number(void);

/**
 * From here on a signal also calls a function, as does one that came before.
 *
 * @param stop
 *   Is called by the signal handler, or by this call; perhaps by both.
 * @param arg
 *   What it is called with. It must outlive the process's signals.
 */
void app_signals_call(void (*stop)(void *arg), void *arg);

#endif /* APP_SIGNALS_H */
