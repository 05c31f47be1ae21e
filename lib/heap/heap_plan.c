/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "heap_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <sys/random.h>

#include <numa.h>

#include <groove_volume_driver.h>

#include "heap_log.h"
#include "sized.h"

/* Of the configuration as it was first: programs that leave cfg_sz 0 have no more. It grows at its end. */
#define CFG_SIZE_FIRST 112U
_Static_assert(sizeof(groove_heap_cfg_t) >= CFG_SIZE_FIRST, "up to idle_ms");

#define JOIN_MIN   3	       /* two of each process are the heap's own */
#define FRONT_ROOM (2UL << 30) /* of address space, for what comes before the volumes, on the largest pages */
#define GIGANTIC   (1UL << 30)

/* ---- configuration ---- */

static int
check_name(const char *name)
{
	if (name == NULL || strnlen(name, GROOVE_HEAP_NAME_MAX + 1) <= GROOVE_HEAP_NAME_MAX)
		return GROOVE_SUCCESS;
	HEAP_LOG(ERR, "name \"%.*s...\": take up to %d letters, digits, '_', '-' or '.'", GROOVE_HEAP_NAME_MAX, name,
		GROOVE_HEAP_NAME_MAX);
	return GROOVE_ERR_INVAL;
}

static int
check_numbers(const groove_heap_cfg_t *cfg)
{
	if (cfg->join_max < JOIN_MIN || cfg->join_max > GROOVE_DATA_JOIN_MAX) {
		HEAP_LOG(ERR, "join_max %" PRIu64 ": take %d to %lu", cfg->join_max, JOIN_MIN, GROOVE_DATA_JOIN_MAX);
		return GROOVE_ERR_INVAL;
	}
	if (cfg->limit_sz > cfg->max_sz || (cfg->volume_sz != 0 && cfg->limit_sz < cfg->volume_sz)) {
		HEAP_LOG(ERR, "a limit of %" PRIu64 " MiB: take one volume to max_sz, %" PRIu64 " MiB",
			cfg->limit_sz >> 20, cfg->max_sz >> 20);
		return GROOVE_ERR_INVAL;
	}
	if ((unsigned int)cfg->care > GROOVE_HEAP_CARE_CALLS) {
		HEAP_LOG(ERR, "care %d: take GROOVE_HEAP_CARE_THREAD or _CALLS", (int)cfg->care);
		return GROOVE_ERR_INVAL;
	}
	if ((cfg->flags & ~GROOVE_REGION_TRUST) == 0)
		return GROOVE_SUCCESS;
	HEAP_LOG(ERR, "flags %#" PRIx64 ": take GROOVE_REGION_TRUST or 0", cfg->flags);
	return GROOVE_ERR_INVAL;
}

static int
check_driver(const groove_heap_cfg_t *cfg)
{
	char names[256];

	if (groove_volume_driver_find(heap_plan_driver(cfg)) != NULL)
		return GROOVE_SUCCESS;
	groove_region_driver_names(names, sizeof(names));
	HEAP_LOG(ERR, "no volume driver %s: take one of %s; EAL's -d loads more", heap_plan_driver(cfg), names);
	return GROOVE_ERR_KEY;
}

int
heap_cfg_complete(const groove_heap_cfg_t *given, groove_heap_cfg_t *cfg)
{
	int err;

	if (given == NULL) {
		HEAP_LOG(ERR, "a heap needs a configuration");
		return GROOVE_ERR_INVAL;
	}
	if (!sized_copy(cfg, sizeof(*cfg), CFG_SIZE_FIRST, given, "groove_heap_cfg_t"))
		return GROOVE_ERR_INVAL;
	cfg->max_sz = cfg->max_sz != 0 ? cfg->max_sz : GROOVE_HEAP_MAX_SZ;
	cfg->limit_sz = cfg->limit_sz != 0 ? cfg->limit_sz : cfg->max_sz;
	cfg->join_max = cfg->join_max != 0 ? cfg->join_max : GROOVE_HEAP_JOIN_MAX;
	err = check_name(cfg->name);
	if (err == GROOVE_SUCCESS)
		err = check_numbers(cfg);
	return err == GROOVE_SUCCESS ? check_driver(cfg) : err;
}

/* ---- nodes ---- */

/* NUMA nodes of the machine that have memory, of those that a heap can have. */
static uint64_t
nodes_there(void)
{
	uint64_t nodes = 0;

	if (numa_available() < 0)
		return 1;
	for (unsigned int node = 0; node < GROOVE_HEAP_NODE_MAX; node++) {
		if (numa_bitmask_isbitset(numa_all_nodes_ptr, node))
			nodes |= 1UL << node;
	}
	return nodes != 0 ? nodes : 1;
}

/* Whether a node has hugepages of a size at all, used or not. */
static bool
has_pages(int node, uint64_t page_sz)
{
	return groove_volume_hugepages(page_sz, node, "nr_hugepages") > 0;
}

/* Of some nodes those that have hugepages of a size; all of them where none has. */
static uint64_t
nodes_with(uint64_t nodes, uint64_t page_sz)
{
	uint64_t with = 0;

	for (unsigned int node = 0; node < GROOVE_HEAP_NODE_MAX; node++) {
		if ((nodes >> node & 1) != 0 && has_pages((int)node, page_sz))
			with |= 1UL << node;
	}
	return with != 0 ? with : nodes;
}

static int
plan_nodes(const groove_heap_cfg_t *cfg, struct heap_plan *plan)
{
	const uint64_t there = nodes_there();
	const uint64_t page_sz = plan->volume_sz == GIGANTIC ? GIGANTIC : groove_page_sz(GROOVE_PAGE_HUGE);
	unsigned int node = 0;

	if ((cfg->node_mask & ~there) != 0) {
		HEAP_LOG(ERR, "node mask %#" PRIx64 ": memory is on nodes %#" PRIx64, cfg->node_mask, there);
		return GROOVE_ERR_INVAL;
	}
	plan->nodes = cfg->node_mask;
	if (plan->nodes == 0)
		plan->nodes = cfg->page == GROOVE_PAGE_NORMAL ? there : nodes_with(there, page_sz);
	plan->node_cnt = (unsigned int)__builtin_popcountl(plan->nodes);
	plan->anywhere = there == plan->nodes && plan->node_cnt == 1;
	getcpu(NULL, &node);
	/* Below the caller's node there are so many; where the heap has not that node, the first one is as good. */
	if (node < GROOVE_HEAP_NODE_MAX && (plan->nodes >> node & 1) != 0)
		plan->first = (unsigned int)__builtin_popcountl(plan->nodes & ((1UL << node) - 1));
	return GROOVE_SUCCESS;
}

int
heap_plan_node(const struct heap_plan *plan, unsigned int idx)
{
	uint64_t nodes = plan->nodes;

	for (; idx > 0; idx--)
		nodes &= nodes - 1;
	return __builtin_ctzl(nodes);
}

/* ---- memory ---- */

/* Where only the largest hugepages are free, a volume is one of them: any hugepage is better than none. */
static uint64_t
plan_volume_sz(const groove_heap_cfg_t *cfg)
{
	const uint64_t huge_sz = groove_page_sz(GROOVE_PAGE_HUGE);
	uint64_t huge_free;

	if (cfg->volume_sz != 0)
		return cfg->volume_sz;
	if (cfg->page == GROOVE_PAGE_GIGANTIC)
		return GIGANTIC;
	huge_free = groove_volume_hugepages_free(huge_sz, GROOVE_NODE_ANY) * huge_sz;
	/* The front takes some, too. */
	if (cfg->page == GROOVE_PAGE_ANY && cfg->limit_sz >= GIGANTIC && huge_free < 2 * GROOVE_HEAP_VOLUME_SZ &&
		groove_volume_hugepages_free(GIGANTIC, GROOVE_NODE_ANY) >= 2)
		return GIGANTIC;
	return cfg->limit_sz < GROOVE_HEAP_VOLUME_SZ ? GROOVE_VOLUME_FOOTPRINT_MIN : GROOVE_HEAP_VOLUME_SZ;
}

/* Never 0; 0, logged: the kernel gives none. */
static uint64_t
random_id(void)
{
	uint64_t id = 0;

	/* Never blocks: early random numbers do. */
	while (id == 0 && getrandom(&id, sizeof(id), GRND_INSECURE) < 0 && errno == EINTR)
		;
	if (id == 0)
		HEAP_LOG(ERR, "the kernel gives no random number to name a heap by: %m; needs Linux 5.6");
	return id;
}

int
heap_plan_make(const groove_heap_cfg_t *cfg, struct heap_plan *plan)
{
	*plan = (struct heap_plan){.id = random_id(), .volume_sz = plan_volume_sz(cfg)};
	if (plan->id == 0)
		return GROOVE_ERR_INVAL;
	if (cfg->limit_sz < plan->volume_sz) {
		HEAP_LOG(ERR, "a limit of %" PRIu64 " MiB is less than a volume of %" PRIu64 " MiB: raise it",
			cfg->limit_sz >> 20, plan->volume_sz >> 20);
		return GROOVE_ERR_INVAL;
	}
	plan->volume_max = (cfg->max_sz + plan->volume_sz - 1) / plan->volume_sz;
	plan->volume_limit = cfg->limit_sz / plan->volume_sz;
	plan->shift = heap_log2(plan->volume_max * plan->volume_sz + FRONT_ROOM);
	return plan_nodes(cfg, plan);
}

groove_region_cfg_t
heap_plan_region(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, unsigned int idx)
{
	return (groove_region_cfg_t){
		.size = sizeof(groove_region_cfg_t),
		.driver = heap_plan_driver(cfg),
		.dir = cfg->dir,
		.mode = cfg->mode,
		.volume_sz = plan->volume_sz,
		.volume_cnt = idx == plan->first ? 1 : 0,
		.volume_max = plan->volume_max,
		.volume_limit = plan->volume_limit,
		.join_max = cfg->join_max,
		.page = cfg->page,
		.node = plan->anywhere ? GROOVE_NODE_ANY : heap_plan_node(plan, idx),
		.placement = GROOVE_PLACEMENT_BOUND,
	};
}

void
heap_plan_report(const groove_heap_cfg_t *cfg, const groove_region_t *region)
{
	if (cfg->page != GROOVE_PAGE_ANY || groove_region_page_sz(region) != groove_page_sz(GROOVE_PAGE_NORMAL) ||
		strcmp(groove_region_driver(region), "file") == 0)
		return;
	HEAP_LOG(WARNING,
		"normal pages: no hugepages are free for a volume of %" PRIu64
		" MiB; reserve some (nr_hugepages), or ask for normal pages",
		groove_region_volume_sz(region) >> 20);
}
