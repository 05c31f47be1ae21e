/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Frees when the calling thread has no join on the object's node, and in bulk. */

#include <inttypes.h>
#include <stdlib.h>

#include "heap_log.h"
#include "heap_thread.h"
#include "log.h"

static int
free_one(struct heap *heap, uint64_t idx, void *obj)
{
	struct heap_access access;
	int err;

	heap_enter(heap, (unsigned int)idx, &access);
	err = groove_data_free(access.join, obj);
	heap_leave(&access);
	return err;
}

static int
log_foreign(const void *obj)
{
	HEAP_LOG_LIMITED(ERR, "free: %p is no object of this heap: free it where it came from", obj);
	return GROOVE_ERR_INVAL;
}

int
groove_heap_free_slowly(groove_heap_t *heap, void *obj)
{
	uint64_t idx;

	if (!heap_is_live(heap, "free"))
		return GROOVE_ERR_INVAL;
	if (obj == NULL)
		return GROOVE_SUCCESS;
	idx = heap_idx_of(heap, obj);
	return idx < heap->node_cnt ? free_one(heap_of(heap), idx, obj) : log_foreign(obj);
}

/* ---- several ---- */

/* How many of n objects, from the first on, lie on one node. */
static uint64_t
run_of(const groove_heap_t *heap, void *const *objs, uint64_t n)
{
	const uint64_t idx = heap_idx_of(heap, objs[0]);
	uint64_t cnt = 1;

	while (cnt < n && heap_idx_of(heap, objs[cnt]) == idx)
		cnt++;
	return cnt;
}

static int
free_all_on(struct heap *heap, uint64_t idx, void *const *objs, uint64_t n)
{
	struct heap_access access;
	int err;

	heap_enter(heap, (unsigned int)idx, &access);
	err = groove_data_free_bulk(access.join, objs, n);
	heap_leave(&access);
	return err;
}

/* What lies on no node is bad, and said to be so before anything is freed. */
static int
check_nodes(const groove_heap_t *heap, void *const *objs, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (heap_idx_of(heap, objs[i]) >= heap->node_cnt)
			return log_foreign(objs[i]);
	}
	return GROOVE_SUCCESS;
}

/* Sort objects by their nodes, and free those of each. */
static int
free_mixed(struct heap *heap, void *const *objs, uint64_t n)
{
	void **some = malloc(n * sizeof(*some));
	int err = GROOVE_SUCCESS;

	if (some == NULL) {
		HEAP_LOG_LIMITED(
			ERR, "free_bulk: no memory to sort %" PRIu64 " objects by node: free fewer at a time", n);
		return GROOVE_ERR_FULL;
	}
	for (unsigned int idx = 0; idx < heap->shown.node_cnt; idx++) {
		uint64_t cnt = 0;
		int result;

		for (uint64_t i = 0; i < n; i++) {
			if (heap_idx_of(&heap->shown, objs[i]) == idx)
				some[cnt++] = objs[i];
		}
		result = cnt > 0 ? free_all_on(heap, idx, some, cnt) : GROOVE_SUCCESS;
		err = err == GROOVE_SUCCESS ? result : err;
	}
	free(some);
	return err;
}

int
groove_heap_free_bulk(groove_heap_t *heap, void *const *objs, uint64_t n)
{
	groove_data_t *join;
	int err;

	if (!heap_is_live(heap, "free_bulk"))
		return GROOVE_ERR_INVAL;
	if (n == 0)
		return GROOVE_SUCCESS;
	err = check_nodes(heap, objs, n);
	if (err != GROOVE_SUCCESS)
		return err;
	/* A thread that has joined a heap of one node has all that it needs. */
	join = heap->node_cnt == 1 ? groove_heap_self->join[heap->seat + 1] : NULL;
	if (join != NULL)
		return groove_data_free_bulk(join, objs, n);
	if (run_of(heap, objs, n) == n)
		return free_all_on(heap_of(heap), heap_idx_of(heap, objs[0]), objs, n);
	return free_mixed(heap_of(heap), objs, n);
}

uint64_t
groove_heap_free_burst(groove_heap_t *heap, void *const *objs, uint64_t n, int *err)
{
	int first = GROOVE_SUCCESS;
	uint64_t done = 0;

	if (!heap_is_live(heap, "free_burst")) {
		first = GROOVE_ERR_INVAL;
		n = 0;
	}
	for (uint64_t i = 0, cnt; i < n; i += cnt) {
		const uint64_t idx = heap_idx_of(heap, objs[i]);
		struct heap_access access;
		int result;

		cnt = run_of(heap, objs + i, n - i);
		if (idx < heap->node_cnt) {
			heap_enter(heap_of(heap), (unsigned int)idx, &access);
			done += groove_data_free_burst(access.join, objs + i, cnt, &result);
			heap_leave(&access);
		} else {
			result = log_foreign(objs[i]);
		}
		first = first == GROOVE_SUCCESS ? result : first;
	}
	if (err != NULL)
		*err = first;
	return done;
}
