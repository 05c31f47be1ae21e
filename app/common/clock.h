/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_CLOCK_H
#define APP_CLOCK_H

/** @file The time that only goes forward. */

#include <stdint.h>
#include <time.h>

#define APP_NS_PER_S 1000000000UL

static inline uint64_t
app_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * APP_NS_PER_S + (uint64_t)now.tv_nsec;
}

/** The time that the calling thread was on a CPU. */
static inline uint64_t
app_clock_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * APP_NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif /* APP_CLOCK_H */
