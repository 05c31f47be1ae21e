/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CGROUP_H
#define CGROUP_H

/*
 * What the control groups of this process still allow. Where a limit is reached the kernel does not fail a system call:
 * it kills a process. So a process that is about to take memory asks first.
 */

#include <stdint.h>

#define CGROUP_PATH_SZ 512

/* The file that has a limit. */
struct cgroup_limit {
	char path[3 * CGROUP_PATH_SZ]; /* "": there is none */
};

/*
 * Bytes of memory, with what can be taken back or swapped out, up to the nearest limit of a group of this process or
 * one around it; UINT64_MAX when there is none. swap_free: bytes of swap that the machine has left.
 */
uint64_t cgroup_memory(uint64_t swap_free, struct cgroup_limit *limit);

/* The same of hugepages of a size. */
uint64_t cgroup_hugepages(uint64_t page_sz, struct cgroup_limit *limit);

#endif /* CGROUP_H */
