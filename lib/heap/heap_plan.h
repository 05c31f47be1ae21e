/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_PLAN_H
#define HEAP_PLAN_H

/*
 * What a heap that is to be made should be: its configuration in full, its nodes, and the configuration of each node's
 * region.
 */

#include <stdbool.h>

#include <groove_heap.h>

struct heap_plan {
	uint64_t nodes; /* bit n: NUMA node n */
	uint64_t id;	/* random */
	uint32_t shift; /* log2 of the address space for each node */
	unsigned int node_cnt;
	uint64_t volume_sz;
	uint64_t volume_max;
	uint64_t volume_limit;
	unsigned int first; /* index of the node that has memory from the start */
	bool anywhere;	    /* the machine has one node: memory is asked for on any */
};

/* A configuration in full. GROOVE_SUCCESS; GROOVE_ERR_INVAL or KEY, logged. */
int heap_cfg_complete(const groove_heap_cfg_t *given, groove_heap_cfg_t *cfg);

/* The plan of a complete configuration. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
int heap_plan_make(const groove_heap_cfg_t *cfg, struct heap_plan *plan);

/* NUMA node of an index. */
int heap_plan_node(const struct heap_plan *plan, unsigned int idx);

/* Configuration of a node's region, but for its name and place. */
groove_region_cfg_t heap_plan_region(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, unsigned int idx);

/* Log what a user may not expect of a heap that was made: normal pages. */
void heap_plan_report(const groove_heap_cfg_t *cfg, const groove_region_t *region);

static inline const char *
heap_plan_driver(const groove_heap_cfg_t *cfg)
{
	return cfg->driver != NULL ? cfg->driver : GROOVE_REGION_DRIVER_DEFAULT;
}

/* log2, rounded up, of 2 or more. */
static inline uint32_t
heap_log2(uint64_t sz)
{
	return 64U - (uint32_t)__builtin_clzl(sz - 1);
}

#endif /* HEAP_PLAN_H */
