/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Whose a record is: processes with owner words take, adopt, recover and give back one record, the only one that is
 * left. Each thread is a process with a word of its own, unless a scenario says otherwise; another has died before.
 * Only the state and the owner of that record are watched.
 */

#include <adopt.h>
#include <join_recover.h>
#include <joins.h>
#include <owner.h>
#include <record.h>

#include "scenarios.h"
#include "world.h"

#define SPARE	   JOINS /* the record */
#define OWNER_DEAD 7U	 /* number of the process that has died before */
#define OWNER_ONE  8U	 /* of one process with several threads */

/* The join of each thread that stays; record NULL: none. Of another record when a recovery has made that vacant. */
static groove_data_t mine[SCHEDULE_THREAD_MAX];
static bool only_stopped;   /* the thread that died, as the check is to see it first */
static uint64_t dead_state; /* of the join that was dead before; 0: there was none */

static struct groove_record *
spare(void)
{
	return &((struct groove_shdata *)world.shmem)->record[SPARE];
}

static uint64_t
word_of(uint32_t number)
{
	return (uint64_t)~number << 32 | number;
}

static bool
word_is_dead(void *arg, uint64_t word)
{
	(void)arg;
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		if (word == word_of(t + 1))
			return schedule_is_dead(t) && !only_stopped;
	return word == word_of(OWNER_DEAD);
}

static int
join_is_dead(void *arg, uint64_t join_idx)
{
	const struct join_owner owner = {.is_dead = word_is_dead};

	(void)arg;
	if (join_idx < SCHEDULE_THREAD_MAX) /* without an owner: of a thread that recovers */
		return schedule_is_dead((unsigned int)join_idx) && !only_stopped;
	return owner_join_is_dead(&owner, &((struct groove_shdata *)world.shmem)->record[join_idx]);
}

/* ---- what threads do ---- */

static void
join_as(unsigned int thread, uint32_t number, bool adopt)
{
	const struct join_owner owner = {.word = word_of(number), .is_dead = word_is_dead};
	const struct join_dead dead = {.fn = join_is_dead};

	join_owned(&mine[thread], world.shmem, world.volume0, 0, thread, &owner, adopt ? &dead : NULL);
}

static void
leave(unsigned int thread)
{
	if (mine[thread].record != NULL)
		groove_data_leave(&mine[thread]);
}

static void
recover_by(unsigned int thread)
{
	const int err = groove_data_recover(&world.join[thread], join_is_dead, NULL);

	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_AGAIN;
}

static void
stay_0(void)
{
	join_as(0, 1, false);
}

static void
stay_1(void)
{
	join_as(1, 2, false);
}

static void
stay_2(void)
{
	join_as(2, 3, false);
}

static void
pass_1(void)
{
	join_as(1, 2, false);
	leave(1);
}

/* The join that setup made. */
static void
give_1(void)
{
	record_give(spare());
}

static void
adopt_0(void)
{
	join_as(0, 1, true);
}

static void
adopt_1(void)
{
	join_as(1, 2, true);
}

static void
adopt_pass_1(void)
{
	join_as(1, 2, true);
	leave(1);
}

static void
recover_1(void)
{
	recover_by(1);
}

static void
recover_2(void)
{
	recover_by(2);
}

static void
adopt_one_0(void)
{
	join_as(0, OWNER_ONE, true);
}

static void
stay_one_2(void)
{
	join_as(2, OWNER_ONE, false);
}

/* As a join that finds, when the record is its own, that it does not reach all volumes. */
static void
unadopt_0(void)
{
	const struct join_owner owner = {.word = word_of(1), .is_dead = word_is_dead};
	const struct join_dead dead = {.fn = join_is_dead};
	struct adopted was;
	struct groove_record *record = record_adopt(world.shmem, VOLUMES, &owner, &dead, &was);

	if (record != NULL)
		record_unadopt(record, &was);
}

/* ---- setup ---- */

static int
setup_vacant(void)
{
	if (world_make_joins(1, JOINS_MAX) != 0)
		return -1;
	dead_state = 0;
	schedule_watch_nothing();
	schedule_watch(&spare()->state, 8);
	schedule_watch(&spare()->owner, 8);
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		mine[t] = (groove_data_t){0};
		schedule_undo(&mine[t], sizeof(mine[t]));
	}
	return 0;
}

/* The record is that of a process that died idle. */
static int
setup_dead(void)
{
	if (setup_vacant() != 0)
		return -1;
	spare()->owner = word_of(OWNER_DEAD);
	spare()->state = dead_state = record_state_live(0, VOLUMES, true);
	return 0;
}

/* The same, and it is in its second life. */
static int
setup_dead_even(void)
{
	if (setup_dead() != 0)
		return -1;
	spare()->state = dead_state = record_state_live(dead_state, VOLUMES, true);
	return 0;
}

/* It is that of the second thread. */
static int
setup_one_joined(void)
{
	if (setup_vacant() != 0)
		return -1;
	spare()->owner = word_of(2);
	spare()->state = record_state_live(0, VOLUMES, true);
	return 0;
}

/* ---- check ---- */

/* Whether a join that stayed has the record, of which nobody may say that it is dead. */
static int
check_living(void)
{
	unsigned int cnt = 0;

	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		if (mine[t].record != spare() || schedule_is_dead(t))
			continue;
		EXPECT(record_kind(spare()->state) == RECORD_LIVE && record_is_owned(spare()->state),
			"thread %u has joined, and the state is %#lx", t, spare()->state);
		EXPECT(spare()->owner == word_of(t + 1) || spare()->owner == word_of(OWNER_ONE),
			"thread %u has joined, and the owner is %#lx", t, spare()->owner);
		cnt++;
	}
	EXPECT(cnt <= 1, "%u joins have one record", cnt);
	return 0;
}

/* What was dead before is not hidden by a thread that is only stopped, unless that thread has joined. */
static int
check_hidden(void)
{
	only_stopped = true;
	groove_data_recover(&world.join[CHECKER], join_is_dead, NULL);
	only_stopped = false;
	EXPECT(dead_state == 0 || spare()->state != dead_state,
		"a stopped thread hides the dead join by the owner %#lx", spare()->owner);
	return 0;
}

int
check_owner(unsigned int dead)
{
	(void)dead;
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		EXPECT(outcomes[t].wrong_cnt == 0, "a call of thread %u reported damage", t);
	if (check_living() != 0 || check_hidden() != 0)
		return -1;
	EXPECT(groove_data_recover(&world.join[CHECKER], join_is_dead, NULL) == GROOVE_SUCCESS, "recover");
	if (check_living() != 0)
		return -1;
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		if (!schedule_is_dead(t))
			leave(t);
	EXPECT(record_kind(spare()->state) == RECORD_VACANT, "nobody has the record, and its state is %#lx",
		spare()->state);
	EXPECT(spare()->owner == 0 || word_is_dead(NULL, owner_plain(spare()->owner)),
		"the record is lost to all, with the owner %#lx", spare()->owner);
	return 0;
}

static int
check_owner_undead(void)
{
	return check_owner(SCHEDULE_THREAD_MAX);
}

const struct scenario owner_scenarios[] = {
	{"join-join", 2, setup_vacant, {stay_0, stay_1}, check_owner_undead},
	{"join-pass-join", 3, setup_vacant, {stay_0, pass_1, stay_2}, check_owner_undead},
	{"adopt-join-recover", 3, setup_dead, {adopt_0, stay_1, recover_2}, check_owner_undead},
	{"adopt-adopt", 2, setup_dead, {adopt_0, adopt_1}, check_owner_undead},
	{"adopt-adopt-even", 2, setup_dead_even, {adopt_0, adopt_1}, check_owner_undead},
	{"adopt-pass-recover", 3, setup_dead_even, {adopt_0, adopt_pass_1, recover_2}, check_owner_undead},
	{"adopt-leave-join", 3, setup_one_joined, {adopt_0, give_1, stay_2}, check_owner_undead},
	{"unadopt-adopt", 2, setup_dead, {unadopt_0, adopt_1}, check_owner_undead},
	{"unadopt-adopt-even", 2, setup_dead_even, {unadopt_0, adopt_1}, check_owner_undead},
	{"unadopt-recover-join", 3, setup_dead, {unadopt_0, recover_1, stay_2}, check_owner_undead},
	{"unadopt-adopt-recover", 3, setup_dead, {unadopt_0, adopt_1, recover_2}, check_owner_undead},
	{0},
};

/* A process does not die by halves. */
const struct scenario owner_one_scenarios[] = {
	{"adopt-recover-join-one", 3, setup_dead, {adopt_one_0, recover_1, stay_one_2}, check_owner_undead},
	{0},
};
