/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What of a region is seen by those that look at a process from outside: core dumps, debuggers, mlockall(). */

#include <sys/mman.h>

#include "region_log.h"
#include "region_private.h"
#include "region_state.h"

static bool
has_holes(const groove_region_t *region)
{
	return region->range.fd >= 0 && region->driver->punch != NULL;
}

void
region_guard_holes(groove_region_t *region)
{
	if (has_holes(region))
		region_guard_begin(&region->guard, region->range.base, region->range.sz);
}

/* For a core dump or not. */
static int
advise(const groove_region_t *region, uint64_t off, uint64_t sz, bool dumped)
{
	return madvise((uint8_t *)region->range.base + off, sz, dumped ? MADV_DODUMP : MADV_DONTDUMP);
}

void
region_dump_nothing(const groove_region_t *region)
{
	if (has_holes(region))
		advise(region, 0, region->range.sz, false);
}

void
region_dump_volume(const groove_region_t *region, uint64_t idx, bool has_memory)
{
	if (region->dumped)
		advise(region, region_volume_off(region, idx), region->fixed.volume_sz, has_memory);
}

int
groove_region_dump(groove_region_t *region, int volumes)
{
	if (!region_is_live(region, "dump"))
		return GROOVE_ERR_INVAL;
	/* EAL says by itself what of its memory is dumped. */
	if (!has_holes(region))
		return GROOVE_SUCCESS;
	region->dumped = false;
	if (advise(region, 0, region->range.sz, false) != 0 ||
		(volumes && advise(region, 0, region->fixed.front_sz, true) != 0)) {
		REGION_LOG(ERR, "dump: region %s stays as it is: madvise: %m; detach some other memory",
			region->fixed.name);
		return GROOVE_ERR_INVAL;
	}
	region->dumped = volumes != 0;
	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		if (groove_region_volume_has_memory(region, i))
			region_dump_volume(region, i, true);
	}
	return GROOVE_SUCCESS;
}
