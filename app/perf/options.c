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
#define TURNS_DEFAULT  10000000UL
#define TURNS_MAX      1000000000000UL

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
static const char *const shift_names[] = {"64", "1900", "16000", "64000", "250000", "1000000", "5000000"};
static const char *const kept_names[] = {"2", "16", "64"};

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

static const char *
shift_name(unsigned int idx)
{
	return shift_names[idx];
}

static const char *
kept_name(unsigned int idx)
{
	return kept_names[idx];
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

bool
perf_options_have_shift(const struct perf_options *options, uint64_t from_sz, uint64_t to_sz, uint32_t kept)
{
	return is_among(shift_names, RTE_DIM(shift_names), options->from, from_sz) &&
	       is_among(shift_names, RTE_DIM(shift_names), options->to, to_sz) &&
	       is_among(kept_names, RTE_DIM(kept_names), options->kept, kept);
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

static int
workloads_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"workload", workload_name, perf_workload_cnt, options->workloads};

	return app_list_parse(&list, text);
}

static int
allocators_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"allocator", allocator_name, perf_allocator_cnt, options->allocators};

	return app_list_parse(&list, text);
}

static int
sizes_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"sizes", sizes_name, PERF_SIZES_CNT, options->sizes};

	return app_list_parse(&list, text);
}

static int
szs_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"sz", sz_name, RTE_DIM(sz_names), options->szs};

	return app_list_parse(&list, text);
}

static int
ns_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"n", n_name, RTE_DIM(n_names), options->ns};

	return app_list_parse(&list, text);
}

static int
from_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"from", shift_name, RTE_DIM(shift_names), options->from};

	return app_list_parse(&list, text);
}

static int
to_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"to", shift_name, RTE_DIM(shift_names), options->to};

	return app_list_parse(&list, text);
}

static int
kept_parse(const char *text, void *values)
{
	struct perf_options *options = values;
	const struct app_list list = {"kept", kept_name, RTE_DIM(kept_names), options->kept};

	return app_list_parse(&list, text);
}

/* ---- the command line ---- */

#define FIELD(name) offsetof(struct perf_options, name)

const struct app_option perf_option_table[] = {
	APP_TEXT("workload", workloads_parse),
	APP_TEXT("allocator", allocators_parse),
	APP_TEXT("sizes", sizes_parse),
	APP_TEXT("sz", szs_parse),
	APP_TEXT("n", ns_parse),
	APP_TEXT("from", from_parse),
	APP_TEXT("to", to_parse),
	APP_TEXT("kept", kept_parse),
	APP_NUMBER("turns", FIELD(turns), PERF_DRIFT_POINTS, TURNS_MAX, APP_UNIT_NONE),
	APP_NUMBER("sz-max", FIELD(sz_max), PERF_SZ_MIN, SZ_MAX, APP_UNIT_SZ),
	APP_NUMBER("reps", FIELD(reps), 1, REPS_MAX, APP_UNIT_NONE),
	APP_NUMBER("rep-ms", FIELD(rep_ms), 1, REP_MS_MAX, APP_UNIT_MS),
	APP_NUMBER("fill-reps", FIELD(fill_reps), 1, REPS_MAX, APP_UNIT_NONE),
	APP_NUMBER("fill-s", FIELD(fill_s), 1, FILL_S_MAX, APP_UNIT_S),
	APP_VOLUMES(FIELD(volume_cnt), FIELD(volume_sz)),
	APP_NUMBER("seed", FIELD(seed), 0, APP_SEED_MAX, APP_UNIT_NONE),
	APP_WORD("json", FIELD(json_path)),
	APP_FLAG("allow-interrupt", FIELD(allow_interrupt)),
	APP_WORD("plot", FIELD(plot_path)),
	APP_WORD("serve", FIELD(serve)),
	APP_FLAG("help", FIELD(help)),
	APP_FLAG("version", FIELD(version)),
	APP_OPTIONS_END,
};

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
		.turns = TURNS_DEFAULT,
		.kept = {true},
		.volume_sz = GROOVE_VOLUME_FOOTPRINT,
		.volume_cnt = 2,
	};
	for (unsigned int i = 0; i < perf_workload_cnt; i++)
		options->workloads[i] = !perf_workloads[i]->on_request;
	memset(options->allocators, true, sizeof(options->allocators));
	memset(options->sizes, true, sizeof(options->sizes));
	memset(options->szs, true, sizeof(options->szs));
	memset(options->ns, true, sizeof(options->ns));
	memset(options->from, true, sizeof(options->from));
	memset(options->to, true, sizeof(options->to));
}

int
perf_options_parse(int argc, char **argv, struct perf_options *options)
{
	int err;

	options_default(options);
	err = app_options_parse(perf_option_table, NULL, argc, argv, options);
	return err == GROOVE_SUCCESS && !options->help ? options_check(options) : err;
}
