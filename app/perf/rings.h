/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef RINGS_H
#define RINGS_H

/** @file SPSC rings between workers, one per worker, in memory that no allocator under test has a hand in. */

#include <rte_ring.h>

#include "perf.h"

/** Make a ring for each worker, what set_up has to do. */
bool rings_set_up(struct perf_scene *scene);
void rings_tear_down(struct perf_scene *scene);

/** Ring of a worker. */
struct rte_ring *rings_of(const struct perf_scene *scene, unsigned int idx);

#endif /* RINGS_H */
