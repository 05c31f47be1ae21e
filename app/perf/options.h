/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef PERF_OPTIONS_H
#define PERF_OPTIONS_H

/** @file The options of groove-perf, those after the "--" of EAL's arguments. */

#include <stdbool.h>
#include <stdint.h>

#include "option.h"
#include "perf.h"

#define PERF_LIST_MAX 32 /**< More than there are workloads, or allocators. */

struct perf_options {
	bool workloads[PERF_LIST_MAX];	/**< Which of perf_workloads. */
	bool allocators[PERF_LIST_MAX]; /**< Which of perf_allocators. */
	bool sizes[PERF_SIZES_CNT];	/**< Which distributions for fill. */
	bool szs[PERF_LIST_MAX];	/**< Which sizes of an object, where a workload has several, */
	bool ns[PERF_LIST_MAX];		/**< and which numbers of objects at a time. */
	bool from[PERF_LIST_MAX];	/**< Which sizes before, for shift, */
	bool to[PERF_LIST_MAX];		/**< and after, */
	bool kept[PERF_LIST_MAX];	/**< and of how many objects one stays. */
	uint64_t sz_max;		/**< Bytes. */
	uint64_t reps;
	uint64_t rep_ms;
	uint64_t fill_reps;
	uint64_t fill_s; /**< Most time for a fill. */
	uint64_t turns;	 /**< Of drift. */
	uint64_t volume_sz;
	uint64_t volume_cnt;
	uint64_t seed;
	const char *json_path; /**< NULL: none. */
	const char *plot_path; /**< NULL: none. */
	const char *serve;     /**< Allocator that this process serves as a child; NULL: it is none. */
	bool help;
	bool version;
	bool allow_interrupt; /**< A signal that ends the run is no failure. */
};

/** What getopt_long() takes. */
extern const struct app_option perf_option_table[];

/**
 * Read the options.
 *
 * @param argv
 *   The program's name (or EAL's "--" in its place) and the options after it.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong, and what would be right.
 */
int perf_options_parse(int argc, char **argv, struct perf_options *options);

/** The allocator of a name; NULL: there is none. */
const struct perf_allocator *perf_allocator_named(const char *name);

/** Whether --sz lets in objects of so many bytes, and --n so many at a time. */
bool perf_options_have_sz(const struct perf_options *options, uint64_t sz);
bool perf_options_have_n(const struct perf_options *options, uint32_t n);

/** Whether --from, --to and --kept let in a shift. */
bool perf_options_have_shift(const struct perf_options *options, uint64_t from_sz, uint64_t to_sz, uint32_t kept);

/** The numbers that --from and --to take, and --kept, as text. */
#define PERF_SHIFT_NAMES "64,1900,16000,64000,250000,1000000,5000000"
#define PERF_KEPT_NAMES	 "2,16,64"

/** The numbers that --sz and --n take, as text. */
#define PERF_SZ_NAMES "8,64,256,1024,1920,2048,4096"
#define PERF_N_NAMES  "1,8,32,256,2048"

/** Print what the program does and takes, on stdout. */
void perf_usage(const char *program);

#endif /* PERF_OPTIONS_H */
