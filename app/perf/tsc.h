/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef TSC_H
#define TSC_H

/** @file A clock around a single call: what was before it has ended, and nothing behind it has begun. */

#include <rte_cycles.h>

static inline uint64_t
tsc_read(void)
{
#ifdef RTE_ARCH_X86
	unsigned int aux;
	const uint64_t tsc = __builtin_ia32_rdtscp(&aux);

	/* rdtscp waits for what is before it; the fence holds back what is behind it */
	__builtin_ia32_lfence();
	return tsc;
#else
	return rte_rdtsc_precise();
#endif
}

#endif /* TSC_H */
