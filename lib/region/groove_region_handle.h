/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_HANDLE_H
#define GROOVE_REGION_HANDLE_H

/**
 * @file
 * What processes hand to each other: handles of objects, and words of a region for its applications.
 */

#include <groove_region_life.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A number by which any process finds an object: position independent, 64 bits, checked.
 *
 * @param region
 *   The region.
 * @param obj
 *   An object, or any other address in a volume that is a multiple of 16, but for volume 0's own.
 * @return
 *   The handle; 0, silent, when obj is not in a volume that has memory, or misaligned.
 */
uint64_t groove_region_handle(const groove_region_t *region, const void *obj);

/**
 * Where the object of a handle lies in this process.
 *
 * @param region
 *   The region.
 * @param handle
 *   What groove_region_handle() returned.
 * @return
 *   The address; NULL, silent, for 0, for a damaged handle or one of another region (all but one of 65,536), and for
 * one of a volume that has been shrunk since, also when memory came back at the place: up to 2^30 times, or up to 2^25
 * in a region of 2 TiB; the guide has the limits in between.
 */
void *groove_region_pointer(const groove_region_t *region, uint64_t handle);

#define GROOVE_REGION_ROOT_CNT 8 /**< Words of a region for its applications. */

/**
 * A word that all processes share, for what they have to find first: the handle of a table, say. 0 at the start; to be
 * read and changed by atomic operations only. Nothing here reads it.
 *
 * @param region
 *   The region.
 * @param idx
 *   [0, GROOVE_REGION_ROOT_CNT).
 * @return
 *   The word; NULL, logged, when idx is out of range.
 */
uint64_t *groove_region_root(groove_region_t *region, unsigned int idx);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_HANDLE_H */
