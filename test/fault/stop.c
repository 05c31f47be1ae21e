/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process is stopped at each point that it comes to, in each scenario. All others go on, with objects of all classes,
 * and recover one that is killed; then it goes on, too, and nothing is lost.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "victim.h"

#define ANOTHER_SLOT   2000UL /* of another that is killed meanwhile, and others */
#define ANOTHER_CNT    40UL
#define ANOTHER_SZ     16000UL
#define ANOTHER_POINTS 40UL /* that it comes to */
#define RECOVER_TRIES  10

/* Each turn of a sweep is two: one with an object of the class that is due, one drawn. */
static int
others_go_on(struct world *world, uint64_t turns)
{
	memset(world->board->alloc_cnt, 0, sizeof(world->board->alloc_cnt));
	TEST_CALL(hands_tell(world, HAND_SWEEPS, (turns + 1) / 2));
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++)
		TEST_ASSERT(world->board->alloc_cnt[szc] > 0, "no object of class %lu while a process is stopped", szc);
	return TEST_SUCCESS;
}

static int
another_prepare(struct actor *actor)
{
	return actor_alloc_bulk(actor, ANOTHER_SLOT, ANOTHER_CNT, ANOTHER_SZ);
}

/* It comes to enough points also when it had no room. */
static int
another_operate(struct actor *actor)
{
	TEST_CALL(actor_free_bulk(actor, ANOTHER_SLOT, ANOTHER_CNT));
	TEST_ASSERT_SUCCESS(groove_data_trim(&actor->join), "trim");
	return TEST_SUCCESS;
}

static uint64_t
join_cnt(const struct actor *actor)
{
	static groove_data_stats_t stats; /* too large for the stack */

	return groove_data_stats(&actor->join, &stats) == GROOVE_SUCCESS ? stats.join_cnt : 0;
}

/* Joins of the living, at most; what died before is not among them. */
static uint64_t
living_max(const struct world *world, const struct scenario *scenario)
{
	return 1 + world->hand_cnt + (scenario->begin == BEGIN_JOINED || scenario->operate == scenario_join);
}

/* Another dies, and is recovered, as is what died before; but for what the stopped one has in its hands. */
static int
another_dies(struct world *world, const struct stroke *stroke)
{
	static const struct scenario another = {
		.name = "another",
		.prepare = another_prepare,
		.operate = another_operate,
	};
	const struct point_order order = {.mode = POINT_DIE, .nth = ANOTHER_POINTS};
	int err = GROOVE_ERR_AGAIN;
	pid_t pid;

	TEST_CALL(victim_start(world, &another, &order, &pid));
	TEST_CALL(child_killed(pid));
	for (int i = 0; i < RECOVER_TRIES && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_recover(world->main.region, &world->main.join);
	TEST_ASSERT(err == GROOVE_SUCCESS || (err == GROOVE_ERR_AGAIN && stroke->scenario.operate == scenario_recover),
		"recover: %s", groove_strerror(err));
	TEST_ASSERT(join_cnt(&world->main) <= living_max(world, &stroke->scenario),
		"a dead join is not recovered while another is stopped");
	world->left_cnt += err == GROOVE_ERR_AGAIN;
	return TEST_SUCCESS;
}

static int
stopped(struct world *world, const struct job *job, const struct stroke *stroke, pid_t pid)
{
	int result = victim_stopped(&stroke->scenario, pid);

	if (result == TEST_SUCCESS)
		result = others_go_on(world, job->turns);
	if (result == TEST_SUCCESS)
		result = another_dies(world, stroke);
	kill(pid, SIGCONT);
	TEST_CALL(victim_end(&stroke->scenario, pid));
	TEST_CALL(result);
	/* It has ended without leaving. */
	TEST_CALL(actor_recover(&world->main, world->board));
	TEST_CALL(world_look(world));
	return world_empty(world);
}

int
stop_run(struct world *world, const struct job *job, struct outcome *outcome)
{
	static const struct method method = {
		.command = "stop",
		.done = "stopped",
		.mode = POINT_STOP,
		.follow = stopped,
	};

	TEST_CALL(world_make(world, 2, job->volume_sz));
	TEST_CALL(method_run(&method, world, job, outcome));
	printf("while %" PRIu64 " were stopped in a recovery, what they had begun was left until they went on\n",
		world->left_cnt);
	return TEST_SUCCESS;
}
