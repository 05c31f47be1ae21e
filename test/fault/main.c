/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * groove-fault COMMAND [options]: processes are killed, or stopped, at the points of an instrumented groove, and every
 * byte is accounted for.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include <json_file.h>
#include <option.h>
#include <version.h>

#include "job.h"
#include "scenario.h"

#define NS_PER_MS 1e6
#define EXIT_LOST 2

struct command {
	const char *name;
	int (*run)(struct world *world, const struct job *job, struct outcome *outcome);
	uint64_t kills;
	uint64_t states;
};

static const struct command commands[] = {
	{"matrix", matrix_run, 2, 120},
	{"soak", soak_run, 1000, 0},
	{"stop", stop_run, 1, 1},
};

/* ---- options ---- */

static void
usage(void)
{
	printf("usage: groove-fault matrix|soak|stop [options]\n"
	       "\n"
	       "  matrix  kills a process at each point that it comes to, in each scenario\n"
	       "  soak    kills processes at random moments, while others work\n"
	       "  stop    stops a process at each point, while two others go on\n"
	       "\n"
	       "  --kills N        soak: in all (1000); matrix (2), stop (1): at a point in a state at most; 0: each\n"
	       "                   time that it is reached\n"
	       "  --states N       matrix (120), stop (1): a point is struck at in so many states at most; 0: in all\n"
	       "  --seconds S      soak: at least so long (0)\n"
	       "  --turns N        stop: of each other process while one is stopped (100000)\n"
	       "  --volume-sz SZ   32M ... 1G (32M); 64M and more have one more level of superblocks\n"
	       "  --seed N         soak: start of all random draws (0)\n"
	       "  --scenario NAME  matrix, stop: only this one       --list   print their names\n"
	       "  --point SITE     only at this point\n"
	       "  --time N         only when it is reached for the N-th time\n"
	       "  --meddle-step N  with another meddling at each N-th of all pauses (1)\n"
	       "  --meddle N       only with another meddling when the N-th point is reached\n"
	       "  --reap           matrix: another walks to what the killed one was making and freeing, and frees it,\n"
	       "                   before recovery; in the scenarios of alloc, free and bulk\n"
	       "  --json FILE      write the result for machines, too\n"
	       "\n"
	       "Exit status: 0 pass; 1 the run could not be made; 2 anything was lost.\n");
}

static int
site_parse(const char *text, void *values)
{
	struct job *job = values;

	job->site = strtoull(text, NULL, 0);
	return GROOVE_SUCCESS;
}

#define FIELD(name) offsetof(struct job, name)

static const struct app_option option_table[] = {
	APP_NUMBER("kills", FIELD(kills), 0, 1000000000, APP_UNIT_NONE),
	APP_NUMBER("states", FIELD(states), 0, 1000000000, APP_UNIT_NONE),
	APP_NUMBER("seconds", FIELD(seconds), 0, 1000000, APP_UNIT_S),
	APP_NUMBER("turns", FIELD(turns), 0, 1000000000, APP_UNIT_NONE),
	APP_VOLUME_SZ(FIELD(volume_sz)),
	APP_NUMBER("seed", FIELD(seed), 0, APP_SEED_MAX, APP_UNIT_NONE),
	APP_WORD("scenario", FIELD(scenario)),
	APP_TEXT("point", site_parse),
	APP_NUMBER("time", FIELD(nth), 1, UINT32_MAX, APP_UNIT_NONE),
	APP_NUMBER("meddle", FIELD(meddle_at), 1, UINT32_MAX, APP_UNIT_NONE),
	APP_NUMBER("meddle-step", FIELD(meddle_step), 1, UINT32_MAX, APP_UNIT_NONE),
	APP_WORD("json", FIELD(json_path)),
	APP_FLAG("list", FIELD(list)),
	APP_FLAG("reap", FIELD(reap)),
	APP_FLAG("help", FIELD(help)),
	APP_FLAG("version", FIELD(version)),
	APP_OPTIONS_END,
};

static void
list(FILE *stream)
{
	for (const struct scenario *each = scenarios; each->name != NULL; each++)
		fprintf(stream, "%s\n", each->name);
}

static int
parse(int argc, char **argv, struct job *job)
{
	int err = app_options_parse(option_table, NULL, argc, argv, job);

	if (err == GROOVE_SUCCESS)
		err = app_volumes_check(job->volume_sz, WORLD_VOLUME_MAX);
	if (err != GROOVE_SUCCESS || job->scenario == NULL || scenario_find(job->scenario) != NULL)
		return err;
	fprintf(stderr, "groove-fault: no scenario \"%s\"; there are these:\n", job->scenario);
	list(stderr);
	return GROOVE_ERR_INVAL;
}

/* ---- result ---- */

static bool
is_pass(const struct world *world, const struct outcome *outcome, int result)
{
	return result == TEST_SUCCESS && outcome->failures == 0 && outcome->missed == 0 && world->bad_looks == 0 &&
	       outcome->kills > 0;
}

static const char *
verify_text(const struct world *world)
{
	if (world->looks == 0)
		return "none";
	return world->verify_failed ? "fail" : "pass";
}

static json_t *
outcome_json(const struct world *world, const struct outcome *outcome)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:f}", "points", (json_int_t)outcome->points, "states",
		(json_int_t)outcome->states, "kills", (json_int_t)outcome->kills, "lost_bytes",
		(json_int_t)world->lost_bytes_sum, "lost_objects", (json_int_t)world->lost_objects_sum, "verify",
		verify_text(world), "recover_ms_max", (double)world->board->recover_ns_max / NS_PER_MS);
}

static void
print(const struct world *world, const struct outcome *outcome, bool pass)
{
	printf("%" PRIu64 " points, %" PRIu64 " points x states, %" PRIu64 " kills or stops; lost %" PRIu64
	       " bytes, %" PRIu64 " objects; recovery took at most %.2f ms\n%s\n",
		outcome->points, outcome->states, outcome->kills, world->lost_bytes_sum, world->lost_objects_sum,
		(double)world->board->recover_ns_max / NS_PER_MS, pass ? "pass" : "FAIL");
}

static int
run(const struct command *command, const struct job *job)
{
	static struct world world;
	struct outcome outcome = {0};
	int result;
	bool pass;

	result = command->run(&world, job, &outcome);
	pass = is_pass(&world, &outcome, result);
	print(&world, &outcome, pass);
	app_json_keep(outcome_json(&world, &outcome));
	if (app_json_close(pass ? "pass" : "FAIL", pass ? EXIT_SUCCESS : EXIT_LOST) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	world_end(&world);
	return pass ? EXIT_SUCCESS : EXIT_LOST;
}

/* Help, or one that there is not. */
static int
no_command(int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage();
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "groove-fault: %s: give matrix, soak or stop, see --help\n", argc > 1 ? argv[1] : "no command");
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct job job = {.turns = 100000, .meddle_step = 1, .volume_sz = GROOVE_VOLUME_FOOTPRINT_MIN};
	const struct command *command = NULL;

	for (unsigned int i = 0; i < RTE_DIM(commands) && argc > 1; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			command = &commands[i];
	if (command == NULL)
		return no_command(argc, argv);
	job.kills = command->kills;
	job.states = command->states;
	if (parse(argc - 1, argv + 1, &job) != GROOVE_SUCCESS)
		return EXIT_FAILURE;
	if (job.help)
		usage();
	else if (job.version)
		app_version_print();
	else if (job.list)
		list(stdout);
	if (job.help || job.version || job.list)
		return EXIT_SUCCESS;
	return app_json_open(job.json_path, argc, argv, false) == GROOVE_SUCCESS ? run(command, &job) : EXIT_FAILURE;
}
