/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "cache_spill.h"

#include <string.h>

#include <rte_common.h>

#include "cache_move.h"
#include "geometry.h"
#include "prefetch.h"

#define SPILL_SUPERBLOCKS 4U  /* that slots go back to in one step: so many atomics, and no more */
#define SPILL_VAIN	  32U /* slots of others that are looked at in vain before it ends */

/* Slots on their way back, by superblock. */
struct spill {
	uint64_t footprint;
	uint32_t cnt;			   /* superblocks */
	uint64_t start[SPILL_SUPERBLOCKS]; /* address of the first slot of each, */
	uint64_t block[SPILL_SUPERBLOCKS]; /* and its block */
	uint64_t mask[SPILL_SUPERBLOCKS];
};

static inline uint64_t
spill_start(const struct spill *spill, uint64_t slot)
{
	return slot - groove_shelf_idx(slot) * (spill->footprint + 1);
}

/* One more superblock, by its first slot. Its word is soon swapped: others may have it. */
static void
spill_open(const groove_data_t *data, uint64_t szc, struct spill *spill, uint64_t start)
{
	const uint64_t block = slot_superblock(data, szc, groove_shelf_hdr(start), 0);

	prefetch_write(sb_entry(data, szc, block));
	spill->start[spill->cnt] = start;
	spill->block[spill->cnt] = block;
	spill->mask[spill->cnt] = 0;
	spill->cnt++;
}

/* Add a slot. False when its superblock is none of them, and would be one too many. */
static __rte_always_inline bool
spill_add(const groove_data_t *data, uint64_t szc, struct spill *spill, uint64_t slot)
{
	const uint64_t start = spill_start(spill, slot);
	uint32_t i = spill->cnt;

	/* From the last: neighbours on a shelf are mostly of one superblock. */
	while (i > 0 && spill->start[i - 1] != start)
		i--;
	if (__builtin_expect(i == 0, 0)) {
		if (spill->cnt == SPILL_SUPERBLOCKS)
			return false;
		spill_open(data, szc, spill, start);
		i = spill->cnt;
	}
	spill->mask[i - 1] |= 1UL << groove_shelf_idx(slot);
	return true;
}

/* They are off the shelf: return them. */
static void
spill_end(groove_data_t *data, uint64_t szc, struct spill *spill)
{
	cache_of(data)->spills = true;
	for (uint32_t i = 0; i < spill->cnt; i++)
		cache_put_back(data, szc, spill->block[i], spill->mask[i]);
	cache_of(data)->spills = false;
	spill->cnt = 0;
}

uint32_t
cache_spill(groove_data_t *data, uint64_t szc, uint32_t want)
{
	struct groove_shelf *shelf = &data->shelf[szc];
	const uint64_t *top = shelf->top;
	const uint64_t *slot = shelf_bottom(data, szc);
	uint64_t *kept = shelf_bottom(data, szc);
	struct spill spill = {.footprint = shelf->footprint};
	uint32_t done = 0;
	uint32_t vain = 0;

	for (; slot < top && vain < SPILL_VAIN; slot++) {
		/* Enough, but for the rest of a row of one superblock. */
		if (done >= want && spill_start(&spill, *slot) != spill_start(&spill, slot[-1]))
			break;
		if (spill_add(data, szc, &spill, *slot)) {
			done++;
		} else {
			*kept++ = *slot;
			vain++;
		}
	}
	memmove(kept, slot, (size_t)((const uint8_t *)top - (const uint8_t *)slot));
	shelf->top -= done;
	spill_end(data, szc, &spill);
	return done;
}

void
cache_spill_volume(groove_data_t *data, uint64_t szc, uint64_t volume)
{
	struct groove_shelf *shelf = &data->shelf[szc];
	const uint64_t *top = shelf->top;
	uint64_t *kept = shelf_bottom(data, szc);
	struct spill spill = {.footprint = shelf->footprint};

	for (const uint64_t *slot = kept; slot < top; slot++) {
		if (addr_volume(data, groove_shelf_hdr(*slot)) != volume) {
			*kept++ = *slot;
		} else if (!spill_add(data, szc, &spill, *slot)) {
			spill_end(data, szc, &spill);
			spill_add(data, szc, &spill, *slot);
		}
	}
	shelf->top = kept;
	spill_end(data, szc, &spill);
}
