/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Which process a join belongs to, so that recovery can tell whether it is dead. The core gives a join its index, so
 * the owner can be noted only afterwards: a member counts its joins that are under way, and as long as a living one has
 * any, no join is taken for dead.
 */

#include <inttypes.h>

#include "join.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"

static void
joining(const groove_region_t *region, int64_t more)
{
	struct region_member *member = &region->hdr->member[region_owner_idx(region->self.owner)];

	/* Sequentially consistent: begins before the record is taken, ends after the owner is noted;
	 * region_join_is_dead() reads in the opposite order. */
	__atomic_add_fetch(&member->joining, (uint64_t)more, __ATOMIC_SEQ_CST);
}

static void
note_owner(const groove_region_t *region, const groove_data_t *join, uint32_t owner)
{
	__atomic_store_n(region_owner_word(region, groove_data_join_idx(join)), owner, __ATOMIC_SEQ_CST);
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
		note_owner(region, join, region->self.owner);
	joining(region, -1);
	return join;
}

void *
groove_region_leave(groove_region_t *region, groove_data_t *join)
{
	void *left;

	if (!region_is_live(region, "leave"))
		return NULL;
	if (region->readonly || join_is_readonly(join))
		return groove_data_leave(join);
	joining(region, 1);
	/* So that the next who takes the record, and dies before it notes that, is not taken for this process. */
	if (join != NULL && groove_data_shdata_const(join) == groove_region_shdata(region))
		note_owner(region, join, 0);
	left = groove_data_leave(join);
	joining(region, -1);
	return left;
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

	if (is_anybody_joining(region) || __atomic_load_n(word, __ATOMIC_SEQ_CST) != owner)
		return 0;
	/* Without an owner: of one that died while it joined or left. */
	return owner == 0 || region_member_is_dead(&region->self, region->hdr, (uint32_t)owner);
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
