/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-interleave: scenarios of lib/groove in every interleaving up to a bounded number of preemptions.
 *
 *     groove-interleave [--preemptions N] [NAME...]     explore (all scenarios)
 *     groove-interleave --list                          their names
 *     groove-interleave --deaths [--records] [--preemptions N] [NAME...]
 *
 * the same, and in each schedule a thread dies at each point; with --records also at what it writes into its record.
 * Were the thread only stopped, recovery would take nothing from it.
 *
 *     groove-interleave --recovery [--second] [--preemptions N] [NAME...]
 *
 * other scenarios (--recovery --list), in which the first thread dies at each point, and after that one that recovers
 * and one that works are interleaved; with --second the one that recovers dies as well.
 *
 *     groove-interleave --replay "TO@POINT ..." NAME    run one schedule, as a failure prints it
 *
 * Three threads have so many more interleavings that their preemptions are one less than asked for.
 *
 * After each schedule every thread's objects must be as they should, the groove must verify, and once all is freed and
 * trimmed every volume must be empty: nothing is lost, doubled or stranded.
 */

#include <getopt.h>
#include <rte_log.h>
#include <stdlib.h>
#include <string.h>

#include "death.h"
#include "scenarios.h"
#include "world.h"

static void
outcomes_clear(void)
{
	memset(outcomes, 0, sizeof(outcomes));
}

/* What is run without --recovery, and with it. */
static const struct scenario *const scenario_files[] = {
	slot_scenarios,
	list_scenarios,
	volume_scenarios,
	drain_scenarios,
	shelf_scenarios,
	walk_scenarios,
	deep_scenarios,
	NULL,
};

static const struct scenario *const recovery_files[] = {
	recovery_scenarios,
	NULL,
};

/* What the command line asks for. */
struct request {
	unsigned int preemptions;
	bool deaths;
	bool recovery;
	bool second;
	const char *schedule; /* to replay; NULL: explore */
};

static bool
is_deep(const struct scenario *scenario)
{
	for (const struct scenario *one = deep_scenarios; one->name != NULL; one++)
		if (one == scenario)
			return true;
	return false;
}

/* Preemptions for a scenario. */
static unsigned int
preemptions(const struct scenario *scenario, unsigned int asked)
{
	if (is_deep(scenario))
		return DEEP_PREEMPTIONS;
	return scenario->thread_cnt > 2 && asked > 0 ? asked - 1 : asked;
}

static int
explore(const struct scenario *scenario, const struct request *request)
{
	const unsigned int most = preemptions(scenario, request->preemptions);
	struct schedule_result result;
	int err;

	if (request->recovery)
		err = schedule_explore_after(scenario, most, request->second, check_recovered, &result);
	else if (request->deaths)
		err = schedule_explore_deaths(scenario, most, check_recovered, &result);
	else
		err = schedule_explore(scenario, most, &result);

	if (err != 0) {
		printf("not ok - %s\n", scenario->name);
		return -1;
	}
	printf("ok - %-20s %8lu schedules, %u preemptions, %lu points%s\n", scenario->name, result.schedules,
		result.preemptions, result.points,
		request->second	    ? ", two deaths"
		: request->recovery ? ", recovery"
		: request->deaths   ? ", deaths"
				    : "");
	fflush(stdout);
	return 0;
}

static int
replay(const struct scenario *scenario, const char *schedule)
{
	const int err = schedule_replay(scenario, schedule, check_recovered);

	if (err == -2)
		fprintf(stderr, "groove-interleave: '%s' is no schedule: TO@POINT ...\n", schedule);
	else
		printf("%s - %s, schedule%s\n", err == 0 ? "ok" : "not ok", scenario->name, schedule);
	return err;
}

/* The scenarios of a mode, file by file. */
static const struct scenario *const *
files_of(bool recovery)
{
	return recovery ? recovery_files : scenario_files;
}

static int
list_all(bool recovery)
{
	for (const struct scenario *const *file = files_of(recovery); *file != NULL; file++)
		for (const struct scenario *one = *file; one->name != NULL; one++)
			puts(one->name);
	return 0;
}

static const struct scenario *
scenario_find(bool recovery, const char *name)
{
	for (const struct scenario *const *file = files_of(recovery); *file != NULL; file++)
		for (const struct scenario *one = *file; one->name != NULL; one++)
			if (strcmp(one->name, name) == 0)
				return one;
	fprintf(stderr, "groove-interleave: no scenario '%s': see --list\n", name);
	return NULL;
}

static int
run_one(const struct scenario *scenario, const struct request *request)
{
	if (scenario == NULL)
		return 1;
	if (request->deaths && is_deep(scenario))
		return 0; /* deaths need few preemptions */
	return request->schedule != NULL ? replay(scenario, request->schedule) : explore(scenario, request);
}

static int
run_all(const struct request *request)
{
	int failed = 0;

	for (const struct scenario *const *file = files_of(request->recovery); *file != NULL; file++)
		for (const struct scenario *one = *file; one->name != NULL; one++)
			failed |= run_one(one, request);
	return failed != 0;
}

static int
run_names(char *const *names, int cnt, const struct request *request)
{
	int failed = 0;

	for (int i = 0; i < cnt; i++)
		failed |= run_one(scenario_find(request->recovery, names[i]), request);
	return failed != 0;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"deaths", no_argument, NULL, 'd'},
		{"records", no_argument, NULL, 'w'},
		{"recovery", no_argument, NULL, 'y'},
		{"second", no_argument, NULL, 's'},
		{"preemptions", required_argument, NULL, 'p'},
		{"replay", required_argument, NULL, 'r'},
		{"list", no_argument, NULL, 'l'},
		{0},
	};
	struct request request = {.preemptions = 2};
	int opt;

	schedule_at_begin(outcomes_clear);
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			request.deaths = true;
			break;
		case 'w':
			world.watch = WATCH_RECORDS;
			break;
		case 'y':
			request.recovery = true;
			world.watch = WATCH_RECOVERY;
			break;
		case 's':
			request.second = true;
			break;
		case 'p':
			request.preemptions = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			request.schedule = optarg;
			break;
		case 'l':
			return list_all(request.recovery);
		default:
			return 1;
		}
	}
	/* Refusals are part of the scenarios; what verify finds is printed by a replay. */
	if (request.schedule == NULL)
		rte_log_set_level_pattern("lib.groove", RTE_LOG_EMERG);
	return optind < argc ? run_names(argv + optind, argc - optind, &request) : run_all(&request);
}
