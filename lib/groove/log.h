/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_LOG_H
#define GROOVE_LOG_H

/* Messages of the core, log type lib.groove. */

#include <stdbool.h>
#include <stdint.h>

#include <rte_log.h>

extern int groove_logtype;

#define GROOVE_LOG(level, ...) rte_log(RTE_LOG_##level, groove_logtype, "groove: " __VA_ARGS__)

/* For messages that a bad caller can cause at any rate: at most 10 a second in a process, the rest is dropped. */
#define GROOVE_LOG_LIMITED(level, ...)                                                                                 \
	do {                                                                                                           \
		if (groove_log_admit())                                                                                \
			GROOVE_LOG(level, __VA_ARGS__);                                                                \
	} while (0)

/* Limited messages a second. Tests that read each of them raise it. */
extern uint32_t groove_log_per_second;

/* Whether a limited message may be logged now. */
bool groove_log_admit(void);

#endif /* GROOVE_LOG_H */
