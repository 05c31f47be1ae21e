/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Create. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <numa.h>

#include "identity.h"
#include "region_log.h"
#include "region_private.h"
#include "region_registry.h"
#include "region_state.h"
#include "sized.h"

#define MODE_DEFAULT 0600U
#define MODE_MASK    0666U

/* Of the configurations that first had a size: programs that leave it 0 have no more. They grow at their ends. */
#define CFG_SIZE_FIRST 88U
_Static_assert(sizeof(groove_region_cfg_t) >= CFG_SIZE_FIRST, "up to placement");

/* The core knows which sizes and numbers there can be. To it no volumes would be as many as there can be. */
static int
check_volumes(const groove_region_cfg_t *cfg, groove_data_cfg_t *data_cfg, groove_volume_request_t *request)
{
	data_cfg->volume_sz = cfg->volume_sz != 0 ? cfg->volume_sz : GROOVE_VOLUME_FOOTPRINT;
	data_cfg->volume_max = cfg->volume_max != 0 ? cfg->volume_max : cfg->volume_cnt;
	data_cfg->join_max = cfg->join_max != 0 ? cfg->join_max : GROOVE_DATA_JOIN_DEFAULT;
	if (data_cfg->volume_max == 0) {
		REGION_LOG(ERR, "0 volumes make no region: take 1 or more");
		return GROOVE_ERR_INVAL;
	}
	if (cfg->volume_cnt > data_cfg->volume_max) {
		REGION_LOG(ERR, "%" PRIu64 " volumes are more than volume_max %" PRIu64 ": take fewer, or raise it",
			cfg->volume_cnt, cfg->volume_max);
		return GROOVE_ERR_INVAL;
	}
	if (cfg->volume_limit > data_cfg->volume_max) {
		REGION_LOG(ERR, "a limit of %" PRIu64 " volumes: take up to volume_max, %" PRIu64, cfg->volume_limit,
			data_cfg->volume_max);
		return GROOVE_ERR_INVAL;
	}
	if (groove_data_footprint_cfg(data_cfg) == 0)
		return GROOVE_ERR_INVAL;
	request->volume_sz = data_cfg->volume_sz;
	request->volume_cnt = cfg->volume_cnt;
	request->volume_max = data_cfg->volume_max;
	request->front_sz = region_hdr_shdata_off(data_cfg->volume_max) + groove_data_footprint_cfg(data_cfg);
	return GROOVE_SUCCESS;
}

static bool
node_exists(int node)
{
	if (numa_available() < 0)
		return node == 0;
	return node >= 0 && node <= numa_max_node() && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)node);
}

static int
check_place(const groove_region_cfg_t *cfg, groove_volume_request_t *request)
{
	const bool is_default = cfg->placement == GROOVE_PLACEMENT_DEFAULT;
	const int node = is_default && cfg->node == 0 ? GROOVE_NODE_ANY : cfg->node;

	if (cfg->page != GROOVE_PAGE_ANY && groove_page_sz(cfg->page) == 0) {
		REGION_LOG(ERR, "no page size %d: take normal, huge or gigantic", (int)cfg->page);
		return GROOVE_ERR_INVAL;
	}
	if (node != GROOVE_NODE_ANY && !node_exists(node)) {
		REGION_LOG(ERR, "no memory on NUMA node %d: name one of /sys/devices/system/node/has_memory", node);
		return GROOVE_ERR_INVAL;
	}
	if ((unsigned int)cfg->placement > GROOVE_PLACEMENT_PREFERRED) {
		REGION_LOG(ERR, "no placement %d: take bound or preferred", (int)cfg->placement);
		return GROOVE_ERR_INVAL;
	}
	if ((cfg->mode & ~MODE_MASK) != 0) {
		REGION_LOG(ERR, "mode %#o: take bits of %#o", cfg->mode, MODE_MASK);
		return GROOVE_ERR_INVAL;
	}
	request->at = cfg->at;
	request->page = cfg->page;
	request->node = node;
	request->placement = is_default ? GROOVE_PLACEMENT_BOUND : cfg->placement;
	request->dir = cfg->dir;
	request->mode = cfg->mode != 0 ? cfg->mode : MODE_DEFAULT;
	return GROOVE_SUCCESS;
}

static int
check_cfg(const groove_region_cfg_t *cfg, const groove_volume_driver_t **driver, groove_data_cfg_t *data_cfg,
	groove_volume_request_t *request)
{
	int err = region_find_driver(cfg->driver, driver);

	if (err == GROOVE_SUCCESS && cfg->name != NULL)
		err = region_check_name(cfg->name);
	if (err == GROOVE_SUCCESS)
		err = check_volumes(cfg, data_cfg, request);
	if (err == GROOVE_SUCCESS)
		err = check_place(cfg, request);
	if (err == GROOVE_SUCCESS)
		err = region_check_at(*driver, cfg->at);
	if (err == GROOVE_SUCCESS && (cfg->flags & ~GROOVE_REGION_IF_NEW) != 0) {
		REGION_LOG(ERR, "flags %#" PRIx64 ": take GROOVE_REGION_IF_NEW, or 0", cfg->flags);
		err = GROOVE_ERR_INVAL;
	}
	request->if_new = cfg->flags != 0;
	request->name = cfg->name;
	request->id = region_hdr_random();
	if (err == GROOVE_SUCCESS && request->id == 0) {
		REGION_LOG(ERR, "the kernel gives no random number to name a region by: %m; needs Linux 5.6");
		err = GROOVE_ERR_INVAL;
	}
	return err;
}

/* An empty groove in populated memory of zeros; the magic last. */
static int
hdr_make(groove_region_t *region, const groove_data_cfg_t *data_cfg, const groove_region_cfg_t *cfg)
{
	struct region_hdr *hdr = region->hdr;

	hdr->fixed = region->fixed;
	hdr->sum = region_hdr_sum(&region->fixed);
	if (cfg->root != NULL)
		memcpy(hdr->root, cfg->root, sizeof(hdr->root));
	hdr->limit = cfg->volume_limit;
	for (uint64_t i = 0; i < cfg->volume_cnt; i++)
		region_hdr_states(hdr)[i] = region_state_next(0, REGION_PRESENT, 0);
	if (groove_data_new_cfg(groove_region_shdata(region), data_cfg) == NULL)
		return GROOVE_ERR_INVAL;
	hdr->fresh = cfg->volume_cnt << 32;
	return GROOVE_SUCCESS;
}

/* The volumes that have memory, so that the first allocation has some. Nobody can find the region yet. */
static int
volumes_add(const groove_region_t *region, uint64_t volume_cnt)
{
	groove_data_t join;
	int err;

	if (volume_cnt == 0)
		return GROOVE_SUCCESS;
	if (groove_data_join(&join, groove_region_shdata(region), groove_region_volume0(region),
		    region->fixed.volume_max, 0) == NULL)
		return GROOVE_ERR_FULL;
	err = groove_data_volume_add(
		&join, groove_region_volume0(region), volume_cnt * region->fixed.volume_sz, NULL, 0);
	groove_data_leave(&join);
	return err;
}

/* What a driver promises. */
static int
check_aligned(const groove_region_t *region)
{
	if ((uintptr_t)region->range.base % GROOVE_VOLUME_ROOM_ALIGN == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "driver %s gave memory at %p, not aligned to %lu: take another driver", region->driver->name,
		region->range.base, GROOVE_VOLUME_ROOM_ALIGN);
	return GROOVE_ERR_INVAL;
}

static int
region_fill(groove_region_t *region, const groove_data_cfg_t *data_cfg, const groove_volume_request_t *request,
	const groove_region_cfg_t *cfg)
{
	const uint64_t sz = region->fixed.front_sz + request->volume_cnt * request->volume_sz;
	int err = check_aligned(region);

	region_guard_holes(region);
	if (err == GROOVE_SUCCESS)
		err = region_populate(region, 0, sz);
	region->hdr = region->range.base;
	if (err == GROOVE_SUCCESS)
		err = hdr_make(region, data_cfg, cfg);
	if (err == GROOVE_SUCCESS && region->range.fd < 0)
		err = identity_note_lock(region->hdr, region->driver, &region->range);
	if (err == GROOVE_SUCCESS)
		err = volumes_add(region, request->volume_cnt);
	if (err == GROOVE_SUCCESS)
		err = region_member_enter(&region->self, region->driver, &region->range, region->hdr, "the new region");
	if (err != GROOVE_SUCCESS)
		return err;
	err = region_mark_in_use(region, "the new region");
	/* Release: a process that sees the magic sees a region. Pairs with region_hdr_read(). */
	__atomic_store_n(&region->hdr->magic, REGION_MAGIC, __ATOMIC_RELEASE);
	if (region->driver->made != NULL)
		region->driver->made(&region->range);
	/* What is fixed is on disk before anybody can find it. */
	if (err == GROOVE_SUCCESS)
		err = region_sync_part(region, region->fixed.front_sz);
	if (err == GROOVE_SUCCESS && request->name != NULL && region->driver->publish != NULL)
		err = region->driver->publish(request, &region->range);
	if (err != GROOVE_SUCCESS)
		region_member_leave(&region->self);
	return err;
}

/* What a driver made that shows its names from the start. */
static void
undo_create(groove_region_t *region, const groove_volume_request_t *request)
{
	if (request->name != NULL && region->driver->publish == NULL)
		region->driver->unlink(request->dir, request->name, &region->range);
	region_guard_end(&region->guard);
	region->driver->close(&region->range);
}

int
groove_region_create(const groove_region_cfg_t *cfg, groove_region_t **region)
{
	const groove_volume_driver_t *driver;
	groove_volume_request_t request = {0};
	groove_region_cfg_t full;
	groove_data_cfg_t data_cfg = {0};
	groove_region_t *made;
	int err;

	if (cfg == NULL || region == NULL) {
		REGION_LOG(ERR, "groove_region_create() needs a configuration and a place for the region");
		return GROOVE_ERR_INVAL;
	}
	if (!sized_copy(&full, sizeof(full), CFG_SIZE_FIRST, cfg, "groove_region_cfg_t"))
		return GROOVE_ERR_INVAL;
	err = check_cfg(&full, &driver, &data_cfg, &request);
	if (err != GROOVE_SUCCESS)
		return err;
	made = region_alloc(driver);
	if (made == NULL)
		return GROOVE_ERR_FULL;
	err = driver->create(&request, &made->range);
	if (err != GROOVE_SUCCESS) {
		free(made);
		return err;
	}
	region_file_note(made);
	region_hdr_fill(&made->fixed, &request, &made->range, &data_cfg, driver->name);
	err = region_fill(made, &data_cfg, &request, &full);
	if (err != GROOVE_SUCCESS) {
		undo_create(made, &request);
		free(made);
		return err;
	}
	region_registry_add(made);
	*region = made;
	return GROOVE_SUCCESS;
}
