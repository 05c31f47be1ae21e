/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "claim.h"

#include "alloc.h"
#include "full.h"
#include "news.h"
#include "room.h"
#include "shelf.h"
#include "superblock_claim.h"

/*
 * Claim from a class, and when there is no room look for some. FULL is said only if nobody brought memory into
 * circulation during the last look: a superblock that another moves from one place to another is in neither meanwhile.
 * What was remembered from an earlier look was not in anybody's hands.
 */
static int
claim_hard(groove_data_t *data, uint64_t align, uint64_t szc, struct sb_claimed *claimed)
{
	for (;;) {
		const bool known = full_is_noted(data, FULL_ANY, szc);
		const int err = superblock_claim(data, szc, 1, claimed);

		if (err != GROOVE_ERR_FULL)
			return err;
		if (!room_make(data, align, szc) && (known || !full_has_news(data, szc)))
			return err;
		full_look_begin(data, szc);
	}
}

/*
 * Claim a slot of the first class from *szc on that has one and is not too large. The slots in which superblocks of a
 * larger class may lie have been looked at for *szc, as its own may lie there as well; but for small ones, in which
 * only superblocks of classes on lower levels may lie.
 */
static int
claim_upward(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed)
{
	const uint64_t most = alloc_szc_most(*szc, ALLOC_FAR_QUARTERS);

	for (uint64_t i = *szc; i <= most; i++) {
		if (!alloc_is_upward(align, i))
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

int
claim_any(groove_data_t *data, uint64_t align, uint64_t *szc, struct sb_claimed *claimed)
{
	int err;

	cache_of(data)->takes_all = true;
	err = claim_hard(data, align, *szc, claimed);
	if (err == GROOVE_ERR_FULL)
		err = claim_upward(data, align, szc, claimed);
	cache_of(data)->takes_all = false;
	return err;
}
