/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Which process a join belongs to, so that recovery can tell whether it is dead. The core gives a join its record, so
 * the owner can be noted only afterwards, with the record's incarnation: so a note of who had the record before is
 * known for that. A member counts its joins that are under way, and as long as a living one has any, no join is taken
 * for dead of which no owner is noted.
 */

#include <inttypes.h>

#include "join.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"
#include "shared.h"

static void
joining(const groove_region_t *region, int64_t more)
{
	struct region_member *member = &region->hdr->member[region_owner_idx(region->self.owner)];

	/* Sequentially consistent: begins before the record is taken, ends after the owner is noted;
	 * region_join_is_dead() reads in the opposite order. */
	__atomic_add_fetch(&member->joining, (uint64_t)more, __ATOMIC_SEQ_CST);
}

/* Bits of an owner's word that name the member; above them is the incarnation, as in the state of the record. */
#define OWNER_MASK ((1UL << 29) - 1)
_Static_assert(GROOVE_REGION_MEMBER_MAX <= 1 << 13, "the index of a member");

static uint64_t
record_state_of(const groove_region_t *region, uint64_t join_idx)
{
	const struct groove_shdata *shdata = groove_region_shdata(region);

	return __atomic_load_n(&shdata->record[join_idx].state, __ATOMIC_SEQ_CST);
}

static void
note_owner(const groove_region_t *region, const groove_data_t *join)
{
	const uint64_t join_idx = groove_data_join_idx(join);

	__atomic_store_n(region_owner_word(region, join_idx),
		(record_state_of(region, join_idx) & ~OWNER_MASK) | region->self.owner, __ATOMIC_SEQ_CST);
}

groove_data_t *
groove_region_join(groove_region_t *region, groove_data_t *ljoin, uint64_t cgroup_hint)
{
	groove_data_t *join;

	/* Larger than the region, if it is damaged meanwhile: the core does not know how much memory there is. */
	if (!region_is_live(region, "join") ||
		region_hdr_check_config(groove_region_shdata(region), &region->fixed, "the region") != GROOVE_SUCCESS)
		return NULL;
	if (region->readonly) {
		const groove_data_cfg_t cfg = region_hdr_data_cfg(&region->fixed);

		return groove_data_join_readonly(
			ljoin, groove_region_shdata(region), &cfg, groove_region_volume0(region));
	}
	joining(region, 1);
	join = groove_data_join(ljoin, groove_region_shdata(region), groove_region_volume0(region),
		region->fixed.volume_max, cgroup_hint);
	if (join != NULL)
		note_owner(region, join);
	joining(region, -1);
	return join;
}

void *
groove_region_leave(groove_region_t *region, groove_data_t *join)
{
	return region_is_live(region, "leave") ? groove_data_leave(join) : NULL;
}

static bool
is_anybody_joining(groove_region_t *region)
{
	for (uint32_t i = 0; i < GROOVE_REGION_MEMBER_MAX; i++) {
		const struct region_member *member = &region->hdr->member[i];
		const uint32_t owner = region_owner(i, __atomic_load_n(&member->gen, __ATOMIC_SEQ_CST));

		if (__atomic_load_n(&member->joining, __ATOMIC_SEQ_CST) != 0 &&
			!region_member_is_dead(&region->self, region->hdr, owner))
			return true;
	}
	return false;
}

int
region_join_is_dead(void *arg, uint64_t join_idx)
{
	groove_region_t *region = arg;
	const uint64_t *word = region_owner_word(region, join_idx);
	const uint64_t owner = __atomic_load_n(word, __ATOMIC_SEQ_CST);

	if (((owner ^ record_state_of(region, join_idx)) & ~OWNER_MASK) == 0)
		return region_owner_idx((uint32_t)owner) >= GROOVE_REGION_MEMBER_MAX ||
		       region_member_is_dead(&region->self, region->hdr, (uint32_t)(owner & OWNER_MASK));
	/* Not noted: of one that died while it joined, or of one that is about to note it, or has. */
	return !is_anybody_joining(region) && __atomic_load_n(word, __ATOMIC_SEQ_CST) == owner;
}

int
groove_region_join_is_dead(groove_region_t *region, uint64_t join_idx)
{
	if (!region_is_live(region, "join_is_dead"))
		return GROOVE_ERR_INVAL;
	if (join_idx < region->fixed.join_max)
		return region_join_is_dead(region, join_idx) != 0;
	REGION_LOG(ERR, "no join %" PRIu64 ": take 0 to %" PRIu64, join_idx, region->fixed.join_max - 1);
	return GROOVE_ERR_INVAL;
}
