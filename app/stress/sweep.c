/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The end of a run: every object checked and freed, and what nobody holds found. */

#include "tile.h"

#define SWEEP_STREAM 2

void
stress_sweep(struct stress *stress, unsigned int idx, groove_data_t *join)
{
	struct stress_tile tile;

	stress_tile_init(&tile, stress, idx, join, SWEEP_STREAM);
	for (uint64_t i = idx; i < stress->cfg.slot_cnt; i += stress->cfg.tile_cnt) {
		struct stress_slot *slot = &stress->slots[i];

		if (slot->off == 0)
			continue;
		/* Nobody else works here, but the process that comes after a death in the sweep has to know. */
		stress_slot_lock(&tile, slot);
		stress_object_settle(&tile, slot, true);
		stress_slot_unlock(slot);
	}
}

/* Whether a slot can have given an object its tag. In a groove of one's own nobody else gives any. */
static bool
is_ours(const struct stress *stress, uint64_t tag)
{
	const uint64_t slot = stress_tag_slot(tag);

	return stress->shared.table == NULL ||
	       (slot < stress->cfg.slot_cnt && stress_tag_seq(tag) >= 1 && tag <= stress->slots[slot].tag);
}

static int
found_leak(void *arg, void *obj)
{
	struct stress_tile *tile = arg;

	if (obj == tile->stress->shared.table)
		return 0;
	if (!is_ours(tile->stress, groove_data_alloc_tag(obj))) {
		tile->stress->foreign_cnt++;
		return 0;
	}

	const struct stress_finding finding = {
		.fault = STRESS_FAULT_LEAK,
		.tile = STRESS_NO_TILE,
		.at = stress_off(tile, obj),
		.obj_off = stress_off(tile, obj),
		.tag = groove_data_alloc_tag(obj),
		.sz = groove_data_alloc_sz(obj),
		.align = groove_data_alloc_align(obj),
	};

	stress_found(tile, &finding);
	return 0;
}

int
stress_find_leaks(struct stress *stress, groove_data_t *join)
{
	struct stress_tile tile;

	stress_tile_init(&tile, stress, 0, join, SWEEP_STREAM);
	stress->foreign_cnt = 0;
	return groove_data_walk(join, NULL, found_leak, &tile);
}
