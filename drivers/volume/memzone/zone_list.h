/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ZONE_LIST_H
#define ZONE_LIST_H

/* The names of regions, from EAL's memzones. Private to the memzone driver. */

#include <groove_volume_driver.h>

/* The driver's list. */
int zone_list(groove_region_list_fn fn, void *arg);

#endif /* ZONE_LIST_H */
