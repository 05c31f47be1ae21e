/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_SIGNALS_H
#define STRESS_SIGNALS_H

/** @file Ctrl-C and SIGTERM end a run in order; the second of a kind ends the process. */

#include "stress_loop.h"

/** From here on a signal stops this run. It must outlive the process's signals. */
void stress_signals_catch(struct stress *stress);

#endif /* STRESS_SIGNALS_H */
