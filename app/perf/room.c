/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <sys/mman.h>

#include "perf.h"

void *
perf_room(uint64_t sz)
{
	/* NORESERVE: what a workload needs at most is far more than it uses */
	void *mem = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return mem != MAP_FAILED ? mem : NULL;
}

void
perf_room_back(void *mem, uint64_t sz)
{
	if (mem != NULL)
		munmap(mem, sz);
}
