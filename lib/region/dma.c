/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A region as external memory of EAL, and mapped for a device. */

/* Of EAL's calls for it, DMA maps of a device are still marked so. */
#define ALLOW_EXPERIMENTAL_API

#include <inttypes.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memory.h>

#include "region_log.h"
#include "region_private.h"

/* Address space of EAL, which goes at rte_eal_cleanup(). */
static int
take_base(const struct rte_memseg_list *list, void *arg)
{
	const void **base = arg;

	if (list->external)
		return 0;
	*base = list->base_va;
	return 1;
}

int
groove_region_dma_register(groove_region_t *region)
{
	const groove_volume_range_t *range;

	if (!region_is_writable(region, "dma_register"))
		return GROOVE_ERR_INVAL;
	range = &region->range;
	if (rte_lcore_count() == 0) {
		REGION_LOG(ERR, "DMA needs EAL: call rte_eal_init() first");
		return GROOVE_ERR_INVAL;
	}
	/* No addresses: where an IOVA is not the virtual address EAL has none to give. */
	if (rte_extmem_register(range->base, range->sz, NULL, 0, range->page_sz) == 0) {
		region->dma = range->base;
		rte_memseg_list_walk(take_base, &region->dma);
		return GROOVE_SUCCESS;
	}
	if (rte_errno == ENOSPC) {
		REGION_LOG(ERR, "EAL takes no more external memory: unregister some");
		return GROOVE_ERR_FULL;
	}
	REGION_LOG(ERR,
		"EAL does not take %" PRIu64 " MiB as external memory: %s; memzones and what is registered it has",
		range->sz >> 20, rte_strerror(rte_errno));
	return GROOVE_ERR_INVAL;
}

static int
check_registered(const groove_region_t *region, const char *call)
{
	if (!region_is_live(region, call))
		return GROOVE_ERR_INVAL;
	if (region->dma != NULL)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "%s: the region is not registered: call groove_region_dma_register() first", call);
	return GROOVE_ERR_INVAL;
}

int
groove_region_dma_unregister(groove_region_t *region)
{
	if (check_registered(region, "dma_unregister") != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	if (rte_extmem_unregister(region->range.base, region->range.sz) != 0) {
		REGION_LOG(ERR, "EAL keeps the region as external memory: %s", rte_strerror(rte_errno));
		return GROOVE_ERR_INVAL;
	}
	region->dma = NULL;
	return GROOVE_SUCCESS;
}

int
groove_region_dma_map(groove_region_t *region, struct rte_device *dev)
{
	const groove_volume_range_t *range;

	if (check_registered(region, "dma_map") != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	range = &region->range;
	/* The kernel pins what is mapped, so it would take memory for the rest. */
	if (groove_region_volume_cnt(region) != region->fixed.volume_max) {
		REGION_LOG(ERR, "dma_map: %" PRIu64 " of %" PRIu64 " volumes have memory: grow the region first",
			groove_region_volume_cnt(region), region->fixed.volume_max);
		return GROOVE_ERR_INVAL;
	}
	if (rte_dev_dma_map(dev, range->base, (uintptr_t)range->base, range->sz) == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "dma_map: the device refuses: %s; use another", rte_strerror(rte_errno));
	return GROOVE_ERR_INVAL;
}

int
groove_region_dma_unmap(groove_region_t *region, struct rte_device *dev)
{
	if (check_registered(region, "dma_unmap") != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	if (rte_dev_dma_unmap(dev, region->range.base, (uintptr_t)region->range.base, region->range.sz) == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "dma_unmap: the device refuses: %s; map it first", rte_strerror(rte_errno));
	return GROOVE_ERR_INVAL;
}
