/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_H
#define GROOVE_REGION_H

/**
 * @file
 * Regions: the memory of a groove, that is its shared region and address space for its volumes, from a volume driver.
 *
 * A driver (groove_volume_driver.h) registers itself and is found by name. A region with a name can be attached by
 * other processes, one without is private, but for a driver that hands over descriptors. The address space of all
 * volumes that the groove can have is mapped once per process; memory comes (groove_region_grow()) and goes
 * (groove_region_shrink()) while processes run, and all see it at once.
 *
 * On one region: create, attach, detach, dma_register and dma_unregister one at a time, and nothing else during detach.
 * All else may be called by any thread at the same time. After fork the child has no region: its calls return
 * GROOVE_ERR_INVAL (or NULL, or 0), but detach, which unmaps.
 *
 * Errors are logged (log type lib.groove.region) in one line that names the value and the way out.
 *
 * Only drivers that say so need EAL; the others serve processes that never call rte_eal_init().
 *
 * Addresses: a program that wants a region at an address of its choice names it (at). All of the range lies there, its
 * front first; the address is a multiple of the page size and of 2 MiB. What is mapped there already is never replaced:
 * that is GROOVE_ERR_FULL. Drivers that cannot choose an address (memzone) refuse it: GROOVE_ERR_INVAL.
 */

#include <groove.h>

#include <groove_place.h>
#include <groove_region_care.h>
#include <groove_region_dma.h>
#include <groove_region_handle.h>
#include <groove_region_info.h>
#include <groove_region_life.h>

#endif /* GROOVE_REGION_H */
