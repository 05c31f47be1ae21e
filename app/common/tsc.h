/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef TSC_H
#define TSC_H

/** @file A clock around a single call: what was before it has ended, and nothing after it has begun. */

#include <rte_cycles.h>

static inline uint64_t
tsc_read(void)
{
#ifdef RTE_ARCH_X86
	unsigned int aux;
	const uint64_t tsc = __builtin_ia32_rdtscp(&aux);

	/* rdtscp waits for what is before it; the fence holds back what is after it */
	__builtin_ia32_lfence();
	return tsc;
#else
	return rte_rdtsc_precise();
#endif
}

/** Nanoseconds of a tick. */
static inline double
tsc_tick_ns(void)
{
	return 1e9 / (double)rte_get_tsc_hz();
}

#endif /* TSC_H */
