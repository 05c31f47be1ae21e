/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SZC_H
#define GROOVE_SZC_H

/**
 * @file
 * Size classes: the slot sizes that objects come in, and how superblocks nest.
 *
 * A size class has slots of one footprint. obj_cnt of them come after a header in a superblock, which is itself a slot
 * of the class parent_szc. The last class, GROOVE_DATA_SZC_SLICE, is no class of objects: it cuts a volume into pieces
 * of just under 32 MiB. Its obj_cnt here is that of 1 GiB volumes; a smaller volume has as many as fit, and a volume of
 * 32 MiB is one slice.
 *
 * The table is made by config/gen_szc.py, which explains how and refuses to make a bad one.
 */

#include <groove_base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GROOVE_DATA_SZC_CNT	   124UL /**< Size classes. */
#define GROOVE_DATA_SZC_SLICE	   123UL /**< The class that divides volumes. */
#define GROOVE_DATA_SZC_VOLUME	   127UL /**< What stands for a parent where the parent is the volume itself. */
#define GROOVE_DATA_SZC_CGROUP_MAX 64UL	 /**< Most concurrency groups a class can have. */

/** A size class. */
typedef struct groove_data_szc_cfg {
	uint32_t obj_footprint; /**< Bytes of a slot, header included; a multiple of 64, from 4 KiB of 512. */
	uint8_t obj_cnt;	/**< Slots in a superblock. */
	uint8_t cgroup_mask;	/**< Concurrency groups less one, a power of two less one. */
	uint8_t parent_szc;	/**< Class whose slots hold the superblocks of this class. */
} groove_data_szc_cfg_t;

#define GROOVE_DATA_SZC_LINES 1024UL /**< Up to so many bytes there is a class for each number of cache lines. */

/** The classes in ascending order of footprint. */
extern const groove_data_szc_cfg_t groove_data_szc_cfg[GROOVE_DATA_SZC_CNT];

/** Largest footprint of an object, bytes: 10 MiB and a block. */
#define GROOVE_DATA_ALLOC_FOOTPRINT_MAX 10486272UL

/**
 * The tightest class that fits a footprint; the last class where none does.
 *
 * There is one class in each cache line's step up to 1 KiB, then one in each of eight steps of a doubling; its
 * footprint is at most the end of the step. So arithmetic finds the step, and one comparison shows whether it is this
 * class or the next.
 *
 * @param footprint
 *   Bytes of header, padding and object. An object has at most GROOVE_DATA_ALLOC_FOOTPRINT_MAX.
 * @return
 *   Index in groove_data_szc_cfg. GROOVE_DATA_SZC_SLICE: no class of objects fits.
 */
static inline uint64_t
groove_data_szc(uint64_t footprint)
{
	const uint64_t last = footprint - 1;

	/* The largest class of objects ends in the step that ends here. Of 0 the last byte is beyond, too. */
	if (last >= 11UL << 20)
		return footprint == 0 ? 0 : GROOVE_DATA_SZC_SLICE;
	/* One class for each cache line: known when the caller is compiled, if the footprint is. */
	if (__builtin_constant_p(last) && last < GROOVE_DATA_SZC_LINES)
		return last / GROOVE_LINE_SZ;

	/* 512 bytes in eighths are cache lines: so are the steps below. */
	const unsigned int msb = 63U - (unsigned int)__builtin_clzll(last | 512);
	const uint64_t szc = ((msb - 9) << 3) + (last >> (msb - 3));

	return szc + (footprint > groove_data_szc_cfg[szc].obj_footprint);
}

#ifdef __cplusplus
}
#endif

#endif /* GROOVE_SZC_H */
