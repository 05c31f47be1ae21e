/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_CLOCK_H
#define STRESS_CLOCK_H

/** @file The time that only goes forward. */

#include <stdint.h>
#include <time.h>

#define STRESS_NS_PER_S 1000000000UL

static inline uint64_t
stress_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * STRESS_NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif /* STRESS_CLOCK_H */
