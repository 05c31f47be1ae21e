/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Which process a join belongs to, so that recovery knows whether it is dead: the core keeps the owner number of the
 * process in the join's record. What joined without a region has none, and is never taken for dead.
 */

#include <inttypes.h>

#include "adopt.h"
#include "join_recover.h"
#include "joins.h"
#include "owner.h"
#include "region_ctl.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"
#include "shared.h"
#include "thread_end.h"

/* A word that is no number is damage: nothing is known of its owner. */
/* An owner number as records have it, with its complement above: so a stray bit makes it no other member's. */
_Static_assert(REGION_OWNER_CNT <= OWNER_MARKED, "the core has its marks in the bits above");

static uint64_t
owner_word(uint32_t owner)
{
	return (uint64_t)~owner << 32 | owner;
}

/* Of no word that is not one of these is it said that its owner is dead. */
static bool
owner_is_dead(void *arg, uint64_t word)
{
	const groove_region_t *region = arg;
	const uint32_t owner = (uint32_t)word;

	return word == owner_word(owner) && owner != REGION_OWNER_NONE && owner < REGION_OWNER_CNT &&
	       owner != region->self.owner && region_member_is_dead(&region->self, owner);
}

/* This process, as the core is to know it. */
static struct join_owner
region_owner(groove_region_t *region)
{
	return (struct join_owner){.word = owner_word(region->self.owner), .is_dead = owner_is_dead, .arg = region};
}

static bool
memory_is_gone(const void *arg)
{
	return region_is_gone(arg);
}

groove_data_t *
groove_region_join(groove_region_t *region, groove_data_t *ljoin, uint64_t cgroup_hint)
{
	groove_data_t *join;

	if (!region_is_live(region, "join"))
		return NULL;
	region_ctl_begin(region->driver->name, NULL, region->fixed.name);
	/* By the header alone: what the groove says of itself may be torn, too. */
	if (region->torn) {
		const groove_data_cfg_t cfg = region_hdr_data_cfg(&region->fixed);

		join = groove_data_join_readonly(
			ljoin, groove_region_shdata(region), &cfg, groove_region_volume0(region));
		if (join != NULL)
			thread_end_leaves(join, memory_is_gone, region);
		return join;
	}
	/* Larger than the region, if it is damaged meanwhile: the core does not know how much memory there is. */
	if (region_hdr_check_config(groove_region_shdata(region), &region->fixed, "the region") != GROOVE_SUCCESS)
		return NULL;
	if (region->readonly) {
		join = groove_data_join_observer(
			ljoin, groove_region_shdata(region), groove_region_volume0(region), region->fixed.volume_max);
		if (join != NULL)
			thread_end_leaves(join, memory_is_gone, region);
		return join;
	}

	const struct join_owner owner = region_owner(region);
	const struct join_dead dead = {.fn = region_join_is_dead, .arg = region};

	join = join_owned(ljoin, groove_region_shdata(region), groove_region_volume0(region), region->fixed.volume_max,
		cgroup_hint, &owner, &dead);
	if (join != NULL)
		thread_end_leaves(join, memory_is_gone, region);
	return join;
}

void *
groove_region_leave(groove_region_t *region, groove_data_t *join)
{
	return region_is_live(region, "leave") ? groove_data_leave(join) : NULL;
}

int
region_join_is_dead(void *arg, uint64_t join_idx)
{
	const struct groove_shdata *shdata = groove_region_shdata(arg);
	const struct join_owner owner = region_owner(arg);

	return owner_join_is_dead(&owner, &shdata->record[join_idx]);
}

uint64_t
groove_region_join_dead_cnt(groove_region_t *region)
{
	const struct groove_shdata *shdata;
	uint64_t cnt = 0;

	if (!region_is_live(region, "join_dead_cnt"))
		return 0;
	shdata = groove_region_shdata(region);
	for (uint64_t i = 0; i < region->fixed.join_max; i++) {
		/* Relaxed: what is vacant is nobody's; of the others the owner is asked. */
		if (record_kind(__atomic_load_n(&shdata->record[i].state, __ATOMIC_RELAXED)) != RECORD_VACANT)
			cnt += region_join_is_dead(region, i) != 0;
	}
	return cnt;
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
