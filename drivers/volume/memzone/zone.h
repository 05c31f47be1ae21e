/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ZONE_H
#define ZONE_H

/* Memzones: their names, and what lib/region has to know of one. Private to the memzone driver. */

#include <stdbool.h>
#include <stdint.h>

#include <rte_memzone.h>

#include <groove_volume_driver.h>

/* Before the name of a region, in that of its memzone. */
#define ZONE_NAME_PREFIX "groove."

/* Name of a region's memzone; false when EAL's names are too short for it. */
bool zone_name(char name[RTE_MEMZONE_NAMESIZE], const char *region_name);

/* Of a region without: EAL's processes may be of several PID namespaces, so it takes a number that none else has. */
void zone_name_private(char name[RTE_MEMZONE_NAMESIZE], uint64_t id);

/* Whether it is that of a region with a name. */
bool zone_is_named(const struct rte_memzone *zone);

/* The memzone of a region's name; NULL: there is none. It stays while the caller has the lock of the name. */
const struct rte_memzone *zone_find(const char *name);

/* Fill in a range. That of a private memzone keeps it, and goes with it. */
void zone_range(const struct rte_memzone *zone, groove_volume_range_t *range);

/* Whether EAL, or the memory of a range, has gone. */
bool zone_is_gone(const groove_volume_range_t *range);

/* The first word of a region says, last of all, that it is made. */
bool zone_is_half_made(const groove_volume_range_t *range);

#endif /* ZONE_H */
