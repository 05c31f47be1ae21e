/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The allocators, in the order in which they run. */

#include <rte_common.h>

#include "perf.h"

extern const struct perf_allocator perf_rte_malloc, perf_glibc, perf_jemalloc, perf_mimalloc, perf_tcmalloc;

const struct perf_allocator *const perf_allocators[] = {
	&perf_groove,
	&perf_groove_nocache,
	&perf_rte_malloc,
	&perf_rte_mempool,
	&perf_glibc,
	&perf_jemalloc,
	&perf_mimalloc,
	&perf_tcmalloc,
};
const unsigned int perf_allocator_cnt = RTE_DIM(perf_allocators);
