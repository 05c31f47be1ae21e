/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "room.h"

#include "memzone_log.h"

#define MIB_CEIL(bytes) (((bytes) + (1UL << 20) - 1) >> 20)

#define NEED_FMT       "%" PRIu64 " x %" PRIu64 " MiB of volumes and the shared region need "
#define NEED_ARG(need) (need)->request->volume_max, (need)->request->volume_sz >> 20

/* EAL's headers around a memzone, and what rounding costs. */
#define ZONE_OVERHEAD 4096UL

/* ---- EAL ---- */

struct stretch {
	uint64_t page_sz;
	int node;
	uint64_t len;
};

static int
stretch_longer(const struct rte_memseg_list *list, void *arg)
{
	struct stretch *stretch = arg;

	if (!list->external && list->page_sz == stretch->page_sz &&
		(stretch->node == GROOVE_NODE_ANY || list->socket_id == stretch->node))
		stretch->len = RTE_MAX(stretch->len, (uint64_t)list->len);
	return 0;
}

uint64_t
room_stretch(uint64_t page_sz, int node)
{
	struct stretch stretch = {.page_sz = page_sz, .node = node};

	rte_memseg_list_walk(stretch_longer, &stretch);
	return stretch.len;
}

/* What EAL holds already and has not given out. */
static uint64_t
heap_free_sz(int node)
{
	struct rte_malloc_socket_stats heap;
	uint64_t sz = 0;

	for (unsigned int i = 0; i < rte_socket_count(); i++) {
		const int socket = rte_socket_id_by_idx(i);

		if ((node == GROOVE_NODE_ANY || socket == node) && rte_malloc_get_socket_stats(socket, &heap) == 0)
			sz += heap.heap_freesz_bytes;
	}
	return sz;
}

/* ---- hugepages ---- */

#define PATH_SZ 128

#define ON_NODE_SZ 24

/* " on node 1", or nothing. */
static void
on_node(char text[ON_NODE_SZ], int node)
{
	text[0] = '\0';
	if (node != GROOVE_NODE_ANY)
		snprintf(text, ON_NODE_SZ, " on node %d", node);
}

/* EAL adds pages for the size and, wherever they begin, the alignment. */
static uint64_t
hugepage_cnt(const struct need *need, const struct hugepage *hugepage)
{
	return (need->zone_sz + ZONE_ALIGN + hugepage->sz - 1) / hugepage->sz;
}

uint64_t
room_missing(const struct need *need, const struct hugepage *hugepage)
{
	const uint64_t page_cnt = hugepage_cnt(need, hugepage);
	const int node = groove_volume_node_bound(need->request);
	const uint64_t free_cnt = groove_volume_hugepages_free(hugepage->sz, node);

	if (page_cnt * hugepage->sz > room_stretch(hugepage->sz, node))
		return UINT64_MAX;
	return (page_cnt - RTE_MIN(page_cnt, free_cnt)) * hugepage->sz;
}

bool
room_hopeless(const struct need *need, const struct hugepage *hugepage, int node)
{
	/* With reserved ones: a mount that EAL uses may have them for itself. */
	const uint64_t free_cnt = groove_volume_hugepages(hugepage->sz, node, "free_hugepages");
	/* The kernel counts these for all nodes only. */
	const uint64_t more_cnt = groove_volume_hugepages(hugepage->sz, GROOVE_NODE_ANY, "nr_overcommit_hugepages");

	return (free_cnt + more_cnt) * hugepage->sz + heap_free_sz(node) < need->zone_sz;
}

int
room_explain_hugepage(const struct need *need, const struct hugepage *hugepage)
{
	const int node = groove_volume_node_bound(need->request);
	const uint64_t page_cnt = hugepage_cnt(need, hugepage);
	const uint64_t free_cnt = groove_volume_hugepages_free(hugepage->sz, node);
	const uint64_t stretch = room_stretch(hugepage->sz, node);
	char on[ON_NODE_SZ], path[PATH_SZ];

	on_node(on, node);
	if (stretch == 0) {
		MEMZONE_LOG(ERR,
			"EAL was started without pages of %s%s: use --in-memory, or mount a hugetlbfs with them, or %s",
			hugepage->text, on, hugepage->too_few);
		return GROOVE_ERR_INVAL;
	}
	if (page_cnt * hugepage->sz > stretch) {
		MEMZONE_LOG(ERR,
			NEED_FMT "%" PRIu64 " MiB in one piece, EAL has at most %" PRIu64 " MiB of %s pages: %s",
			NEED_ARG(need), page_cnt * hugepage->sz >> 20, stretch >> 20, hugepage->text,
			hugepage->too_short);
		return GROOVE_ERR_FULL;
	}
	if (free_cnt >= page_cnt) {
		MEMZONE_LOG(ERR,
			NEED_FMT "%" PRIu64 " pages of %s%s, %" PRIu64
				 " are free but EAL gets none: its --legacy-mem or --socket-limit, or the size of "
				 "its hugetlbfs mount forbids it; start EAL without that limit, or %s",
			NEED_ARG(need), page_cnt, hugepage->text, on, free_cnt, hugepage->too_few);
		return GROOVE_ERR_FULL;
	}
	groove_volume_hugepages_path(path, sizeof(path), hugepage->sz, node, "nr_hugepages");
	MEMZONE_LOG(ERR, NEED_FMT "%" PRIu64 " pages of %s%s, %" PRIu64 " are free: echo %" PRIu64 " > %s, or %s",
		NEED_ARG(need), page_cnt, hugepage->text, on, free_cnt,
		groove_volume_hugepages(hugepage->sz, node, "nr_hugepages") + page_cnt - free_cnt, path,
		hugepage->too_few);
	return GROOVE_ERR_FULL;
}

/* ---- pages of the base size ---- */

int
room_explain_normal(const struct need *need)
{
	const uint64_t need_sz = need->zone_sz + ZONE_ALIGN + ZONE_OVERHEAD;
	struct rte_malloc_socket_stats heap = {0};

	rte_malloc_get_socket_stats(0, &heap);
	MEMZONE_LOG(ERR, NEED_FMT "%" PRIu64 " MiB, EAL has %" PRIu64 " left: start it with --no-huge -m %" PRIu64,
		NEED_ARG(need), MIB_CEIL(need_sz), (uint64_t)heap.greatest_free_size >> 20,
		MIB_CEIL(heap.heap_totalsz_bytes + need_sz - RTE_MIN(need_sz, heap.greatest_free_size)));
	return GROOVE_ERR_FULL;
}

static int
absent_add(const struct rte_memseg_list *list, void *arg)
{
	const uint64_t page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t *absent_sz = arg;
	unsigned char resident[1024];

	for (uint64_t off = 0; off < list->len && !list->external; off += sizeof(resident) * page_sz) {
		const uint64_t sz = RTE_MIN(list->len - off, sizeof(resident) * page_sz);

		if (mincore((uint8_t *)list->base_va + off, sz, resident) != 0)
			return -1;
		for (uint64_t i = 0; i < sz / page_sz; i++)
			*absent_sz += resident[i] & 1 ? 0 : page_sz;
	}
	return 0;
}

int
room_check_normal(const struct need *need)
{
	char where[GROOVE_VOLUME_WHERE_SZ];
	const uint64_t available = groove_volume_memory_available(where, sizeof(where));
	uint64_t absent_sz = 0;

	/* EAL has address space and no pages in it yet; those it got for an earlier region it keeps. */
	if (rte_memseg_list_walk(absent_add, &absent_sz) != 0 || RTE_MIN(absent_sz, need->zone_sz) <= available)
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR, NEED_FMT "%" PRIu64 " MiB, %s has %" PRIu64 " left: take fewer or smaller volumes",
		NEED_ARG(need), MIB_CEIL(need->zone_sz), where, available >> 20);
	return GROOVE_ERR_FULL;
}
