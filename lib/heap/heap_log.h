/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_LOG_H
#define HEAP_LOG_H

/* Log lines of lib/heap. */

#include <rte_log.h>

extern int heap_logtype;

#define HEAP_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, heap_logtype, "heap: " fmt "\n", ##__VA_ARGS__)

/* For what a caller may run into at any rate: at most 10 lines a second in a process, the core's among them. */
#define HEAP_LOG_LIMITED(level, ...)                                                                                   \
	do {                                                                                                           \
		if (groove_log_admit())                                                                                \
			HEAP_LOG(level, __VA_ARGS__);                                                                  \
	} while (0)

#endif /* HEAP_LOG_H */
