/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process is killed at each point that it comes to, in each scenario. The others go on, before recovery, meanwhile
 * and after it; then nothing is lost.
 */

#include "victim.h"

#include "hdr.h"

#define TURNS_BEFORE 100UL /* of each other process, before recovery */
#define TURNS_AFTER  200UL

/* The next process rebuilds again, then all come back. */
static int
killed_rebuilding(struct world *world, const struct stroke *stroke)
{
	TEST_CALL(stroke->scenario.operate(&world->main));
	TEST_CALL(world_join(world));
	TEST_CALL(hands_tell(world, HAND_TURNS, TURNS_AFTER));
	TEST_CALL(world_look(world));
	return world_empty(world);
}

/* Objects that were freed before recovery. */
struct reaping {
	struct actor *actor;
	uint64_t freed_cnt;
};

/* Free an object of a slot that another works on: of the dead one, as all others are at rest. */
static int
reap_object(void *arg, void *obj)
{
	struct reaping *reaping = arg;
	const uint64_t slot = tag_slot(groove_data_alloc_tag(obj));
	const bool freeing = hdr_is_freeing(hdr_load(groove_data_object_hdr(obj)));

	if (slot >= SLOT_CNT || reaping->actor->slots[slot].lock == 0)
		return 0;

	const int err = groove_data_free(&reaping->actor->join, obj);

	/* What the dead one was freeing with others is recovery's. */
	TEST_ASSERT(err == (freeing ? GROOVE_ERR_INVAL : GROOVE_SUCCESS), "free of what the dead one made: %s",
		groove_strerror(err));
	reaping->freed_cnt += err == GROOVE_SUCCESS;
	return 0;
}

/* A survivor frees what the dead one was at, and gives all of it back. */
static int
reap(struct world *world)
{
	struct reaping reaping = {.actor = &world->main};

	TEST_ASSERT_SUCCESS(groove_data_walk(&world->main.join, NULL, reap_object, &reaping), "walk before recovery");
	TEST_ASSERT_SUCCESS(groove_data_flush(&world->main.join), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&world->main.join), "trim");
	world->reaped += reaping.freed_cnt;
	return TEST_SUCCESS;
}

static int
killed(struct world *world, const struct job *job, const struct stroke *stroke, pid_t pid)
{
	TEST_CALL(child_killed(pid));
	if (stroke->scenario.rebuilds)
		return killed_rebuilding(world, stroke);
	if (stroke->scenario.mend != NULL)
		TEST_CALL(stroke->scenario.mend(&world->main));
	/* No turns then: they would use again what was freed. */
	TEST_CALL(job->reap ? reap(world) : hands_tell(world, HAND_TURNS, TURNS_BEFORE));
	if (!job->reap)
		TEST_CALL(hands_work(world));
	TEST_CALL(actor_recover(&world->main, world->board));
	if (!job->reap)
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
	TEST_CALL(method_run(&method, world, job, outcome));
	TEST_ASSERT(!job->reap || job->scenario != NULL || world->reaped > 0, "nothing was there to be freed");
	return TEST_SUCCESS;
}
