/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * So many objects with one bulk call, then all of them back with another; with a write to each object in between, or
 * without. The first form is burst with bulk calls: its numbers are known to the compiler.
 */

#include <stdio.h>

#include "calls.h"

#define BULK_SZ	   1920 /* of the first form, */
#define BULK_CNT   32	/* which has so many objects */
#define BULK_MAX   256
#define BULK_ROUND 2048 /* objects */
#define BULK_FORMS 6	/* of each size */

static __rte_always_inline uint64_t
bulk_loop(struct perf_worker *worker, const struct perf_calls *calls, uint64_t sz, unsigned int n, bool touch)
{
	void *objs[BULK_MAX];

	for (unsigned int bulk = 0; bulk < BULK_ROUND / n; bulk++) {
		if (unlikely(!calls->alloc_bulk(worker, sz, objs, n)))
			return perf_no_memory(worker, sz);
		for (unsigned int i = 0; touch && i < n; i++)
			perf_touch(objs[i], i);
		calls->free_bulk(worker, objs, n);
	}
	return 2UL * BULK_ROUND;
}

static __rte_always_inline uint64_t
bulk_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const struct perf_job *job = worker->scene->job;

	if (job->variant == 0)
		return bulk_loop(worker, calls, BULK_SZ, BULK_CNT, true);
	return bulk_loop(worker, calls, job->fixed_sz, job->n, job->touch);
}
PERF_STEP(bulk_round)

static struct perf_variant
bulk_variant(uint32_t idx)
{
	static const uint32_t ns[] = {8, 32, 256};
	struct perf_variant variant = {.sz = BULK_SZ, .n = BULK_CNT, .touch = true};

	if (idx > 0) {
		variant.sz = perf_form_szs[(idx - 1) / BULK_FORMS];
		variant.n = ns[(idx - 1) % BULK_FORMS / 2];
		variant.touch = idx % 2 == 0;
	}
	snprintf(variant.name, sizeof(variant.name), "%ux%u%s", (unsigned int)variant.sz, variant.n,
		variant.touch ? " touch" : "");
	return variant;
}

const struct perf_workload perf_bulk = {
	.name = "bulk",
	.what = "n objects with one bulk call, all freed with another",
	.variant_cnt = 1 + BULK_FORMS * PERF_FORM_SZ_CNT,
	.variant = bulk_variant,
	.round = bulk_round_steps,
};
