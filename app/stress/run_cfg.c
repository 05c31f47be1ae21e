/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What the region of a run is to be. */

#include <groove_tile.h>
#include <rte_common.h>

#include "run.h"

#define PROCESSES_LIKE_THIS 8 /* that a groove with a name has joins for */

/* NUMA node for the memory: of the CPU asked for, else of the main lcore. */
static int
wanted_node(const struct stress_options *options, int *node)
{
	if (options->near_cpu != STRESS_NOT_GIVEN) {
		*node = groove_region_cpu_node((int)options->near_cpu);
		return *node < 0 ? GROOVE_ERR_KEY : GROOVE_SUCCESS;
	}
	*node = groove_tile_node(0);
	if (*node < 0)
		*node = GROOVE_NODE_ANY;
	return GROOVE_SUCCESS;
}

/* Joins to have room for. The main lcore has one more, to check and clean up. */
static uint64_t
wanted_joins(const struct stress_run *run)
{
	const uint64_t join_cnt = (run->tile_cnt + 1) * (stress_run_is_shared(run) ? PROCESSES_LIKE_THIS : 1UL);

	return RTE_MIN(RTE_MAX(join_cnt, GROOVE_DATA_JOIN_DEFAULT), GROOVE_DATA_JOIN_MAX);
}

int
stress_run_cfg(const struct stress_run *run, const struct stress_options *options, groove_region_cfg_t *cfg)
{
	*cfg = (groove_region_cfg_t){
		.driver = options->driver,
		.name = options->name,
		.dir = options->dir,
		.volume_sz = options->volume_sz,
		.volume_cnt = options->volume_cnt,
		.join_max = wanted_joins(run),
		.page = options->page,
		.placement = options->placement,
	};
	return wanted_node(options, &cfg->node);
}
