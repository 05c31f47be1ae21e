/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Grow and shrink. Each step is one compare-and-swap on the state of a volume (region_state.h), and before each the
 * volume is in a state that any other can go on from: see the programmer's guide, "Regions".
 */

#include <inttypes.h>

#include "log.h"
#include "pool.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"

/* A volume that this process works on. */
struct claim {
	uint64_t idx;
	uint64_t state;	      /* as claimed */
	enum region_kind was; /* before */
};

/* ---- what the groove does with a volume ---- */

static enum volume_kind
core_kind(const groove_data_t *join, uint64_t idx)
{
	return volume_state_kind(pool_state(&join->pool, idx));
}

/* Neither in the groove nor on its way in or out. */
static bool
is_out(const groove_data_t *join, uint64_t idx)
{
	return core_kind(join, idx) == VOLUME_OUT;
}

static bool
is_in(const groove_data_t *join, uint64_t idx)
{
	const enum volume_kind kind = core_kind(join, idx);

	return kind == VOLUME_EMPTY || kind == VOLUME_USED || kind == VOLUME_RETIRED;
}

static bool
any_is(const groove_data_t *join, enum volume_kind kind)
{
	for (uint64_t i = 0; i < join->pool.volume_max; i++) {
		if (core_kind(join, i) == kind)
			return true;
	}
	return false;
}

/* ---- claims ---- */

static bool
claim(const groove_region_t *region, uint64_t idx, uint64_t state, enum region_kind kind, struct claim *got)
{
	if (!region_state_swap(region_state_word(region, idx), state, kind, region->self.owner))
		return false;
	got->idx = idx;
	got->state = region_state_next(state, kind, region->self.owner);
	got->was = region_state_kind(state);
	return true;
}

static void
claim_end(const groove_region_t *region, const struct claim *got, enum region_kind kind)
{
	region_state_swap(region_state_word(region, got->idx), got->state, kind, 0);
}

/* Give the memory of a claimed volume, which is out of the groove, back. */
static void
give_back(const groove_region_t *region, const struct claim *got)
{
	if (region->driver->punch == NULL) {
		claim_end(region, got, REGION_PRESENT);
		return;
	}
	region_dump_volume(region, got->idx, false);
	region->driver->punch(&region->range, region_volume_off(region, got->idx), region->fixed.volume_sz);
	claim_end(region, got, REGION_ABSENT);
}

/* Whether the process that works on a volume has died. */
static bool
is_orphan(const groove_region_t *region, uint64_t state)
{
	return region_state_is_held(state) && region_member_is_dead(&region->self, region_state_owner(state));
}

/* A volume that a dead process had added already: all that is missing is to say so. */
static void
adopt_added(const groove_region_t *region, const groove_data_t *join, uint64_t idx, uint64_t state)
{
	if (is_in(join, idx))
		region_state_swap(region_state_word(region, idx), state, REGION_PRESENT, 0);
}

/*
 * Give memory back that somebody made the kernel put into holes, where they are not guarded: mlockall(), a core dump, a
 * stray read. Of hugepages only their number is known: each absent volume is looked through until that is right.
 */
static void
strays_return(const groove_region_t *region, const groove_data_t *join)
{
	bool any = region->driver->punch != NULL && region_has_strays(region);

	for (uint64_t i = 0; any && i < region->fixed.volume_max; i++) {
		const uint64_t state = region_state_load(region_state_word(region, i));
		struct claim got;

		if (region_state_kind(state) != REGION_ABSENT ||
			region_is_hole(region, region_volume_off(region, i), region->fixed.volume_sz) ||
			!is_out(join, i) || !claim(region, i, state, REGION_SHRINKING, &got))
			continue;
		give_back(region, &got);
		any = region_has_strays(region);
	}
}

/* ---- grow ---- */

/*
 * Whether a volume is free to be added. Its state is read before the groove is asked: a claim fails when anybody has
 * worked on it in between, and without a claim nobody adds it.
 */
static bool
can_be_added(const groove_region_t *region, const groove_data_t *join, uint64_t idx, uint64_t state, bool *busy)
{
	/* Also where there is no memory, as its state says: were that damaged, the volume could be in use. */
	if (region_state_kind(state) == REGION_ABSENT || region_state_kind(state) == REGION_PRESENT)
		return is_out(join, idx);
	if (!is_orphan(region, state)) {
		*busy = true;
		return false;
	}
	adopt_added(region, join, idx, state);
	return is_out(join, idx);
}

/* Claim the first volume of a kind, or of any kind, that can be added. */
static bool
claim_to_add(const groove_region_t *region, const groove_data_t *join, bool present, struct claim *got, bool *busy)
{
	const uint64_t limit = groove_region_limit(region);

	/* No volume beyond the limit is added, so that any number of processes that grow at one time keep to it. */
	for (uint64_t i = 0; i < limit; i++) {
		const uint64_t state = region_state_load(region_state_word(region, i));

		if (present && region_state_kind(state) != REGION_PRESENT)
			continue;
		if (!can_be_added(region, join, i, state, busy))
			continue;
		if (claim(region, i, state, REGION_GROWING, got))
			return true;
		*busy = true;
	}
	return false;
}

/*
 * Have memory for a claimed volume. Of one that has some already only what is missing is made, and where it lies was
 * looked at when it was made. What a dead process had begun to make, or to give back, is of no use to anybody, and
 * would count as missing: it is made anew.
 */
static int
have_memory(const groove_region_t *region, const struct claim *got)
{
	const groove_volume_driver_t *driver = region->driver;
	const uint64_t off = region_volume_off(region, got->idx);

	if (got->was == REGION_PRESENT)
		return driver->populate != NULL ? driver->populate(&region->range, off, region->fixed.volume_sz,
							  (int)region->fixed.node, groove_region_placement(region))
						: GROOVE_SUCCESS;
	if (got->was != REGION_ABSENT && driver->punch != NULL)
		driver->punch(&region->range, off, region->fixed.volume_sz);
	return region_populate(region, off, region->fixed.volume_sz);
}

/* Memory first, then the groove: others use the volume as soon as it is in. Memory that was there before stays. */
static int
fill_claim(const groove_region_t *region, groove_data_t *join, const struct claim *got)
{
	int err = have_memory(region, got);

	if (err == GROOVE_SUCCESS)
		err = groove_data_volume_add(join, (uint8_t *)region->range.base + region_volume_off(region, got->idx),
			region->fixed.volume_sz, NULL, 0);
	if (err == GROOVE_SUCCESS)
		region_dump_volume(region, got->idx, true);
	if (err == GROOVE_SUCCESS || got->was == REGION_PRESENT || !is_out(join, got->idx))
		claim_end(region, got, REGION_PRESENT);
	else
		give_back(region, got);
	return err;
}

static bool
is_join_of(const groove_region_t *region, const groove_data_t *join, const char *call)
{
	if (!region_is_writable(region, call))
		return false;
	if (join != NULL && groove_data_shdata_const(join) == groove_region_shdata(region))
		return true;
	REGION_LOG(ERR, "%s: %p is no join of this region: join its groove first", call, (const void *)join);
	return false;
}

/*
 * A volume that create added, which nothing was allocated in yet and which grow has not given out: a program that grows
 * before it allocates gets what it was made with first. Relaxed: the swap gives each number out once, and that is all.
 */
static bool
take_fresh(const groove_region_t *region, const groove_data_t *join, uint64_t *idx)
{
	uint64_t *fresh = &region->hdr->fresh;
	uint64_t word = __atomic_load_n(fresh, __ATOMIC_RELAXED);

	while ((uint32_t)word < word >> 32 && word >> 32 <= region->fixed.volume_max) {
		if (!__atomic_compare_exchange_n(fresh, &word, word + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		*idx = (uint32_t)word++;
		if (groove_region_volume_has_memory(region, *idx) && core_kind(join, *idx) == VOLUME_EMPTY)
			return true;
	}
	return false;
}

uint64_t
groove_region_limit(const groove_region_t *region)
{
	/* Relaxed: it says nothing of other memory. */
	const uint64_t limit = __atomic_load_n(&region->hdr->limit, __ATOMIC_RELAXED);

	return limit > 0 && limit < region->fixed.volume_max ? limit : region->fixed.volume_max;
}

int
groove_region_limit_set(groove_region_t *region, uint64_t volume_cnt)
{
	if (!region_is_writable(region, "limit_set"))
		return GROOVE_ERR_INVAL;
	if (volume_cnt == 0 || volume_cnt > region->fixed.volume_max) {
		REGION_LOG(ERR, "a limit of %" PRIu64 " volumes: take 1 to %" PRIu64, volume_cnt,
			region->fixed.volume_max);
		return GROOVE_ERR_INVAL;
	}
	__atomic_store_n(&region->hdr->limit, volume_cnt, __ATOMIC_RELAXED);
	return GROOVE_SUCCESS;
}

/*
 * Whether there are as many volumes as the limit allows. Where all lie below it claim_to_add() sees to that; it was
 * lowered since where some lie beyond it.
 */
static bool
limit_is_reached(const groove_region_t *region)
{
	return groove_region_volume_cnt(region) >= groove_region_limit(region);
}

/* Say why there is no volume to add. */
static int
explain_full(const groove_region_t *region)
{
	const uint64_t limit = groove_region_limit(region);

	REGION_LOG_LIMITED(ERR, "no volume left: %" PRIu64 " of %" PRIu64 " in use, %s",
		groove_region_volume_cnt(region), limit,
		limit < region->fixed.volume_max ? "raise the limit: groove_region_limit_set()"
						 : "make the region with more volumes");
	return GROOVE_ERR_FULL;
}

int
groove_region_grow(groove_region_t *region, groove_data_t *join, uint64_t *idx)
{
	struct claim got;
	bool busy = false;
	uint64_t fresh;
	int err;

	if (!is_join_of(region, join, "grow"))
		return GROOVE_ERR_INVAL;
	if (take_fresh(region, join, &fresh)) {
		if (idx != NULL)
			*idx = fresh;
		return GROOVE_SUCCESS;
	}
	if (region_file_is_lost(region, "grow"))
		return GROOVE_ERR_INVAL;
	strays_return(region, join);
	if (!claim_to_add(region, join, true, &got, &busy) &&
		(limit_is_reached(region) || !claim_to_add(region, join, false, &got, &busy)))
		return busy ? GROOVE_ERR_AGAIN : explain_full(region);
	err = fill_claim(region, join, &got);
	if (err == GROOVE_SUCCESS && idx != NULL)
		*idx = got.idx;
	return err;
}

/* ---- shrink ---- */

/* Claim a volume that has memory, or may have, and is not in the groove. */
static bool
claim_unused(const groove_region_t *region, const groove_data_t *join, struct claim *got, bool *busy)
{
	for (uint64_t i = region->fixed.volume_max; i-- > 0;) {
		const uint64_t state = region_state_load(region_state_word(region, i));
		const bool orphan = is_orphan(region, state);

		if (orphan)
			adopt_added(region, join, i, state);
		else if (region_state_is_held(state))
			*busy = true;
		if ((orphan || region_state_kind(state) == REGION_PRESENT) && is_out(join, i) &&
			claim(region, i, state, REGION_SHRINKING, got))
			return true;
	}
	return false;
}

/*
 * Take an empty volume out of the groove and claim it. It may happen that another claims it first, or that the process
 * that added it has not said so yet: then it is that one's, or is unused and found by the next call.
 */
static int
claim_removed(const groove_region_t *region, groove_data_t *join, struct claim *got, bool busy)
{
	const groove_volume_t *volume = groove_data_volume_remove(join);
	uint64_t state;
	uint64_t idx;

	if (volume == NULL)
		return busy || any_is(join, VOLUME_RETIRED) || any_is(join, VOLUME_REMOVING) ? GROOVE_ERR_AGAIN
											     : GROOVE_ERR_EMPTY;
	idx = (uint64_t)((const uint8_t *)volume - (const uint8_t *)groove_region_volume0(region)) /
	      region->fixed.volume_sz;
	state = region_state_load(region_state_word(region, idx));
	/* Still out, after the state was read: another may have added it again. */
	if (region_state_kind(state) == REGION_PRESENT && is_out(join, idx) &&
		claim(region, idx, state, REGION_SHRINKING, got))
		return GROOVE_SUCCESS;
	return GROOVE_ERR_AGAIN;
}

int
groove_region_shrink(groove_region_t *region, groove_data_t *join, uint64_t *idx)
{
	struct claim got;
	bool busy = false;
	int err = GROOVE_SUCCESS;

	if (!is_join_of(region, join, "shrink") || region_file_is_lost(region, "shrink"))
		return GROOVE_ERR_INVAL;
	/* What gives nothing back leaves volumes that are out of the groove where they are. */
	if (region->driver->punch == NULL || !claim_unused(region, join, &got, &busy))
		err = claim_removed(region, join, &got, busy);
	strays_return(region, join);
	if (err != GROOVE_SUCCESS)
		return err;
	give_back(region, &got);
	if (idx != NULL)
		*idx = got.idx;
	return GROOVE_SUCCESS;
}

/* ---- recover ---- */

/* Give back what dead processes were adding or had removed, or find it in the groove. */
static void
volumes_recover(const groove_region_t *region, const groove_data_t *join)
{
	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		const uint64_t state = region_state_load(region_state_word(region, i));
		struct claim got;

		if (!is_orphan(region, state))
			continue;
		adopt_added(region, join, i, state);
		if (is_out(join, i) && claim(region, i, state, REGION_SHRINKING, &got))
			give_back(region, &got);
	}
}

static int
recover_with(groove_region_t *region, groove_data_t *join)
{
	/* The core first: it decides which volumes are in, and which are out. */
	const int err = groove_data_recover(join, region_join_is_dead, region);

	if (region_file_is_lost(region, "recover"))
		return GROOVE_ERR_INVAL;
	volumes_recover(region, join);
	strays_return(region, join);
	return err;
}

int
groove_region_recover(groove_region_t *region, groove_data_t *join)
{
	groove_data_t own;
	int err;

	if (join != NULL)
		return is_join_of(region, join, "recover") ? recover_with(region, join) : GROOVE_ERR_INVAL;
	if (!region_is_writable(region, "recover"))
		return GROOVE_ERR_INVAL;
	if (groove_region_join(region, &own, 0) == NULL)
		return GROOVE_ERR_FULL;
	err = recover_with(region, &own);
	groove_data_leave(&own);
	return err;
}
