/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "heap_log.h"

RTE_LOG_REGISTER(heap_logtype, lib.groove.heap, NOTICE)
