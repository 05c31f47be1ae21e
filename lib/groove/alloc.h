/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_ALLOC_H
#define GROOVE_ALLOC_H

/*
 * What single and bulk allocation share.
 */

#include "join.h"

/* A checked request. */
struct alloc_request {
	uint64_t align; /* a power of two, not 0 */
	uint64_t sz;
	uint64_t szc;
};

/* Check a request and find its class. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
int alloc_request(const groove_data_t *data, uint64_t align, uint64_t sz, struct alloc_request *request);

/* Allocate up to n objects, but for the counters; answers how many, and in err why not all. tags may be NULL: all zero.
 */
uint64_t alloc_objects(groove_data_t *data, const struct alloc_request *request, const uint64_t *tags, void **objs,
	uint64_t n, int *err);

/* Count n objects that were allocated. */
void alloc_count(groove_data_t *data, const struct alloc_request *request, uint64_t n);

#endif /* GROOVE_ALLOC_H */
