/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The workloads, in the order in which they run. */

#include <rte_common.h>

#include "perf.h"

extern const struct perf_workload perf_churn, perf_burst, perf_bulk, perf_pair, perf_tight, perf_batch, perf_work,
	perf_pipe, perf_pipe_bulk, perf_mixed_free, perf_latency, perf_fill, perf_shift, perf_drift, perf_mempool;

const struct perf_workload *const perf_workloads[] = {
	&perf_churn,
	&perf_burst,
	&perf_bulk,
	&perf_pair,
	&perf_tight,
	&perf_batch,
	&perf_work,
	&perf_pipe,
	&perf_pipe_bulk,
	&perf_mixed_free,
	&perf_latency,
	&perf_fill,
	&perf_shift,
	&perf_drift,
	&perf_mempool,
};
const unsigned int perf_workload_cnt = RTE_DIM(perf_workloads);

void
perf_job_form(struct perf_job *job, uint32_t workload, uint32_t variant)
{
	const struct perf_variant form = perf_variant_of(perf_workloads[workload], variant);

	job->workload = workload;
	job->variant = variant;
	job->fixed_sz = form.sz;
	job->from_sz = form.from_sz;
	job->to_sz = form.to_sz;
	job->n = form.n;
	job->pool = form.pool;
	job->lifo = form.lifo;
	job->touch = form.touch;
}

uint32_t
perf_workload_lcores(const struct perf_workload *workload, uint32_t lcore_cnt)
{
	if (lcore_cnt < workload->lcore_min)
		return 0;
	if (workload->lcore_max > 0 && lcore_cnt > workload->lcore_max)
		return workload->lcore_max;
	return workload->lcore_min == 2 && !workload->any_lcore_cnt ? lcore_cnt & ~1U : lcore_cnt;
}
