/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The forms of a workload: one, or a list. */

#include "perf.h"

const uint64_t perf_form_szs[PERF_FORM_SZ_CNT] = {8, 64, 256, 1024, 2048, 4096};

uint32_t
perf_variant_cnt(const struct perf_workload *workload)
{
	return workload->variant_cnt > 0 ? workload->variant_cnt : 1;
}

struct perf_variant
perf_variant_of(const struct perf_workload *workload, uint32_t idx)
{
	return workload->variant != NULL ? workload->variant(idx) : (struct perf_variant){.sz = workload->fixed_sz};
}

bool
perf_is_matrix(const struct perf_workload *workload)
{
	return workload->variant_cnt > 0 && workload->kind != PERF_FILL;
}
