/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <groove_base.h>
#include <rte_common.h>

#include "rings.h"

#define RING_CNT 1024 /* objects under way between two workers, at most */

static uint64_t
ring_sz(void)
{
	return RTE_ALIGN_CEIL((uint64_t)rte_ring_get_memsize(RING_CNT), PERF_ALIGN);
}

struct rte_ring *
rings_of(const struct perf_scene *scene, unsigned int idx)
{
	return (struct rte_ring *)((uint8_t *)scene->shared + idx * ring_sz());
}

bool
rings_set_up(struct perf_scene *scene)
{
	const unsigned int cnt = scene->job->lcore_cnt;

	scene->shared = perf_room(cnt * ring_sz());
	if (scene->shared == NULL) {
		perf_scene_fail(scene, GROOVE_ERR_FULL, "no memory for %u rings", cnt);
		return false;
	}
	for (unsigned int i = 0; i < cnt; i++)
		rte_ring_init(rings_of(scene, i), "perf", RING_CNT, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return true;
}

void
rings_tear_down(struct perf_scene *scene)
{
	perf_room_back(scene->shared, scene->job->lcore_cnt * ring_sz());
}
