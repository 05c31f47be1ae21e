/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_REGION_DMA_H
#define GROOVE_REGION_DMA_H

/**
 * @file
 * DMA to and from a region. Needs EAL.
 */

#include <groove_region_life.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Let EAL know the whole address range of the region as external memory, for DMA and rte_mem_virt2memseg(). Takes a
 * lock of EAL: do it before the groove is joined.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: no EAL, or EAL knows the memory already; GROOVE_ERR_FULL: EAL has no room for
 * more.
 */
int groove_region_dma_register(groove_region_t *region);

/**
 * Take it back, before detach. GROOVE_SUCCESS; GROOVE_ERR_INVAL: it is not registered, or EAL refuses.
 *
 * @param region
 *   The region.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: it is not registered, or EAL refuses.
 */
int groove_region_dma_unregister(groove_region_t *region);

struct rte_device;

/**
 * Map the whole range for DMA by a device. The kernel may pin all pages: each volume must have memory, and none may be
 * shrunk before groove_region_dma_unmap().
 *
 * @param region
 *   The region.
 * @param dev
 *   The device.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: not registered, a volume has no memory, or the device refuses.
 */
int groove_region_dma_map(groove_region_t *region, struct rte_device *dev);

/**
 * Unmap it. GROOVE_SUCCESS; GROOVE_ERR_INVAL: as for map.
 *
 * @param region
 *   The region.
 * @param dev
 *   The device.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: as for map.
 */
int groove_region_dma_unmap(groove_region_t *region, struct rte_device *dev);

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_REGION_DMA_H */
