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

/** What is tested. */
struct volume_subject {
	const char *driver;    /**< By its name. */
	const char *dir;       /**< As in groove_region_cfg_t. */
	enum groove_page page; /**< Pages to ask for; GROOVE_PAGE_ANY: whatever it gives. */
	bool gives_back;       /**< Memory of one volume can go back to the operating system. */
	bool alone;	       /**< No other process could find a region by its name. */
};

/** Bytes of the volumes it is tested with: a page at least. */
uint64_t volume_subject_volume_sz(const struct volume_subject *subject);

/** Memory that volume_driver_conformance() needs at one time: bytes, with some room for the driver's own. */
uint64_t volume_driver_conformance_sz(const struct volume_subject *subject);

/** Whether that is free in hugepages of the subject's size. */
bool volume_subject_room(const struct volume_subject *subject);

/** A configuration to start from: private, on any node. */
groove_region_cfg_t volume_subject_cfg(const struct volume_subject *subject);

/**
 * Check a driver against groove_volume_driver.h, through lib/region where that shows it.
 *
 * @return
 *   TEST_SUCCESS or TEST_FAILED.
 */
int volume_driver_conformance(const struct volume_subject *subject);

/** The parts of it about the driver's own calls, growth, names and other processes. */
int volume_driver_check_calls(const struct volume_subject *subject);
int volume_driver_check_resize(const struct volume_subject *subject);
int volume_driver_check_named(const struct volume_subject *subject);

#endif /* VOLUME_DRIVER_H */
