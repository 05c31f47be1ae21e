/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_H
#define GROOVE_H

/**
 * @file
 * groove: lock-free allocation of variable-size, tagged objects in shared hugepage memory.
 */

#include <groove_base.h>
#include <groove_data.h>
#include <groove_szc.h>
#include <groove_volume.h>

#endif /* GROOVE_H */
