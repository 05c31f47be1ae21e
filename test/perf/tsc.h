/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef TSC_H
#define TSC_H

/** @file In the place of app/common/tsc.h: four ticks of it are a nanosecond of the stub's clock. */

#include <stdint.h>

uint64_t stub_tsc(void);

static inline uint64_t
tsc_read(void)
{
	return stub_tsc();
}

static inline double
tsc_tick_ns(void)
{
	return 0.25;
}

#endif /* TSC_H */
