/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_VERSION_H
#define APP_VERSION_H

/** @file Which groove a program was built from, and on which DPDK it runs. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_version.h>

#include "app_version.h"

/** DPDK's version, as 22.11.5. */
static inline const char *
app_version_dpdk(void)
{
	return rte_version() + strcspn(rte_version(), "0123456789");
}

/** Print what --version prints. */
static inline void
app_version_print(void)
{
	printf("%s %s (DPDK %s)\n", program_invocation_short_name, APP_VERSION, app_version_dpdk());
}

#endif /* APP_VERSION_H */
