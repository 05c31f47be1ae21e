/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SIZES_H
#define SIZES_H

/** @file Distributions of sizes, for fill. */

#include "perf.h"

/** Name, as in results. */
const char *perf_sizes_name(enum perf_sizes sizes);

/** What it is, for people. */
const char *perf_sizes_what(enum perf_sizes sizes);

/** Largest size, bytes. */
uint64_t perf_sizes_max(enum perf_sizes sizes);

/** A size, at least 1: rte_malloc makes none of 0 bytes. */
uint64_t perf_sizes_draw(enum perf_sizes sizes, struct stress_rng *rng);

#endif /* SIZES_H */
