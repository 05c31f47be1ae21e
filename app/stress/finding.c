/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "tile.h"

struct stress_finding
stress_finding_of(const struct stress_tile *tile, const struct stress_slot *slot, enum stress_fault fault)
{
	return (struct stress_finding){
		.fault = fault,
		.tile = tile->tile,
		.at = slot->off,
		.obj_off = slot->off,
		.tag = slot->tag,
		.sz = slot->sz,
		.align = slot->align,
	};
}

void
stress_found(struct stress_tile *tile, const struct stress_finding *finding)
{
	struct stress *stress = tile->stress;

	stress_count(&tile->counters->findings, 1);
	if (stress->on_finding != NULL)
		stress->on_finding(stress->arg, finding);
	if (!stress->cfg.keep_going)
		stress_stop(stress, STRESS_STOP_FINDING);
}
