/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_PLACE_H
#define GROOVE_PLACE_H

/**
 * @file
 * Where memory lies: page sizes, NUMA nodes, physical addresses.
 *
 * Any thread at any time, also without a region.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Page sizes by their common names. */
enum groove_page {
	GROOVE_PAGE_ANY,      /**< The largest that has room. */
	GROOVE_PAGE_NORMAL,   /**< 4 KiB (the base page of the machine). */
	GROOVE_PAGE_HUGE,     /**< 2 MiB. */
	GROOVE_PAGE_GIGANTIC, /**< 1 GiB. */
};

/** How memory is placed on a NUMA node. */
enum groove_placement {
	GROOVE_PLACEMENT_DEFAULT,   /**< Not said: bound to a node above 0; on any node where node is 0, as in zeros. */
	GROOVE_PLACEMENT_BOUND,	    /**< All of it on the node: where that has no room is an error. */
	GROOVE_PLACEMENT_PREFERRED, /**< On the node as far as it has room, else on others. */
};

#define GROOVE_NODE_ANY -1   /**< No preference. */
#define GROOVE_NODE_MAX 1024 /**< NUMA nodes that Linux can have. */

/**
 * NUMA node where the page of an address really lies; GROOVE_ERR_KEY when the kernel does not say, or has no page.
 *
 * @param addr
 *   An address.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_addr_node(const void *addr);

/**
 * Physical address of a byte of this process's memory; GROOVE_ERR_KEY as for groove_region_phys().
 *
 * @param addr
 *   An address.
 * @param phys
 *   Receives the physical address; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: it cannot be read (needs root).
 */
int groove_region_addr_phys(const void *addr, uint64_t *phys);

/**
 * NUMA node of a CPU; GROOVE_ERR_KEY, logged, when there is no such CPU.
 *
 * @param cpu
 *   Number of the CPU.
 * @return
 *   The node, or GROOVE_ERR_KEY.
 */
int groove_region_cpu_node(int cpu);

/**
 * "bound", "preferred"; GROOVE_ERR_KEY when name is none of these.
 *
 * @param name
 *   "bound" or "preferred".
 * @param placement
 *   Receives it; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: name is none of these.
 */
int groove_placement_parse(const char *name, enum groove_placement *placement);

/**
 * Name of a placement; "other" for numbers that are none.
 *
 * @param placement
 *   A placement.
 * @return
 *   A constant string.
 */
const char *groove_placement_name(enum groove_placement placement);

/**
 * "normal", "huge", "gigantic"; GROOVE_ERR_KEY when name is none of these.
 *
 * @param name
 *   "normal", "huge" or "gigantic".
 * @param page
 *   Receives it; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_KEY: name is none of these.
 */
int groove_page_parse(const char *name, enum groove_page *page);

/**
 * Bytes of a page; 0 for GROOVE_PAGE_ANY and numbers that are no page size.
 *
 * @param page
 *   A page size.
 * @return
 *   Bytes.
 */
uint64_t groove_page_sz(enum groove_page page);

/**
 * Name of a page size in bytes: "normal", "huge", "gigantic", or "other".
 *
 * @param page_sz
 *   Bytes of a page.
 * @return
 *   A constant string.
 */
const char *groove_page_name(uint64_t page_sz);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_PLACE_H */
