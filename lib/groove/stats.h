/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_STATS_H
#define GROOVE_STATS_H

#include "join.h"

/* The counters of a class, summed over all joins there are and were. */
struct record_count stats_sum(const groove_data_t *data, uint64_t szc);

#endif /* GROOVE_STATS_H */
