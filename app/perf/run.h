/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef PERF_RUN_H
#define PERF_RUN_H

/** @file One run of the program: its figures, and how they are shown. */

#include <jansson.h>
#include <stdio.h>

#include "options.h"
#include "sizes.h"

#define PERF_WHO_WIDTH 36 /**< Columns of what an allocator is. */

/** What one allocator did in one workload with so many lcores. */
struct perf_cell {
	uint32_t workload;
	uint32_t variant; /**< Of the workload. */
	uint32_t lcore_cnt;
	const struct perf_allocator *allocator;
	uint32_t sample_cnt;	     /**< Repetitions that are asked for, */
	uint32_t taken;		     /**< and that were made. */
	bool failed;		     /**< An error was printed: there is no figure. */
	struct perf_result *samples; /**< One for each repetition. */
	struct perf_result median;   /**< Of each figure by itself; the highest of the maxima. */
};

struct perf_run {
	struct perf_options options;
	unsigned int lcore_cnt; /**< Of -l. */
	struct perf_cell *cells;
	uint32_t cell_cnt;
	uint32_t done; /**< Jobs done, */
	uint32_t todo; /**< of so many. */
	uint64_t start_ns;
	uint64_t shown_ns; /**< When progress was shown last. */
	uint32_t errors;
	bool interrupted; /**< By a signal: what is not taken yet is left out. */
};

/* run.c */

/** Take all figures, and show each workload's when it is done. GROOVE_ERR_CORRUPT: some are missing, it was printed. */
int perf_run(struct perf_run *run);

/** Whether there is any figure of a workload; NULL: of any. */
bool perf_run_has_figure(const struct perf_run *run, const struct perf_workload *workload);

/** Give the memory of the figures back. */
void perf_run_free(struct perf_run *run);

/* plan.c */

/** Make the cells for what the options ask for. Says what is left out, and why. */
int perf_plan(struct perf_run *run);

/** The job of a repetition of a cell. */
struct perf_job perf_plan_job(const struct perf_run *run, const struct perf_cell *cell, uint32_t rep);

/* cell.c */

/** Whether a cell has a figure. */
static inline bool
perf_cell_has_figure(const struct perf_cell *cell)
{
	return !cell->failed && cell->taken > 0;
}

/** Work the medians of a cell out of its samples. */
void perf_cell_settle(struct perf_cell *cell);

/** The least share of their CPUs that the lcores had in a workload that takes time; 1 when there is none. */
double perf_cell_cpu_share(const struct perf_run *run);

/** Whether two cells are of the same workload and variant with as many lcores, whatever the allocators. */
static inline bool
perf_cell_beside(const struct perf_cell *a, const struct perf_cell *b)
{
	return a->workload == b->workload && a->variant == b->variant && a->lcore_cnt == b->lcore_cnt;
}

/** The figure to compare: the time of a call, the median of a latency, the share. 0: none. */
double perf_cell_figure(const struct perf_cell *cell, unsigned int call);

/** That over the one of an allocator, as groove, in the same place; 0: not known. */
double perf_cell_ratio(const struct perf_run *run, const struct perf_cell *cell, unsigned int call,
	const struct perf_allocator *allocator);

/** "mimalloc 2.0.9, 4 KiB, node 0" */
void perf_cell_who(const struct perf_cell *cell, char *buf, size_t buf_sz);

/** Print that, or the name alone where there is no figure, before the figures in a row. */
void perf_cell_who_show(const struct perf_cell *cell);

/** Name of a call of latency and of what takes them apart. */
const char *perf_call_name(unsigned int call);

/** Name of a phase of fill. */
const char *perf_phase_name(unsigned int phase);

/** Name of a figure of a workload with several; empty: it has one. */
const char *perf_figure_name(const struct perf_workload *workload, unsigned int idx);

/** How many figures to compare a cell of a workload has: two calls, two phases of fill, or one. */
unsigned int perf_figure_cnt(const struct perf_workload *workload);

/** Whether a workload measures alloc and free apart. */
bool perf_has_calls(const struct perf_workload *workload);

/** Name of an allocator as the title of a column. */
const char *perf_title(const struct perf_allocator *allocator);

/* table.c */

/** Print the figures of a workload. */
void perf_table_show(const struct perf_run *run, uint32_t workload);

/* matrix.c */

/** Print the figures of a workload with many forms. */
void perf_matrix_show(const struct perf_run *run, uint32_t workload);

/* drift_table.c */

/** Print how drifts went. */
void perf_drift_show(const struct perf_run *run, uint32_t workload);

/* ratios.c */

/** Print groove's figures over those of each other allocator. */
void perf_ratios_show(const struct perf_run *run);

/* json.c */

/** The figures for machines; the caller's. */
json_t *perf_json(const struct perf_run *run);

/* plot.c */

/** Whether there is a gnuplot, and the file can be made; if not, it is printed. GROOVE_SUCCESS, or an error. */
int perf_plot_check(const char *path);

/** Draw the figures. Returns GROOVE_SUCCESS, or GROOVE_ERR_FULL, printed. */
int perf_plot_write(const struct perf_run *run);

/* plot_drift.c */

/** Panels that drifts have in the picture. */
unsigned int perf_plot_drift_cnt(const struct perf_run *run);

/** Write gnuplot's commands for them, after those of all others. */
void perf_plot_drift(FILE *pipe, const struct perf_run *run);

#endif /* PERF_RUN_H */
