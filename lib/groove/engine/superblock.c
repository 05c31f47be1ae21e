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

/*
 * Whether the word of a header is that of the superblock of szc at a block: in a class of slots where it may lie, with
 * as many slots as its id says; and at the volume's root, or in a slot that the superblock around it has.
 */
static bool
is_superblock_hdr(const groove_data_t *data, uint64_t szc, uint64_t block, uint64_t bits)
{
	const uint64_t host = hdr_szc(bits);
	const uint64_t idx = hdr_idx(bits);

	if (bits != hdr_superblock(szc, host, idx) || !szc_may_lie_in(data, szc, host) ||
		sb_cnt(data, sb_entry(data, szc, block), szc, block) != szc_slot_cnt(data, szc, host))
		return false;

	const uint64_t off = block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT;

	if (host == GROOVE_DATA_SZC_VOLUME)
		return idx == 0 && off == data->data_off;
	if (off < data->data_off + slot_off(host, idx))
		return false;

	const uint64_t around = block - slot_off(host, idx) / GROOVE_BLOCK_FOOTPRINT;

	return idx < sb_cnt(data, sb_entry(data, host, around), host, around);
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
	const uint32_t cnt = sb_cnt(data, sb_entry(data, szc, block), szc, block);

	if (!superblock_can_be(data, szc, block, cnt))
		return false;
	for (uint32_t i = 0; i < cnt; i++)
		if (hdr_load(slot_hdr(data, szc, block, i)) != hdr_free(szc, i))
			return false;
	return true;
}
