/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "sparse.h"

RTE_LOG_REGISTER(sparse_logtype, volume.file, NOTICE)
