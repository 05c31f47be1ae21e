/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_EAL_H
#define STRESS_EAL_H

/** @file The start of DPDK's EAL. */

/**
 * Start EAL. What it prints meanwhile is kept back, unless it was asked to print.
 *
 * @param argc
 *   Words of argv: the program's name and EAL's arguments, without the "--" behind them.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL or GROOVE_ERR_FULL: one line on stderr says why.
 */
int stress_eal_start(int argc, char **argv);

#endif /* STRESS_EAL_H */
