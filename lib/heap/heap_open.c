/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Coming and going. */

#include <stdlib.h>

#include "fork.h"
#include "heap_care.h"
#include "heap_log.h"
#include "heap_regions.h"
#include "heap_thread.h"

#define IDLE_MS	   10000UL
#define OPEN_TRIES 16 /* others make and destroy the heap at the same time: one of each is usual */

static int
make(const groove_heap_cfg_t *cfg, struct heap **heap)
{
	struct heap_plan plan;
	const int err = heap_plan_make(cfg, &plan);

	return err == GROOVE_SUCCESS ? heap_regions_create(cfg, &plan, heap) : err;
}

/* Attach, or make what is not there. Of two that make it the one that loses attaches. */
static int
find(const groove_heap_cfg_t *cfg, struct heap **heap, bool *is_new)
{
	int err = GROOVE_ERR_AGAIN;

	*is_new = cfg->name == NULL;
	if (*is_new)
		return make(cfg, heap);
	for (unsigned int i = 0; i < OPEN_TRIES && (err == GROOVE_ERR_KEY || err == GROOVE_ERR_AGAIN); i++) {
		err = heap_regions_attach(cfg, heap);
		*is_new = err == GROOVE_ERR_KEY;
		if (*is_new)
			err = make(cfg, heap);
	}
	if (err != GROOVE_ERR_KEY && err != GROOVE_ERR_AGAIN)
		return err;
	HEAP_LOG(ERR,
		"%s is made and destroyed by others all the time, or was destroyed half-way: call again, or "
		"destroy it",
		cfg->name);
	return GROOVE_ERR_AGAIN;
}

/* ---- the joins of the process ---- */

/* One that its holder locks may call the heap again, from a walk. */
static int
lock_make(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int error = pthread_mutexattr_init(&attr);

	if (error != 0)
		return GROOVE_ERR_FULL;
	error = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	if (error == 0)
		error = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return error == 0 ? GROOVE_SUCCESS : GROOVE_ERR_FULL;
}

static groove_data_t *
join_make(groove_region_t *region)
{
	groove_data_t *join = aligned_alloc(_Alignof(groove_data_t), sizeof(*join));

	if (join == NULL || groove_region_join(region, join, 0) != NULL)
		return join;
	free(join);
	return NULL;
}

static void
nodes_leave(struct heap *heap)
{
	for (unsigned int idx = 0; idx < heap->shown.node_cnt; idx++) {
		struct heap_node *node = &heap->node[idx];

		if (node->common == NULL)
			continue;
		groove_region_leave(node->region, node->common);
		free(node->common);
		pthread_mutex_destroy(&node->lock);
		pthread_mutex_destroy(&node->care_lock);
	}
}

static int
nodes_join(struct heap *heap)
{
	int err = GROOVE_SUCCESS;

	for (unsigned int idx = 0; err == GROOVE_SUCCESS && idx < heap->shown.node_cnt; idx++) {
		struct heap_node *node = &heap->node[idx];

		err = lock_make(&node->lock);
		if (err == GROOVE_SUCCESS && pthread_mutex_init(&node->care_lock, NULL) != 0)
			err = GROOVE_ERR_FULL;
		if (err == GROOVE_SUCCESS)
			node->common = join_make(node->region);
		if (node->common == NULL)
			err = GROOVE_ERR_FULL;
	}
	return err;
}

/* ---- open and close ---- */

/* What of the configuration is this process's own. */
static void
settings(struct heap *heap, const groove_heap_cfg_t *cfg)
{
	heap->idle_ms = cfg->idle_ms != 0 ? cfg->idle_ms : IDLE_MS;
	for (unsigned int idx = 0; idx < heap->shown.node_cnt; idx++)
		heap->node[idx].reserve_sz =
			cfg->reserve_sz != 0 ? cfg->reserve_sz : groove_region_volume_sz(heap->node[idx].region);
	for (unsigned int idx = 0; cfg->reserve_sz == GROOVE_HEAP_NONE && idx < heap->shown.node_cnt; idx++)
		heap->node[idx].reserve_sz = 0;
}

static int
begin(struct heap *heap, const groove_heap_cfg_t *cfg)
{
	int err = fork_guard_get(&heap->guard, &heap->key) == 0 ? GROOVE_SUCCESS : GROOVE_ERR_FULL;

	if (err == GROOVE_SUCCESS)
		err = nodes_join(heap);
	if (err == GROOVE_SUCCESS && !heap_seats_take(heap))
		err = GROOVE_ERR_FULL;
	if (err != GROOVE_SUCCESS) {
		nodes_leave(heap);
		return err;
	}
	settings(heap, cfg);
	if (cfg->care == GROOVE_HEAP_CARE_CALLS || heap_care_begin(heap))
		return GROOVE_SUCCESS;
	heap_seats_give(heap);
	nodes_leave(heap);
	return GROOVE_ERR_FULL;
}

int
groove_heap_open(const groove_heap_cfg_t *cfg, groove_heap_t **heap)
{
	groove_heap_cfg_t full;
	struct heap *made;
	bool is_new;
	int err;

	if (heap == NULL) {
		HEAP_LOG(ERR, "groove_heap_open() needs a place for the heap");
		return GROOVE_ERR_INVAL;
	}
	err = heap_cfg_complete(cfg, &full);
	if (err == GROOVE_SUCCESS)
		err = find(&full, &made, &is_new);
	if (err != GROOVE_SUCCESS)
		return err;
	err = begin(made, &full);
	if (err != GROOVE_SUCCESS) {
		heap_regions_detach(made);
		if (is_new && full.name != NULL)
			heap_regions_destroy(&full);
		return err;
	}
	*heap = &made->shown;
	return GROOVE_SUCCESS;
}

void
groove_heap_close(groove_heap_t *heap)
{
	struct heap *inner = heap_of(heap);
	int cancel, unused;

	if (inner == NULL)
		return;
	/* A thread that is cancelled has closed it, and has no lock. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	heap_care_end(inner);
	heap_seats_give(inner);
	/* In a child of fork there is nothing to leave. */
	if (__atomic_load_n(inner->guard, __ATOMIC_RELAXED) == inner->key)
		nodes_leave(inner);
	heap_regions_detach(inner);
	pthread_setcancelstate(cancel, &unused);
}

int
groove_heap_destroy(const groove_heap_cfg_t *cfg)
{
	groove_heap_cfg_t full;
	const int err = heap_cfg_complete(cfg, &full);

	if (err != GROOVE_SUCCESS)
		return err;
	if (full.name != NULL)
		return heap_regions_destroy(&full);
	HEAP_LOG(ERR, "a heap without a name goes with its last process: close it");
	return GROOVE_ERR_INVAL;
}
