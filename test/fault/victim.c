/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "victim.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_log.h>

#include "region_private.h"

#define OTHERS_TURNS 300UL /* that others have made before, so that they have objects */
#define VICTIM_HINT  9UL
#define STROKE_MAX   16384U /* of one scenario */
#define FAILURES_MAX 20UL

struct plan {
	struct stroke stroke[STROKE_MAX];
	uint32_t cnt;
};

/* ---- the process ---- */

static int
play(struct world *world, const struct scenario *scenario, const struct point_order *order)
{
	static const struct point_order pass = {.mode = POINT_PASS};
	struct actor actor;

	world_actor(world, &actor);
	point_watch_map(world->main.region->range.sz);
	if (scenario->begin != BEGIN_OUTSIDE)
		TEST_CALL(actor_attach(&actor));
	if (scenario->begin == BEGIN_JOINED)
		TEST_CALL(actor_join(&actor, VICTIM_HINT));
	if (scenario->prepare != NULL)
		TEST_CALL(scenario->prepare(&actor));
	rte_log_set_global_level(RTE_LOG_EMERG); /* what is refused is meant to be */
	point_obey(&world->board->points, order);
	TEST_CALL(scenario->operate(&actor));
	point_obey(&world->board->points, &pass);
	return TEST_SUCCESS;
}

static pid_t
fork_player(struct world *world, const struct scenario *scenario, const struct point_order *order)
{
	fflush(NULL);

	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	const int result = play(world, scenario, order);

	fflush(NULL);
	_exit(result == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
}

int
victim_start(struct world *world, const struct scenario *scenario, const struct point_order *order, pid_t *pid)
{
	struct point_order full = *order;

	full.pause_at = scenario->meddle_at;
	*pid = fork_player(world, scenario, &full);
	TEST_ASSERT(*pid >= 0, "fork: %m");
	if (scenario->meddle_at == 0)
		return TEST_SUCCESS;
	TEST_CALL(victim_stopped(scenario, *pid));
	TEST_CALL(scenario->meddle(&world->main));
	TEST_ASSERT_SUCCESS(kill(*pid, SIGCONT), "kill: %m");
	return TEST_SUCCESS;
}

int
victim_stopped(const struct scenario *scenario, pid_t pid)
{
	int status;

	TEST_ASSERT_EQUAL(waitpid(pid, &status, WUNTRACED), pid, "waitpid: %m");
	TEST_ASSERT(WIFSTOPPED(status), "\"%s\" was not stopped, but ended with status %#x", scenario->name, status);
	return TEST_SUCCESS;
}

int
victim_end(const struct scenario *scenario, pid_t pid)
{
	int status;

	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "\"%s\" failed, status %#x",
		scenario->name, status);
	return TEST_SUCCESS;
}

/* ---- before it ---- */

static int
others_begin(struct world *world, const struct scenario *scenario)
{
	TEST_CALL(world_reset(world, scenario->volumes));
	if (!scenario->empty)
		for (unsigned int i = 0; i < world->hand_cnt; i++)
			TEST_CALL(hand_tell(&world->hands[i], HAND_TURNS, OTHERS_TURNS));
	if (scenario->other != NULL)
		TEST_CALL(scenario->other(&world->main));
	return scenario->rebuilds ? world_leave(world) : TEST_SUCCESS;
}

/* Let a scenario run to its end. How often it came to points is counted; they have left. */
static int
play_once(struct world *world, const struct scenario *scenario)
{
	static const struct point_order count = {.mode = POINT_COUNT};
	pid_t pid;

	TEST_CALL(victim_start(world, scenario, &count, &pid));
	TEST_CALL(victim_end(scenario, pid));
	return world_leave(world);
}

static int scene_make(struct world *world, const struct scenario *scenario);

/* Points that a scenario comes to in all. What was found is kept. */
static int
events_of(struct world *world, const struct scenario *scenario, uint64_t *events)
{
	static uint64_t known[SCENARIO_MAX];
	uint64_t *found = &known[scenario - scenarios];

	if (*found == 0) {
		TEST_CALL(scene_make(world, scenario));
		TEST_CALL(play_once(world, scenario));
		*found = world->board->points.events;
	}
	*events = *found;
	return TEST_SUCCESS;
}

/* Let a process be killed in another scenario, after a part of all the points that it comes to. */
static int
kill_earlier(struct world *world, const struct scenario *earlier, unsigned int part)
{
	struct point_order order = {.mode = POINT_DIE};
	uint64_t events;
	pid_t pid;

	TEST_CALL(events_of(world, earlier, &events));
	TEST_CALL(scene_make(world, earlier));
	order.nth = 1 + events * part / EARLIER_PARTS;
	TEST_CALL(victim_start(world, earlier, &order, &pid));
	return child_killed(pid);
}

/*
 * Make the groove as the scenario has it: volumes, others' objects, processes that were killed before. Its process
 * comes after that, and finds the same each time.
 */
static int
scene_make(struct world *world, const struct scenario *scenario)
{
	const struct scenario *earlier;

	if (scenario->earlier == NULL)
		return others_begin(world, scenario);
	earlier = scenario_find(scenario->earlier);
	TEST_ASSERT_NOT_NULL(earlier, "no scenario \"%s\"", scenario->earlier);
	return kill_earlier(world, earlier, scenario->earlier_part);
}

/* ---- where to strike ---- */

/* The i-th of n times to strike at a point that is reached so many times: the first, the last, others between. */
static uint32_t
stroke_nth(uint32_t hits, uint32_t n, uint32_t i)
{
	return n > 1 ? 1 + (uint32_t)((uint64_t)(hits - 1) * i / (n - 1)) : 1;
}

static void
plan_stroke(struct plan *plan, const struct scenario *scenario, const struct point *point, uint64_t nth)
{
	if (plan->cnt < STROKE_MAX)
		plan->stroke[plan->cnt++] = (struct stroke){*scenario, point->site, (uint32_t)nth};
}

/* Plan strokes at a point that the scenario came to: the first time, the last, and others, so many in all. */
static void
plan_point(struct plan *plan, const struct job *job, const struct scenario *scenario, struct point *point)
{
	const uint32_t n = job->kills == 0 || job->kills > point->hits ? point->hits : (uint32_t)job->kills;

	if (point->hits == 0 || (job->site != 0 && job->site != point->site) ||
		(job->states != 0 && point->states >= job->states))
		return;
	point->states++;
	if (job->nth != 0)
		plan_stroke(plan, scenario, point, job->nth);
	for (uint32_t i = 0; job->nth == 0 && i < n; i++)
		plan_stroke(plan, scenario, point, stroke_nth(point->hits, n, i));
}

/* Let a scenario run once, and plan where to strike. */
static int
plan_scenario(struct plan *plan, struct world *world, const struct job *job, const struct scenario *scenario)
{
	TEST_CALL(scene_make(world, scenario));
	TEST_CALL(play_once(world, scenario));
	for (uint32_t i = 0; i < POINT_MAX; i++)
		plan_point(plan, job, scenario, &world->board->points.point[i]);
	return TEST_SUCCESS;
}

/* Pauses in a scenario, by how many points it has come to. */
struct pauses {
	uint64_t at[POINT_MAX * 2];
	uint32_t cnt;
};

/* Pause at each point that a scenario comes to: the first time, and the last. */
static int
find_pauses(struct pauses *pauses, struct world *world, const struct scenario *scenario)
{
	pauses->cnt = 0;
	TEST_CALL(scene_make(world, scenario));
	TEST_CALL(play_once(world, scenario));
	for (uint32_t i = 0; i < POINT_MAX; i++) {
		const struct point *point = &world->board->points.point[i];

		if (point->hits > 0)
			pauses->at[pauses->cnt++] = point->first;
		if (point->hits > 1)
			pauses->at[pauses->cnt++] = point->last;
	}
	return TEST_SUCCESS;
}

/* The same for a scenario in which another meddles. */
static int
plan_meddled(struct plan *plan, struct world *world, const struct job *job, const struct scenario *scenario)
{
	static struct pauses pauses;
	struct scenario meddled = *scenario;

	TEST_CALL(find_pauses(&pauses, world, scenario));
	for (uint64_t i = 0; i < pauses.cnt; i++) {
		if (job->meddle_at != 0 ? job->meddle_at != pauses.at[i] : i % job->meddle_step != 0)
			continue;
		meddled.meddle_at = pauses.at[i];
		TEST_CALL(plan_scenario(plan, world, job, &meddled));
	}
	return TEST_SUCCESS;
}

/* ---- strokes ---- */

static int
strike(const struct method *method, struct world *world, const struct job *job, const struct stroke *stroke)
{
	const struct point_order order = {method->mode, stroke->site, stroke->nth, 0};
	pid_t pid;

	TEST_CALL(scene_make(world, &stroke->scenario));
	TEST_CALL(victim_start(world, &stroke->scenario, &order, &pid));
	return method->follow(world, job, stroke, pid);
}

/* Say how to repeat a stroke that failed. */
static void
complain(const struct method *method, const struct job *job, const struct stroke *stroke)
{
	printf("FAILED: \"%s\" at point %#x, reached for the %u. time; to repeat it: groove-fault %s --scenario \"%s\" "
	       "--point %#x --time %u",
		stroke->scenario.name, stroke->site, stroke->nth, method->command, stroke->scenario.name, stroke->site,
		stroke->nth);
	if (stroke->scenario.meddle_at != 0)
		printf(" --meddle %" PRIu64, stroke->scenario.meddle_at);
	if (job->volume_sz != GROOVE_VOLUME_FOOTPRINT_MIN)
		printf(" --volume-sz %" PRIu64 "M", job->volume_sz >> 20);
	putchar('\n');
	fflush(stdout);
}

static int
scenario_run(const struct method *method, struct world *world, const struct job *job, const struct scenario *scenario,
	struct outcome *outcome)
{
	static struct plan plan;

	plan.cnt = 0;
	TEST_CALL((scenario->meddle != NULL ? plan_meddled : plan_scenario)(&plan, world, job, scenario));
	for (uint32_t i = 0; i < plan.cnt; i++) {
		if (strike(method, world, job, &plan.stroke[i]) != TEST_SUCCESS) {
			complain(method, job, &plan.stroke[i]);
			if (++outcome->failures >= FAILURES_MAX)
				return TEST_FAILED;
		}
		TEST_CALL(world_leave(world));
		point_find(&world->board->points, plan.stroke[i].site)->strokes++;
		outcome->kills++;
	}
	if (plan.cnt == 0)
		return TEST_SUCCESS;
	printf("%-46s %s %5u times\n", scenario->name, method->done, plan.cnt);
	account_print(stdout, &world->full);
	fflush(stdout);
	return TEST_SUCCESS;
}

/* Count the points that were reached, in how many states, and those at which nothing was done. */
static void
points_judge(const struct world *world, struct outcome *outcome)
{
	for (uint32_t i = 0; i < POINT_MAX; i++) {
		const struct point *point = &world->board->points.point[i];

		if (point->states == 0)
			continue;
		outcome->points++;
		outcome->states += point->states;
		if (point->strokes > 0)
			continue;
		outcome->missed++;
		printf("point %#x was reached, and nothing was killed or stopped there\n", point->site);
	}
}

int
method_run(const struct method *method, struct world *world, const struct job *job, struct outcome *outcome)
{
	for (const struct scenario *each = scenarios; each->name != NULL; each++) {
		if (job->scenario != NULL && each != scenario_find(job->scenario))
			continue;
		/* Others cannot go on while one rebuilds. */
		if (each->rebuilds && method->mode == POINT_STOP)
			continue;
		if (job->reap && !scenario_is_of_objects(each))
			continue;
		TEST_CALL(scenario_run(method, world, job, each, outcome));
	}
	points_judge(world, outcome);
	return TEST_SUCCESS;
}
