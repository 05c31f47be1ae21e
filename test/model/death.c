/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "death.h"

#include <geometry.h>
#include <recover.h>

#include "world.h"

static unsigned int dead_cnt(void);

/* Lives of a record since setup: each adoption is one. */
static uint64_t
lives(uint64_t join_idx)
{
	return record_life(world.join[CHECKER].shdata->record[join_idx].state) - 1;
}

/* Threads die one after the other, and adopt each what the one before had: with each death one life more is over. */
static int
is_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		if (schedule_is_dead(t) && join_idx == groove_data_join_idx(&world.join[t]))
			return lives(join_idx) < dead_cnt();
	return 0;
}

static unsigned int
dead_cnt(void)
{
	unsigned int cnt = 0;

	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++)
		cnt += schedule_is_dead(t);
	return cnt;
}

void
do_recover(unsigned int thread)
{
	const int err = groove_data_recover(&world.join[thread], is_dead, NULL);

	outcomes[thread].wrong_cnt += err != GROOVE_SUCCESS && err != GROOVE_ERR_AGAIN;
}

void
do_adopt(unsigned int thread)
{
	static groove_data_t adopted[SCHEDULE_THREAD_MAX];
	groove_data_t *join =
		groove_data_join_recover(&adopted[thread], world.shmem, world.volume0, 0, thread, is_dead, NULL);

	/* NULL: another was faster, or nobody has died. */
	if (join == NULL)
		return;
	/* One that was vacant from the start: nothing would be adopted here. */
	outcomes[thread].wrong_cnt += groove_data_join_idx(join) >= JOINS;
	groove_data_leave(join);
}

/* Objects by whose they are: tags tell. */
struct census {
	unsigned int of[SCHEDULE_THREAD_MAX];
	unsigned int kept;
	unsigned int unknown;
};

static int
census_count(void *arg, void *obj)
{
	struct census *census = arg;
	const uint64_t tag = groove_data_alloc_tag(obj);

	if (tag < SCHEDULE_THREAD_MAX)
		census->of[tag]++;
	else if (tag == KEPT_TAG)
		census->kept++;
	else
		census->unknown++;
	return 0;
}

static int
free_each(void *arg, void *obj)
{
	(void)arg;
	return groove_data_free(&world.join[CHECKER], obj);
}

/* Kept objects that setup did not drop. */
static unsigned int
kept_left(void)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < world.kept_cnt; i++)
		left += world.kept[i] != NULL;
	return left;
}

/* A thread is stopped, not dead: recovery leaves what it holds alone. What it took would be there twice below. */
static int
check_stopped(void)
{
	/* A recovery that has died as well has begun to take from it. */
	for (unsigned int i = 0; i < JOINS; i++)
		if (record_is_dead(world.join[i].record->state))
			return 0;
	/* One that took a record over may hold something that the search is for: AGAIN is right, then. */
	if ((world.join[CHECKER].shdata->search & SEARCH_DUE) != 0)
		return 0;
	EXPECT(groove_data_recover(&world.join[CHECKER], NULL, NULL) == GROOVE_SUCCESS,
		"recover while a join is stopped");
	return 0;
}

int
check_recovered(unsigned int dead)
{
	groove_data_t *join = &world.join[CHECKER];
	struct census census = {.kept = 0};
	unsigned int freed = 0;
	groove_data_stats_t stats;

	EXPECT(check_stopped() == 0, "were %u only stopped", dead);
	EXPECT(groove_data_recover(join, is_dead, NULL) == GROOVE_SUCCESS, "recover from the death of %u", dead);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after recovery");
	EXPECT(groove_data_walk(join, NULL, census_count, &census) == GROOVE_SUCCESS, "walk");
	EXPECT(census.unknown == 0, "%u unknown objects", census.unknown);
	for (unsigned int t = 0; t < SCHEDULE_THREAD_MAX; t++) {
		EXPECT(outcomes[t].wrong_cnt == 0, "a call of thread %u reported damage", t);
		EXPECT(schedule_is_dead(t) ? census.of[t] >= outcomes[t].obj_cnt : census.of[t] == outcomes[t].obj_cnt,
			"%u objects of thread %u, which has %u", census.of[t], t, outcomes[t].obj_cnt);
		freed += outcomes[t].freed_cnt;
	}
	/* The dead one may have freed up to a bulk of three more than it was returned. */
	EXPECT(census.kept + freed <= kept_left() && census.kept + freed + 3 >= kept_left(),
		"%u of %u kept objects are there, %u were freed", census.kept, kept_left(), freed);
	EXPECT(groove_data_walk(join, NULL, free_each, NULL) == GROOVE_SUCCESS, "free all");
	for (unsigned int i = 0; i < JOINS; i++)
		EXPECT((i < CHECKER && schedule_is_dead(i)) || groove_data_flush(&world.join[i]) == GROOVE_SUCCESS,
			"flush of %u", i);
	groove_data_trim(join);
	EXPECT(groove_data_verify(join) == GROOVE_SUCCESS, "verify after all was freed");
	EXPECT(groove_data_stats(join, &stats) == GROOVE_SUCCESS, "stats");
	EXPECT(stats.total.obj_cnt == 0 && stats.total.superblock_cnt == 0 &&
			stats.volume_empty_cnt == stats.volume_cnt && stats.join_cnt == JOINS - dead_cnt(),
		"left: %lu objects, %lu superblocks, %lu of %lu volumes, %lu joins", stats.total.obj_cnt,
		stats.total.superblock_cnt, stats.volume_cnt - stats.volume_empty_cnt, stats.volume_cnt,
		stats.join_cnt);
	return 0;
}

int
check_undead(void)
{
	return check_recovered(SCHEDULE_THREAD_MAX);
}
