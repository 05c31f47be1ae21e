/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What a region is, asked of one that is attached. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "region_private.h"

#include "region_log.h"
#include "region_state.h"

groove_region_t *
region_alloc(const groove_volume_driver_t *driver)
{
	groove_region_t *region = calloc(1, sizeof(*region));

	if (region == NULL) {
		REGION_LOG(ERR, "no %zu bytes of heap for a region", sizeof(*region));
		return NULL;
	}
	region->driver = driver;
	return region;
}

void
region_file_note(groove_region_t *region)
{
	fd_mark_note(&region->file, region->range.fd);
}

bool
region_file_is_lost(const groove_region_t *region, const char *call)
{
	if (region->range.fd < 0 || fd_mark_holds(&region->file, region->range.fd))
		return false;
	REGION_LOG_LIMITED(ERR,
		"%s: descriptor %d of region %s was closed by this program: detach, and attach it again", call,
		region->range.fd, region->fixed.name);
	return true;
}

bool
region_is_live(const groove_region_t *region, const char *call)
{
	if (region != NULL && region_member_is_self(&region->self)) {
		if (!region_is_gone(region))
			return true;
		REGION_LOG(ERR, "%s: the memory of region %s went with EAL: detach before rte_eal_cleanup()", call,
			region->fixed.name);
		return false;
	}
	REGION_LOG(ERR, "%s: %p is no region of this process: NULL, or attached before fork; attach it here", call,
		(const void *)region);
	return false;
}

bool
region_is_writable(const groove_region_t *region, const char *call)
{
	if (!region_is_live(region, call))
		return false;
	if (!region->readonly)
		return true;
	REGION_LOG(ERR, "%s: region %s is read-only%s", call, region->fixed.name,
		region->torn ? ", for it may be torn: call groove_region_rebuild() first"
			     : ": attach it without GROOVE_REGION_READ_ONLY");
	return false;
}

/* Pages that lie elsewhere than on a node. */
struct strays {
	int want;
	int node; /* of the last of them */
	uint64_t cnt;
	uint64_t page_cnt; /* of all pages */
};

static void
stray_count(void *arg, int node)
{
	struct strays *strays = arg;

	strays->page_cnt++;
	if (node < 0 || node == strays->want)
		return;
	strays->node = node;
	strays->cnt++;
}

/* The kernel may have placed pages elsewhere than it was asked to. */
static int
check_placed(const groove_region_t *region, uint64_t off, uint64_t sz)
{
	const uint64_t page_sz = region->fixed.page_sz;
	struct strays strays = {.want = (int)region->fixed.node};

	region_each_page((const uint8_t *)region->range.base + off, sz, page_sz, stray_count, &strays);
	if (strays.cnt == 0)
		return GROOVE_SUCCESS;
	if (groove_region_placement(region) == GROOVE_PLACEMENT_PREFERRED) {
		REGION_LOG(NOTICE,
			"NUMA node %d is preferred and full: %" PRIu64 " of %" PRIu64 " %s pages lie on node %d",
			strays.want, strays.cnt, strays.page_cnt, groove_page_name(page_sz), strays.node);
		return GROOVE_SUCCESS;
	}
	REGION_LOG(ERR,
		"NUMA node %d is full: %" PRIu64 " of %" PRIu64
		" %s pages came from node %d: make room, name that, or have it preferred",
		strays.want, strays.cnt, strays.page_cnt, groove_page_name(page_sz), strays.node);
	return GROOVE_ERR_FULL;
}

int
region_populate(const groove_region_t *region, uint64_t off, uint64_t sz)
{
	const int node = (int)region->fixed.node;

	if (region->driver->populate != NULL) {
		const int err =
			region->driver->populate(&region->range, off, sz, node, groove_region_placement(region));

		if (err != GROOVE_SUCCESS)
			return err;
	}
	return node != GROOVE_NODE_ANY ? check_placed(region, off, sz) : GROOVE_SUCCESS;
}

const char *
groove_region_driver(const groove_region_t *region)
{
	return region->driver->name;
}

const char *
groove_region_name(const groove_region_t *region)
{
	return region->fixed.name;
}

int
groove_region_fd(const groove_region_t *region)
{
	return region->range.fd >= 0 ? region->range.fd : GROOVE_ERR_INVAL;
}

void *
groove_region_shdata(const groove_region_t *region)
{
	return (uint8_t *)region->range.base + region->fixed.shdata_off;
}

void *
groove_region_volume0(const groove_region_t *region)
{
	return (uint8_t *)region->range.base + region->fixed.front_sz;
}

uint64_t *
groove_region_root(groove_region_t *region, unsigned int idx)
{
	if (idx < GROOVE_REGION_ROOT_CNT)
		return &region->hdr->root[idx];
	REGION_LOG(ERR, "no root word %u: take 0 to %d", idx, GROOVE_REGION_ROOT_CNT - 1);
	return NULL;
}

uint64_t
groove_region_volume_max(const groove_region_t *region)
{
	return region->fixed.volume_max;
}

static bool
has_memory(const groove_region_t *region, uint64_t idx)
{
	return region_state_kind(region_state_load(region_state_word(region, idx))) == REGION_PRESENT;
}

int
groove_region_volume_has_memory(const groove_region_t *region, uint64_t idx)
{
	return idx < region->fixed.volume_max && has_memory(region, idx);
}

uint64_t
groove_region_volume_cnt(const groove_region_t *region)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < region->fixed.volume_max; i++)
		cnt += has_memory(region, i);
	return cnt;
}

uint64_t
groove_region_volume_sz(const groove_region_t *region)
{
	return region->fixed.volume_sz;
}

uint64_t
groove_region_page_sz(const groove_region_t *region)
{
	return region->fixed.page_sz;
}

/* ---- where it lies ---- */

int
groove_region_node_wanted(const groove_region_t *region)
{
	return (int)region->fixed.node;
}

enum groove_placement
groove_region_placement(const groove_region_t *region)
{
	return (enum groove_placement)region->fixed.placement;
}

/* Pages of a part, but for those before an address, which were looked at. Returns the end of the last. */
static uintptr_t
part_pages(const groove_region_t *region, uint64_t off, uint64_t sz, uintptr_t seen, region_page_fn fn, void *arg)
{
	const uint64_t page_sz = region->fixed.page_sz;
	const uintptr_t start = (uintptr_t)region->range.base + off;
	const uintptr_t from = start > seen ? start : seen;
	const uintptr_t end = start + sz;

	if (from < end)
		region_each_page((const void *)from, end - from, page_sz, fn, arg);
	return (end + page_sz - 1) & ~(page_sz - 1);
}

/* Each page of the front and of the volumes that have memory, once: a gigantic one may have several volumes. */
static void
each_page(const groove_region_t *region, region_page_fn fn, void *arg)
{
	const struct region_fixed *fixed = &region->fixed;
	uintptr_t seen = part_pages(region, 0, fixed->front_sz, 0, fn, arg);

	for (uint64_t i = 0; i < fixed->volume_max; i++) {
		if (has_memory(region, i))
			seen = part_pages(region, region_volume_off(region, i), fixed->volume_sz, seen, fn, arg);
	}
}

struct census {
	uint64_t *page_cnt;
	unsigned int node_cnt;
	uint64_t other_cnt;
};

static void
census_count(void *arg, int node)
{
	struct census *census = arg;

	if (node >= 0 && (unsigned int)node < census->node_cnt)
		census->page_cnt[node]++;
	else
		census->other_cnt++;
}

uint64_t
groove_region_node_pages(const groove_region_t *region, uint64_t *page_cnt, unsigned int node_cnt)
{
	struct census census = {.page_cnt = page_cnt, .node_cnt = node_cnt};

	memset(page_cnt, 0, node_cnt * sizeof(*page_cnt));
	each_page(region, census_count, &census);
	return census.other_cnt;
}

static void
same_node(void *arg, int node)
{
	const int reported = node >= 0 ? node : GROOVE_ERR_KEY;
	int *same = arg;

	if (*same == GROOVE_NODE_ANY)
		*same = reported;
	else if (*same != reported)
		*same = GROOVE_ERR_KEY;
}

int
groove_region_node(const groove_region_t *region)
{
	int same = GROOVE_NODE_ANY;

	each_page(region, same_node, &same);
	return same >= 0 ? same : GROOVE_ERR_KEY;
}

int
groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys)
{
	if ((uintptr_t)addr - (uintptr_t)region->range.base >= region->fixed.sz)
		return GROOVE_ERR_INVAL;
	return groove_region_addr_phys(addr, phys);
}
