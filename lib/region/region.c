/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdlib.h>

#include <numa.h>

#include <groove_volume_driver.h>

#include "region_log.h"

RTE_LOG_REGISTER(region_logtype, lib.groove.region, NOTICE)

#define DRIVER_NAMES_MAX 256

struct groove_region {
	const groove_volume_driver_t *driver;
	groove_data_cfg_t data_cfg;
	groove_volume_request_t request;
	groove_volume_range_t range;
};

static int
check_driver(const groove_region_cfg_t *cfg, groove_region_t *region)
{
	char names[DRIVER_NAMES_MAX];

	region->driver = groove_volume_driver_find(cfg->driver);
	if (region->driver != NULL)
		return GROOVE_SUCCESS;

	groove_region_driver_names(names, sizeof(names));
	if (names[0] == '\0')
		REGION_LOG(ERR, "no volume driver%s%s: none is linked in, load one with EAL's -d",
			cfg->driver != NULL ? " " : "", cfg->driver != NULL ? cfg->driver : "");
	else
		REGION_LOG(ERR, "no volume driver %s: there is %s", cfg->driver, names);
	return GROOVE_ERR_KEY;
}

/* The core knows which sizes and numbers there can be. To it no volumes would be as many as there can be. */
static int
check_volumes(const groove_region_cfg_t *cfg, groove_region_t *region)
{
	const groove_data_cfg_t data_cfg = {
		.volume_sz = cfg->volume_sz != 0 ? cfg->volume_sz : GROOVE_VOLUME_FOOTPRINT,
		.volume_max = cfg->volume_cnt,
		.join_max = cfg->join_max,
	};

	if (cfg->volume_cnt == 0) {
		REGION_LOG(ERR, "0 volumes make no region: take 1 or more");
		return GROOVE_ERR_INVAL;
	}
	region->data_cfg = data_cfg;
	region->request.volume_sz = data_cfg.volume_sz;
	region->request.volume_cnt = data_cfg.volume_max;
	region->request.shared_sz = groove_data_footprint_cfg(&data_cfg);
	return region->request.shared_sz != 0 ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}

static int
check_page(const groove_region_cfg_t *cfg, groove_region_t *region)
{
	if (cfg->page != GROOVE_PAGE_ANY && groove_page_sz(cfg->page) == 0) {
		REGION_LOG(ERR, "no page size %d: take normal, huge or gigantic", (int)cfg->page);
		return GROOVE_ERR_INVAL;
	}
	region->request.page = cfg->page;
	return GROOVE_SUCCESS;
}

static int
node_exists(int node)
{
	if (numa_available() < 0)
		return node == 0;
	return node >= 0 && node <= numa_max_node() && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)node);
}

static int
check_node(const groove_region_cfg_t *cfg, groove_region_t *region)
{
	if (cfg->node != GROOVE_NODE_ANY && !node_exists(cfg->node)) {
		REGION_LOG(
			ERR, "no memory on NUMA node %d: name one of /sys/devices/system/node/has_memory", cfg->node);
		return GROOVE_ERR_INVAL;
	}
	region->request.node = cfg->node;
	return GROOVE_SUCCESS;
}

static int
check_cfg(const groove_region_cfg_t *cfg, groove_region_t *region)
{
	int err = check_driver(cfg, region);

	if (err == GROOVE_SUCCESS)
		err = check_volumes(cfg, region);
	if (err == GROOVE_SUCCESS)
		err = check_page(cfg, region);
	if (err == GROOVE_SUCCESS)
		err = check_node(cfg, region);
	return err;
}

/* An address in each part of a region: of the shared region, then of the volumes; NULL behind the last. */
static const uint8_t *
part_addr(const groove_region_t *region, uint64_t part)
{
	if (part == 0)
		return region->range.shared;
	if (part > region->request.volume_cnt)
		return NULL;
	return (const uint8_t *)region->range.volume0 + (part - 1) * region->request.volume_sz;
}

/* The kernel may have placed pages elsewhere than it was asked to. */
static int
check_place(const groove_region_t *region)
{
	const int want = region->request.node;
	const uint8_t *addr;

	for (uint64_t part = 0; want != GROOVE_NODE_ANY && (addr = part_addr(region, part)) != NULL; part++) {
		const int node = groove_region_addr_node(addr);

		if (node != want && node != GROOVE_ERR_KEY) {
			REGION_LOG(ERR,
				"not enough memory on NUMA node %d, the kernel took node %d: make room or name that",
				want, node);
			return GROOVE_ERR_FULL;
		}
	}
	return GROOVE_SUCCESS;
}

/* Memory, and an empty groove in it. */
static int
region_fill(groove_region_t *region)
{
	int err = region->driver->reserve(&region->request, &region->range);

	if (err != GROOVE_SUCCESS)
		return err;
	err = check_place(region);
	if (err == GROOVE_SUCCESS && groove_data_new_cfg(region->range.shared, &region->data_cfg) == NULL)
		err = GROOVE_ERR_INVAL;
	if (err != GROOVE_SUCCESS)
		region->driver->release(&region->range);
	return err;
}

int
groove_region_create(const groove_region_cfg_t *cfg, groove_region_t **region)
{
	groove_region_t *made;
	int err;

	if (cfg == NULL || region == NULL) {
		REGION_LOG(ERR, "groove_region_create() needs a configuration and a place for the region");
		return GROOVE_ERR_INVAL;
	}
	made = calloc(1, sizeof(*made));
	if (made == NULL) {
		REGION_LOG(ERR, "no %zu bytes of heap for a region", sizeof(*made));
		return GROOVE_ERR_FULL;
	}
	err = check_cfg(cfg, made);
	if (err == GROOVE_SUCCESS)
		err = region_fill(made);
	if (err != GROOVE_SUCCESS) {
		free(made);
		return err;
	}
	*region = made;
	return GROOVE_SUCCESS;
}

void
groove_region_destroy(groove_region_t *region)
{
	if (region == NULL)
		return;
	region->driver->release(&region->range);
	free(region);
}

const char *
groove_region_driver(const groove_region_t *region)
{
	return region->driver->name;
}

void *
groove_region_shdata(const groove_region_t *region)
{
	return region->range.shared;
}

void *
groove_region_volume0(const groove_region_t *region)
{
	return region->range.volume0;
}

uint64_t
groove_region_volume_cnt(const groove_region_t *region)
{
	return region->request.volume_cnt;
}

uint64_t
groove_region_volume_sz(const groove_region_t *region)
{
	return region->request.volume_sz;
}

uint64_t
groove_region_page_sz(const groove_region_t *region)
{
	return region->range.page_sz;
}

int
groove_region_node(const groove_region_t *region)
{
	const int node = groove_region_addr_node(region->range.shared);
	const uint8_t *addr;

	for (uint64_t part = 1; (addr = part_addr(region, part)) != NULL; part++) {
		if (groove_region_addr_node(addr) != node)
			return GROOVE_ERR_KEY;
	}
	return node;
}

static int
in_range(const void *addr, const void *start, uint64_t sz)
{
	return (uintptr_t)addr - (uintptr_t)start < sz;
}

int
groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys)
{
	const groove_volume_request_t *request = &region->request;

	if (!in_range(addr, region->range.shared, request->shared_sz) &&
		!in_range(addr, region->range.volume0, request->volume_cnt * request->volume_sz))
		return GROOVE_ERR_INVAL;
	return groove_region_addr_phys(addr, phys);
}
