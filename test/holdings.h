/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HOLDINGS_H
#define HOLDINGS_H

/** @file What a process holds, to show that a call gave everything back, or took just what it should. */

#include <stdint.h>

/** Counts of the moment. */
struct holdings {
	unsigned int fd_cnt;	/**< Open descriptors. */
	unsigned int inherited; /**< Of these, those that a program which takes this process's place would have. */
	uint64_t mapped_sz;	/**< Bytes of shared mappings and of those that only hold address space. */
	uint64_t hugepage_kib;	/**< Mapped hugepages, of any maker. */
};

struct holdings holdings_now(void);

#endif /* HOLDINGS_H */
