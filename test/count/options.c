/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stddef.h>
#include <string.h>

#include "counts.h"
#include "option.h"

#define CALLS_DEFAULT  10000000UL
#define CALLS_MAX      1000000000UL
#define SZ_MAX_DEFAULT (64UL << 10)

static const char *
workload_name(unsigned int idx)
{
	return perf_workloads[idx]->name;
}

static int
workloads_parse(const char *text, void *values)
{
	struct count_options *options = values;
	const struct app_list workloads = {"workload", workload_name, perf_workload_cnt, options->workloads};

	return app_list_parse(&workloads, text);
}

#define FIELD(name) offsetof(struct count_options, name)

const struct app_option count_option_table[] = {
	APP_TEXT("workload", workloads_parse),
	APP_NUMBER("calls", FIELD(calls), 1, CALLS_MAX, APP_UNIT_NONE),
	APP_NUMBER("sz-max", FIELD(sz_max), PERF_SZ_MIN, SZ_MAX_DEFAULT, APP_UNIT_SZ),
	APP_VOLUMES(FIELD(volume_cnt), FIELD(volume_sz)),
	APP_NUMBER("seed", FIELD(seed), 0, APP_SEED_MAX, APP_UNIT_NONE),
	APP_WORD("json", FIELD(json_path)),
	APP_FLAG("allow-interrupt", FIELD(allow_interrupt)),
	APP_FLAG("no-cache", FIELD(no_cache)),
	APP_FLAG("help", FIELD(help)),
	APP_FLAG("version", FIELD(version)),
	APP_OPTIONS_END,
};

int
count_options_parse(int argc, char **argv, struct count_options *options)
{
	int err;

	*options = (struct count_options){
		.calls = CALLS_DEFAULT,
		.sz_max = SZ_MAX_DEFAULT,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT,
		.volume_cnt = 2,
	};
	memset(options->workloads, true, sizeof(options->workloads));
	err = app_options_parse(count_option_table, NULL, argc, argv, options);
	return err == GROOVE_SUCCESS && !options->help ? app_volumes_check(options->volume_sz, options->volume_cnt)
						       : err;
}

void
count_usage(const char *program)
{
	printf("usage: %s [EAL arguments] -- [options]\n"
	       "\n"
	       "Runs the workloads of groove-perf, but fill, on an instrumented groove, each on\n"
	       "one lcore and on all of -l, and counts the writes to shared memory:\n"
	       "read-modify-writes and sequentially consistent stores on the header of the\n"
	       "object that is allocated or freed and elsewhere (of these on the join's own\n"
	       "record, which no other writes), and all other stores elsewhere, but for the own\n"
	       "record. A call is an alloc or a free of one object.\n"
	       "\n"
	       "  --workload LIST    which of them (all)\n"
	       "  --calls N          calls to count in each, at least, after a quarter as many\n"
	       "                     to warm up (10000000)\n"
	       "  --no-cache         joins cache nothing, as in groove-nocache\n"
	       "  --sz-max SZ        largest object where sizes vary, up to 64K (64K)\n"
	       "  --volume-cnt N     volumes of groove (2)\n"
	       "  --volume-sz SZ     32M ... 1G (1G)\n"
	       "  --seed N           start of all random draws (0)\n"
	       "  --json FILE        write the counts for machines, too; \"-\": to standard\n"
	       "                     output, and all else to standard error\n"
	       "  --allow-interrupt  a run that a signal ends has exit status 0\n"
	       "  --version          print the version\n"
	       "  -h, --help         print this\n"
	       "\n"
	       "Exit status: 0 pass; 1 the run could not be made; 2 more atomics elsewhere than\n"
	       "churn (0.1 a call) or pair (0) may have; 130, 143 or 129 interrupted.\n"
	       "\n",
		program);
}
