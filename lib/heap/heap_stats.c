/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Counts of a heap, read and printed. */

#include <groove_heap_stats.h>

#include <inttypes.h>

#include "heap_log.h"
#include "heap_thread.h"

/* Relaxed, both: a count says nothing of other memory. */
static uint64_t
count_of(const uint64_t *cnt)
{
	return __atomic_load_n(cnt, __ATOMIC_RELAXED);
}

int
groove_heap_stats(groove_heap_t *heap, unsigned int idx, groove_heap_stats_t *stats)
{
	const struct heap_node *node;
	struct heap_access access;
	int err;

	if (!heap_is_live(heap, "stats"))
		return GROOVE_ERR_INVAL;
	if (stats == NULL) {
		HEAP_LOG(ERR, "stats: NULL: needs a place for the counts");
		return GROOVE_ERR_INVAL;
	}
	if (idx >= heap->node_cnt)
		return GROOVE_ERR_KEY;
	node = &heap_of(heap)->node[idx];
	heap_enter(heap_of(heap), idx, &access);
	err = groove_data_stats(access.join, &stats->counts);
	heap_leave(&access);
	if (err != GROOVE_SUCCESS)
		return err;
	stats->node = node->node;
	stats->grow_cnt = count_of(&node->grow_cnt);
	stats->full_cnt = count_of(&node->full_cnt);
	return GROOVE_SUCCESS;
}

static int
dump_node(FILE *file, struct heap *heap, unsigned int idx)
{
	const struct heap_node *node = &heap->node[idx];
	const uint64_t volume_sz = groove_region_volume_sz(node->region);
	struct heap_access access;
	int err;

	fprintf(file,
		"node %d: %" PRIu64 " MiB of %" PRIu64 " MiB, pages of %" PRIu64 " KiB, grown %" PRIu64
		" times and full %" PRIu64 " times by this process\n",
		node->node, groove_region_volume_cnt(node->region) * volume_sz >> 20,
		groove_region_limit(node->region) * volume_sz >> 20, groove_region_page_sz(node->region) >> 10,
		count_of(&node->grow_cnt), count_of(&node->full_cnt));
	heap_enter(heap, idx, &access);
	err = groove_data_dump(file, access.join);
	heap_leave(&access);
	return err;
}

int
groove_heap_dump(FILE *file, groove_heap_t *heap)
{
	int err = GROOVE_SUCCESS;

	if (!heap_is_live(heap, "dump"))
		return GROOVE_ERR_INVAL;
	if (file == NULL) {
		HEAP_LOG(ERR, "dump: NULL: needs a file to write to");
		return GROOVE_ERR_INVAL;
	}
	for (unsigned int idx = 0; err == GROOVE_SUCCESS && idx < heap->node_cnt; idx++)
		err = dump_node(file, heap_of(heap), idx);
	return err;
}
