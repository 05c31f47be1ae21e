/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_EAL_H
#define APP_EAL_H

/** @file The start of DPDK's EAL: program [EAL arguments] -- [options]. */

#include <stddef.h>

#include "option.h"

/** Index of the "--" that ends EAL's arguments; argc when there is none. */
int app_eal_argc(int argc, char **argv);

/** EAL's arguments, each after a space, into buf. Returns buf. */
const char *app_eal_words(int argc, char **argv, char *buf, size_t buf_sz);

/**
 * Start EAL. Devices and telemetry are off. What it prints meanwhile is kept back, unless it was asked to print.
 *
 * @param argc
 *   Words of argv: the program's name and EAL's arguments, without the "--" after them.
 * @param table
 *   The program's own, which may not stand among EAL's.
 * @param usage
 *   Prints the program's own usage, when EAL was asked for help.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL or GROOVE_ERR_FULL: one line on stderr says why.
 */
int app_eal_start(int argc, char **argv, const struct app_option *table, void (*usage)(const char *program));

#endif /* APP_EAL_H */
