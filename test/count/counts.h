/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef COUNTS_H
#define COUNTS_H

/** @file The options of groove-perf-count, and how its counts are shown. */

#include <jansson.h>
#include <stdio.h>

#include "count.h"
#include "option.h"
#include "perf.h"

#define COUNT_WORKLOAD_MAX 32 /**< More than there are workloads. */

struct count_options {
	bool workloads[COUNT_WORKLOAD_MAX]; /**< Which of perf_workloads. */
	uint64_t calls;			    /**< At least. */
	uint64_t sz_max;		    /**< Bytes. */
	uint64_t volume_sz;
	uint64_t volume_cnt;
	uint64_t seed;
	const char *json_path; /**< NULL: none. */
	bool no_cache;
	bool help;
	bool version;
	bool allow_interrupt; /**< A signal that ends the run is no failure. */
};

/** What one workload did with so many lcores. */
struct count_row {
	const struct perf_allocator *allocator;
	uint32_t workload;
	uint32_t lcore_cnt;
	struct count_tally tally[COUNT_CALL_CNT + 1]; /**< By call; the last: all. */
};

struct count_rows {
	uint32_t cnt;
	struct count_row row[2 * COUNT_WORKLOAD_MAX]; /**< One lcore, and all. */
};

/* options.c */

/** What getopt_long() takes. */
extern const struct app_option count_option_table[];

/** Read the options. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
int count_options_parse(int argc, char **argv, struct count_options *options);

/** Print what the program does and takes, on stdout. */
void count_usage(const char *program);

/* counts.c */

/** Print the head of the table, and a workload's lines in it. */
void count_head_show(void);
void count_row_show(const struct count_row *row);

/** Whether every count is within its bound; prints each that is not. */
bool count_rows_judge(const struct count_rows *rows);

/** The counts for machines; the caller's. */
json_t *count_json(const struct count_rows *rows);

#endif /* COUNTS_H */
