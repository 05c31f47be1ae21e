/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* An object, and away with it, at each size. Nobody writes to it, and the compiler does not know the size. */

#include <stdio.h>

#include "calls.h"

#define TIGHT_ROUND 2048UL

static __rte_always_inline uint64_t
tight_round(struct perf_worker *worker, const struct perf_calls *calls)
{
	const uint64_t sz = worker->scene->job->fixed_sz;

	for (uint64_t i = 0; i < TIGHT_ROUND; i++) {
		void *obj = calls->alloc(worker, sz);

		if (unlikely(obj == NULL))
			return perf_no_memory(worker, sz);
		calls->free(worker, obj);
	}
	return 2 * TIGHT_ROUND;
}
PERF_STEP(tight_round)

static struct perf_variant
tight_variant(uint32_t idx)
{
	struct perf_variant variant = {.sz = perf_form_szs[idx], .n = 1};

	snprintf(variant.name, sizeof(variant.name), "%u", (unsigned int)variant.sz);
	return variant;
}

const struct perf_workload perf_tight = {
	.name = "tight",
	.what = "one object, allocated and freed at once",
	.variant_cnt = PERF_FORM_SZ_CNT,
	.variant = tight_variant,
	.round = tight_round_steps,
};
