/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_H
#define GROOVE_REGION_H

/**
 * @file
 * Regions: the memory of a groove, that is its shared region and room for its volumes, from a volume driver.
 *
 * A driver (groove_volume_driver.h) registers itself and is found by name. A region here is private to the process.
 * Create and destroy: one at a time on one region; all else only reads and may be called by any thread. Errors are
 * logged (log type lib.groove.region) in one line that names the value and the way out.
 */

#include <groove.h>

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

#define GROOVE_NODE_ANY -1 /**< No preference. */

/** What a region shall be. */
typedef struct groove_region_cfg {
	const char *driver;    /**< Volume driver; NULL: the first that is registered. */
	uint64_t volume_sz;    /**< Bytes of a volume; 0: GROOVE_VOLUME_FOOTPRINT. */
	uint64_t volume_cnt;   /**< Volumes to make room for, at least 1. */
	uint64_t join_max;     /**< As in groove_data_cfg_t; 0: the default. */
	enum groove_page page; /**< Size of the pages. */
	int node;	       /**< NUMA node, or GROOVE_NODE_ANY. */
} groove_region_cfg_t;

/** A region. */
typedef struct groove_region groove_region_t;

/**
 * Make a private region: reserves memory for the shared region and all volumes, and makes an empty groove in it. The
 * volumes are not added to the groove.
 *
 * @param cfg
 *   What it shall be.
 * @param region
 *   Receives the region; not touched on error.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: an argument is wrong; GROOVE_ERR_KEY: no such driver (the message lists those
 *   there are); GROOVE_ERR_FULL: not enough memory of that page size on that node. On error nothing is kept.
 */
int groove_region_create(const groove_region_cfg_t *cfg, groove_region_t **region);

/** Give all memory of a region back. Nobody may have joined its groove. NULL is fine. */
void groove_region_destroy(groove_region_t *region);

/** Name of its driver. */
const char *groove_region_driver(const groove_region_t *region);

/** Shared region, for groove_data_join(). */
void *groove_region_shdata(const groove_region_t *region);

/** Address of volume 0, for groove_data_join(). */
void *groove_region_volume0(const groove_region_t *region);

/** Volumes there is room for. */
uint64_t groove_region_volume_cnt(const groove_region_t *region);

/** Bytes of each volume. */
uint64_t groove_region_volume_sz(const groove_region_t *region);

/** Bytes of the pages the memory really has. */
uint64_t groove_region_page_sz(const groove_region_t *region);

/**
 * NUMA node the memory really lies on (asked of the kernel, for the first page of the shared region and of each
 * volume); GROOVE_ERR_KEY when it does not tell, or when they lie on several.
 */
int groove_region_node(const groove_region_t *region);

/** NUMA node where the page of an address really lies; GROOVE_ERR_KEY when the kernel does not tell, or has no page. */
int groove_region_addr_node(const void *addr);

/**
 * Physical address of a byte of the region.
 *
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: addr is not in the region; GROOVE_ERR_KEY: it cannot be read (needs root).
 */
int groove_region_phys(const groove_region_t *region, const void *addr, uint64_t *phys);

/** Physical address of a byte of this process's memory; GROOVE_ERR_KEY as for groove_region_phys(). */
int groove_region_addr_phys(const void *addr, uint64_t *phys);

/** NUMA node of a CPU; GROOVE_ERR_KEY, logged, when there is no such CPU. */
int groove_region_cpu_node(int cpu);

/** "normal", "huge", "gigantic"; GROOVE_ERR_KEY when name is none of these. */
int groove_page_parse(const char *name, enum groove_page *page);

/** Bytes of a page; 0 for GROOVE_PAGE_ANY and numbers that are no page size. */
uint64_t groove_page_sz(enum groove_page page);

/** Name of a page size in bytes: "normal", "huge", "gigantic", or "other". */
const char *groove_page_name(uint64_t page_sz);

/** Names of the registered drivers, separated by blanks, into buf (cut to buf_sz, always terminated). */
void groove_region_driver_names(char *buf, size_t buf_sz);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_H */
