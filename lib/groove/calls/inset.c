/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "inset.h"

#include "debug_checks.h"
#include "hdr.h"

static void
redirect_store(void *at, uint64_t blocks)
{
	/* Relaxed: the header releases it. */
	__atomic_store_n(&((groove_data_hdr_t *)at)->bits,
		groove_data_hdr(GROOVE_DATA_HDR_TYPE_REDIRECT, blocks, 0, 0, 0, 0).bits, __ATOMIC_RELAXED);
}

void *
inset_make(void *slot, uint64_t bits, uint64_t tag)
{
	const uint64_t align = groove_data_hdr_inset_align((groove_data_hdr_t){.bits = bits});
	uint8_t *outer = (uint8_t *)slot + groove_data_obj_off(GROOVE_DATA_ALLOC_ALIGN_MAX);
	uint8_t *inset = (uint8_t *)(((uintptr_t)outer + align - 1) & ~(uintptr_t)(align - 1));
	const uint64_t blocks = (uint64_t)(inset - outer) / GROOVE_BLOCK_FOOTPRINT;

	bits = hdr_with_inset_blocks(bits, blocks);
	if (GROOVE_DEBUG_CHECKS)
		debug_alloc(slot, bits);
	/* Of one that lies where the outer object does, the slot's header is at the block boundary before. */
	if (blocks != 0)
		redirect_store(inset - GROOVE_BLOCK_FOOTPRINT, blocks);
	redirect_store(inset - GROOVE_LINE_SZ, 0);
	return groove_data_slot_fill(slot, bits, (uint64_t)(inset - (uint8_t *)slot), tag);
}
