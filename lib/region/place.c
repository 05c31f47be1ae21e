/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Where memory lies and CPUs are: NUMA nodes and physical addresses, asked of the kernel. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
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

#define BATCH	  512
#define AGAIN_MAX 16 /* times that is asked once more, in a part of memory */

/* Ask for the nodes of some pages; below 0: unknown. Returns how many are known. */
static unsigned long
ask_nodes(void **pages, unsigned long cnt, int *nodes)
{
	unsigned long told_cnt = 0;

	if (move_pages(0, cnt, pages, NULL, nodes, 0) != 0) {
		memset(nodes, -1, cnt * sizeof(*nodes));
		return 0;
	}
	for (unsigned long i = 0; i < cnt; i++)
		told_cnt += nodes[i] >= 0;
	return told_cnt;
}

void
region_each_page(const void *addr, uint64_t sz, uint64_t page_sz, region_page_fn fn, void *arg)
{
	const uintptr_t end = (uintptr_t)addr + sz;
	unsigned int again_cnt = AGAIN_MAX;
	void *pages[BATCH];
	int nodes[BATCH];

	for (uintptr_t page = (uintptr_t)addr & ~(page_sz - 1); page < end;) {
		unsigned long cnt = 0;

		for (; cnt < BATCH && page < end; page += page_sz)
			pages[cnt++] = (void *)page;

		unsigned long told_cnt = ask_nodes(pages, cnt, nodes);

		/* Of one among others the kernel may say it in a moment: it is moving it, to make room for a hugepage.
		 */
		for (; told_cnt > 0 && told_cnt < cnt && again_cnt > 0; again_cnt--)
			told_cnt = ask_nodes(pages, cnt, nodes);
		for (unsigned long i = 0; i < cnt; i++)
			fn(arg, nodes[i]);
	}
}

/* ---- names of placements ---- */

static const char *const placement_names[] = {
	[GROOVE_PLACEMENT_BOUND] = "bound",
	[GROOVE_PLACEMENT_PREFERRED] = "preferred",
};

#define PLACEMENT_CNT (sizeof(placement_names) / sizeof(placement_names[0])) /* the default has no name */

int
groove_placement_parse(const char *name, enum groove_placement *placement)
{
	for (size_t i = GROOVE_PLACEMENT_BOUND; name != NULL && i < PLACEMENT_CNT; i++) {
		if (strcmp(name, placement_names[i]) == 0) {
			*placement = (enum groove_placement)i;
			return GROOVE_SUCCESS;
		}
	}
	return GROOVE_ERR_KEY;
}

const char *
groove_placement_name(enum groove_placement placement)
{
	if (placement == GROOVE_PLACEMENT_DEFAULT || (size_t)placement >= PLACEMENT_CNT)
		return "other";
	return placement_names[placement];
}

/* ---- CPUs and physical addresses ---- */

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
