/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef VOLUME_DRIVER_H
#define VOLUME_DRIVER_H

/**
 * @file
 * What every volume driver must do, as one test for all of them.
 */

#include <groove_volume_driver.h>

#include "test.h"

/** Memory that volume_driver_conformance() needs at one time: bytes, with some room for the driver's own. */
#define VOLUME_DRIVER_CONFORMANCE_SZ (256UL << 20)

/**
 * Check a driver against groove_volume_driver.h, through lib/region where that shows it.
 *
 * @param page
 *   Pages to ask for; GROOVE_PAGE_ANY: whatever it gives.
 * @return
 *   TEST_SUCCESS or TEST_FAILED.
 */
int volume_driver_conformance(const char *name, enum groove_page page);

#endif /* VOLUME_DRIVER_H */
