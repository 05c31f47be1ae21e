/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef VOLUME_DRIVERS_H
#define VOLUME_DRIVERS_H

/* The registry of volume drivers, and those that it has from the start. */

#include <groove_volume_driver.h>

/* Drivers that are part of the library, NULL at the end: drivers/volume/meson.build makes the table. */
extern groove_volume_driver_t *const volume_drivers_linked_in[];

/* The first driver of the list, in which each has the next; NULL: there is none. */
const groove_volume_driver_t *volume_drivers_first(void);

#endif /* VOLUME_DRIVERS_H */
