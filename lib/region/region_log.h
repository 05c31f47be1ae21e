/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_LOG_H
#define REGION_LOG_H

/* Log lines of lib/region. */

#include <rte_log.h>

extern int region_logtype;

#define REGION_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, region_logtype, "region: " fmt "\n", ##__VA_ARGS__)

#endif /* REGION_LOG_H */
