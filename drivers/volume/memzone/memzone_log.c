/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "memzone_log.h"

RTE_LOG_REGISTER(memzone_logtype, volume.memzone, NOTICE)
