/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_GUARD_H
#define REGION_GUARD_H

/*
 * Holes stay holes. A range is mapped whole, and the kernel gives memory to each hole that it is made to look at: by
 * mlockall(), a core dump, a debugger, a stray read. The guard has it refuse that: an access of the program to a hole
 * is SIGBUS, one of the kernel an error, and in a core dump it is left out. A volume that any process grows has pages
 * in the file then, and a page that is in the file is mapped as ever.
 *
 * The kernel's part is userfaultfd(2), for files in memory; where it is not allowed (some containers), and for files on
 * disk, holes are left out of core dumps only.
 */

#include <stdint.h>

#include "fd_mark.h"

struct region_guard {
	void *base; /* NULL: guards nothing */
	uint64_t sz;
	int fd;		     /* -1: the kernel does not help */
	struct fd_mark mark; /* what it leads to */
	struct region_guard *next;
};

/* Guard a mapping of this process, and of each child of fork. The struct is linked: it stays where it is. */
void region_guard_begin(struct region_guard *guard, void *base, uint64_t sz);

/* End it, before the mapping is taken away. Also of one that guards nothing. */
void region_guard_end(struct region_guard *guard);

#endif /* REGION_GUARD_H */
