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
		if (stress->slots[i].off != 0)
			stress_object_settle(&tile, &stress->slots[i], true);
	}
}

static int
found_leak(void *arg, void *obj)
{
	struct stress_tile *tile = arg;
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
	return groove_data_walk(join, NULL, found_leak, &tile);
}
