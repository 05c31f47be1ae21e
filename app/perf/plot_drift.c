/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Drifts as lines over the turns, one for each allocator and number of lcores; first what changes: the mean size. */

#include <inttypes.h>

#include "run.h"

static const struct {
	const char *title;
	const char *unit;
	const char *scale;
	size_t field; /* of a point */
} panels[] = {
	{"drift: mean size", "bytes", "set logscale y\nset autoscale y", offsetof(struct perf_drift_point, mean_sz)},
	{"drift: time of a call", "ns", "set autoscale y", offsetof(struct perf_drift_point, ns)},
	{"drift: share of the memory", "share", "unset logscale y\nset yrange [0:1]",
		offsetof(struct perf_drift_point, share)},
	{"drift: allocs without memory", "failures", "set yrange [0:1<*]", offsetof(struct perf_drift_point, fulls)},
};
#define PANEL_CNT ((unsigned int)(sizeof(panels) / sizeof(panels[0])))

static bool
has_line(const struct perf_cell *cell)
{
	return perf_workloads[cell->workload]->kind == PERF_DRIFT && perf_cell_has_figure(cell) &&
	       cell->median.drift.share > 0;
}

unsigned int
perf_plot_drift_cnt(const struct perf_run *run)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (has_line(&run->cells[i]))
			return PANEL_CNT;
	}
	return 0;
}

/* The points of one cell: turn, and the figure of a panel. */
static void
line_data(FILE *pipe, const struct perf_run *run, uint32_t cell, unsigned int panel)
{
	fprintf(pipe, "$drift%u_%" PRIu32 " << EOD\n", panel, cell);
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		const struct perf_drift_point *point = &run->cells[cell].median.drift.points[i];

		fprintf(pipe, "%" PRIu64 " %.4f\n", run->options.turns * (i + 1) / PERF_DRIFT_POINTS,
			*(const double *)((const uint8_t *)point + panels[panel].field));
	}
	fprintf(pipe, "EOD\n");
}

static unsigned int
color_of(const struct perf_allocator *allocator)
{
	unsigned int color = 0;

	while (perf_allocators[color] != allocator)
		color++;
	return color + 1;
}

static void
panel_draw(FILE *pipe, const struct perf_run *run, unsigned int panel)
{
	const char *sep = "";

	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (has_line(&run->cells[i]))
			line_data(pipe, run, i, panel);
	}
	fprintf(pipe, "set title \"%s\"\nset ylabel \"%s\"\n%s\nplot", panels[panel].title, panels[panel].unit,
		panels[panel].scale);
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (!has_line(cell))
			continue;
		fprintf(pipe,
			"%s $drift%u_%" PRIu32 " with lines linewidth 2 dashtype %u linecolor %u title \"%s %" PRIu32
			"\"",
			sep, panel, i, cell->lcore_cnt == 1 ? 1 : 2, color_of(cell->allocator), cell->allocator->name,
			cell->lcore_cnt);
		sep = ",";
	}
	fputc('\n', pipe);
}

void
perf_plot_drift(FILE *pipe, const struct perf_run *run)
{
	const unsigned int cnt = perf_plot_drift_cnt(run);

	if (cnt > 0)
		fprintf(pipe, "set xtics autofreq font \",9\"\nset xlabel \"turns\"\nset bmargin 4\n");
	for (unsigned int panel = 0; panel < cnt; panel++)
		panel_draw(pipe, run, panel);
}
