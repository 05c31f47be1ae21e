/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_LOG_H
#define REGION_LOG_H

/* Log lines of lib/region. */

#include <rte_log.h>

extern int region_logtype;

#define REGION_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, region_logtype, "region: " fmt "\n", ##__VA_ARGS__)

/* For what a caller may run into at any rate: at most 10 lines a second in a process, the core's among them. */
#define REGION_LOG_LIMITED(level, ...)                                                                                 \
	do {                                                                                                           \
		if (groove_log_admit())                                                                                \
			REGION_LOG(level, __VA_ARGS__);                                                                \
	} while (0)

#endif /* REGION_LOG_H */
