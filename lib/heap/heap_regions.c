/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "heap_regions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <groove_volume_driver.h>

#include "heap_log.h"

#define WINDOW_ALIGN (1UL << 30) /* of the largest pages */

/* ---- address space ---- */

/*
 * Where there is room for the regions of several nodes, side by side. It is free again as it is returned: a region is
 * never mapped over anything, so what another thread maps there meanwhile makes that fail. NULL, logged: nowhere.
 */
static uint8_t *
window_find(unsigned int node_cnt, uint32_t shift)
{
	const uint64_t sz = ((uint64_t)node_cnt << shift) + WINDOW_ALIGN;
	uint8_t *room = mmap(NULL, sz, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED) {
		HEAP_LOG(ERR, "no %" PRIu64 " GiB of address space for %u nodes: %m; take a smaller max_sz", sz >> 30,
			node_cnt);
		return NULL;
	}
	munmap(room, sz);
	return (uint8_t *)(((uintptr_t)room + WINDOW_ALIGN - 1) & ~(WINDOW_ALIGN - 1));
}

/* Where the node of an address follows from. */
static void
base_set(struct heap *heap, const struct heap_plan *plan, const uint8_t *window)
{
	const groove_region_t *region = heap->node[0].region;

	heap->shown.base = (uintptr_t)(window != NULL ? window : groove_region_volume0(region));
	heap->shown.shift = window != NULL
				    ? plan->shift
				    : heap_log2(groove_region_volume_max(region) * groove_region_volume_sz(region));
	heap->shown.first_sz = 1UL << heap->shown.shift;
}

static struct heap *
heap_make(const struct heap_plan *plan)
{
	struct heap *heap = calloc(1, sizeof(*heap) + plan->node_cnt * sizeof(heap->node[0]));

	if (heap == NULL) {
		HEAP_LOG(ERR, "no memory for a heap of %u nodes", plan->node_cnt);
		return NULL;
	}
	heap->shown.node_cnt = plan->node_cnt;
	for (unsigned int idx = 0; idx < plan->node_cnt; idx++)
		heap->node[idx].node = heap_plan_node(plan, idx);
	return heap;
}

void
heap_regions_detach(struct heap *heap)
{
	for (unsigned int idx = 0; idx < heap->shown.node_cnt; idx++)
		groove_region_detach(heap->node[idx].region);
	free(heap);
}

/* ---- names ---- */

struct region_name {
	char text[GROOVE_REGION_NAME_MAX + 1];
};

/* Name of a node's region; NULL: private. */
static const char *
name_of(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, unsigned int idx, struct region_name *name)
{
	if (cfg->name == NULL || idx == 0)
		return cfg->name;
	snprintf(name->text, sizeof(name->text), "%.*s.%d-%08x", GROOVE_HEAP_NAME_MAX, cfg->name,
		heap_plan_node(plan, idx), (unsigned int)plan->id);
	return name->text;
}

static groove_region_id_t
id_of(const groove_heap_cfg_t *cfg, const char *name, uint64_t flags)
{
	return (groove_region_id_t){.size = sizeof(groove_region_id_t),
		.driver = heap_plan_driver(cfg),
		.dir = cfg->dir,
		.name = name,
		.flags = flags};
}

/* ---- create ---- */

static int
node_create(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap *heap, unsigned int idx,
	uint8_t *window)
{
	const uint64_t root[GROOVE_REGION_ROOT_CNT] = {
		[HEAP_ROOT_MAGIC] = HEAP_MAGIC,
		[HEAP_ROOT_NODES] = plan->nodes,
		[HEAP_ROOT_ID] = plan->id,
		[HEAP_ROOT_SHIFT] = plan->shift,
	};
	struct region_name name;
	groove_region_cfg_t region_cfg = heap_plan_region(cfg, plan, idx);

	region_cfg.name = name_of(cfg, plan, idx, &name);
	region_cfg.root = root;
	region_cfg.flags = GROOVE_REGION_IF_NEW;
	region_cfg.at = window != NULL ? window + ((uint64_t)idx << plan->shift) : NULL;
	/* All nodes have pages of one size: that of the region that is made first. */
	if (idx + 1 < heap->shown.node_cnt)
		groove_page_parse(
			groove_page_name(groove_region_page_sz(heap->node[idx + 1].region)), &region_cfg.page);
	return groove_region_create(&region_cfg, &heap->node[idx].region);
}

/* Take back those that were made. */
static void
nodes_undo(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap *heap)
{
	for (unsigned int idx = 0; idx < heap->shown.node_cnt; idx++) {
		struct region_name name;
		const groove_region_id_t id = id_of(cfg, name_of(cfg, plan, idx, &name), GROOVE_REGION_IF_THERE);

		if (heap->node[idx].region == NULL)
			continue;
		groove_region_detach(heap->node[idx].region);
		heap->node[idx].region = NULL;
		if (id.name != NULL)
			groove_region_destroy(&id);
	}
}

/* The first node last: with it the heap has its name. */
static int
nodes_create(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap *heap)
{
	uint8_t *window = NULL;
	int err = GROOVE_SUCCESS;

	if (plan->node_cnt > 1 && (window = window_find(plan->node_cnt, plan->shift)) == NULL)
		return GROOVE_ERR_FULL;
	for (unsigned int idx = plan->node_cnt; err == GROOVE_SUCCESS && idx-- > 0;)
		err = node_create(cfg, plan, heap, idx, window);
	if (err != GROOVE_SUCCESS) {
		nodes_undo(cfg, plan, heap);
		return err;
	}
	base_set(heap, plan, window);
	return GROOVE_SUCCESS;
}

int
heap_regions_create(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap **heap)
{
	struct heap *made = heap_make(plan);
	int err;

	if (made == NULL)
		return GROOVE_ERR_FULL;
	err = nodes_create(cfg, plan, made);
	if (err != GROOVE_SUCCESS) {
		free(made);
		return err;
	}
	heap_plan_report(cfg, made->node[0].region);
	*heap = made;
	return GROOVE_SUCCESS;
}

/* ---- attach ---- */

static uint64_t
root_word(groove_region_t *region, enum heap_root word)
{
	/* Relaxed: they were there before the region had its name. */
	return __atomic_load_n(groove_region_root(region, word), __ATOMIC_RELAXED);
}

/* What a heap is, as its first region has it. GROOVE_SUCCESS; GROOVE_ERR_INVAL, CORRUPT, logged. */
static int
plan_read(groove_region_t *region, struct heap_plan *plan)
{
	plan->nodes = root_word(region, HEAP_ROOT_NODES);
	plan->id = root_word(region, HEAP_ROOT_ID);
	plan->shift = (uint32_t)root_word(region, HEAP_ROOT_SHIFT);
	plan->node_cnt = (unsigned int)__builtin_popcountl(plan->nodes);
	if (root_word(region, HEAP_ROOT_MAGIC) != HEAP_MAGIC) {
		HEAP_LOG(ERR, "%s is a region and no heap: take another name", groove_region_name(region));
		return GROOVE_ERR_INVAL;
	}
	if (plan->node_cnt >= 1 && (plan->node_cnt == 1 || (plan->shift > 25 && plan->shift < 42)))
		return GROOVE_SUCCESS;
	HEAP_LOG(ERR, "%s is damaged: %u nodes, 2^%u bytes each: destroy its regions: %s", groove_region_name(region),
		plan->node_cnt, plan->shift,
		groove_volume_ctl("destroy", groove_region_driver(region), NULL, groove_region_name(region)));
	return GROOVE_ERR_CORRUPT;
}

/* One that has gone means that the heap is being destroyed, or that it was begun. */
static int
nodes_attach(const groove_heap_cfg_t *cfg, const struct heap_plan *plan, struct heap *heap)
{
	uint8_t *window = window_find(plan->node_cnt, plan->shift);
	int err = window != NULL ? GROOVE_SUCCESS : GROOVE_ERR_FULL;

	for (unsigned int idx = 0; err == GROOVE_SUCCESS && idx < plan->node_cnt; idx++) {
		struct region_name name;
		groove_region_id_t id = id_of(cfg, name_of(cfg, plan, idx, &name), cfg->flags | GROOVE_REGION_IF_THERE);

		id.at = window + ((uint64_t)idx << plan->shift);
		err = groove_region_attach(&id, &heap->node[idx].region);
		if (err == GROOVE_SUCCESS && root_word(heap->node[idx].region, HEAP_ROOT_ID) != plan->id)
			err = GROOVE_ERR_AGAIN; /* another heap has the name by now */
	}
	if (err != GROOVE_SUCCESS)
		return err == GROOVE_ERR_KEY ? GROOVE_ERR_AGAIN : err;
	base_set(heap, plan, window);
	return GROOVE_SUCCESS;
}

static int
check_whole(const groove_region_t *region)
{
	if (!groove_region_needs_rebuild(region))
		return GROOVE_SUCCESS;
	HEAP_LOG(ERR, "%s may be torn: rebuild it: %s", groove_region_name(region),
		groove_volume_ctl("rebuild", groove_region_driver(region), NULL, groove_region_name(region)));
	return GROOVE_ERR_CORRUPT;
}

/* The first region was attached, wherever there was room. */
static int
attach_all(const groove_heap_cfg_t *cfg, groove_region_t *first, struct heap **heap)
{
	struct heap_plan plan;
	struct heap *made = NULL;
	int err = check_whole(first);

	if (err == GROOVE_SUCCESS)
		err = plan_read(first, &plan);
	if (err == GROOVE_SUCCESS) {
		made = heap_make(&plan);
		err = made != NULL ? GROOVE_SUCCESS : GROOVE_ERR_FULL;
	}
	if (err == GROOVE_SUCCESS && plan.node_cnt == 1) {
		made->node[0].region = first;
		base_set(made, &plan, NULL);
		*heap = made;
		return GROOVE_SUCCESS;
	}
	groove_region_detach(first);
	if (err == GROOVE_SUCCESS)
		err = nodes_attach(cfg, &plan, made);
	if (err == GROOVE_SUCCESS)
		*heap = made;
	else if (made != NULL)
		heap_regions_detach(made);
	return err;
}

int
heap_regions_attach(const groove_heap_cfg_t *cfg, struct heap **heap)
{
	const groove_region_id_t id = id_of(cfg, cfg->name, cfg->flags | GROOVE_REGION_IF_THERE);
	groove_region_t *first;
	const int err = groove_region_attach(&id, &first);

	return err == GROOVE_SUCCESS ? attach_all(cfg, first, heap) : err;
}

/* ---- destroy ---- */

/* The first region last, so that what is left can be found again. */
int
heap_regions_destroy(const groove_heap_cfg_t *cfg)
{
	const groove_region_id_t id = id_of(cfg, cfg->name, cfg->flags);
	struct heap_plan plan;
	groove_region_t *first;
	int err = groove_region_attach(&id, &first);

	if (err != GROOVE_SUCCESS)
		return err;
	err = plan_read(first, &plan);
	groove_region_detach(first);
	for (unsigned int idx = 1; err == GROOVE_SUCCESS && idx < plan.node_cnt; idx++) {
		struct region_name name;
		const groove_region_id_t other =
			id_of(cfg, name_of(cfg, &plan, idx, &name), cfg->flags | GROOVE_REGION_IF_THERE);

		err = groove_region_destroy(&other);
		err = err == GROOVE_ERR_KEY ? GROOVE_SUCCESS : err;
	}
	return err == GROOVE_SUCCESS ? groove_region_destroy(&id) : err;
}
