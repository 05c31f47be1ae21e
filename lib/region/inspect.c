/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A look at a region that changes nothing. What the processes share is in the front; a copy of it is looked at as if it
 * were mapped, so that nothing of the region is touched, a hole takes no page, and what is damaged does no harm.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "join_handle.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"
#include "shared.h"
#include "sized.h"
#include "stats.h"

#define REPORT_SIZE_FIRST offsetof(groove_region_report_t, reader_cnt)

/* ---- a copy of the front ---- */

/*
 * Have hdr and what follows it in a copy, as if that were mapped. GROOVE_SUCCESS; GROOVE_ERR_FULL, INVAL: no heap, or
 * it cannot be read; GROOVE_ERR_CORRUPT: it was cut. All logged.
 */
static int
front_copy(groove_region_t *region, const groove_volume_range_t *range, const struct region_hdr *hdr, const char *what)
{
	int err;

	const uint64_t sz = hdr->fixed.shdata_off + hdr->fixed.shdata_sz;
	const uint64_t align = groove_data_align();

	region->fixed = hdr->fixed;
	region->hdr = aligned_alloc(align, (sz + align - 1) / align * align);
	if (region->hdr == NULL) {
		REGION_LOG(ERR, "no %" PRIu64 " bytes of heap to look at a region", sz);
		return GROOVE_ERR_FULL;
	}
	region->range = *range;
	region->range.base = region->hdr;
	err = region_hdr_read(range, region->hdr, sz, what);
	return err == GROOVE_ERR_EMPTY ? GROOVE_ERR_CORRUPT : err;
}

/* ---- what is in it ---- */

static void
report_fixed(const struct region_fixed *fixed, groove_region_report_t *report)
{
	report->node = (int)fixed->node;
	report->placement = (enum groove_placement)fixed->placement;
	report->page_sz = fixed->page_sz;
	report->volume_sz = fixed->volume_sz;
	report->volume_max = fixed->volume_max;
	report->join_max = fixed->join_max;
}

static void
report_members(groove_region_t *region, groove_region_report_t *report)
{
	uint32_t owner[GROOVE_REGION_MEMBER_MAX];

	report->member_cnt = region_member_list(region->self.probe_fd, owner, GROOVE_REGION_MEMBER_MAX);
	for (uint64_t i = 0; i < report->member_cnt; i++) {
		report->member_pid[i] = region_member_pid(region->hdr, owner[i]);
		report->reader_cnt += region_member_reads(owner[i]);
	}
}

static void
report_joins(groove_region_t *region, const struct groove_shdata *shdata, groove_region_report_t *report)
{
	for (uint64_t i = 0; i < region->fixed.join_max; i++) {
		if (record_kind(shdata->record[i].state) == RECORD_VACANT)
			continue;
		report->join_cnt++;
		report->join_dead_cnt += region_join_is_dead(region, i) != 0;
	}
}

static void
report_objects(const groove_data_t *data, groove_region_report_t *report)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const struct szc_sum sum = stats_sum(data, szc);

		report->obj_cnt += stats_not_below_zero(sum.obj_cnt);
		report->obj_bytes += stats_not_below_zero(sum.req_bytes);
	}
}

/* What the groove says of itself, which is no more than hearsay where the region is torn. */
static int
report_groove(groove_region_t *region, groove_region_report_t *report)
{
	const groove_data_cfg_t cfg = region_hdr_data_cfg(&region->fixed);
	struct groove_shdata *shdata = (struct groove_shdata *)((uint8_t *)region->hdr + region->fixed.shdata_off);
	void *const nowhere = (void *)(uintptr_t)GROOVE_VOLUME_ALIGN; /* no volume is looked into */
	groove_data_t data;

	if (!join_view(&data, shdata, &cfg, nowhere, "inspect"))
		return GROOVE_ERR_CORRUPT;
	report->volume_memory_cnt = groove_region_volume_cnt(region);
	report->volume_cnt = pool_volume_cnt(data.pool.shpool);
	report_members(region, report);
	report_joins(region, shdata, report);
	report_objects(&data, report);
	return GROOVE_SUCCESS;
}

/* ---- the whole ---- */

static enum groove_region_state
state_of_error(int err)
{
	switch (err) {
	case GROOVE_ERR_AGAIN:
		return GROOVE_REGION_HALF_MADE;
	case GROOVE_ERR_CORRUPT:
		return GROOVE_REGION_DAMAGED;
	default:
		return GROOVE_REGION_FOREIGN;
	}
}

/* Whether attach would find it torn, or refuse it. */
static enum groove_region_state
state_of(groove_region_t *region, const char *what)
{
	uint64_t where;

	if (identity_of(region->hdr, region->driver, &region->range) != IDENTITY_WHOLE ||
		region_has_hole(region, &where))
		return region->driver->sync != NULL ? GROOVE_REGION_TORN : GROOVE_REGION_DAMAGED;
	return region_hdr_check_groove(region->hdr, &region->fixed, what) == GROOVE_SUCCESS ? GROOVE_REGION_WHOLE
											    : GROOVE_REGION_DAMAGED;
}

/* Of a region by its header. GROOVE_SUCCESS; GROOVE_ERR_FULL, INVAL, logged; GROOVE_ERR_CORRUPT. */
static int
inspect_front(const groove_volume_driver_t *driver, const groove_volume_range_t *range, const struct region_hdr *hdr,
	const char *what, groove_region_report_t *report)
{
	groove_region_t region = {.driver = driver, .copied = true};
	int err;

	err = region_member_look(&region.self, driver, range);
	if (err != GROOVE_SUCCESS)
		return err;
	err = front_copy(&region, range, hdr, what);
	if (err == GROOVE_SUCCESS) {
		report_fixed(&region.fixed, report);
		report->state = state_of(&region, what);
		err = report_groove(&region, report);
	}
	free(region.hdr);
	close(region.self.probe_fd);
	return err;
}

static int
inspect_range(const groove_volume_driver_t *driver, const groove_volume_range_t *range, const char *what,
	groove_region_report_t *report)
{
	struct region_hdr hdr;
	int err = region_hdr_read(range, &hdr, sizeof(hdr), what);

	if (err == GROOVE_ERR_INVAL)
		return err;
	if (err == GROOVE_SUCCESS)
		err = region_hdr_check(&hdr, range, driver->name, what);
	if (err == GROOVE_ERR_KEY)
		return err;
	if (err == GROOVE_SUCCESS)
		err = inspect_front(driver, range, &hdr, what, report);
	else
		report->state = state_of_error(err);
	if (err == GROOVE_ERR_CORRUPT)
		report->state = GROOVE_REGION_DAMAGED;
	report->driver = driver->name;
	report->bytes = range->sz;
	return report->state != GROOVE_REGION_WHOLE ? GROOVE_SUCCESS : err;
}

int
groove_region_inspect(const groove_region_id_t *id, groove_region_report_t *report)
{
	groove_region_report_t found = {0};
	const groove_volume_driver_t *driver;
	groove_volume_range_t range = {.fd = -1};
	groove_region_id_t full;
	char what[GROOVE_REGION_NAME_MAX + 16];
	size_t size;
	int err;

	if (report == NULL) {
		REGION_LOG(ERR, "groove_region_inspect() needs a place for what it finds");
		return GROOVE_ERR_INVAL;
	}
	if (!region_id_complete(id, &full, "groove_region_inspect"))
		return GROOVE_ERR_INVAL;
	err = region_open_named(&full, IDENTITY_LOOK, &driver, &range);
	if (err != GROOVE_SUCCESS)
		return err;
	snprintf(what, sizeof(what), "region %s", full.name);
	err = inspect_range(driver, &range, what, &found);
	driver->close(&range);
	if (err != GROOVE_SUCCESS)
		return err;
	size = report->size != 0 ? report->size : REPORT_SIZE_FIRST;
	found.size = report->size;
	memcpy(report, &found, size < sizeof(found) ? size : sizeof(found));
	return GROOVE_SUCCESS;
}
