/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "superblock.h"

#include <inttypes.h>

#include "hdr.h"
#include "log.h"

void
sb_log(uint64_t szc, uint64_t block, const char *what)
{
	GROOVE_LOG_LIMITED(ERR, "superblock of class %" PRIu64 " at block %" PRIu64 ": %s\n", szc, block, what);
}

/* Whether the word of a header can be that of a superblock of szc at a block: of the volume's root, or in a slot that
 * its parent has, and after its parent. */
static bool
is_superblock_hdr(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t bits)
{
	const uint64_t parent = szc_parent(data, szc);
	const uint64_t idx = hdr_idx(bits);
	const uint64_t off = block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT;

	if (bits != hdr_superblock(szc, parent, idx))
		return false;
	if (parent == GROOVE_DATA_SZC_VOLUME)
		return idx == 0 && off == data->data_off;
	return idx < szc_cnt(data, parent) && off >= data->data_off + groove_data_superblock_first(parent) +
							      idx * groove_data_szc_cfg[parent].obj_footprint;
}

bool
superblock_is_finished(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	const groove_data_hdr_t *hdr = (const groove_data_hdr_t *)block_addr(data, block);

	return is_superblock_hdr(data, szc, block, hdr_load(hdr));
}

bool
superblock_is_unused(const groove_data_t *data, uint64_t szc, uint64_t block)
{
	for (uint32_t i = 0; i < szc_cnt(data, szc); i++)
		if (hdr_load(slot_hdr(data, szc, block, i)) != hdr_free(szc, i))
			return false;
	return true;
}
