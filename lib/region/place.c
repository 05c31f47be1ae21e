/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Where memory lies and CPUs are: NUMA nodes and physical addresses, asked of the kernel. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>

#include "region_log.h"
#include "region_private.h"

/* A word of /proc/self/pagemap, as the kernel's Documentation/admin-guide/mm/pagemap.rst has it. */
#define PAGEMAP_PRESENT	   (1UL << 63)
#define PAGEMAP_FRAME_MASK ((1UL << 55) - 1)

int
groove_region_addr_node(const void *addr)
{
	void *page = (void *)((uintptr_t)addr & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1));
	int node = GROOVE_ERR_KEY;

	/* Without target nodes it moves nothing, it asks; unlike get_mempolicy() it does not touch the page. */
	if (move_pages(0, 1, &page, NULL, &node, 0) != 0 || node < 0)
		return GROOVE_ERR_KEY;
	return node;
}

#define BATCH 512

int
region_stray_node(const void *addr, uint64_t sz, uint64_t page_sz, int node)
{
	void *pages[BATCH];
	int nodes[BATCH];

	for (uint64_t off = 0; off < sz;) {
		unsigned long cnt = 0;

		for (; cnt < BATCH && off < sz; off += page_sz)
			pages[cnt++] = (void *)((uintptr_t)addr + off);
		if (move_pages(0, cnt, pages, NULL, nodes, 0) != 0)
			return GROOVE_ERR_KEY;
		for (unsigned long i = 0; i < cnt; i++) {
			if (nodes[i] >= 0 && nodes[i] != node)
				return nodes[i];
		}
	}
	return GROOVE_ERR_KEY;
}

/* The numbers of CPUs may have gaps, so that their count says nothing about one of them. */
static bool
cpu_exists(int cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", cpu);
	return access(path, F_OK) == 0;
}

int
groove_region_cpu_node(int cpu)
{
	int node = -1;

	if (cpu_exists(cpu))
		node = numa_available() < 0 ? 0 : numa_node_of_cpu(cpu);
	if (node < 0) {
		REGION_LOG(ERR, "no CPU %d: name one of /sys/devices/system/cpu/online", cpu);
		return GROOVE_ERR_KEY;
	}
	return node;
}

int
groove_region_addr_phys(const void *addr, uint64_t *phys)
{
	const uint64_t page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	const off_t off = (off_t)((uintptr_t)addr / page_sz * sizeof(uint64_t));
	uint64_t word = 0;
	const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return GROOVE_ERR_KEY;

	const ssize_t got = pread(fd, &word, sizeof(word), off);

	close(fd);
	/* Without the right to see it the frame reads as zero. */
	if (got != sizeof(word) || !(word & PAGEMAP_PRESENT) || (word & PAGEMAP_FRAME_MASK) == 0)
		return GROOVE_ERR_KEY;
	*phys = (word & PAGEMAP_FRAME_MASK) * page_sz + (uintptr_t)addr % page_sz;
	return GROOVE_SUCCESS;
}
