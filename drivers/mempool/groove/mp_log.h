/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_LOG_H
#define MP_LOG_H

/* Log lines of the mempool driver. */

#include <stdbool.h>

#include <rte_log.h>

extern int mp_logtype;

/* Whether one more line may be logged, of what a caller may run into at any rate: 10 a second in a process. */
bool mp_log_admit(void);

#define MP_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, mp_logtype, "mempool/groove: " fmt "\n", ##__VA_ARGS__)

#define MP_LOG_LIMITED(level, ...)                                                                                     \
	do {                                                                                                           \
		if (mp_log_admit())                                                                                    \
			MP_LOG(level, __VA_ARGS__);                                                                    \
	} while (0)

#endif /* MP_LOG_H */
