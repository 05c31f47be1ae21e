/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_TILES_H
#define STRESS_TILES_H

/** @file In the place of lib/tile: threads. */

#include <groove_tile.h>

#define TILES_LCORE    3 /**< Of tile 0; the others follow. */
#define TILES_CPU      7 /**< Likewise. */
#define TILES_UNPINNED 1 /**< This one is said not to be pinned. */

/** How many there are. */
extern unsigned int tiles_cnt;

#endif /* STRESS_TILES_H */
