/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What processes left in the slots that they had locked when they died. A slot says which step it was in; the walk over
 * all live objects says whether the object of that step was made, or is still there:
 *
 *   EMPTY     nothing was begun
 *   MAKING    an object with the slot's tag is there or not; not filled yet, perhaps: it is freed
 *   FULL      the object is as it was, and is checked with all others
 *   FREEING   the object is there or not: if so it is freed
 */

#include "tile.h"

struct settling {
	struct stress *stress;
	groove_data_t *join;
	struct stress_settled *settled;
};

static bool
is_caught(struct stress *stress, const void *obj)
{
	const uint64_t tag = groove_data_alloc_tag(obj);
	const struct stress_slot *slot;

	if (tag == STRESS_TAG_TABLE)
		return obj != stress->shared.table; /* its maker died before it could be found */
	if (stress_tag_slot(tag) >= stress->cfg.slot_cnt)
		return false;
	slot = &stress->slots[stress_tag_slot(tag)];
	return slot->lock != 0 && slot->tag == tag &&
	       (slot->step == STRESS_STEP_MAKING || slot->step == STRESS_STEP_FREEING);
}

static int
settle_object(void *arg, void *obj)
{
	struct settling *settling = arg;

	if (!is_caught(settling->stress, obj))
		return 0;
	settling->settled->obj_cnt++;
	return groove_data_free(settling->join, obj);
}

static void
settle_slot(struct stress_slot *slot)
{
	if (slot->step != STRESS_STEP_FULL) {
		slot->off = 0;
		slot->step = STRESS_STEP_EMPTY;
	}
	slot->lock = 0;
}

int
stress_settle(struct stress *stress, groove_data_t *join, struct stress_settled *settled)
{
	struct settling settling = {.stress = stress, .join = join, .settled = settled};
	const int err = groove_data_walk(join, NULL, settle_object, &settling);

	if (err != GROOVE_SUCCESS)
		return err;
	for (uint64_t i = 0; i < stress->cfg.slot_cnt; i++) {
		if (stress->slots[i].lock == 0)
			continue;
		settled->slot_cnt++;
		settle_slot(&stress->slots[i]);
	}
	return GROOVE_SUCCESS;
}
