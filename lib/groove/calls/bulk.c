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
 * again when one turns out bad, and a walk finds them all the time. Only then they are freed, and counted.
 */

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
freeing_win(groove_data_t *data, void *obj)
{
	struct free_target target = {0};
	enum free_finding finding;

	if (obj == NULL)
		return GROOVE_ERR_INVAL;
	if (__builtin_expect(!free_find_usual(data, obj, &target), 0)) {
		finding = free_find_surely(data, obj, &target);
		if (finding != FIND_OBJECT)
			return refused(free_refuse(obj, finding, target.bits));
	}
	finding = free_win(data, &target, hdr_retype(target.bits, hdr_type_freeing(data->join_idx)));
	return finding == FIND_OBJECT ? GROOVE_SUCCESS : refused(free_refuse(obj, finding, target.bits));
}

/* Make an object that was won live again. */
static void
freeing_undo(void *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);

	hdr_store(hdr, hdr_retype(hdr_load(hdr), GROOVE_DATA_HDR_TYPE_ALLOC));
}

/* Win all n objects, or none. */
static int
freeing_win_all(groove_data_t *data, void *const *objs, uint64_t n)
{
	prefetch_first(objs, n);
	for (uint64_t i = 0; i < n; i++) {
		prefetch_hdr(objs, i + PREFETCH_CNT, n);

		const int err = freeing_win(data, objs[i]);

		if (err == GROOVE_SUCCESS)
			continue;
		while (i-- > 0)
			freeing_undo(objs[i]);
		return err;
	}
	return GROOVE_SUCCESS;
}

/* Free an object that was won, with any room there is for it. */
static void
freeing_free(groove_data_t *data, void *obj)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(obj);
	const struct free_target target = {.hdr = hdr, .bits = hdr_load(hdr)};
	const uint64_t szc = hdr_szc(target.bits);
	const bool cached = cache_has_room(data, szc);

	groove_data_doing(data, target.bits);
	hdr_store(hdr, hdr_retake(target.bits, data->cached_bits));
	free_count(data, szc, 1, hdr_sz(target.bits));
	free_keep(data, &target, cached);
}

/*
 * Free the first of n objects that were won, as long as their headers differ in the index alone and there is room on
 * their shelf: they are counted together. Returns how many.
 */
static uint64_t
freeing_free_run(groove_data_t *data, void *const *objs, uint64_t n)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(objs[0]);
	const uint64_t form = hdr_load(hdr) & ~HDR_IDX_MASK;
	struct groove_shelf *shelf = &data->shelf[hdr_szc(form)];
	uint64_t *top = shelf->top;
	const uint64_t most = RTE_MIN(n, (uint64_t)(shelf->limit - top));
	uint64_t i = 0;

	groove_data_doing(data, form);
	for (; i < most; i++) {
		hdr = groove_data_object_hdr(objs[i]);

		const uint64_t bits = hdr_load(hdr);

		if ((bits & ~HDR_IDX_MASK) != form)
			break;
		hdr_store(hdr, hdr_retake(bits, data->cached_bits));
		*top++ = (uint64_t)(uintptr_t)hdr | hdr_idx(bits);
	}
	shelf->top = top;
	free_count(data, hdr_szc(form), i, i * hdr_sz(form));
	return i;
}

/* Free all n objects, or none. */
static int
free_all(groove_data_t *data, void *const *objs, uint64_t n)
{
	const int err = freeing_win_all(data, objs, n);

	/* All are won, so all are freed. */
	for (uint64_t i = 0; err == GROOVE_SUCCESS && i < n;) {
		const uint64_t run = GROOVE_DEBUG_CHECKS ? 0 : freeing_free_run(data, objs + i, n - i);

		if (run == 0)
			freeing_free(data, objs[i]);
		i += run + (run == 0);
	}
	return err;
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
