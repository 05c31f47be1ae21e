/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Page sizes, their names, and how many there are. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numa.h>

#include <groove_volume_driver.h>

static const struct {
	const char *name;
	uint64_t sz; /* 0: the base page of the machine. */
	enum groove_page page;
} pages[] = {
	{"normal", 0, GROOVE_PAGE_NORMAL},
	{"huge", 2UL << 20, GROOVE_PAGE_HUGE},
	{"gigantic", 1UL << 30, GROOVE_PAGE_GIGANTIC},
};

#define PAGE_CNT (sizeof(pages) / sizeof(pages[0]))

int
groove_page_parse(const char *name, enum groove_page *page)
{
	for (size_t i = 0; name != NULL && i < PAGE_CNT; i++) {
		if (strcmp(name, pages[i].name) == 0) {
			*page = pages[i].page;
			return GROOVE_SUCCESS;
		}
	}
	return GROOVE_ERR_KEY;
}

uint64_t
groove_page_sz(enum groove_page page)
{
	for (size_t i = 0; i < PAGE_CNT; i++) {
		if (pages[i].page == page)
			return pages[i].sz != 0 ? pages[i].sz : (uint64_t)sysconf(_SC_PAGESIZE);
	}
	return 0;
}

const char *
groove_page_name(uint64_t page_sz)
{
	for (size_t i = 0; i < PAGE_CNT; i++) {
		if (groove_page_sz(pages[i].page) == page_sz)
			return pages[i].name;
	}
	return "other";
}

/* The kernel counts hugepages of a node where there are several, else of all. */
void
groove_volume_hugepages_path(char *path, size_t path_sz, uint64_t page_sz, int node, const char *file)
{
	if (node == GROOVE_NODE_ANY || numa_available() < 0 || numa_num_configured_nodes() <= 1)
		snprintf(path, path_sz, "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s", page_sz >> 10, file);
	else
		snprintf(path, path_sz, "/sys/devices/system/node/node%d/hugepages/hugepages-%" PRIu64 "kB/%s", node,
			page_sz >> 10, file);
}

uint64_t
groove_volume_hugepages(uint64_t page_sz, int node, const char *file)
{
	char path[128];
	uint64_t cnt = 0;
	FILE *stream;

	groove_volume_hugepages_path(path, sizeof(path), page_sz, node, file);
	stream = fopen(path, "re");
	if (stream == NULL)
		return 0;
	if (fscanf(stream, "%" SCNu64, &cnt) != 1)
		cnt = 0;
	fclose(stream);
	return cnt;
}

uint64_t
groove_volume_hugepages_free(uint64_t page_sz, int node)
{
	const uint64_t node_cnt = groove_volume_hugepages(page_sz, node, "free_hugepages");
	const uint64_t all_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "free_hugepages");
	const uint64_t resv_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "resv_hugepages");
	const uint64_t free_cnt = all_cnt > resv_cnt ? all_cnt - resv_cnt : 0;

	return free_cnt < node_cnt ? free_cnt : node_cnt;
}

bool
groove_volume_is_mapped(const void *addr)
{
	const uintptr_t page_sz = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned char unused;

	return mincore((void *)((uintptr_t)addr & ~(page_sz - 1)), page_sz, &unused) == 0;
}
