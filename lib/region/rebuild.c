/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A region that may be torn: its file was in use when the machine went down, or lost pages. Attach has mapped it for
 * reading only; here it is made good again. The header says all the time that it is torn, so that a process that
 * attaches meanwhile, or after this process died half-way, finds it so.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <rte_common.h>

#include "pool.h"
#include "region_log.h"
#include "region_private.h"
#include "region_state.h"

struct rebuild {
	groove_region_t *region;
	bool *has_memory; /* by volume */
	groove_data_lost_fn lost;
	void *arg;
};

int
groove_region_needs_rebuild(const groove_region_t *region)
{
	return region != NULL && region->torn;
}

/* ---- steps ---- */

/* Whether no other process is attached. */
static int
check_alone(const groove_region_t *region)
{
	uint32_t owner;

	if (!region_member_other(&region->self, &owner))
		return GROOVE_SUCCESS;
	REGION_LOG(ERR,
		"rebuild: region %s is in use, by member %" PRIu32 ", process %" PRIu64 ": detach it there first",
		region->fixed.name, owner, region_member_pid(region->hdr, owner));
	return GROOVE_ERR_AGAIN;
}

static int
protect(const groove_region_t *region, int prot)
{
	if (mprotect(region->range.base, region->range.sz, prot) == 0)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "rebuild: region %s cannot be mapped: %m; take fewer or smaller volumes", region->fixed.name);
	return GROOVE_ERR_FULL;
}

/* So it is from here on, whatever it looked like. Nobody vouches for it. */
static int
mark_torn(groove_region_t *region)
{
	struct region_hdr *hdr = region->hdr;
	const uint64_t clean = __atomic_load_n(&hdr->clean_seq, __ATOMIC_SEQ_CST);

	region_lock_drop(&region->self.vouch);
	__atomic_store_n(&hdr->boot, 0, __ATOMIC_SEQ_CST);
	/* Further than both: a process that is about to note that all was clean has read the count before. */
	__atomic_store_n(&hdr->attach_seq, RTE_MAX(clean, __atomic_load_n(&hdr->attach_seq, __ATOMIC_SEQ_CST)) + 1,
		__ATOMIC_SEQ_CST);
	return region->driver->sync(&region->range, 0, sizeof(*hdr));
}

/* Fill the holes of what has memory somewhere: nothing faults after this. */
static int
fill_holes(struct rebuild *rebuild)
{
	const groove_region_t *region = rebuild->region;
	int err = region_populate(region, 0, region->fixed.front_sz);

	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < region->fixed.volume_max; i++) {
		const uint64_t off = region_volume_off(region, i);

		rebuild->has_memory[i] = !region_is_hole(region, off, region->fixed.volume_sz);
		if (rebuild->has_memory[i])
			err = region_populate(region, off, region->fixed.volume_sz);
	}
	return err;
}

static int
has_memory(void *arg, uint64_t volume)
{
	const struct rebuild *rebuild = arg;

	return rebuild->has_memory[volume];
}

static void
hand_on(void *arg, const groove_data_lost_t *lost)
{
	const struct rebuild *rebuild = arg;

	if (rebuild->lost != NULL)
		rebuild->lost(rebuild->arg, lost);
}

static int
rebuild_groove(struct rebuild *rebuild)
{
	const groove_region_t *region = rebuild->region;
	const groove_data_cfg_t cfg = region_hdr_data_cfg(&region->fixed);

	return groove_data_rebuild(
		groove_region_shdata(region), &cfg, groove_region_volume0(region), has_memory, hand_on, rebuild);
}

/* The state of a volume with memory: its generation stays, or is the one that it was about to have. */
static uint64_t
state_present(uint64_t state)
{
	switch (region_state_kind(state)) {
	case REGION_PRESENT:
		return region_state_next(state - (1UL << 32), REGION_PRESENT, 0);
	case REGION_ABSENT:
		return region_state_next(region_state_next(state, REGION_GROWING, 0), REGION_PRESENT, 0);
	default:
		return region_state_next(state, REGION_PRESENT, 0);
	}
}

/* Memory that was in the groove stays, and what the states say is to spare. */
static void
rebuild_state(const struct rebuild *rebuild, uint64_t idx)
{
	const groove_region_t *region = rebuild->region;
	struct groove_shdata *shdata = groove_region_shdata(region);
	uint64_t *word = region_state_word(region, idx);
	const bool in_groove = volume_state_kind(shdata_pool(shdata)->slot[idx].state) != VOLUME_OUT;

	if (rebuild->has_memory[idx] && (in_groove || region_state_kind(*word) == REGION_PRESENT)) {
		*word = state_present(*word);
		return;
	}
	if (rebuild->has_memory[idx])
		region->driver->punch(&region->range, region_volume_off(region, idx), region->fixed.volume_sz);
	*word = region_state_next(*word, REGION_ABSENT, 0);
}

static void
rebuild_states(const struct rebuild *rebuild)
{
	const groove_region_t *region = rebuild->region;

	for (uint64_t i = 0; i < region->fixed.volume_max; i++)
		rebuild_state(rebuild, i);
	region->hdr->fresh = 0;
}

/* ---- the whole ---- */

static int
rebuild_steps(struct rebuild *rebuild)
{
	groove_region_t *region = rebuild->region;
	int err = mark_torn(region);

	/* Again, now that a process that attaches sees that it is torn: see check_alive(). */
	if (err == GROOVE_SUCCESS)
		err = check_alone(region);
	if (err == GROOVE_SUCCESS)
		err = fill_holes(rebuild);
	if (err == GROOVE_SUCCESS)
		err = rebuild_groove(rebuild);
	if (err != GROOVE_SUCCESS)
		return err;
	rebuild_states(rebuild);
	err = region->driver->sync(&region->range, 0, region->range.sz);
	if (err != GROOVE_SUCCESS)
		return err;
	err = region_member_promote(&region->self, region->driver, &region->range, region->hdr, "rebuild");
	return err == GROOVE_SUCCESS ? region_mark_in_use(region, "rebuild") : err;
}

static int
rebuild_alone(struct rebuild *rebuild)
{
	groove_region_t *region = rebuild->region;
	int err = check_alone(region);

	if (err == GROOVE_SUCCESS)
		err = protect(region, PROT_READ | PROT_WRITE);
	if (err != GROOVE_SUCCESS)
		return err;
	err = rebuild_steps(rebuild);
	if (err != GROOVE_SUCCESS) {
		protect(region, PROT_READ);
		return err;
	}
	region->readonly = false;
	region->torn = false;
	region_guard_holes(region);
	return GROOVE_SUCCESS;
}

static int
rebuild_locked(struct rebuild *rebuild)
{
	const groove_region_t *region = rebuild->region;
	struct region_lock lock;
	int err = region_member_lock_rebuild(&lock, region->driver, &region->range, region->fixed.name);

	if (err == GROOVE_ERR_AGAIN)
		REGION_LOG(ERR, "rebuild: another process rebuilds region %s: detach, and attach it again",
			region->fixed.name);
	if (err != GROOVE_SUCCESS)
		return err;
	err = rebuild_alone(rebuild);
	region_lock_drop(&lock);
	return err;
}

int
groove_region_rebuild(groove_region_t *region, groove_data_lost_fn lost, void *arg)
{
	struct rebuild rebuild = {.region = region, .lost = lost, .arg = arg};
	int err;

	if (!region_is_live(region, "rebuild"))
		return GROOVE_ERR_INVAL;
	if (!region->torn) {
		REGION_LOG(ERR, "rebuild: region %s is whole: nothing to do", region->fixed.name);
		return GROOVE_ERR_INVAL;
	}
	if (region_file_is_lost(region, "rebuild"))
		return GROOVE_ERR_INVAL;
	if (region_check_left(region, "rebuild") != GROOVE_SUCCESS)
		return GROOVE_ERR_AGAIN;
	rebuild.has_memory = calloc(region->fixed.volume_max, sizeof(*rebuild.has_memory));
	if (rebuild.has_memory == NULL) {
		REGION_LOG(ERR, "rebuild: no %" PRIu64 " bytes of heap", region->fixed.volume_max);
		return GROOVE_ERR_FULL;
	}
	err = rebuild_locked(&rebuild);
	free(rebuild.has_memory);
	return err;
}
