/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_EAL_PRIMARY_H
#define APP_EAL_PRIMARY_H

/** @file The primary process that a secondary of DPDK works with, looked at before EAL waits for it. */

#include <stdbool.h>

/**
 * Whether EAL may be started: a secondary process waits in rte_eal_init() until its primary has started, without end if
 * the primary failed or died before that.
 *
 * @param argc
 *   Words of argv: the program's name and EAL's arguments.
 * @param is_orphan
 *   Set: this process becomes a secondary, and its primary has died. The memory is still there.
 * @return
 *   GROOVE_SUCCESS, also where EAL itself finds and says what is wrong; GROOVE_ERR_INVAL: one line on stderr says why.
 */
int app_eal_primary_check(int argc, char **argv, bool *is_orphan);

#endif /* APP_EAL_PRIMARY_H */
