/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Calls that are for each node of a heap: recovery, checks, walks, limits. */

#include <inttypes.h>

#include "heap_care.h"
#include "heap_log.h"
#include "heap_thread.h"

/* ---- each node ---- */

/* Something that is done to a node with a join. 0 goes on. */
typedef int (*node_fn)(const struct heap_node *node, groove_data_t *join, void *arg);

/* Of the negative codes the first; what is not 0 ends it if last. */
static int
each_node(groove_heap_t *shown, const char *call, node_fn fn, void *arg, bool ends)
{
	struct heap *heap = heap_of(shown);
	int result = GROOVE_SUCCESS;

	if (!heap_is_live(shown, call))
		return GROOVE_ERR_INVAL;
	for (unsigned int idx = 0; idx < heap->shown.node_cnt && !(ends && result != GROOVE_SUCCESS); idx++) {
		struct heap_access access;
		int err;

		heap_enter(heap, idx, &access);
		err = fn(&heap->node[idx], access.join, arg);
		heap_leave(&access);
		result = result == GROOVE_SUCCESS ? err : result;
	}
	return result;
}

static int
node_recover(const struct heap_node *node, groove_data_t *join, void *arg)
{
	(void)arg;
	return groove_region_recover(node->region, join);
}

int
groove_heap_recover(groove_heap_t *heap)
{
	return each_node(heap, "recover", node_recover, NULL, false);
}

static int
node_verify(const struct heap_node *node, groove_data_t *join, void *arg)
{
	(void)node;
	(void)arg;
	return groove_data_verify(join);
}

int
groove_heap_verify(groove_heap_t *heap)
{
	int cancel, unused, err;

	if (!heap_is_live(heap, "verify"))
		return GROOVE_ERR_INVAL;
	/* A thread that is cancelled has the lock no more. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	heap_care_pause();
	err = each_node(heap, "verify", node_verify, NULL, true);
	heap_care_resume();
	pthread_setcancelstate(cancel, &unused);
	return err;
}

struct walk {
	const groove_data_walk_filter_t *filter;
	groove_data_walk_fn fn;
	void *arg;
};

static int
node_walk(const struct heap_node *node, groove_data_t *join, void *arg)
{
	const struct walk *walk = arg;

	(void)node;
	return groove_data_walk(join, walk->filter, walk->fn, walk->arg);
}

int
groove_heap_walk(groove_heap_t *heap, const groove_data_walk_filter_t *filter, groove_data_walk_fn fn, void *arg)
{
	struct walk walk = {.filter = filter, .fn = fn, .arg = arg};

	return each_node(heap, "walk", node_walk, &walk, true);
}

struct purge {
	groove_heap_t *heap;
	uint64_t cnt;
};

static int
purge_one(void *arg, void *obj)
{
	struct purge *purge = arg;
	const int err = groove_heap_free(purge->heap, obj);

	purge->cnt += err == GROOVE_SUCCESS;
	return err;
}

int
groove_heap_free_tags(groove_heap_t *heap, uint64_t first, uint64_t last, uint64_t *cnt)
{
	const groove_data_walk_filter_t filter = {.tag_min = first, .tag_max = last, .szc_max = UINT64_MAX};
	struct purge purge = {.heap = heap};
	const int err = groove_heap_walk(heap, &filter, purge_one, &purge);

	if (cnt != NULL)
		*cnt = purge.cnt;
	return err;
}

/* ---- memory ---- */

static int
limit_set(const struct heap_node *node, uint64_t limit_sz)
{
	const uint64_t volume_sz = groove_region_volume_sz(node->region);
	const uint64_t max_sz = groove_region_volume_max(node->region) * volume_sz;

	if (limit_sz >= volume_sz && limit_sz <= max_sz)
		return groove_region_limit_set(node->region, limit_sz / volume_sz);
	HEAP_LOG(ERR, "a limit of %" PRIu64 " MiB on node %d: take %" PRIu64 " MiB to %" PRIu64 " MiB", limit_sz >> 20,
		node->node, volume_sz >> 20, max_sz >> 20);
	return GROOVE_ERR_INVAL;
}

int
groove_heap_limit_set(groove_heap_t *heap, int node, uint64_t limit_sz)
{
	struct heap *inner = heap_of(heap);
	unsigned int idx, end;
	int err = GROOVE_SUCCESS;

	if (!heap_nodes_of(heap, node, "limit_set", &idx, &end))
		return GROOVE_ERR_INVAL;
	for (; err == GROOVE_SUCCESS && idx < end; idx++)
		err = limit_set(&inner->node[idx], limit_sz);
	return err;
}

int
groove_heap_node_info(groove_heap_t *heap, unsigned int idx, groove_heap_node_info_t *info)
{
	const struct heap *inner = heap_of(heap);
	const groove_region_t *region;

	if (!heap_is_live(heap, "node_info"))
		return GROOVE_ERR_INVAL;
	if (idx >= inner->shown.node_cnt)
		return GROOVE_ERR_KEY;
	region = inner->node[idx].region;
	info->node = inner->node[idx].node;
	info->page_sz = groove_region_page_sz(region);
	info->volume_sz = groove_region_volume_sz(region);
	info->memory_sz = groove_region_volume_cnt(region) * info->volume_sz;
	info->limit_sz = groove_region_limit(region) * info->volume_sz;
	info->max_sz = groove_region_volume_max(region) * info->volume_sz;
	return GROOVE_SUCCESS;
}
