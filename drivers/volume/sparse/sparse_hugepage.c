/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Which hugepages a region of a sparse file gets. */

#include <inttypes.h>
#include <stdbool.h>

#include "sparse.h"

#define ROUND_UP(value, align) (((value) + (align)-1) / (align) * (align))

/* What is needed at once; none is tried that cannot be, for it would take all there are, and clear them, to find out.
 */
static bool
has_room(const groove_volume_request_t *request, uint64_t page_sz, struct sparse_lack *lack)
{
	const uint64_t sz = ROUND_UP(request->front_sz, page_sz) + request->volume_cnt * request->volume_sz;
	const uint64_t node_cnt = groove_volume_hugepages(page_sz, groove_volume_node_bound(request), "free_hugepages");
	/* The kernel counts these for all nodes only, and takes any node's for them. */
	const uint64_t all_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "free_hugepages");
	const uint64_t resv_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "resv_hugepages");
	const uint64_t more_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "nr_overcommit_hugepages");

	lack->page_sz = page_sz;
	lack->need_cnt = sz / page_sz;
	lack->free_cnt = all_cnt > resv_cnt ? all_cnt - resv_cnt : 0;
	if (lack->free_cnt > node_cnt)
		lack->free_cnt = node_cnt;
	return lack->need_cnt <= lack->free_cnt + more_cnt;
}

uint64_t
sparse_hugepage(const groove_volume_request_t *request, struct sparse_lack *lack)
{
	static const enum groove_page pages[] = {GROOVE_PAGE_GIGANTIC, GROOVE_PAGE_HUGE};

	*lack = (struct sparse_lack){0};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const uint64_t page_sz = groove_page_sz(pages[i]);

		if (request->page != GROOVE_PAGE_ANY && request->page != pages[i])
			continue;
		if (request->volume_sz % page_sz == 0 && has_room(request, page_sz, lack))
			return page_sz;
	}
	return 0;
}

int
sparse_explain(const groove_volume_request_t *request, const struct sparse_lack *lack, const char *driver)
{
	char path[128];

	if (lack->page_sz == 0) {
		VOLUME_LOG(ERR, driver,
			"a volume of %" PRIu64 " MiB is not whole pages of 1 GiB: take volumes of 1 GiB, or huge pages",
			request->volume_sz >> 20);
		return GROOVE_ERR_INVAL;
	}
	groove_volume_hugepages_path(
		path, sizeof(path), lack->page_sz, groove_volume_node_bound(request), "nr_hugepages");
	VOLUME_LOG(ERR, driver,
		"%" PRIu64 " x %" PRIu64 " MiB of volumes and the shared region need %" PRIu64 " pages of %" PRIu64
		" MiB, %" PRIu64 " are free: add %" PRIu64 " to %s, or take fewer or smaller volumes",
		request->volume_cnt, request->volume_sz >> 20, lack->need_cnt, lack->page_sz >> 20, lack->free_cnt,
		lack->need_cnt - lack->free_cnt, path);
	return GROOVE_ERR_FULL;
}
