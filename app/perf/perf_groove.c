/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* groove, on a private region. groove and groove-nocache share it: they differ in what their joins keep, no more. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <groove_region.h>
#include <groove_tile.h>

#include "calls_groove.h"
#include "complain.h"
#include "perf.h"
#include "text.h"

static groove_region_t *region;
static groove_data_t main_join; /* adds the volumes, and looks at the end whether all is well */
static unsigned int user_cnt;	/* allocators that have it open */
static bool objects_left;	/* some job failed, so its objects may not all be freed */

static groove_data_t *
join_make(groove_data_t *ljoin, uint64_t cgroup_hint)
{
	return groove_data_join(ljoin, groove_region_shdata(region), groove_region_volume0(region),
		groove_region_volume_cnt(region), cgroup_hint);
}

static void
groove_version(char *buf, size_t buf_sz)
{
	snprintf(buf, buf_sz, "%s", PERF_GROOVE_VERSION);
}

/* ---- the region ---- */

static int
region_open(const struct perf_job *job)
{
	const uint64_t join_cnt = (uint64_t)groove_tile_cnt() + 1;
	const int node = groove_tile_node(0);
	const groove_region_cfg_t cfg = {
		.driver = "memzone",
		.volume_sz = job->volume_sz,
		.volume_cnt = job->volume_cnt,
		.join_max = join_cnt > GROOVE_DATA_JOIN_DEFAULT ? join_cnt : 0,
		.node = node >= 0 ? node : GROOVE_NODE_ANY,
		.placement = GROOVE_PLACEMENT_BOUND,
	};
	int err = groove_region_create(&cfg, &region);

	if (err == GROOVE_SUCCESS && join_make(&main_join, 0) == NULL) {
		groove_region_detach(region);
		err = GROOVE_ERR_FULL;
	}
	return err;
}

static int
all_well(bool all_freed)
{
	groove_data_stats_t stats;
	int err = groove_data_verify(&main_join);

	if (err == GROOVE_SUCCESS)
		err = groove_data_stats(&main_join, &stats);
	if (err == GROOVE_SUCCESS && all_freed && stats.total.obj_cnt > 0) {
		app_complain("groove: %s objects are left, all were freed", app_text_count(stats.total.obj_cnt).s);
		err = GROOVE_ERR_CORRUPT;
	}
	return err;
}

static int
groove_open(const struct perf_job *job)
{
	int err = GROOVE_SUCCESS;

	if (user_cnt == 0) {
		objects_left = false;
		err = region_open(job);
	}
	if (err == GROOVE_SUCCESS)
		user_cnt++;
	return err;
}

static int
groove_close(bool all_freed)
{
	int err;

	objects_left |= !all_freed;
	if (--user_cnt > 0)
		return GROOVE_SUCCESS;
	err = all_well(!objects_left);
	groove_data_leave(&main_join);
	groove_region_detach(region);
	return err;
}

/* ---- workers ---- */

static bool
groove_join(struct perf_worker *worker)
{
	worker->handle = perf_room(sizeof(groove_data_t));
	if (worker->handle != NULL && join_make(worker->handle, worker->idx) != NULL)
		return true;
	perf_room_back(worker->handle, sizeof(groove_data_t));
	perf_scene_fail(worker->scene, GROOVE_ERR_FULL, "lcore %u cannot join", worker->idx + 1);
	return false;
}

/* With caches of no size each call goes to the shared state. */
static bool
nocache_join(struct perf_worker *worker)
{
	if (!groove_join(worker))
		return false;
	groove_data_cache_limit(worker->handle, 0, 0);
	return true;
}

static void
groove_leave(struct perf_worker *worker)
{
	groove_data_leave(worker->handle);
	perf_room_back(worker->handle, sizeof(groove_data_t));
}

/* ---- slots ---- */

static uint64_t
slot_of(const void *obj)
{
	return groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj))].obj_footprint;
}

static uint64_t
slot_for(uint64_t sz)
{
	return groove_data_szc_cfg[groove_data_szc(GROOVE_DATA_HDR_FOOTPRINT + sz)].obj_footprint;
}

const struct perf_allocator perf_groove = {
	.name = "groove",
	.family = PERF_GROOVE,
	.calls = &perf_calls_groove,
	.version = groove_version,
	.open = groove_open,
	.close = groove_close,
	.join = groove_join,
	.leave = groove_leave,
	.slot_of = slot_of,
	.slot_for = slot_for,
	.slot_hdr = GROOVE_DATA_HDR_FOOTPRINT,
};

const struct perf_allocator perf_groove_nocache = {
	.name = "groove-nocache",
	.family = PERF_GROOVE,
	.calls = &perf_calls_groove,
	.version = groove_version,
	.open = groove_open,
	.close = groove_close,
	.join = nocache_join,
	.leave = groove_leave,
	.slot_of = slot_of,
	.slot_for = slot_for,
	.slot_hdr = GROOVE_DATA_HDR_FOOTPRINT,
};
