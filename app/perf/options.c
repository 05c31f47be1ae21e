/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove.h>
#include <rte_common.h>

#include "complain.h"
#include "option.h"
#include "options.h"
#include "sizes.h"

#define SZ_MAX_DEFAULT (64UL << 10)
#define SZ_MAX	       (GROOVE_DATA_ALLOC_FOOTPRINT_MAX - GROOVE_DATA_ALLOC_ALIGN_MAX)
#define REPS_MAX       1000
#define FILL_S_MAX     86400
#define REP_MS_MAX     60000

enum option_id {
	OPTION_WORKLOAD = APP_OPTION_FIRST,
	OPTION_ALLOCATOR,
	OPTION_SIZES,
	OPTION_SZ,
	OPTION_N,
	OPTION_SZ_MAX,
	OPTION_REPS,
	OPTION_REP_MS,
	OPTION_FILL_REPS,
	OPTION_FILL_S,
	OPTION_VOLUME_CNT,
	OPTION_VOLUME_SZ,
	OPTION_SEED,
	OPTION_JSON,
	OPTION_ALLOW_INTERRUPT,
	OPTION_PLOT,
	OPTION_SERVE,
};

const struct option perf_long_options[] = {
	{"workload", required_argument, NULL, OPTION_WORKLOAD},
	{"allocator", required_argument, NULL, OPTION_ALLOCATOR},
	{"sizes", required_argument, NULL, OPTION_SIZES},
	{"sz", required_argument, NULL, OPTION_SZ},
	{"n", required_argument, NULL, OPTION_N},
	{"sz-max", required_argument, NULL, OPTION_SZ_MAX},
	{"reps", required_argument, NULL, OPTION_REPS},
	{"rep-ms", required_argument, NULL, OPTION_REP_MS},
	{"fill-reps", required_argument, NULL, OPTION_FILL_REPS},
	{"fill-s", required_argument, NULL, OPTION_FILL_S},
	{"volume-cnt", required_argument, NULL, OPTION_VOLUME_CNT},
	{"volume-sz", required_argument, NULL, OPTION_VOLUME_SZ},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"json", required_argument, NULL, OPTION_JSON},
	{"allow-interrupt", no_argument, NULL, OPTION_ALLOW_INTERRUPT},
	{"plot", required_argument, NULL, OPTION_PLOT},
	{"serve", required_argument, NULL, OPTION_SERVE},
	{"help", no_argument, NULL, APP_OPTION_HELP},
	{"version", no_argument, NULL, APP_OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

#define FIELD(name) offsetof(struct perf_options, name)

static const struct app_number numbers[] = {
	{OPTION_SZ_MAX, FIELD(sz_max), PERF_SZ_MIN, SZ_MAX, APP_UNIT_SZ},
	{OPTION_REPS, FIELD(reps), 1, REPS_MAX, APP_UNIT_NONE},
	{OPTION_REP_MS, FIELD(rep_ms), 1, REP_MS_MAX, APP_UNIT_MS},
	{OPTION_FILL_REPS, FIELD(fill_reps), 1, REPS_MAX, APP_UNIT_NONE},
	{OPTION_FILL_S, FIELD(fill_s), 1, FILL_S_MAX, APP_UNIT_S},
	{OPTION_VOLUME_CNT, FIELD(volume_cnt), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, APP_UNIT_NONE},
	{OPTION_VOLUME_SZ, FIELD(volume_sz), GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX, APP_UNIT_SZ},
	{OPTION_SEED, FIELD(seed), 0, APP_SEED_MAX, APP_UNIT_NONE},
};

static const struct app_word words[] = {
	{OPTION_JSON, FIELD(json_path)},
	{OPTION_PLOT, FIELD(plot_path)},
	{OPTION_SERVE, FIELD(serve)},
};

static const struct app_flag flags[] = {
	{OPTION_ALLOW_INTERRUPT, FIELD(allow_interrupt)},
	{APP_OPTION_VERSION, FIELD(version)},
	{APP_OPTION_HELP, FIELD(help)},
};

/* ---- lists of names ---- */

static const char *
workload_name(unsigned int idx)
{
	return perf_workloads[idx]->name;
}

static const char *
allocator_name(unsigned int idx)
{
	return perf_allocators[idx]->name;
}

static const char *
sizes_name(unsigned int idx)
{
	return perf_sizes_name((enum perf_sizes)idx);
}

/* Numbers that a list takes; as names, since these are what a list is made of. */
static const char *const sz_names[] = {"8", "64", "256", "1024", "1920", "2048", "4096"};
static const char *const n_names[] = {"1", "8", "32", "256", "2048"};

static const char *
sz_name(unsigned int idx)
{
	return sz_names[idx];
}

static const char *
n_name(unsigned int idx)
{
	return n_names[idx];
}

static bool
is_among(const char *const *names, unsigned int cnt, const bool *chosen, uint64_t number)
{
	for (unsigned int i = 0; i < cnt; i++) {
		if (strtoull(names[i], NULL, 10) == number)
			return chosen[i];
	}
	return false;
}

bool
perf_options_have_sz(const struct perf_options *options, uint64_t sz)
{
	return is_among(sz_names, RTE_DIM(sz_names), options->szs, sz);
}

bool
perf_options_have_n(const struct perf_options *options, uint32_t n)
{
	return is_among(n_names, RTE_DIM(n_names), options->ns, n);
}

const struct perf_allocator *
perf_allocator_named(const char *name)
{
	for (unsigned int i = 0; i < perf_allocator_cnt; i++) {
		if (strcmp(perf_allocators[i]->name, name) == 0)
			return perf_allocators[i];
	}
	return NULL;
}

/* ---- the command line ---- */

static int
list_parse(int id, const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list workloads = {"workload", workload_name, perf_workload_cnt, options->workloads};
	const struct app_list allocators = {"allocator", allocator_name, perf_allocator_cnt, options->allocators};
	const struct app_list sizes = {"sizes", sizes_name, PERF_SIZES_CNT, options->sizes};
	const struct app_list szs = {"sz", sz_name, RTE_DIM(sz_names), options->szs};
	const struct app_list ns = {"n", n_name, RTE_DIM(n_names), options->ns};

	switch (id) {
	case OPTION_WORKLOAD:
		return app_list_parse(&workloads, text);
	case OPTION_ALLOCATOR:
		return app_list_parse(&allocators, text);
	case OPTION_SZ:
		return app_list_parse(&szs, text);
	case OPTION_N:
		return app_list_parse(&ns, text);
	default:
		return app_list_parse(&sizes, text);
	}
}

static int
options_check(const struct perf_options *options)
{
	if (options->serve != NULL && perf_allocator_named(options->serve) == NULL) {
		app_complain("--serve %s: there is no such allocator", options->serve);
		return GROOVE_ERR_INVAL;
	}
	return app_volumes_check(options->volume_sz, options->volume_cnt);
}

static void
options_default(struct perf_options *options)
{
	*options = (struct perf_options){
		.sz_max = SZ_MAX_DEFAULT,
		.reps = 5,
		.rep_ms = 100,
		.fill_reps = 1,
		.fill_s = 10,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT,
		.volume_cnt = 2,
	};
	memset(options->workloads, true, sizeof(options->workloads));
	memset(options->allocators, true, sizeof(options->allocators));
	memset(options->sizes, true, sizeof(options->sizes));
	memset(options->szs, true, sizeof(options->szs));
	memset(options->ns, true, sizeof(options->ns));
}

int
perf_options_parse(int argc, char **argv, struct perf_options *options)
{
	static const struct app_options set = {
		.long_options = perf_long_options,
		.numbers = numbers,
		.number_cnt = RTE_DIM(numbers),
		.words = words,
		.word_cnt = RTE_DIM(words),
		.flags = flags,
		.flag_cnt = RTE_DIM(flags),
		.parse = list_parse,
	};
	int err;

	options_default(options);
	err = app_options_parse(&set, argc, argv, options);
	return err == GROOVE_SUCCESS && !options->help ? options_check(options) : err;
}
