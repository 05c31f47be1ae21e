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

/* All n objects, or none; returns how many. */
static uint64_t
alloc_all_or_none(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs,
	uint64_t n, int *err)
{
	const uint64_t done = alloc_all(data, request, tags, objs, n, err);

	if (done == n)
		return n;
	/* As if it had got nothing. Its own objects: what free may find is logged damage. */
	for (uint64_t i = 0; i < done; i++)
		free_any(data, objs[i]);
	return 0;
}

uint64_t
alloc_insets(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs, uint64_t n,
	bool all, int *err)
{
	*err = GROOVE_ERR_INVAL;
	if (!join_check(data, "alloc") || !array_check(objs, n, "alloc"))
		return 0;
	*err = GROOVE_SUCCESS;
	return all ? alloc_all_or_none(data, request, tags, objs, n, err)
		   : alloc_all(data, request, tags, objs, n, err);
}

int
groove_data_alloc_bulk(groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n)
{
	int err = alloc_check(data, align, sz, objs, n, "alloc_bulk");

	if (err != GROOVE_SUCCESS)
		return err;

	const struct alloc_request request = alloc_request(align, sz);

	return alloc_all_or_none(data, &request, tags, objs, n, &err) == n ? GROOVE_SUCCESS : err;
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
 * Objects with headers that differ in the index alone, in one volume: what one of them was found to be the next ones
 * are, and they are counted together.
 */
struct run {
	uint64_t form;	 /* header without index */
	uint64_t at;	 /* bytes from header to object */
	uint64_t volume; /* index */
	struct groove_shelf *shelf;
};

/* Find the first object of a run. */
static __rte_always_inline bool
run_first(const groove_data_t *data, void *obj, struct run *run, struct free_target *target)
{
	if (!free_find_usual(data, obj, target))
		return false;
	*run = (struct run){
		.form = hdr_form(target->bits),
		.at = (uint64_t)((uintptr_t)obj - (uintptr_t)target->hdr),
		.volume = addr_volume(data, target->hdr),
		.shelf = target->shelf,
	};
	return true;
}

/* Find the next. False: it is another's, or needs a closer look. */
static __rte_always_inline bool
run_next(const groove_data_t *data, void *obj, const struct run *run, struct free_target *target)
{
	groove_data_hdr_t *hdr = (groove_data_hdr_t *)(uintptr_t)groove_data_near_hdr_const(obj);

	if (addr_volume(data, hdr) != run->volume || (uint64_t)((uintptr_t)obj - (uintptr_t)hdr) != run->at)
		return false;
	target->hdr = hdr;
	target->bits = hdr_load(hdr);
	target->shelf = run->shelf;
	return hdr_form(target->bits) == run->form && free_find_slot(data, target) == FIND_OBJECT;
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

static uint64_t
freeing_word(const groove_data_t *data, uint64_t bits)
{
	return hdr_retype(bits, hdr_type_freeing(data->join_idx));
}

/* Win an object. */
static int
freeing_win(groove_data_t *data, void *obj)
{
	struct free_target target = {0};
	enum free_finding finding;

	if (obj == NULL)
		return GROOVE_ERR_INVAL;
	finding = free_find_surely(data, obj, &target);
	if (finding == FIND_OBJECT)
		finding = free_win(data, &target, freeing_word(data, target.bits));
	return finding == FIND_OBJECT ? GROOVE_SUCCESS : refused(free_refuse(obj, finding, target.bits));
}

/* Win the first of n objects, as far as one run goes. Returns how many. */
static uint64_t
freeing_win_run(groove_data_t *data, void *const *objs, uint64_t n)
{
	struct free_target target;
	struct run run;
	uint64_t i = 0;

	if (!run_first(data, objs[0], &run, &target))
		return 0;
	do {
		prefetch_hdr(objs, i + PREFETCH_CNT, n);
		if (free_win(data, &target, freeing_word(data, target.bits)) != FIND_OBJECT)
			break;
		i++;
	} while (i < n && run_next(data, objs[i], &run, &target));
	return i;
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
	uint64_t i = 0;

	prefetch_first(objs, n);
	while (i < n) {
		const uint64_t run = freeing_win_run(data, objs + i, n - i);
		const int err = run == 0 ? freeing_win(data, objs[i]) : GROOVE_SUCCESS;

		if (err != GROOVE_SUCCESS) {
			while (i-- > 0)
				freeing_undo(objs[i]);
			return err;
		}
		i += run + (run == 0);
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

/* Free the first of n objects that were won, as long as their headers differ in the index alone and there is room. */
static uint64_t
freeing_free_run(groove_data_t *data, void *const *objs, uint64_t n)
{
	groove_data_hdr_t *hdr = groove_data_object_hdr(objs[0]);
	uint64_t bits = hdr_load(hdr);
	const uint64_t form = hdr_form(bits);
	const uint64_t word = hdr_retake(form, data->cached_bits);
	struct groove_shelf *shelf = &data->shelf[hdr_szc(form)];
	uint64_t *top = shelf->top;
	const uint64_t most = RTE_MIN(n, (uint64_t)(shelf->limit - top));
	uint64_t i = 0;

	groove_data_doing(data, form);
	while (i < most && hdr_form(bits) == form) {
		hdr_store(hdr, hdr_with_idx(word, hdr_idx(bits)));
		*top++ = (uint64_t)(uintptr_t)hdr | hdr_idx(bits);
		if (++i == n)
			break;
		hdr = groove_data_object_hdr(objs[i]);
		bits = hdr_load(hdr);
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

/* Free the first of n objects as single frees do, as far as one run goes and there is room. Returns how many. */
static uint64_t
free_run(groove_data_t *data, void *const *objs, uint64_t n)
{
	struct free_target target;
	struct run run;
	uint64_t i = 0;

	if (!run_first(data, objs[0], &run, &target))
		return 0;

	const uint64_t word = hdr_retake(run.form, data->cached_bits);
	uint64_t *top = run.shelf->top;
	const uint64_t most = RTE_MIN(n, (uint64_t)(run.shelf->limit - top));

	groove_data_doing(data, run.form);
	if (most != 0)
		do {
			prefetch_hdr(objs, i + PREFETCH_CNT, n);
			if (free_win(data, &target, hdr_with_idx(word, hdr_idx(target.bits))) != FIND_OBJECT)
				break;
			*top++ = (uint64_t)(uintptr_t)target.hdr | hdr_idx(target.bits);
			i++;
		} while (i < most && run_next(data, objs[i], &run, &target));
	run.shelf->top = top;
	free_count(data, hdr_szc(run.form), i, i * hdr_sz(run.form));
	return i;
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
	for (uint64_t i = 0; i < n;) {
		const uint64_t run = GROOVE_DEBUG_CHECKS ? 0 : free_run(data, objs + i, n - i);

		i += run;
		done += run;
		if (run != 0)
			continue;

		const int rc = groove_data_free(data, objs[i++]);

		if (rc == GROOVE_SUCCESS)
			done++;
		else if (first == GROOVE_SUCCESS)
			first = rc;
	}
	if (err != NULL)
		*err = first;
	return done;
}
