/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_PREFETCH_H
#define GROOVE_PREFETCH_H

/*
 * Get a cache line that is about to be written. Said to the processor in its own words: compilers make a prefetch for
 * reading of it, for the oldest x86-64, and a line that another lcore has written then comes twice.
 */
static inline void
prefetch_write(const void *addr)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const uint8_t *)addr));
#else
	__builtin_prefetch(addr, 1);
#endif
}

#endif /* GROOVE_PREFETCH_H */
