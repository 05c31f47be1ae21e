/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Alloc and free of many objects by one call: bulk is all or nothing, burst is as many as possible. */

#include <groove_data.h>

#include "alloc.h"
#include "cache.h"
#include "free.h"
#include "hdr.h"
#include "join_handle.h"
#include "log.h"
#include "prefetch.h"

/* Whether an array of n things is one. Logs, naming the call, when not. */
static bool
array_check(const void *array, uint64_t n, const char *call)
{
	if (array != NULL || n == 0)
		return true;
	GROOVE_LOG_LIMITED(ERR, "%s: NULL array of objects\n", call);
	return false;
}

/* Check what a bulk or burst allocation is asked for. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
static int
alloc_check(const groove_data_t *data, uint64_t align, uint64_t sz, void *const *objs, uint64_t n, const char *call)
{
	if (!groove_data_is_live(data) || !alloc_is_possible(align, sz))
		return alloc_refuse(data, align, sz);
	return array_check(objs, n, call) ? GROOVE_SUCCESS : GROOVE_ERR_INVAL;
}

/* Allocate up to n objects. */
static uint64_t
alloc_all(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	int *err)
{
	const uint64_t own = alloc_objects(data, request, tags, objs, n, err);

	if (*err != GROOVE_ERR_FULL)
		return own;
	return own + alloc_anywhere(data, request, tags != NULL ? tags + own : NULL, objs + own, n - own, err);
}

uint64_t
groove_data_alloc_burst(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n, int *err)
{
	int rc = alloc_check(data, align, sz, objs, n, "alloc_burst");
	uint64_t done = 0;

	if (rc == GROOVE_SUCCESS) {
		const struct alloc_request request = alloc_request(align, sz);

		done = alloc_all(data, &request, tags, objs, n, &rc);
	}
	if (err != NULL)
		*err = rc;
	return done;
}

int
groove_data_alloc_bulk(groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n)
{
	int err = alloc_check(data, align, sz, objs, n, "alloc_bulk");

	if (err != GROOVE_SUCCESS)
		return err;

	const struct alloc_request request = alloc_request(align, sz);
	const uint64_t done = alloc_all(data, &request, tags, objs, n, &err);

	if (done == n)
		return GROOVE_SUCCESS;
	/* As if it had got nothing. Its own objects: what free may find is logged damage. */
	for (uint64_t i = 0; i < done; i++)
		free_any(data, objs[i]);
	return err;
}

/* ---- free ---- */

/* Headers that are on the way from memory, or from another lcore's cache, while one is looked at. */
#define PREFETCH_CNT 16

static inline void
prefetch_hdr(void *const *objs, uint64_t i, uint64_t n)
{
	if (i < n)
		prefetch_write(groove_data_near_hdr_const(objs[i]));
}

static void
prefetch_first(void *const *objs, uint64_t n)
{
	for (uint64_t i = 0; i < PREFETCH_CNT; i++)
		prefetch_hdr(objs, i, n);
}

/*
 * A bulk free first wins all objects: their headers say freeing, with all else that they said, so all can be made live
 * again when one turns out bad, and a walk finds them all the time. The first ones are put on their shelves on the way,
 * as far as there is room.
 */
#define AT_ONCE_CNT 64

struct freeing {
	uint64_t at_once;	     /* which of the first objects are on their shelves */
	uint64_t frees[AT_ONCE_CNT]; /* counts before them */
};

static inline bool
shelved_at_once(const struct freeing *freeing, uint64_t i)
{
	return i < AT_ONCE_CNT && (freeing->at_once >> i & 1) != 0;
}

/* The code of a refusal, which is never that of success. */
static inline int
refused(int err)
{
	if (err == GROOVE_SUCCESS)
		__builtin_unreachable();
	return err;
}

/* Win an object. */
static __rte_always_inline int
freeing_win(groove_data_t *data, void *obj, uint64_t i, struct freeing *freeing)
{
	struct free_target target = {0};
	enum free_finding finding;

	if (obj == NULL)
		return GROOVE_ERR_INVAL;
	if (__builtin_expect(!free_find_usual(data, obj, &target), 0)) {
		finding = free_find_surely(data, obj, &target);
		if (finding != FIND_OBJECT)
			return refused(free_refuse(obj, finding, target.bits));
		free_count_begin(data, &target);
	}

	const bool at_once = !GROOVE_DEBUG_CHECKS && i < AT_ONCE_CNT && target.shelf->top != target.shelf->limit;

	finding = free_win(data, &target, hdr_retype(target.bits, hdr_type_freeing(data->join_idx)));
	if (finding != FIND_OBJECT)
		return refused(free_lost(data, obj, target.bits, target.before, finding));
	free_count_end(data, target.bits);
	if (i < AT_ONCE_CNT)
		freeing->frees[i] = target.before;
	if (at_once) {
		freeing->at_once |= 1UL << i;
		cache_push(target.shelf, target.hdr, hdr_idx(target.bits));
	}
	return GROOVE_SUCCESS;
}

/* Make an object live again, the last of those that were won. */
static void
freeing_undo(groove_data_t *data, void *obj, uint64_t i, const struct freeing *freeing)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const uint64_t bits = hdr_retype(hdr_load(hdr), GROOVE_DATA_HDR_TYPE_ALLOC);

	if (shelved_at_once(freeing, i))
		data->shelf[hdr_szc(bits)].top--;
	free_recount_begin(data, bits);
	hdr_store(hdr, bits);
	free_count_undo(data, bits,
		i < AT_ONCE_CNT ? freeing->frees[i] : data->shelf[hdr_szc(bits)].count->frees - (1UL << 16));
}

/* Win all n objects, or none. */
static int
freeing_win_all(groove_data_t *data, void *const *objs, uint64_t n, struct freeing *freeing)
{
	freeing->at_once = 0;
	prefetch_first(objs, n);
	for (uint64_t i = 0; i < n; i++) {
		prefetch_hdr(objs, i + PREFETCH_CNT, n);

		const int err = freeing_win(data, objs[i], i, freeing);

		if (err == GROOVE_SUCCESS)
			continue;
		while (i-- > 0)
			freeing_undo(data, objs[i], i, freeing);
		return err;
	}
	return GROOVE_SUCCESS;
}

/* Mark an object that was won and is on its shelf as cached. */
static inline void
freeing_shelved(const groove_data_t *data, void *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);

	hdr_store(hdr, hdr_retake(hdr_load(hdr), data->cached_bits));
}

/* Free an object that was won. */
static void
freeing_free(groove_data_t *data, void *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const struct free_target target = {.hdr = hdr, .bits = hdr_load(hdr)};
	const uint64_t szc = hdr_szc(target.bits);
	const bool cached = cache_has_room(data, szc);

	hdr_store(hdr, hdr_retake(target.bits, data->cached_bits));
	if (GROOVE_DEBUG_CHECKS || !cached)
		free_keep(data, &target, cached);
	else
		cache_push(&data->shelf[szc], hdr, hdr_idx(target.bits));
}

/* Free all n objects, or none. */
static int
free_all(groove_data_t *data, void *const *objs, uint64_t n)
{
	struct freeing freeing;
	const int err = freeing_win_all(data, objs, n, &freeing);

	if (err != GROOVE_SUCCESS)
		return err;
	/* All are won, so all are freed. First what is on shelves, from where it may go to others when these are full.
	 */
	for (uint64_t rest = freeing.at_once; rest != 0; rest &= rest - 1)
		freeing_shelved(data, objs[__builtin_ctzll(rest)]);
	for (uint64_t i = 0; i < n; i++)
		if (!shelved_at_once(&freeing, i))
			freeing_free(data, objs[i]);
	return GROOVE_SUCCESS;
}

int
groove_data_free_bulk(groove_data_t *data, void *const *objs, uint64_t n)
{
	if (!join_check(data, "free_bulk") || !array_check(objs, n, "free_bulk"))
		return GROOVE_ERR_INVAL;
	return free_all(data, objs, n);
}

uint64_t
groove_data_free_burst(groove_data_t *data, void *const *objs, uint64_t n, int *err)
{
	uint64_t done = 0;
	int first = GROOVE_SUCCESS;

	if (!join_check(data, "free_burst") || !array_check(objs, n, "free_burst")) {
		first = GROOVE_ERR_INVAL;
		n = 0;
	}
	prefetch_first(objs, n);
	for (uint64_t i = 0; i < n; i++) {
		prefetch_hdr(objs, i + PREFETCH_CNT, n);

		const int rc = groove_data_free(data, objs[i]);

		if (rc == GROOVE_SUCCESS)
			done++;
		else if (first == GROOVE_SUCCESS)
			first = rc;
	}
	if (err != NULL)
		*err = first;
	return done;
}
