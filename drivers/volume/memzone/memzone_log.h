/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MEMZONE_LOG_H
#define MEMZONE_LOG_H

/* Log lines of the memzone driver. */

#include <rte_log.h>

extern int memzone_logtype;

#define MEMZONE_LOG(level, fmt, ...)                                                                                   \
	rte_log(RTE_LOG_##level, memzone_logtype, "volume/memzone: " fmt "\n", ##__VA_ARGS__)

#endif /* MEMZONE_LOG_H */
