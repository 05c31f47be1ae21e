/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The figures as a picture, by gnuplot, which gets its commands and the data through a pipe. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>

#include "complain.h"
#include "run.h"

#define WIDTH  1800
#define HEIGHT 420 /* of each panel */

int
perf_plot_check(const char *path)
{
	FILE *file;

	if (strchr(path, '\'') != NULL || strchr(path, '\n') != NULL) {
		app_complain("--plot %s: gnuplot takes no quotes and line ends in a name", path);
		return GROOVE_ERR_INVAL;
	}
	if (system("command -v gnuplot >/dev/null") != 0) {
		app_complain("--plot %s: there is no gnuplot here, apt-get install gnuplot-nox", path);
		return GROOVE_ERR_KEY;
	}
	file = fopen(path, "we");
	if (file == NULL) {
		app_complain("--plot %s: %s, name a file that can be written", path, strerror(errno));
		return GROOVE_ERR_INVAL;
	}
	fclose(file);
	return GROOVE_SUCCESS;
}

/* ---- panels ---- */

/* What a panel shows: cells of some workloads, a bar per allocator. */
struct panel {
	const char *title;
	const char *unit;
	bool log;
	bool (*has)(const struct perf_cell *cell);
	unsigned int call_cnt;			     /* figures of a cell, */
	const char *(*call_name)(unsigned int call); /* and their names; NULL: one without a name */
	double (*figure)(const struct perf_cell *cell, unsigned int call);
};

static bool
has_times(const struct perf_cell *cell)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];

	return workload->kind == PERF_TIME && !perf_is_matrix(workload);
}

/* Of the many forms those that are most like others' benchmarks. */
static bool
has_forms(const struct perf_cell *cell)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);

	return workload->kind == PERF_TIME && perf_is_matrix(workload) && variant.n <= PERF_BURST;
}

static bool
has_batches(const struct perf_cell *cell)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);

	return workload->kind == PERF_APART && !variant.lifo;
}

static bool
has_latencies(const struct perf_cell *cell)
{
	return perf_workloads[cell->workload]->kind == PERF_LATENCY;
}

static bool
has_shares(const struct perf_cell *cell)
{
	return perf_workloads[cell->workload]->kind == PERF_FILL;
}

/* alloc and free, each with p50, p99.9 and p99.99. */
static const char *
latency_name(unsigned int call)
{
	static const char *const names[] = {
		"alloc\\np50", "alloc\\np99.9", "alloc\\np99.99", "free\\np50", "free\\np99.9", "free\\np99.99"};

	return names[call];
}

static double
latency_figure(const struct perf_cell *cell, unsigned int call)
{
	const struct perf_latency *latency = &cell->median.latency[call / 3];
	const double figures[] = {latency->p50, latency->p999, latency->p9999};

	return figures[call % 3];
}

static bool
has_shifts(const struct perf_cell *cell)
{
	return perf_workloads[cell->workload]->kind == PERF_SHIFT;
}

static const struct panel panels[] = {
	{"time of a call", "ns", true, has_times, 1, NULL, perf_cell_figure},
	{"time of a call, n objects of one size at a time", "ns", true, has_forms, 1, NULL, perf_cell_figure},
	{"batch, first in first out", "ns", true, has_batches, 2, perf_call_name, perf_cell_figure},
	{"latency in churn", "ns", true, has_latencies, 6, latency_name, latency_figure},
	{"share of the memory that holds requested bytes", "share", false, has_shares, 2, perf_phase_name,
		perf_cell_figure},
	{"bytes that came in for a byte freed, when the size changes", "share", false, has_shifts, 1, NULL,
		perf_cell_figure},
};
#define PANEL_CNT (sizeof(panels) / sizeof(panels[0]))

static bool
panel_has(const struct panel *panel, const struct perf_cell *cell)
{
	return panel->has(cell);
}

/* Whether a cell has any figure to draw. */
static bool
has_figure(const struct panel *panel, const struct perf_cell *cell)
{
	for (unsigned int call = 0; call < panel->call_cnt && perf_cell_has_figure(cell); call++) {
		if (panel->figure(cell, call) > 0)
			return true;
	}
	return false;
}

static bool
panel_used(const struct perf_run *run, const struct panel *panel)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (panel_has(panel, &run->cells[i]) && has_figure(panel, &run->cells[i]))
			return true;
	}
	return false;
}

/* ---- data: a row per group of bars, a column per allocator ---- */

static void
group_name(FILE *pipe, const struct panel *panel, const struct perf_cell *cell, unsigned int call)
{
	const struct perf_workload *workload = perf_workloads[cell->workload];
	const struct perf_variant variant = perf_variant_of(workload, cell->variant);

	fputc('"', pipe);
	if (workload->kind == PERF_TIME)
		fprintf(pipe, "%s\\n", workload->name);
	if (variant.name[0] != '\0')
		fprintf(pipe, "%s\\n", variant.name);
	if (panel->call_name != NULL)
		fprintf(pipe, "%s\\n", panel->call_name(call));
	fprintf(pipe, "%" PRIu32 " lcore%s\"", cell->lcore_cnt, cell->lcore_cnt == 1 ? "" : "s");
}

static void
group_row(FILE *pipe, const struct perf_run *run, const struct panel *panel, uint32_t first, unsigned int call)
{
	group_name(pipe, panel, &run->cells[first], call);
	for (unsigned int a = 0; a < perf_allocator_cnt; a++) {
		double figure = 0;

		for (uint32_t i = first; i < run->cell_cnt; i++) {
			const struct perf_cell *cell = &run->cells[i];

			if (perf_cell_beside(cell, &run->cells[first]) && cell->allocator == perf_allocators[a] &&
				perf_cell_has_figure(cell))
				figure = panel->figure(cell, call);
		}
		if (figure > 0)
			fprintf(pipe, " %.4f", figure);
		else
			fprintf(pipe, " NaN");
	}
	fputc('\n', pipe);
}

static void
panel_data(FILE *pipe, const struct perf_run *run, const struct panel *panel)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		if (!panel_has(panel, &run->cells[i]) ||
			(i > 0 && perf_cell_beside(&run->cells[i - 1], &run->cells[i])))
			continue;
		for (unsigned int call = 0; call < panel->call_cnt; call++)
			group_row(pipe, run, panel, i, call);
	}
}

/* Whether an allocator has a bar in a panel: gnuplot does not draw a column without any. */
static bool
panel_has_allocator(const struct perf_run *run, const struct panel *panel, const struct perf_allocator *allocator)
{
	for (uint32_t i = 0; i < run->cell_cnt; i++) {
		const struct perf_cell *cell = &run->cells[i];

		if (panel_has(panel, cell) && cell->allocator == allocator && has_figure(panel, cell))
			return true;
	}
	return false;
}

/* ---- commands ---- */

static void
panel_draw(FILE *pipe, const struct perf_run *run, const struct panel *panel, unsigned int idx)
{
	const char *sep = "";

	fprintf(pipe, "$data%u << EOD\n", idx);
	panel_data(pipe, run, panel);
	fprintf(pipe, "EOD\nset title \"%s\"\nset ylabel \"%s\"\n%sset logscale y\n%s\nplot", panel->title, panel->unit,
		panel->log ? "" : "un", panel->log ? "set autoscale y" : "set yrange [0:1<*<2]");
	for (unsigned int a = 0; a < perf_allocator_cnt; a++) {
		if (!panel_has_allocator(run, panel, perf_allocators[a]))
			continue;
		fprintf(pipe, "%s $data%u using %u:xtic(1) linecolor %u title \"%s\"", sep, idx, a + 2, a + 1,
			perf_allocators[a]->name);
		sep = ",";
	}
	fputc('\n', pipe);
}

static void
all_draw(FILE *pipe, const struct perf_run *run)
{
	unsigned int used = 0;

	for (unsigned int i = 0; i < PANEL_CNT; i++)
		used += panel_used(run, &panels[i]);
	used += perf_plot_drift_cnt(run);
	fprintf(pipe,
		"set terminal svg size %d,%u background rgb \"white\" noenhanced\nset output '%s'\n"
		"set style data histograms\nset style histogram clustered gap 1\nset style fill solid 0.9 noborder\n"
		"set grid ytics\nset key outside right top\nset xtics nomirror font \",9\"\nset bmargin 4\n"
		"set multiplot layout %u,1\n",
		WIDTH, HEIGHT * used, run->options.plot_path, used);
	for (unsigned int i = 0; i < PANEL_CNT; i++) {
		if (panel_used(run, &panels[i]))
			panel_draw(pipe, run, &panels[i], i);
	}
	perf_plot_drift(pipe, run);
	fprintf(pipe, "unset multiplot\n");
}

static bool
anything_used(const struct perf_run *run)
{
	bool used = perf_plot_drift_cnt(run) > 0;

	for (unsigned int i = 0; i < PANEL_CNT; i++)
		used |= panel_used(run, &panels[i]);
	return used;
}

int
perf_plot_write(const struct perf_run *run)
{
	FILE *pipe;

	if (!anything_used(run)) {
		app_complain("--plot %s: no figure to draw", run->options.plot_path);
		return GROOVE_ERR_EMPTY;
	}
	pipe = popen("gnuplot", "we");
	if (pipe != NULL)
		all_draw(pipe, run);
	if (pipe == NULL || pclose(pipe) != 0) {
		app_complain("--plot %s: gnuplot failed, the picture is missing", run->options.plot_path);
		return GROOVE_ERR_FULL;
	}
	return GROOVE_SUCCESS;
}
