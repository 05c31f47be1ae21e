/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* How drifts went: a row for each allocator and number of lcores. */

#include <inttypes.h>
#include <stdio.h>

#include "run.h"

static void
row_show(const struct perf_cell *cell)
{
	const struct perf_drift *drift = &cell->median.drift;

	perf_cell_who_show(cell);
	printf(" %3" PRIu32, cell->lcore_cnt);
	if (!perf_cell_has_figure(cell))
		printf(" %s\n", cell->failed ? "failed" : "-");
	else if (drift->share > 0)
		printf(" %10.0f %6.3f %8.1f %8.1f\n", drift->fulls, drift->share, drift->ns_first, drift->ns_last);
	else
		printf(" %10s\n", "slow");
}

void
perf_drift_show(const struct perf_run *run, uint32_t workload)
{
	printf("  %-*s %3s %10s %6s %8s %8s\n", PERF_WHO_WIDTH, "", "lc.", "failures", "share", "1st ns", "last ns");
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (run->cells[i].workload == workload)
			row_show(&run->cells[i]);
	}
}
