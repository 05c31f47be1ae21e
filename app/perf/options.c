/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
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
#define NAMES_MAX      256

enum option_id {
	OPTION_WORKLOAD = APP_OPTION_FIRST,
	OPTION_ALLOCATOR,
	OPTION_SIZES,
	OPTION_SZ_MAX,
	OPTION_REPS,
	OPTION_REP_MS,
	OPTION_FILL_S,
	OPTION_VOLUME_CNT,
	OPTION_VOLUME_SZ,
	OPTION_SEED,
	OPTION_JSON,
	OPTION_PLOT,
	OPTION_SERVE,
	OPTION_HELP,
};

const struct option perf_long_options[] = {
	{"workload", required_argument, NULL, OPTION_WORKLOAD},
	{"allocator", required_argument, NULL, OPTION_ALLOCATOR},
	{"sizes", required_argument, NULL, OPTION_SIZES},
	{"sz-max", required_argument, NULL, OPTION_SZ_MAX},
	{"reps", required_argument, NULL, OPTION_REPS},
	{"rep-ms", required_argument, NULL, OPTION_REP_MS},
	{"fill-s", required_argument, NULL, OPTION_FILL_S},
	{"volume-cnt", required_argument, NULL, OPTION_VOLUME_CNT},
	{"volume-sz", required_argument, NULL, OPTION_VOLUME_SZ},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"json", required_argument, NULL, OPTION_JSON},
	{"plot", required_argument, NULL, OPTION_PLOT},
	{"serve", required_argument, NULL, OPTION_SERVE},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

#define FIELD(name) offsetof(struct perf_options, name)

static const struct app_number numbers[] = {
	{OPTION_SZ_MAX, FIELD(sz_max), PERF_SZ_MIN, SZ_MAX, true},
	{OPTION_REPS, FIELD(reps), 1, REPS_MAX, false},
	{OPTION_REP_MS, FIELD(rep_ms), 1, REP_MS_MAX, false},
	{OPTION_FILL_S, FIELD(fill_s), 1, FILL_S_MAX, false},
	{OPTION_VOLUME_CNT, FIELD(volume_cnt), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, false},
	{OPTION_VOLUME_SZ, FIELD(volume_sz), GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX, true},
	{OPTION_SEED, FIELD(seed), 0, APP_SEED_MAX, false},
};

/* ---- lists of names ---- */

/* Names that a list may have, and where the choice goes. */
struct list {
	const char *option;
	const char *(*name)(unsigned int idx);
	unsigned int cnt;
	bool *chosen;
};

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

static int
list_complain(const struct list *list, const char *word, size_t len)
{
	char names[NAMES_MAX] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < list->cnt && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? "," : "", list->name(i));
	app_complain("--%s %.*s: there is none of that name, take of %s", list->option, (int)len, word, names);
	return GROOVE_ERR_INVAL;
}

static int
list_word(const struct list *list, const char *word, size_t len)
{
	for (unsigned int i = 0; i < list->cnt; i++) {
		if (strlen(list->name(i)) == len && memcmp(list->name(i), word, len) == 0) {
			list->chosen[i] = true;
			return GROOVE_SUCCESS;
		}
	}
	return list_complain(list, word, len);
}

static int
list_parse(const struct list *list, const char *text)
{
	const char *word = text;

	memset(list->chosen, 0, list->cnt * sizeof(*list->chosen));
	for (;;) {
		const size_t len = strcspn(word, ",");
		const int err = list_word(list, word, len);

		if (err != GROOVE_SUCCESS || word[len] == '\0')
			return err;
		word += len + 1;
	}
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
word_or_list_parse(int id, const char *text, struct perf_options *options)
{
	const char *name = app_option_name(perf_long_options, id);
	const struct list workloads = {name, workload_name, perf_workload_cnt, options->workloads};
	const struct list allocators = {name, allocator_name, perf_allocator_cnt, options->allocators};
	const struct list sizes = {name, sizes_name, PERF_SIZES_CNT, options->sizes};

	switch (id) {
	case OPTION_WORKLOAD:
		return list_parse(&workloads, text);
	case OPTION_ALLOCATOR:
		return list_parse(&allocators, text);
	case OPTION_SIZES:
		return list_parse(&sizes, text);
	case OPTION_JSON:
		return app_word_parse(name, text, &options->json_path);
	case OPTION_PLOT:
		return app_word_parse(name, text, &options->plot_path);
	case OPTION_SERVE:
		return app_word_parse(name, text, &options->serve);
	default:
		options->help = true;
		return GROOVE_SUCCESS;
	}
}

static int
option_parse(int id, const char *text, struct perf_options *options)
{
	const struct app_number *number = app_number_find(numbers, RTE_DIM(numbers), id);

	if (number != NULL)
		return app_number_parse(number, app_option_name(perf_long_options, id), text, options);
	return word_or_list_parse(id, text, options);
}

static int
options_check(const struct perf_options *options)
{
	char sz[32];

	app_number_text(options->volume_sz, true, sz, sizeof(sz));
	if ((options->volume_sz & (options->volume_sz - 1)) != 0) {
		app_complain("--volume-sz %s: must be a power of two: 32M, 64M, ... 1G", sz);
		return GROOVE_ERR_INVAL;
	}
	if (options->volume_cnt > GROOVE_VOLUME_REACH / options->volume_sz) {
		app_complain("--volume-cnt %" PRIu64 ": at most %" PRIu64 " of %s, a groove spans 2 TiB",
			options->volume_cnt, (uint64_t)(GROOVE_VOLUME_REACH / options->volume_sz), sz);
		return GROOVE_ERR_INVAL;
	}
	if (options->serve != NULL && perf_allocator_named(options->serve) == NULL) {
		app_complain("--serve %s: there is no such allocator", options->serve);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

static void
options_default(struct perf_options *options)
{
	*options = (struct perf_options){
		.sz_max = SZ_MAX_DEFAULT,
		.reps = 5,
		.rep_ms = 100,
		.fill_s = 10,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT,
		.volume_cnt = 2,
	};
	memset(options->workloads, true, sizeof(options->workloads));
	memset(options->allocators, true, sizeof(options->allocators));
	memset(options->sizes, true, sizeof(options->sizes));
}

int
perf_options_parse(int argc, char **argv, struct perf_options *options)
{
	int id;

	options_default(options);
	optind = 0; /* EAL's parser may have run */
	while ((id = getopt_long(argc, argv, "+:", perf_long_options, NULL)) != -1) {
		if (id == '?' || id == ':')
			return app_option_complain(id, argv[optind - 1]);
		if (option_parse(id, optarg, options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (optind < argc) {
		app_complain("%s: not an option, see --help", argv[optind]);
		return GROOVE_ERR_INVAL;
	}
	return options->help ? GROOVE_SUCCESS : options_check(options);
}
