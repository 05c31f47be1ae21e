/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_REGISTRY_H
#define REGION_REGISTRY_H

/*
 * The regions that this process has attached, for what asks by name: telemetry. Of this process alone, as is the lock
 * that guards the list. A child of fork has none.
 */

#include "region_private.h"

/* Add a region that is complete. */
void region_registry_add(groove_region_t *region);

/* Take one out. Nothing that was called with it is still running afterwards. One that is not in it is fine. */
void region_registry_remove(groove_region_t *region);

/*
 * Call fn with each region, by ascending number of the order in which they came; it may not attach or detach. 0 goes
 * on, anything else ends it and is returned.
 */
int region_registry_each(int (*fn)(void *arg, groove_region_t *region), void *arg);

#endif /* REGION_REGISTRY_H */
