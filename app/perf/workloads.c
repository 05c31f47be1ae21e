/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The workloads, in the order in which they run. */

#include <rte_common.h>

#include "perf.h"

extern const struct perf_workload perf_churn, perf_burst, perf_bulk, perf_pair, perf_pipe, perf_pipe_bulk,
	perf_mixed_free, perf_latency, perf_fill;

const struct perf_workload *const perf_workloads[] = {
	&perf_churn,
	&perf_burst,
	&perf_bulk,
	&perf_pair,
	&perf_pipe,
	&perf_pipe_bulk,
	&perf_mixed_free,
	&perf_latency,
	&perf_fill,
};
const unsigned int perf_workload_cnt = RTE_DIM(perf_workloads);

uint32_t
perf_workload_lcores(const struct perf_workload *workload, uint32_t lcore_cnt)
{
	if (lcore_cnt < workload->lcore_min)
		return 0;
	return workload->lcore_min == 2 && !workload->any_lcore_cnt ? lcore_cnt & ~1U : lcore_cnt;
}
