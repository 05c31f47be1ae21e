/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What a region is, asked of one that is attached. */

#include "region_private.h"

#include "region_log.h"
#include "region_state.h"

RTE_LOG_REGISTER(region_logtype, lib.groove.region, NOTICE)

bool
region_is_live(const groove_region_t *region, const char *call)
{
	if (region != NULL && region_member_is_self(&region->self))
		return true;
	REGION_LOG(ERR, "%s: %p is no region of this process: NULL, or attached before fork; attach it here", call,
		(const void *)region);
	return false;
}

int
region_populate(const groove_region_t *region, uint64_t off, uint64_t sz)
{
	const int want = (int)region->fixed.node;
	const uint8_t *addr = (const uint8_t *)region->range.base + off;
	int node;

	if (region->driver->populate != NULL) {
		const int err = region->driver->populate(&region->range, off, sz, want);

		if (err != GROOVE_SUCCESS)
			return err;
	}
	if (want == GROOVE_NODE_ANY)
		return GROOVE_SUCCESS;
	/* The kernel may have placed pages elsewhere than it was asked to. */
	node = region_stray_node(addr, sz, region->fixed.page_sz, want);
	if (node == GROOVE_ERR_KEY)
		return GROOVE_SUCCESS;
	REGION_LOG(
		ERR, "not enough memory on NUMA node %d, the kernel took node %d: make room or name that", want, node);
	return GROOVE_ERR_FULL;
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

int
groove_region_node(const groove_region_t *region)
{
	const uint8_t *volume0 = groove_region_volume0(region);
	const int node = groove_region_addr_node(region->range.base);

	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		if (has_memory(region, i) && groove_region_addr_node(volume0 + i * region->fixed.volume_sz) != node)
			return GROOVE_ERR_KEY;
	}
	return node;
}

int
groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys)
{
	if ((uintptr_t)addr - (uintptr_t)region->range.base >= region->fixed.sz)
		return GROOVE_ERR_INVAL;
	return groove_region_addr_phys(addr, phys);
}
