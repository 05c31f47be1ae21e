/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ZONE_UNLINK_H
#define ZONE_UNLINK_H

/* Removing regions: at destroy, of what was half made, of what a dead destroyer left. Private to the memzone driver. */

#include <groove_volume_driver.h>

/* The driver's unlink. */
int zone_unlink(const char *name, const groove_volume_range_t *range);

/* Remove a name that a destroyer left when it died, between the mark and the removal: it is free. */
void zone_unlink_left(const char *name);

#endif /* ZONE_UNLINK_H */
