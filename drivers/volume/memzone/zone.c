/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "memzone_eal.h"

bool
zone_name(char name[RTE_MEMZONE_NAMESIZE], const char *region_name)
{
	return snprintf(name, RTE_MEMZONE_NAMESIZE, ZONE_NAME_PREFIX "%s", region_name) < RTE_MEMZONE_NAMESIZE;
}

void
zone_name_private(char name[RTE_MEMZONE_NAMESIZE], uint64_t id)
{
	snprintf(name, RTE_MEMZONE_NAMESIZE, "groove_%016" PRIx64, id);
}

bool
zone_is_named(const struct rte_memzone *zone)
{
	return strncmp(zone->name, ZONE_NAME_PREFIX, strlen(ZONE_NAME_PREFIX)) == 0;
}

const struct rte_memzone *
zone_find(const char *name)
{
	char zone_text[RTE_MEMZONE_NAMESIZE];

	return memzone_eal_is_there() && zone_name(zone_text, name) ? rte_memzone_lookup(zone_text) : NULL;
}

void
zone_range(const struct rte_memzone *zone, groove_volume_range_t *range)
{
	memzone_eal_note(zone);
	*range = (groove_volume_range_t){
		.base = zone->addr,
		.sz = zone->len,
		.page_sz = zone->hugepage_sz,
		.fd = -1,
		.priv = zone_is_named(zone) ? NULL : (void *)(uintptr_t)zone,
	};
}

bool
zone_is_gone(const groove_volume_range_t *range)
{
	return !memzone_eal_is_there() || !groove_volume_is_mapped(range->base);
}

bool
zone_is_half_made(const groove_volume_range_t *range)
{
	return __atomic_load_n((const uint64_t *)range->base, __ATOMIC_ACQUIRE) == 0;
}
