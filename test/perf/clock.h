/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_CLOCK_H
#define APP_CLOCK_H

/** @file In the place of app/common/clock.h: a clock for each lcore, that only calls of the stub allocators move. */

#include <stdint.h>

#define APP_NS_PER_S 1000000000UL

uint64_t stub_clock_ns(void);
uint64_t stub_clock_cpu_ns(void);

static inline uint64_t
app_clock_ns(void)
{
	return stub_clock_ns();
}

static inline uint64_t
app_clock_cpu_ns(void)
{
	return stub_clock_cpu_ns();
}

#endif /* APP_CLOCK_H */
