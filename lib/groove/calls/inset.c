/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "inset.h"

#include "hdr.h"

static void
redirect_store(void *at, uint64_t blocks)
{
	/* Relaxed: the header releases it. */
	__atomic_store_n(&((groove_data_hdr_t *)at)->bits,
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_REDIRECT, blocks, 0, 0, 0, 0).bits, __ATOMIC_RELAXED);
}

void *
inset_make(void *outer, uint64_t align)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(outer);
	uint8_t *inset = (uint8_t *)(((uintptr_t)outer + align - 1) & ~(uintptr_t)(align - 1));
	const uint64_t blocks = (uint64_t)(inset - (uint8_t *)outer) / GROOVE_BLOCK_FOOTPRINT;
	uint64_t bits = hdr_load(hdr);

	/* Another has freed it since it was allocated, by its tag: it is nobody's any more. */
	if (hdr_type(bits) != GROOVE_DATA_HDR_TYPE_ALLOC || hdr_align(bits) != GROOVE_DATA_ALLOC_ALIGN_MAX)
		return inset;
	/* One that lies where the object does has its redirect already. */
	if (blocks != 0) {
		redirect_store(inset - GROOVE_BLOCK_FOOTPRINT, blocks);
		redirect_store(inset - GROOVE_LINE_SZ, 0);
	}
	/*
	 * Release pairs with hdr_load(): one that finds the inset finds the redirects. It fails only when another
	 * frees the object at this moment.
	 */
	__atomic_compare_exchange_n(
		&hdr->bits, &bits, hdr_with_inset(bits, align, blocks), false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	return inset;
}
