/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_log.h"

RTE_LOG_REGISTER(region_logtype, lib.groove.region, NOTICE)
