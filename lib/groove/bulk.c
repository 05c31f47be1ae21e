/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <groove_data.h>

#include "alloc.h"
#include "free.h"
#include "hdr.h"
#include "log.h"

/* Whether an array of n things is one. Logs, naming the call, when not. */
static bool
array_check(const void *array, uint64_t n, const char *call)
{
	if (array != NULL || n == 0)
		return true;
	GROOVE_LOG_LIMITED(ERR, "%s: NULL array of objects\n", call);
	return false;
}

uint64_t
groove_data_alloc_burst(
	groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n, int *err)
{
	struct alloc_request request;
	int rc = alloc_request(data, align, sz, &request);
	uint64_t done = 0;

	if (rc == GROOVE_SUCCESS && !array_check(objs, n, "alloc_burst"))
		rc = GROOVE_ERR_INVAL;
	if (rc == GROOVE_SUCCESS)
		done = alloc_objects(data, &request, tags, objs, n, &rc);
	if (done != 0)
		alloc_count(data, &request, done);
	if (err != NULL)
		*err = rc;
	return done;
}

/* Free what a bulk allocation got before it failed, as if it had got nothing. */
static void
alloc_undo(groove_data_t *data, void *const *objs, uint64_t n)
{
	struct free_target target;

	for (uint64_t i = 0; i < n; i++)
		free_uncounted(data, objs[i], &target); /* its own object: what it may find is logged damage */
}

int
groove_data_alloc_bulk(groove_data_t *data, uint64_t align, uint64_t sz, const uint64_t *tags, void **objs, uint64_t n)
{
	struct alloc_request request;
	int err = alloc_request(data, align, sz, &request);

	if (err != GROOVE_SUCCESS)
		return err;
	if (!array_check(objs, n, "alloc_bulk"))
		return GROOVE_ERR_INVAL;

	const uint64_t done = alloc_objects(data, &request, tags, objs, n, &err);

	if (done == n)
		alloc_count(data, &request, n);
	else
		alloc_undo(data, objs, done);
	return err;
}

/* Win all n objects, or none. */
static int
bulk_win(groove_data_t *data, void *const *objs, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		struct free_target target;
		int err = objs[i] != NULL ? free_find(data, objs[i], &target) : GROOVE_ERR_INVAL;

		if (err == GROOVE_SUCCESS)
			err = free_win(&target, objs[i], hdr_retype(target.bits, GROOVE_DATA_HDR_TYPE_FREEING));
		if (err == GROOVE_SUCCESS)
			continue;
		while (i-- > 0)
			free_undo(objs[i]);
		return err;
	}
	return GROOVE_SUCCESS;
}

int
groove_data_free_bulk(groove_data_t *data, void *const *objs, uint64_t n)
{
	int err;

	if (!join_check(data, "free_bulk") || !array_check(objs, n, "free_bulk"))
		return GROOVE_ERR_INVAL;
	err = bulk_win(data, objs, n);

	const bool won = err == GROOVE_SUCCESS;

	for (uint64_t i = 0; won && i < n; i++) {
		/* All are won, so all are freed; what may be met here is damage that came meanwhile. */
		const int rc = free_freeing(data, objs[i]);

		if (err == GROOVE_SUCCESS)
			err = rc;
	}
	return err;
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
	for (uint64_t i = 0; i < n; i++) {
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
