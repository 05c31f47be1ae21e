/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-interleave: scenarios of lib/groove in every interleaving up to a bounded number of preemptions.
 *
 *     groove-interleave [--preemptions N] [NAME...]     explore (all scenarios)
 *     groove-interleave --list                          their names (--recovery --list: of those)
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
 *     groove-interleave --owners [--deaths] [--preemptions N] [NAME...]
 *
 * others (--owners --list), about whose a record is; with --deaths a thread dies at each point.
 *
 *     groove-interleave --stale ...                     any of these, and in each schedule one load may be stale
 *
 * that is, find the value before the last where the C11 memory model allows it (stale.h).
 *
 *     groove-interleave --share I/N ...                 one of N shares of any of these
 *
 * which differ in the points of the first two preemptions. All N together are the whole.
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

/* Scenarios with a bound of preemptions. */
struct group {
	const struct scenario *scenarios;
	unsigned int preemptions; /* whatever is asked for; 0: as asked for */
};

/* What is run without --recovery, and with it. */
static const struct group plain_groups[] = {
	{slot_scenarios, 0},
	{list_scenarios, 0},
	{volume_scenarios, 0},
	{drain_scenarios, 0},
	{shelf_scenarios, 0},
	{walk_scenarios, 0},
	{count_scenarios, 0},
	{full_scenarios, 0},
	{reuse_scenarios, 4},
	{reach_scenarios, 4},
	{deep_scenarios, 5},
	{NULL, 0},
};

static const struct group recovery_groups[] = {
	{recovery_scenarios, 0},
	{look_scenarios, 2},
	{look_move_scenarios, 3},
	{NULL, 0},
};

static const struct group owner_groups[] = {
	{owner_scenarios, 0},
	{owner_one_scenarios, 3},
	{NULL, 0},
};

/* Which scenarios are meant. */
enum mode {
	MODE_PLAIN,
	MODE_RECOVERY,
	MODE_OWNERS,
	MODE_CNT,
};

static const struct group *const mode_groups[MODE_CNT] = {plain_groups, recovery_groups, owner_groups};
static const char *const mode_words[MODE_CNT] = {"without --recovery and --owners", "with --recovery", "with --owners"};

/* What the command line asks for. */
struct request {
	unsigned int preemptions;
	enum mode mode;
	bool deaths;
	bool second;
	const char *schedule; /* to replay; NULL: explore */
};

/* Preemptions for a scenario. */
static unsigned int
preemptions(const struct group *group, const struct scenario *scenario, unsigned int asked)
{
	if (group->preemptions != 0)
		return group->preemptions;
	return scenario->thread_cnt > 2 && asked > 0 ? asked - 1 : asked;
}

static int
explore(const struct group *group, const struct scenario *scenario, const struct request *request)
{
	const unsigned int most = preemptions(group, scenario, request->preemptions);
	struct schedule_result result;
	int err;

	if (request->mode == MODE_RECOVERY)
		err = schedule_explore_after(scenario, most, request->second, check_recovered, &result);
	else if (request->deaths)
		err = schedule_explore_deaths(
			scenario, most, request->mode == MODE_OWNERS ? check_owner : check_recovered, &result);
	else
		err = schedule_explore(scenario, most, &result);

	if (err != 0) {
		printf("not ok - %s\n", scenario->name);
		return -1;
	}
	printf("ok - %-20s %8lu schedules, %u preemptions, %lu points%s\n", scenario->name, result.schedules,
		result.preemptions, result.points,
		request->second			 ? ", two deaths"
		: request->mode == MODE_RECOVERY ? ", recovery"
		: request->deaths		 ? ", deaths"
						 : "");
	fflush(stdout);
	return 0;
}

static int
replay(const struct scenario *scenario, const char *schedule, enum mode mode)
{
	const int err = schedule_replay(scenario, schedule, mode == MODE_OWNERS ? check_owner : check_recovered);

	if (err == -2)
		fprintf(stderr, "groove-interleave: '%s' is no schedule: TO@POINT ...\n", schedule);
	else
		printf("%s - %s, schedule%s\n", err == 0 ? "ok" : "not ok", scenario->name, schedule);
	return err;
}

static int
run(const struct group *group, const struct scenario *scenario, const struct request *request)
{
	if (request->deaths && group->preemptions != 0)
		return 0; /* deaths need few preemptions */
	return request->schedule != NULL ? replay(scenario, request->schedule, request->mode)
					 : explore(group, scenario, request);
}

/* The names of a mode's scenarios. */
static void
list(FILE *stream, enum mode mode)
{
	for (const struct group *group = mode_groups[mode]; group->scenarios != NULL; group++)
		for (const struct scenario *one = group->scenarios; one->name != NULL; one++)
			fprintf(stream, "%s\n", one->name);
}

/* Run the scenarios of a mode that have a name, or (NULL) all. -1 when one failed. */
static int
run_named(const char *name, const struct request *request)
{
	int err = 0;

	for (const struct group *group = mode_groups[request->mode]; group->scenarios != NULL; group++)
		for (const struct scenario *one = group->scenarios; one->name != NULL; one++) {
			if (name != NULL && strcmp(one->name, name) != 0)
				continue;
			err |= run(group, one, request);
		}
	return err;
}

/* Whether a mode has a scenario of that name. */
static bool
is_known(enum mode mode, const char *name)
{
	for (const struct group *group = mode_groups[mode]; group->scenarios != NULL; group++)
		for (const struct scenario *one = group->scenarios; one->name != NULL; one++) {
			if (strcmp(one->name, name) == 0)
				return true;
		}
	return false;
}

/* With which option there is a scenario of that name; "": with none. */
static const char *
known_words(const char *name)
{
	for (enum mode mode = MODE_PLAIN; mode < MODE_CNT; mode++)
		if (is_known(mode, name))
			return mode_words[mode];
	return "";
}

/* Run the scenarios of these names, or all. Nothing runs when there is none of a name. */
static int
run_words(int cnt, char *const *names, const struct request *request)
{
	int err = 0;

	for (int i = 0; i < cnt; i++) {
		const char *words = known_words(names[i]);

		if (is_known(request->mode, names[i]))
			continue;
		fprintf(stderr, "groove-interleave: no scenario '%s'%s%s; there are these:\n", names[i],
			words[0] != '\0' ? ", there is one " : "", words);
		err = -1;
	}
	if (err != 0) {
		list(stderr, request->mode);
		return err;
	}
	if (cnt == 0)
		return run_named(NULL, request);
	for (int i = 0; i < cnt; i++)
		err |= run_named(names[i], request);
	return err;
}

static void
usage_print(void)
{
	puts("usage: groove-interleave [options] [NAME...]\n"
	     "\n"
	     "Runs scenarios of lib/groove, those named or all, in every interleaving up to a\n"
	     "bounded number of preemptions.\n"
	     "\n"
	     "  --preemptions N  at most so many (2); with three threads one less\n"
	     "  --deaths         in each schedule a thread dies at each of its points\n"
	     "  --records        with --deaths: also at what it writes into its record\n"
	     "  --recovery       other scenarios: one has died, another recovers, a third works\n"
	     "  --second         with --recovery: the one that recovers dies as well\n"
	     "  --owners         other scenarios: about whose a record is\n"
	     "  --stale          also schedules in which one load finds the value before the last\n"
	     "  --share I/N      the I-th of N shares of the schedules\n"
	     "  --replay TEXT    run one schedule, as a failure prints it\n"
	     "  --list           print the names of scenarios; with --recovery or --owners\n"
	     "                   of those\n"
	     "  -h, --help       print this");
}

/* Explore the share that a text "I/N" names. False: it names none. */
static bool
share_set(const char *text)
{
	unsigned int share, cnt;
	int used = 0;

	if (sscanf(text, "%u/%u%n", &share, &cnt, &used) != 2 || text[used] != '\0' || share == 0 || share > cnt) {
		fprintf(stderr, "groove-interleave: --share %s: give I/N, I from 1 to N\n", text);
		return false;
	}
	schedule_share(share, cnt);
	return true;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"deaths", no_argument, NULL, 'd'},
		{"records", no_argument, NULL, 'w'},
		{"recovery", no_argument, NULL, 'y'},
		{"second", no_argument, NULL, 's'},
		{"owners", no_argument, NULL, 'o'},
		{"preemptions", required_argument, NULL, 'p'},
		{"stale", no_argument, NULL, 'a'},
		{"share", required_argument, NULL, 'i'},
		{"replay", required_argument, NULL, 'r'},
		{"list", no_argument, NULL, 'l'},
		{0},
	};
	struct request request = {.preemptions = 2};
	bool listing = false;
	int opt;

	schedule_at_begin(outcomes_clear);
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			request.deaths = true;
			break;
		case 'w':
			world.watch = WATCH_RECORDS;
			break;
		case 'y':
			request.mode = MODE_RECOVERY;
			world.watch = WATCH_RECOVERY;
			break;
		case 's':
			request.second = true;
			break;
		case 'o':
			request.mode = MODE_OWNERS;
			break;
		case 'p':
			request.preemptions = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'a':
			schedule_stale();
			break;
		case 'i':
			if (!share_set(optarg))
				return 1;
			break;
		case 'r':
			request.schedule = optarg;
			break;
		case 'l':
			listing = true;
			break;
		case 'h':
			usage_print();
			return 0;
		default:
			return 1;
		}
	}
	if (listing) {
		list(stdout, request.mode);
		return 0;
	}
	/* Refusals are part of the scenarios; what verify finds is printed by a replay. */
	if (request.schedule == NULL)
		rte_log_set_level_pattern("lib.groove", RTE_LOG_EMERG);
	return run_words(argc - optind, argv + optind, &request) != 0;
}
