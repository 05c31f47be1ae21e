/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process is killed at each point that it comes to, in each scenario. The others go on, before recovery, meanwhile
 * and after it; then nothing is lost.
 */

#include "victim.h"

#define TURNS_BEFORE 100UL /* of each other process, before recovery */
#define TURNS_AFTER  200UL

/* Who comes next rebuilds again, then all come back. */
static int
killed_rebuilding(struct world *world, const struct stroke *stroke)
{
	TEST_CALL(stroke->scenario.operate(&world->main));
	TEST_CALL(world_join(world));
	TEST_CALL(hands_tell(world, HAND_TURNS, TURNS_AFTER));
	TEST_CALL(world_look(world));
	return world_empty(world);
}

static int
killed(struct world *world, const struct job *job, const struct stroke *stroke, pid_t pid)
{
	(void)job;
	TEST_CALL(child_killed(pid));
	if (stroke->scenario.rebuilds)
		return killed_rebuilding(world, stroke);
	if (stroke->scenario.mend != NULL)
		TEST_CALL(stroke->scenario.mend(&world->main));
	TEST_CALL(hands_tell(world, HAND_TURNS, TURNS_BEFORE));
	TEST_CALL(hands_work(world));
	TEST_CALL(actor_recover(&world->main, world->board));
	TEST_CALL(hands_rest(world));
	TEST_CALL(hands_tell(world, HAND_TURNS, TURNS_AFTER));
	TEST_CALL(world_look(world));
	return world_empty(world);
}

int
matrix_run(struct world *world, const struct job *job, struct outcome *outcome)
{
	static const struct method method = {
		.command = "matrix",
		.done = "killed",
		.mode = POINT_DIE,
		.follow = killed,
	};

	TEST_CALL(world_make(world, 1, job->volume_sz));
	return method_run(&method, world, job, outcome);
}
