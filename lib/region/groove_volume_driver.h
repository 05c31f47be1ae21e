/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_DRIVER_H
#define GROOVE_VOLUME_DRIVER_H

/**
 * @file
 * What a volume driver provides: memory for a groove. Drivers register themselves before main() and are found by name.
 */

#include <groove_region.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Memory that a driver is asked for. lib/region has checked the values. */
typedef struct groove_volume_request {
	uint64_t shared_sz;    /**< Bytes for the shared region. */
	uint64_t volume_sz;    /**< Bytes of a volume. */
	uint64_t volume_cnt;   /**< Volumes. */
	enum groove_page page; /**< Size of the pages. */
	int node;	       /**< NUMA node, or GROOVE_NODE_ANY. */
} groove_volume_request_t;

/** Memory that a driver gave. */
typedef struct groove_volume_range {
	void *shared;	  /**< Shared region, aligned to 2 MiB or the page. */
	void *volume0;	  /**< Volumes, side by side, aligned to 2 MiB or the page. */
	uint64_t page_sz; /**< Bytes of the pages. */
	void *priv;	  /**< The driver's own. */
} groove_volume_range_t;

/** A volume driver. */
typedef struct groove_volume_driver {
	const char *name; /**< By which it is found. */
	/**
	 * Reserve and populate memory, shared region zeroed.
	 * GROOVE_SUCCESS; GROOVE_ERR_INVAL: cannot be had in this set-up; GROOVE_ERR_FULL: not enough memory. Errors
	 * are logged with their remedy; nothing is kept then, and range is not touched.
	 */
	int (*reserve)(const groove_volume_request_t *request, groove_volume_range_t *range);
	/** Give it all back. */
	void (*release)(groove_volume_range_t *range);
	struct groove_volume_driver *next; /**< For the registry. */
} groove_volume_driver_t;

/**
 * Add a driver to the registry. Called before main(), or from a plug-in's constructor in rte_eal_init(). A second
 * driver of the same name is ignored, logged.
 */
void groove_volume_driver_register(groove_volume_driver_t *driver);

/** The driver of a name (NULL: the first that is registered); NULL when there is none. */
const groove_volume_driver_t *groove_volume_driver_find(const char *name);

/** Register a driver with one line in its file. */
#define GROOVE_VOLUME_DRIVER(driver)                                                                                   \
	__attribute__((__constructor__)) static void groove_volume_driver_init_##driver(void)                          \
	{                                                                                                              \
		groove_volume_driver_register(&driver);                                                                \
	}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_VOLUME_DRIVER_H */
