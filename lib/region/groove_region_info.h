/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_INFO_H
#define GROOVE_REGION_INFO_H

/**
 * @file
 * What a region is, and where it lies.
 */

#include <groove_region_life.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Name of its driver.
 *
 * @param region
 *   The region.
 * @return
 *   A string that stays as long as the region.
 */
const char *groove_region_driver(const groove_region_t *region);

/**
 * Its name; "" when it is private.
 *
 * @param region
 *   The region.
 * @return
 *   A string that stays as long as the region.
 */
const char *groove_region_name(const groove_region_t *region);

/**
 * Shared region, for groove_data_join().
 *
 * @param region
 *   The region.
 * @return
 *   Its address.
 */
void *groove_region_shdata(const groove_region_t *region);

/**
 * Address of volume 0, for groove_data_join().
 *
 * @param region
 *   The region.
 * @return
 *   Its address.
 */
void *groove_region_volume0(const groove_region_t *region);

/**
 * Volumes there can be.
 *
 * @param region
 *   The region.
 * @return
 *   Volumes.
 */
uint64_t groove_region_volume_max(const groove_region_t *region);

/**
 * Volumes that have memory now.
 *
 * @param region
 *   The region.
 * @return
 *   Volumes.
 */
uint64_t groove_region_volume_cnt(const groove_region_t *region);

/**
 * Whether a volume has memory now, all of it. 1; 0: none, or a process is just adding it or giving it back, or there is
 * no such volume.
 *
 * @param region
 *   The region.
 * @param idx
 *   Index of a volume.
 * @return
 *   1: it has; 0: it has not.
 */
int groove_region_volume_has_memory(const groove_region_t *region, uint64_t idx);

/**
 * Bytes of each volume.
 *
 * @param region
 *   The region.
 * @return
 *   Bytes.
 */
uint64_t groove_region_volume_sz(const groove_region_t *region);

/**
 * Bytes of the pages the memory really has.
 *
 * @param region
 *   The region.
 * @return
 *   Bytes.
 */
uint64_t groove_region_page_sz(const groove_region_t *region);

/**
 * Count the pages of the shared region and of each volume that has memory by the NUMA node on which they really lie.
 * The kernel is asked for each page, and knows those that this process has made or touched since it attached, and that
 * it is not moving to another place at the moment.
 *
 * @param region
 *   The region.
 * @param page_cnt
 *   Receives the pages, of groove_region_page_sz() bytes, on node 0, 1, ..., node_cnt - 1.
 * @param node_cnt
 *   Numbers there is room for; GROOVE_NODE_MAX is enough.
 * @return
 *   Pages of which the kernel does not say, and pages on nodes that there is no room for.
 */
uint64_t groove_region_node_pages(const groove_region_t *region, uint64_t *page_cnt, unsigned int node_cnt);

/**
 * NUMA node that each page counted by groove_region_node_pages() really lies on; GROOVE_ERR_KEY when the kernel does
 * not say it of all of them, or when they lie on several.
 *
 * @param region
 *   The region.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_node(const groove_region_t *region);

/**
 * NUMA node that the region was made for, or GROOVE_NODE_ANY.
 *
 * @param region
 *   The region.
 * @return
 *   The node, or GROOVE_NODE_ANY.
 */
int groove_region_node_wanted(const groove_region_t *region);

/**
 * How it was to be placed there: bound or preferred; of no meaning for GROOVE_NODE_ANY.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_PLACEMENT_BOUND or GROOVE_PLACEMENT_PREFERRED.
 */
enum groove_placement groove_region_placement(const groove_region_t *region);

/**
 * Physical address of a byte of the region.
 *
 * @param region
 *   The region.
 * @param addr
 *   An address.
 * @param phys
 *   Receives the physical address; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: addr is not in the region; GROOVE_ERR_KEY: it cannot be read (needs root).
 */
int groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_INFO_H */
