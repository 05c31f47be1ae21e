/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_GATE_H
#define STRESS_GATE_H

/**
 * @file
 * One process at a time comes to or goes from a named groove, so that one of two makes it, and one is the last. The
 * process that is inside holds an abstract socket address, which the kernel takes back when that one dies, and which
 * leaves no file. Processes in different network namespaces do not see each other's.
 */

#include <stdbool.h>

/**
 * Go in, when nobody else is there. Says so when that takes a while.
 *
 * @param stop
 *   Asked while it waits: true gives up.
 * @return
 *   A descriptor, to be given to stress_gate_out(); GROOVE_ERR_AGAIN: given up; GROOVE_ERR_INVAL, printed.
 */
int stress_gate_in(const char *driver, const char *name, bool (*stop)(void));

/** Go out. A negative descriptor is fine. */
void stress_gate_out(int gate);

#endif /* STRESS_GATE_H */
