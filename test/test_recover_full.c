/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The dead hold all that there is of something: join records, descriptors, heap. Recovery gets by without it, and
 * nothing is lost. And joins whose owner is unknown are left alone.
 */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_region.h>

#include "fixture.h"
#include "owner.h"
#include "shared.h"

#define OBJ_CNT	   100UL /* of each join */
#define OBJ_SZ	   200UL
#define TRIES	   16
#define MANY_JOINS 6UL
#define ROUNDS	   24UL /* of those that are killed at random */

struct scene {
	groove_region_t *region; /* of the process that recovers: it has not joined */
	uint64_t join_max;
	uint64_t *steps; /* of the child, in shared memory */
};

static int
scene_open(struct scene *scene, uint64_t join_max)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 2,
		.join_max = join_max,
		.page = GROOVE_PAGE_NORMAL,
	};
	groove_data_t join;

	scene->join_max = join_max;
	scene->steps = test_mem_map(4096);
	TEST_ASSERT_NOT_NULL(scene->steps, "memory");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &join, NULL), "grow");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &join), "leave");
	return TEST_SUCCESS;
}

static int
scene_close(struct scene *scene)
{
	groove_region_detach(scene->region);
	test_mem_unmap(scene->steps, 4096);
	return TEST_SUCCESS;
}

/* ---- those that die ---- */

/* Objects, and as many slots cached. */
static int
use(groove_data_t *join)
{
	void *obj[2 * OBJ_CNT];

	for (uint64_t i = 0; i < 2 * OBJ_CNT; i++) {
		obj[i] = groove_data_alloc(join, 0, OBJ_SZ, i, NULL);
		TEST_ASSERT_NOT_NULL(obj[i], "alloc");
	}
	for (uint64_t i = 0; i < OBJ_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(join, obj[2 * i]), "free");
	return TEST_SUCCESS;
}

static int
attach(const struct scene *scene, groove_region_t **region)
{
	TEST_ASSERT_SUCCESS(groove_region_attach_fd(groove_region_fd(scene->region), region), "attach");
	return TEST_SUCCESS;
}

static int
die(void)
{
	test_child_covered();
	return raise(SIGKILL);
}

/* Join so many times, use each, and die idle. */
static int
die_idle(const struct scene *scene, uint64_t joins)
{
	static groove_data_t join[MANY_JOINS];
	groove_region_t *region;

	TEST_CALL(attach(scene, &region));
	for (uint64_t i = 0; i < joins; i++) {
		TEST_ASSERT_NOT_NULL(groove_region_join(region, &join[i], i), "join");
		TEST_CALL(use(&join[i]));
	}
	return die();
}

/* Allocate and free by turns of all joins that are available, recovering too, until killed. */
static int
work_on(const struct scene *scene)
{
	static groove_data_t join[MANY_JOINS];
	groove_region_t *region;
	uint64_t joins = 0;
	void *obj[8] = {NULL};

	TEST_CALL(attach(scene, &region));
	test_log_begin();
	for (uint64_t turn = 0;; turn++) {
		__atomic_add_fetch(scene->steps, 1, __ATOMIC_RELAXED);
		if (joins < scene->join_max)
			joins += groove_region_join(region, &join[joins], joins) != NULL;
		if (joins == 0)
			continue;

		groove_data_t *each = &join[turn % joins];
		void **at = &obj[turn % 8];

		groove_region_grow(region, each, NULL);
		if (*at != NULL)
			groove_data_free(each, *at);
		*at = groove_data_alloc(each, 0, (turn * 7919) % 100000, turn, NULL);
		if (turn % 16 == 0)
			groove_data_flush(each);
		if (turn % 32 == 0)
			groove_region_recover(region, NULL);
	}
	return TEST_FAILED;
}

static int
child_killed(pid_t pid)
{
	int status;

	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %#x", status);
	return TEST_SUCCESS;
}

/* Fork one that dies by itself. */
static int
let_die_idle(const struct scene *scene, uint64_t joins)
{
	fflush(NULL);

	const pid_t pid = fork();

	if (pid == 0) {
		die_idle(scene, joins);
		test_child_end(EXIT_FAILURE);
	}
	return child_killed(pid);
}

/* Fork one that works, and kill it after so many steps of it. */
static int
let_die_working(const struct scene *scene, uint64_t steps)
{
	const uint64_t from = __atomic_load_n(scene->steps, __ATOMIC_RELAXED);

	fflush(NULL);

	const pid_t pid = fork();

	if (pid == 0) {
		work_on(scene);
		test_child_end(EXIT_FAILURE);
	}
	while (__atomic_load_n(scene->steps, __ATOMIC_RELAXED) < from + steps && kill(pid, 0) == 0)
		sched_yield();
	TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
	return child_killed(pid);
}

/* ---- what is there afterwards ---- */

static int
free_each(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

/* Nobody but this join is there, objects are as many as they should be (UINT64_MAX: any), and then nothing is lost. */
static int
check_recovered(struct scene *scene, groove_data_t *join, uint64_t objs)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(stats.total.cached_cnt, 0, "slots cached by the dead");
	TEST_ASSERT(
		objs == UINT64_MAX || stats.total.obj_cnt == objs, "%lu objects, not %lu", stats.total.obj_cnt, objs);
	TEST_ASSERT_SUCCESS(groove_data_walk(join, NULL, free_each, join), "free all");
	TEST_ASSERT_SUCCESS(groove_data_flush(join), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(join), "trim");
	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify when empty");
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "objects");
	TEST_ASSERT_EQUAL(stats.total.superblock_cnt, 0, "superblocks");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, stats.volume_cnt, "volumes that are empty");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, join), "leave");
	return TEST_SUCCESS;
}

static int
recover_without_join(const struct scene *scene)
{
	int err = GROOVE_ERR_AGAIN;

	for (int i = 0; i < TRIES && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_recover(scene->region, NULL);
	TEST_ASSERT_SUCCESS(err, "recover without a join");
	return TEST_SUCCESS;
}

/* ---- records ---- */

/* Each of as many processes as there are records dies; then one recovers that has none. */
static int
test_processes(uint64_t join_max)
{
	groove_data_t join;
	struct scene scene;

	TEST_CALL(scene_open(&scene, join_max));
	for (uint64_t i = 0; i < join_max; i++)
		TEST_CALL(let_die_idle(&scene, 1));
	TEST_CALL(recover_without_join(&scene));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	TEST_CALL(check_recovered(&scene, &join, join_max * OBJ_CNT));
	return scene_close(&scene);
}

/* One process with all records dies; then one just joins. */
static int
test_one_process(void)
{
	groove_data_t join;
	struct scene scene;

	TEST_CALL(scene_open(&scene, MANY_JOINS));
	TEST_CALL(let_die_idle(&scene, MANY_JOINS));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	TEST_CALL(check_recovered(&scene, &join, MANY_JOINS * OBJ_CNT));
	return scene_close(&scene);
}

/* One after the other takes all records, recovers what came before, and dies in the midst of anything. */
static int
test_again_and_again(uint64_t join_max)
{
	groove_data_t join;
	struct scene scene;

	TEST_CALL(scene_open(&scene, join_max));
	for (uint64_t round = 0; round < ROUNDS; round++)
		TEST_CALL(let_die_working(&scene, 1 + round * round % 97));
	TEST_CALL(recover_without_join(&scene));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	TEST_CALL(check_recovered(&scene, &join, UINT64_MAX));
	return scene_close(&scene);
}

/* All records are of the living: a clear error that sends nobody in a circle. */
static int
test_all_alive(void)
{
	groove_data_t join[2];
	struct scene scene;

	TEST_CALL(scene_open(&scene, 1));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join[0], 0), "join");
	test_log_begin();
	TEST_ASSERT_NULL(groove_region_join(scene.region, &join[1], 0), "a second join of one");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "1 joins", "none is known to be dead", "leave one"), "its line");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_recover(scene.region, NULL), GROOVE_ERR_FULL, "recover");
	test_log_end();
	TEST_CALL(check_recovered(&scene, &join[0], 0));
	return scene_close(&scene);
}

/* ---- descriptors and heap ---- */

static int
recover_starved(void *arg)
{
	const struct scene *scene = arg;
	struct rlimit none = {0, 0};
	groove_region_t *region;
	groove_data_t join;

	/* No descriptor can be opened, and no large piece of heap is available. */
	TEST_CALL(attach(scene, &region));
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(setrlimit(RLIMIT_NOFILE, &none), "setrlimit: %m");
#ifndef __SANITIZE_ADDRESS__
	TEST_ASSERT_SUCCESS(setrlimit(RLIMIT_AS, &none), "setrlimit: %m");
#endif
	TEST_ASSERT_SUCCESS(groove_region_recover(region, &join), "recover");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return TEST_SUCCESS;
}

static int
test_starved(void)
{
	groove_data_t join;
	struct scene scene;

	TEST_CALL(scene_open(&scene, GROOVE_DATA_JOIN_MAX));
	TEST_CALL(let_die_idle(&scene, MANY_JOINS));
	TEST_CALL(test_child_run(recover_starved, &scene));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	TEST_CALL(check_recovered(&scene, &join, MANY_JOINS * OBJ_CNT));
	return scene_close(&scene);
}

/* ---- unknown owners ---- */

/* Which process a word names is known by the state alone: what was left in it by one that has gone means nothing. */
static int
test_unknown_owner(void)
{
	groove_data_t join, other;
	groove_data_stats_t stats;
	groove_region_t *region;
	struct scene scene;
	uint64_t cached;

	TEST_CALL(scene_open(&scene, 2));
	/* Both records have had owners that are dead. */
	TEST_CALL(let_die_idle(&scene, 2));
	TEST_CALL(recover_without_join(&scene));
	TEST_CALL(attach(&scene, &region));
	TEST_ASSERT_NOT_NULL(
		groove_data_join(&other, groove_region_shdata(region), groove_region_volume0(region), 0, 0), "join");
	TEST_CALL(use(&other));
	TEST_ASSERT_EQUAL(groove_region_join_is_dead(scene.region, groove_data_join_idx(&other)), 0, "it lives");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_stats(&join, &stats), "stats");
	cached = stats.total.cached_cnt;
	TEST_ASSERT(cached > 0, "nothing is cached");
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_stats(&join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	TEST_ASSERT_EQUAL(stats.total.cached_cnt, cached, "slots of a join that lives");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&other), "leave");
	groove_region_detach(region);
	TEST_CALL(check_recovered(&scene, &join, 3 * OBJ_CNT));
	return scene_close(&scene);
}

/* A process that died after it had the owner word of a vacant record, and before that was live. */
static int
test_owner_of_vacant(void)
{
	groove_data_t join[2];
	struct groove_shdata *shdata;
	struct scene scene;
	uint64_t dead;

	TEST_CALL(scene_open(&scene, 2));
	shdata = groove_region_shdata(scene.region);
	TEST_CALL(let_die_idle(&scene, 1));
	dead = shdata->record[0].owner;
	TEST_ASSERT(dead != 0, "a join has no owner");
	TEST_CALL(recover_without_join(&scene));
	TEST_ASSERT_EQUAL(shdata->record[0].owner, 0, "owner of a vacant record");
	shdata->record[0].owner = dead;
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join[0], 0), "join");
	TEST_ASSERT_EQUAL(groove_data_join_idx(&join[0]), 0, "the record of one that died");
	/* And of one that lives, which is passed over. */
	shdata->record[1].owner = shdata->record[0].owner;
	test_log_begin();
	TEST_ASSERT_NULL(groove_region_join(scene.region, &join[1], 0), "the record that a living process takes");
	test_log_end();
	shdata->record[1].owner = 0;
	TEST_CALL(check_recovered(&scene, &join[0], OBJ_CNT));
	return scene_close(&scene);
}

/* One that lives was about to adopt the record of a dead join, and is stopped there: the dead join is dead. */
static int
test_owner_about_to_adopt(void)
{
	groove_data_t join;
	struct groove_record *record;
	struct scene scene;
	uint64_t own;

	TEST_CALL(scene_open(&scene, 2));
	TEST_CALL(let_die_idle(&scene, 1));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join, 0), "join");
	record = ((struct groove_shdata *)groove_region_shdata(scene.region))->record;
	own = record[1].owner;
	record[0].owner = owner_mark(own, record[0].state);
	TEST_ASSERT_EQUAL(groove_region_join_is_dead(scene.region, 0), 1, "by its mark");
	TEST_ASSERT_EQUAL(owner_plain(record[0].owner), own, "the word with a mark");
	for (uint64_t bit = 0; bit < 64; bit++) {
		record[1].owner = own ^ 1UL << bit;
		TEST_ASSERT_EQUAL(groove_region_join_is_dead(scene.region, 1), 0, "a join with the stray bit %lu", bit);
	}
	record[1].owner = own;
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &join), "recover");
	TEST_ASSERT(record_kind(record[0].state) == RECORD_VACANT, "state %#lx", record[0].state);
	TEST_ASSERT_EQUAL(owner_plain(record[0].owner), own, "the mark, which its owner takes back");
	record[0].owner = 0;
	TEST_CALL(check_recovered(&scene, &join, OBJ_CNT));
	return scene_close(&scene);
}

/* ---- a recoverer whose thread ends ---- */

/* The first is dead. When it is asked about the next the thread ends, which leaves its join. */
static int
first_is_dead_then_exit(void *arg, uint64_t join_idx)
{
	(void)arg;
	if (join_idx != 0)
		pthread_exit(NULL);
	return 1;
}

static void *
inherit_and_exit(void *arg)
{
	const struct scene *scene = arg;
	groove_data_t join;

	if (groove_region_join(scene->region, &join, 0) != NULL)
		groove_data_recover(&join, first_is_dead_then_exit, NULL);
	return NULL;
}

/* What it was recovering is any join's, also when another join has its record by then. */
static int
test_recoverer_exits(void)
{
	groove_data_t join[2];
	struct groove_record *record;
	struct scene scene;
	pthread_t thread;

	TEST_CALL(scene_open(&scene, 4));
	record = ((struct groove_shdata *)groove_region_shdata(scene.region))->record;
	TEST_CALL(let_die_idle(&scene, 1));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join[0], 0), "join");
	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, inherit_and_exit, &scene), "pthread_create");
	TEST_ASSERT_SUCCESS(pthread_join(thread, NULL), "pthread_join");
	TEST_ASSERT(record_kind(record[0].state) == RECORD_DEAD, "no join was its recoverer");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &join[1], 0), "join");
	TEST_ASSERT_EQUAL(groove_data_join_idx(&join[1]), 2, "the record of the thread");
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &join[0]), "recover");
	TEST_ASSERT(record_kind(record[0].state) == RECORD_VACANT, "state %#lx", record[0].state);
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &join[1]), "leave");
	TEST_CALL(check_recovered(&scene, &join[0], OBJ_CNT));
	return scene_close(&scene);
}

/* ---- without a region ---- */

static int
all_are_dead(void *arg, uint64_t join_idx)
{
	const struct groove_shdata *shdata = arg;

	/* Those of the first life of a record. */
	return record_life(shdata->record[join_idx].state) == 1;
}

static int
test_no_region(void)
{
	const groove_data_cfg_t cfg = {.volume_sz = VOLUME_SZ_MIN, .volume_max = 1, .join_max = 2};
	groove_data_t join[3];
	groove_data_stats_t stats;
	struct fixture fix = {.cfg = cfg};

	fix.shmem = test_mem_map(groove_data_footprint_cfg(&cfg));
	fix.volume0 = test_mem_map(VOLUME_SZ_MIN);
	TEST_ASSERT(fix.shmem != NULL && fix.volume0 != NULL, "memory");
	TEST_ASSERT_NOT_NULL(groove_data_new_cfg(fix.shmem, &cfg), "new");
	for (int i = 0; i < 2; i++)
		TEST_ASSERT_NOT_NULL(groove_data_join(&join[i], fix.shmem, fix.volume0, 0, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_volume_add(&join[0], fix.volume0, VOLUME_SZ_MIN, NULL, 0), "add");
	TEST_CALL(use(&join[0]));
	TEST_CALL(use(&join[1]));
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_join(&join[2], fix.shmem, fix.volume0, 0, 0), "a third join of two");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "2 joins", "groove_data_join_recover()"), "its line");
	test_log_begin();
	TEST_ASSERT_NULL(
		groove_data_join_recover(&join[2], fix.shmem, fix.volume0, 0, 0, NULL, NULL), "nobody is dead");
	test_log_end();
	TEST_ASSERT_NOT_NULL(
		groove_data_join_recover(&join[2], fix.shmem, fix.volume0, 0, 0, all_are_dead, fix.shmem), "all are");
	TEST_ASSERT_SUCCESS(groove_data_verify(&join[2]), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(&join[2], &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(stats.total.cached_cnt, 0, "cached");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 2 * OBJ_CNT, "objects");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&join[2]), "leave");
	test_mem_unmap(fix.shmem, groove_data_footprint_cfg(&cfg));
	test_mem_unmap(fix.volume0, VOLUME_SZ_MIN);
	return TEST_SUCCESS;
}

/* A groove is not deleted while a record is of a join, dead or half recovered as it may be. */
static int
test_delete(void)
{
	const groove_data_cfg_t cfg = {.volume_sz = VOLUME_SZ_MIN, .volume_max = 1, .join_max = 2};
	const uint64_t sz = groove_data_footprint_cfg(&cfg);
	struct groove_shdata *shdata = test_mem_map(sz);
	const uint64_t live = record_state_live(0, 1, false);

	TEST_ASSERT(shdata != NULL && groove_data_new_cfg(shdata, &cfg) != NULL, "new");
	test_log_begin();
	shdata->record[1].state = live;
	TEST_ASSERT_NULL(groove_data_delete(shdata), "delete with a live record");
	shdata->record[1].state = record_state_next(live, RECORD_DEAD, 0);
	TEST_ASSERT_NULL(groove_data_delete(shdata), "delete with a dead record");
	shdata->record[1].state = record_state_next(live, RECORD_SETTLED, 0);
	TEST_ASSERT_NULL(groove_data_delete(shdata), "delete with a settled record");
	test_log_end();
	shdata->record[1].state = record_state_vacant(live);
	TEST_ASSERT_NOT_NULL(groove_data_delete(shdata), "delete");
	test_mem_unmap(shdata, sz);
	return TEST_SUCCESS;
}

static int
test_recover_full(void)
{
	TEST_CALL(test_delete());
	TEST_CALL(test_no_region());
	TEST_CALL(test_processes(1));
	TEST_CALL(test_processes(2));
	TEST_CALL(test_processes(MANY_JOINS));
	TEST_CALL(test_one_process());
	TEST_CALL(test_all_alive());
	TEST_CALL(test_starved());
	TEST_CALL(test_unknown_owner());
	TEST_CALL(test_owner_of_vacant());
	TEST_CALL(test_owner_about_to_adopt());
	TEST_CALL(test_recoverer_exits());
	TEST_CALL(test_again_and_again(1));
	return test_again_and_again(3);
}

GROOVE_TEST(recover_full_autotest, driver, test_recover_full);
