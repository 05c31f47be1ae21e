/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_DATA_OBJECT_H
#define GROOVE_DATA_OBJECT_H

/**
 * @file
 * What a live object was allocated with. Any thread of any process that has it mapped, without a join.
 */

#include <groove_data_hdr.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Header of an object, as it is now.
 *
 * @param obj
 *   A live object.
 * @return
 *   The header.
 */
static inline groove_data_hdr_t
groove_data_alloc_hdr(const void *obj)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);
	groove_data_hdr_t copy;

	copy.bits = __atomic_load_n(&hdr->bits, __ATOMIC_RELAXED);
	copy.info = __atomic_load_n(&hdr->info, __ATOMIC_RELAXED);
	return copy;
}

/**
 * Alignment as asked for (16 when that was 0).
 *
 * @param obj
 *   A live object.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_alloc_align(const void *obj)
{
	return groove_data_hdr_asked_align(groove_data_alloc_hdr(obj));
}

/**
 * Size as asked for, bytes.
 *
 * @param obj
 *   A live object.
 * @return
 *   Bytes.
 */
static inline uint64_t
groove_data_alloc_sz(const void *obj)
{
	return groove_data_hdr_asked_sz(groove_data_alloc_hdr(obj));
}

/**
 * Tag as given.
 *
 * @param obj
 *   A live object.
 * @return
 *   The tag.
 */
static inline uint64_t
groove_data_alloc_tag(const void *obj)
{
	return groove_data_hdr_info(groove_data_alloc_hdr(obj));
}

/**
 * First usable byte around the object, start <= obj.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_alloc_start_const(const void *obj)
{
	return GROOVE_DEBUG_CHECKS ? obj : (const void *)(groove_data_near_hdr_const(obj) + 1);
}

/**
 * First usable byte around the object, to be written to.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline void *
groove_data_alloc_start(void *obj)
{
	return (void *)(uintptr_t)groove_data_alloc_start_const(obj);
}

/**
 * First byte after the usable ones, obj + sz <= stop.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline const void *
groove_data_alloc_stop_const(const void *obj)
{
	const groove_data_hdr_t *hdr = groove_data_object_hdr_const(obj);

	if (GROOVE_DEBUG_CHECKS)
		return (const uint8_t *)obj + groove_data_alloc_sz(obj);
	return (const uint8_t *)hdr +
	       groove_data_szc_cfg[groove_data_hdr_szc(groove_data_alloc_hdr(obj))].obj_footprint;
}

/**
 * First byte after the usable ones.
 *
 * @param obj
 *   A live object.
 * @return
 *   Its address.
 */
static inline void *
groove_data_alloc_stop(void *obj)
{
	return (void *)(uintptr_t)groove_data_alloc_stop_const(obj);
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_DATA_OBJECT_H */
