/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* DPDK's rte_malloc: EAL's own heap, or for a bounded memory a heap of its own. */

#include <inttypes.h>
#include <linux/mman.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <groove_base.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_version.h>

#include "calls_rte_malloc.h"
#include "complain.h"

#define HEAP "perf"

int perf_rte_malloc_socket = SOCKET_ID_ANY;

#define UNIT_MAX (2UL << 20) /* volumes are a multiple of it */

static void *heap_mem;
static uint64_t map_sz;	 /* whole pages, */
static uint64_t heap_sz; /* of which the heap has so many bytes */

static void
rte_malloc_version(char *buf, size_t buf_sz)
{
	snprintf(buf, buf_sz, "%s", rte_version() + strcspn(rte_version(), "0123456789"));
}

/* Page sizes of EAL's memory, each once; their bits, as a size is a power of two. */
static int
page_of_eal(const struct rte_memseg_list *msl, void *page_szs)
{
	if (!msl->external)
		*(uint64_t *)page_szs |= msl->page_sz;
	return 0;
}

/* Map whole pages of a size. False: they are too few. */
static bool
heap_map(uint64_t capacity, uint64_t page_sz)
{
	const int pages = rte_eal_has_hugepages() ? MAP_HUGETLB | (int)rte_log2_u64(page_sz) << MAP_HUGE_SHIFT : 0;

	map_sz = RTE_ALIGN_CEIL(capacity, page_sz);
	/* Populated: where hugepages are too few, it is said here and not by a signal. */
	heap_mem =
		mmap(NULL, map_sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | pages, -1, 0);
	return heap_mem != MAP_FAILED;
}

/*
 * On the largest pages that have room, as the others' memory: EAL knows every page size of the kernel's, also one with
 * no page reserved or with too few. Returns the page size; 0, printed: there is no room on any.
 */
static uint64_t
heap_place(uint64_t capacity)
{
	uint64_t page_szs = rte_eal_has_hugepages() ? 0 : (uint64_t)sysconf(_SC_PAGESIZE);

	if (rte_eal_has_hugepages())
		rte_memseg_list_walk(page_of_eal, &page_szs);
	for (uint64_t left = page_szs; left != 0;) {
		const uint64_t page_sz = 1UL << (63 - __builtin_clzll(left));

		if (heap_map(capacity, page_sz))
			return page_sz;
		left &= ~page_sz;
	}
	app_complain("rte_malloc: no %" PRIu64 " MiB for a heap on pages of any size that EAL has, reserve more",
		capacity >> 20);
	return 0;
}

static int
heap_make(uint64_t capacity)
{
	const uint64_t page_sz = heap_place(capacity);

	if (page_sz == 0)
		return GROOVE_ERR_FULL;
	/* In units of at most UNIT_MAX: on larger pages the heap would be larger than the others' memory. */
	heap_sz = capacity;
	if (rte_malloc_heap_create(HEAP) != 0 ||
		rte_malloc_heap_memory_add(HEAP, heap_mem, heap_sz, NULL, 0, RTE_MIN(page_sz, UNIT_MAX)) != 0) {
		app_complain("rte_malloc: no heap of its own: %s", rte_strerror(rte_errno));
		return GROOVE_ERR_FULL;
	}
	perf_rte_malloc_socket = rte_malloc_heap_get_socket(HEAP);
	return GROOVE_SUCCESS;
}

static int
rte_malloc_open(const struct perf_job *job)
{
	return job->bounded ? heap_make(perf_capacity(job)) : GROOVE_SUCCESS;
}

static int
rte_malloc_close(bool all_freed)
{
	int err = GROOVE_SUCCESS;

	if (perf_rte_malloc_socket == SOCKET_ID_ANY)
		return err;
	if (rte_malloc_heap_memory_remove(HEAP, heap_mem, heap_sz) != 0 && all_freed) {
		app_complain("rte_malloc: the heap is in use, all objects were freed: %s", rte_strerror(rte_errno));
		err = GROOVE_ERR_CORRUPT;
	}
	rte_malloc_heap_destroy(HEAP);
	munmap(heap_mem, map_sz);
	perf_rte_malloc_socket = SOCKET_ID_ANY;
	return err;
}

const struct perf_allocator perf_rte_malloc = {
	.name = "rte_malloc",
	.family = PERF_RTE_MALLOC,
	.calls = &perf_calls_rte_malloc,
	.version = rte_malloc_version,
	.open = rte_malloc_open,
	.close = rte_malloc_close,
};
