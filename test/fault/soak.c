/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Three processes and that of the program work in one groove. One of the three after the other is killed at a random
 * moment, and replaced, while the others go on. All of them recover what they find dead; so they die in that, too. In
 * the end nothing is lost.
 */

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include <clock.h>

#include "victim.h"

#define TURNS_MAX	400UL /* that one has made, at most, before it is killed */
#define SPINS_MAX	2000UL
#define JOIN_DEATHS_ONE 8UL /* of so many that are started one is killed as it joins */
#define JOIN_SPINS_MAX	200000UL

static void
spin(uint64_t most, uint64_t *seed)
{
	volatile uint64_t spins = test_rand(seed) % most;

	while (spins-- > 0)
		;
}

/* Work until a hand has made some turns, or none, and is somewhere in the next. */
static int
watch(struct world *world, const struct hand *hand, uint64_t *seed)
{
	const uint64_t *turn_cnt = &world->board->turn_cnt[hand->idx];
	const uint64_t turns = test_rand(seed) % TURNS_MAX;

	while (__atomic_load_n(turn_cnt, __ATOMIC_ACQUIRE) < turns) { /* pairs with work() */
		TEST_ASSERT_EQUAL(waitpid(hand->pid, NULL, WNOHANG), 0, "hand %u ended by itself", hand->idx);
		TEST_CALL(actor_turns(&world->main, 1));
	}
	spin(SPINS_MAX, seed);
	return TEST_SUCCESS;
}

/* Kill a hand, and recover it. Others may have done so already, or be about to. */
static int
end_hand(struct world *world, const struct hand *hand)
{
	TEST_ASSERT_SUCCESS(kill(hand->pid, SIGKILL), "kill: %m");
	TEST_CALL(child_killed(hand->pid));
	__atomic_store_n(&world->board->turn_cnt[hand->idx], 0, __ATOMIC_RELEASE);
	return actor_recover(&world->main, world->board);
}

/* Start a hand anew. Now and then it is killed as it joins, and another is started. Returns how many were killed. */
static int
begin_hand(struct world *world, struct hand *hand, uint64_t *seed, uint64_t *kills)
{
	TEST_CALL(hand_start(world, hand->idx));
	while (test_rand(seed) % JOIN_DEATHS_ONE == 0) {
		TEST_CALL(hand_order(hand, HAND_JOIN, 0));
		spin(JOIN_SPINS_MAX, seed);
		TEST_CALL(end_hand(world, hand));
		TEST_CALL(hand_start(world, hand->idx));
		(*kills)++;
	}
	TEST_CALL(hand_tell(hand, HAND_JOIN, 0));
	return hand_tell(hand, HAND_WORK, true);
}

static int
strike(struct world *world, uint64_t *seed, uint64_t *kills)
{
	struct hand *hand = &world->hands[test_rand(seed) % world->hand_cnt];

	TEST_CALL(watch(world, hand, seed));
	TEST_CALL(end_hand(world, hand));
	(*kills)++;
	return begin_hand(world, hand, seed, kills);
}

int
soak_run(struct world *world, const struct job *job, struct outcome *outcome)
{
	uint64_t seed = job->seed;
	uint64_t end;

	TEST_CALL(world_make(world, HAND_MAX, job->volume_sz));
	TEST_CALL(world_reset(world, WORLD_VOLUMES_MAX));
	TEST_CALL(hands_tell(world, HAND_WORK, true));
	world->main.keeps = true;
	end = app_clock_ns() + job->seconds * APP_NS_PER_S;
	while (outcome->kills < job->kills || app_clock_ns() < end)
		TEST_CALL(strike(world, &seed, &outcome->kills));
	TEST_CALL(hands_rest(world));
	TEST_CALL(actor_recover(&world->main, world->board));
	TEST_CALL(world_look(world));
	account_print(stdout, &world->account);
	TEST_CALL(world_empty(world));
	account_print(stdout, &world->account);
	printf("%" PRIu64 " slots were settled\n", world->settled);
	return TEST_SUCCESS;
}
