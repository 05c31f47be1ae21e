/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Allocation when the calling thread's join has no slot, or there is no such join, and in bulk. */

#include "alloc.h"
#include "heap_log.h"
#include "heap_room.h"
#include "heap_thread.h"
#include "inset.h"
#include "log.h"
#include "stats.h"

#define FLAGS (GROOVE_HEAP_ZERO | GROOVE_HEAP_NO_GROW | GROOVE_HEAP_OTHER_NODES)

/* Objects of one size that are wanted. */
struct job {
	const struct groove_heap_request *request;
	const uint64_t *tags; /* NULL: the request's for all */
	void **objs;
	uint64_t n;
	bool all; /* or none */
};

/* As many as the join gets of those from done on; err says why not all. */
static uint64_t
take(groove_data_t *join, const struct job *job, uint64_t done, int *err)
{
	const struct groove_heap_request *request = job->request;
	const uint64_t *tags = job->tags != NULL ? job->tags + done : NULL;
	void **objs = job->objs + done;

	if (inset_is_align(request->align)) {
		const struct alloc_request insets = inset_request(request->align, request->sz);
		const uint64_t *own = tags == NULL && job->n == 1 ? &request->tag : tags;

		return alloc_insets(join, &insets, own, objs, job->n - done, job->all, err);
	}
	if (job->n == 1) {
		objs[0] = groove_data_alloc(
			join, request->align, request->sz, tags != NULL ? tags[0] : request->tag, err);
		return objs[0] != NULL;
	}
	if (!job->all)
		return groove_data_alloc_burst(join, request->align, request->sz, tags, objs, job->n - done, err);
	*err = groove_data_alloc_bulk(join, request->align, request->sz, tags, objs, job->n);
	return *err == GROOVE_SUCCESS ? job->n : 0;
}

/*
 * Whether it is worth to grow for a request of all or none: not when all the memory that the node may have is less than
 * its live objects and these take. Both are the least that it may be, as what is refused here must not fit: slots of
 * the tightest class, and of the live ones no more than there were at one moment, however others allocate and free.
 */
static bool
may_fit(const struct heap_node *node, const groove_data_t *join, const struct job *job)
{
	const struct groove_heap_request *request = job->request;
	const struct alloc_request least = inset_is_align(request->align) ? inset_request(request->align, request->sz)
									  : alloc_request(request->align, request->sz);
	const uint64_t footprint = groove_data_szc_cfg[least.szc].obj_footprint;
	uint64_t volumes = groove_region_limit(node->region), room, taken;

	if (!job->all)
		return true;
	if (volumes < groove_region_volume_cnt(node->region))
		volumes = groove_region_volume_cnt(node->region);
	room = volumes * groove_region_volume_sz(node->region);
	taken = stats_slot_bytes_least(join);
	return taken < room && job->n <= (room - taken) / footprint;
}

/* On one node, with what room can be made there. */
static uint64_t
take_on(struct heap *heap, unsigned int idx, const struct job *job, uint64_t done, int *err)
{
	struct heap_room room = {0};
	struct heap_access access;

	heap_enter(heap, idx, &access);
	do
		done += take(access.join, job, done, err);
	while (*err == GROOVE_ERR_FULL && (job->request->flags & GROOVE_HEAP_NO_GROW) == 0 &&
		may_fit(&heap->node[idx], access.join, job) && heap_room_make(&heap->node[idx], access.join, &room));
	heap_leave(&access);
	/* Relaxed: a count says nothing of other memory. */
	if (*err == GROOVE_ERR_FULL)
		__atomic_add_fetch(&heap->node[idx].full_cnt, 1, __ATOMIC_RELAXED);
	if (*err == GROOVE_ERR_FULL && room.others_grow)
		*err = GROOVE_ERR_AGAIN;
	return done;
}

/* On the first node, then, if that may be, on the others. */
static uint64_t
take_anywhere(struct heap *heap, unsigned int first, const struct job *job, int *err)
{
	uint64_t done = take_on(heap, first, job, 0, err);

	if ((job->request->flags & GROOVE_HEAP_OTHER_NODES) == 0)
		return done;
	for (unsigned int i = 0; i < heap->shown.node_cnt && (*err == GROOVE_ERR_FULL || *err == GROOVE_ERR_AGAIN);
		i++) {
		if (i != first)
			done = take_on(heap, i, job, done, err);
	}
	return done;
}

static bool
check_flags(unsigned int flags, unsigned int known)
{
	if ((flags & ~known) == 0)
		return true;
	HEAP_LOG_LIMITED(ERR, "alloc: flags %#x: take bits of %#x", flags, known);
	return false;
}

/* The core's alloc says what is wrong with the alignments that it has. */
static bool
check_inset(size_t align, size_t sz)
{
	if (align <= GROOVE_DATA_ALLOC_ALIGN_MAX || (inset_is_align(align) && sz <= alloc_sz_max(align)))
		return true;
	HEAP_LOG_LIMITED(ERR, "alloc: %zu bytes aligned to %zu: at most %lu bytes, and a power of two up to %lu", sz,
		align, GROOVE_DATA_ALLOC_FOOTPRINT_MAX - GROOVE_DATA_INSET_ALIGN_MAX, GROOVE_DATA_INSET_ALIGN_MAX);
	return false;
}

/* The node to begin with; node_cnt, logged: the heap has not that. */
static unsigned int
first_node(struct heap *heap, int node)
{
	const unsigned int idx = node == GROOVE_HEAP_NODE_LOCAL ? heap_home(heap) : heap_node_find(heap, node);

	if (idx == heap->shown.node_cnt)
		HEAP_LOG_LIMITED(
			ERR, "alloc: the heap is not on NUMA node %d: groove_heap_node_info() lists its nodes", node);
	return idx;
}

static void
zero(const struct job *job, uint64_t done)
{
	for (uint64_t i = 0; (job->request->flags & GROOVE_HEAP_ZERO) != 0 && i < done; i++)
		memset(job->objs[i], 0, job->request->sz);
}

static uint64_t
run(groove_heap_t *shown, const struct job *job, int *err)
{
	struct heap *heap = heap_of(shown);
	unsigned int first;
	uint64_t done;

	*err = GROOVE_ERR_INVAL;
	if (!heap_is_live(shown, "alloc") || !check_flags(job->request->flags, FLAGS) ||
		!check_inset(job->request->align, job->request->sz))
		return 0;
	first = first_node(heap, job->request->node);
	if (first == heap->shown.node_cnt)
		return 0;
	done = take_anywhere(heap, first, job, err);
	zero(job, done);
	return done;
}

void *
groove_heap_alloc_slowly(groove_heap_t *heap, const struct groove_heap_request *request, int *err)
{
	void *obj = NULL;
	const struct job job = {.request = request, .objs = &obj, .n = 1};
	int result;

	run(heap, &job, &result);
	if (err != NULL)
		*err = result;
	return obj;
}

void *
groove_heap_alloc_rest(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, uint64_t tag, int *err)
{
	const struct groove_heap_request request = {
		.sz = sz, .align = align, .flags = flags, .node = GROOVE_HEAP_NODE_LOCAL, .tag = tag};

	return groove_heap_alloc_slowly(heap, &request, err);
}

/* The calling thread's own join, for what it can be asked for; NULL: there is none, or the request needs more. */
static groove_data_t *
join_at_hand(const groove_heap_t *heap, size_t sz, size_t align, unsigned int flags)
{
	if ((flags & ~FLAGS) != 0 || !alloc_is_possible(align, sz))
		return NULL;
	return groove_heap_self->join[heap->seat];
}

int
groove_heap_alloc_bulk(
	groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, const uint64_t *tags, void **objs, uint64_t n)
{
	const struct groove_heap_request request = {
		.sz = sz, .align = align, .flags = flags, .node = GROOVE_HEAP_NODE_LOCAL};
	const struct job job = {.request = &request, .tags = tags, .objs = objs, .n = n, .all = true};
	groove_data_t *join;
	int err;

	if (!heap_is_live(heap, "alloc"))
		return GROOVE_ERR_INVAL;
	join = join_at_hand(heap, sz, align, flags);
	err = join != NULL ? groove_data_alloc_bulk(join, align, sz, tags, objs, n) : GROOVE_ERR_FULL;
	if (err == GROOVE_ERR_FULL)
		run(heap, &job, &err);
	else if (err == GROOVE_SUCCESS)
		zero(&job, n);
	return err;
}

uint64_t
groove_heap_alloc_burst(groove_heap_t *heap, size_t sz, size_t align, unsigned int flags, const uint64_t *tags,
	void **objs, uint64_t n, int *err)
{
	const struct groove_heap_request request = {
		.sz = sz, .align = align, .flags = flags, .node = GROOVE_HEAP_NODE_LOCAL};
	const struct job job = {.request = &request, .tags = tags, .objs = objs, .n = n};
	int result;
	const uint64_t done = run(heap, &job, &result);

	if (err != NULL)
		*err = result;
	return done;
}
