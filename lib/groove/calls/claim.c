/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "claim.h"

#include "alloc.h"
#include "cache.h"
#include "drain.h"
#include "shelf.h"
#include "superblock_claim.h"
#include "superblock_trim.h"
#include "volume.h"

/* How large a slot may be, in quarters of that of its own class: to spare the reserve, and before FULL. */
#define SPARE_QUARTERS 6UL
#define FAR_QUARTERS   16UL

/*
 * Make room that needs no other join: use what is being drained, return what this one caches, use what remove has set
 * apart, undo what is empty.
 */
static void
make_room(groove_data_t *data)
{
	drain_end(data);
	cache_flush(data);
	volume_unretire(data);
	trim_all(data);
}

/*
 * Claim from a class, and when there is no room look for some. FULL is said only if nobody brought memory into
 * circulation during the last look.
 */
static int
claim_hard(groove_data_t *data, uint64_t szc, struct sb_claimed *claimed)
{
	int err = superblock_claim(data, szc, 1, claimed);
	uint64_t stamp;

	if (err != GROOVE_ERR_FULL)
		return err;
	make_room(data);
	do {
		stamp = superblock_stamp(data, szc);
		err = superblock_claim(data, szc, 1, claimed);
	} while (err == GROOVE_ERR_FULL && stamp != superblock_stamp(data, szc));
	return err;
}

/* Whether an object that has a larger slot than its own class's may be in one of a class: none that objects avoid. */
static bool
is_upward(uint64_t align, uint64_t szc)
{
	return alloc_szc_widest(szc) == szc &&
	       (align <= GROOVE_LINE_SZ || groove_data_szc_cfg[szc].obj_footprint % GROOVE_BLOCK_FOOTPRINT == 0);
}

/*
 * Claim a slot of the first class from *szc on that has one and is not too large. The slots in which superblocks of a
 * larger class may lie have been looked at for *szc, as its own may lie there as well; but for small ones, in which
 * only superblocks of classes on lower levels may lie.
 */
static int
claim_upward(groove_data_t *data, uint64_t align, uint64_t quarters, uint64_t *szc, struct sb_claimed *claimed)
{
	const uint64_t most = groove_data_szc_cfg[*szc].obj_footprint * quarters / 4;

	for (uint64_t i = *szc; i < GROOVE_DATA_SZC_SLICE && groove_data_szc_cfg[i].obj_footprint <= most; i++) {
		if (!is_upward(align, i))
			continue;

		const int err = szc_hosts[i].level < szc_hosts[*szc].level ? superblock_claim(data, i, 1, claimed)
									   : superblock_claim_own(data, i, 1, claimed);

		if (err == GROOVE_ERR_FULL)
			continue;
		*szc = i;
		return err;
	}
	return GROOVE_ERR_FULL;
}

/* Claim with all there is: the reserve as well. */
static int
claim_all(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed)
{
	int err;

	cache_of(data)->takes_all = true;
	err = claim_hard(data, *szc, claimed);
	if (err == GROOVE_ERR_FULL)
		err = claim_upward(data, align, FAR_QUARTERS, szc, claimed);
	cache_of(data)->takes_all = false;
	return err;
}

int
claim_any(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed)
{
	const int err = claim_upward(data, align, SPARE_QUARTERS, szc, claimed);

	return err == GROOVE_ERR_FULL ? claim_all(data, align, szc, claimed) : err;
}
