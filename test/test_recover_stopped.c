/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process is stopped (SIGSTOP) in the midst of a recovery, when it has become the recoverer of a dead join, or has
 * adopted its record. What the dead one cached stays where it is until the stopped one goes on, or dies; all else goes
 * on: allocation in every class, frees, also of the dead one's objects, growth, joining, and the recovery of others
 * that die.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adopt.h"
#include "fixture.h"
#include "recover.h"

#define VOLUME_CNT    10UL
#define KEPT_CNT      100UL /* objects that each of the dead leaves */
#define CACHED_SZ_MAX 65000UL
#define CACHED_OBJS   70UL /* of a size: more than a join keeps cached */
#define ROUNDS	      3UL

/* In shared memory. */
struct diary {
	void *kept[KEPT_CNT]; /* objects of the last that died */
	uint64_t join_idx;    /* its join's */
	uint64_t slot_cnt;    /* slots that the recoverer returned */
};

struct scene {
	struct fixture fix;
	groove_data_t idle; /* asked about after the first dead one: the recoverer is stopped then */
	struct diary *diary;
	uint64_t dead_idx; /* the join that is dead */
	uint64_t first;	   /* the first of these, in whose recovery one is stopped */
	int beside;	   /* what a recovery returns meanwhile */
};

#define NONE UINT64_MAX /* as dead_idx */

static pid_t
child_start(struct scene *scene, int (*fn)(struct scene *scene))
{
	fflush(NULL);

	const pid_t pid = fork();

	if (pid == 0)
		test_child_end(fn(scene) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	return pid;
}

static int
child_wait(pid_t pid, int *status)
{
	TEST_ASSERT(pid > 0, "fork: %m");
	TEST_ASSERT_EQUAL(waitpid(pid, status, WUNTRACED), pid, "waitpid: %m");
	return TEST_SUCCESS;
}

/* ---- the process that dies ---- */

/* Have as much cached as a join may, of all classes that are cached. */
static int
fill_cache(groove_data_t *join)
{
	for (uint64_t sz = 1; sz < CACHED_SZ_MAX; sz += sz / 8 + 16) {
		void *objs[CACHED_OBJS];

		for (uint64_t i = 0; i < CACHED_OBJS; i++) {
			objs[i] = groove_data_alloc(join, 0, sz, 0, NULL);
			TEST_ASSERT_NOT_NULL(objs[i], "alloc of %lu bytes", sz);
		}
		for (uint64_t i = 0; i < CACHED_OBJS; i++)
			TEST_ASSERT_SUCCESS(groove_data_free(join, objs[i]), "free of %lu bytes", sz);
	}
	return TEST_SUCCESS;
}

static int
live_and_die(struct scene *scene)
{
	groove_data_t join;

	TEST_CALL(fixture_join(&scene->fix, &join, 1));
	scene->diary->join_idx = groove_data_join_idx(&join);
	for (uint64_t i = 0; i < KEPT_CNT; i++) {
		scene->diary->kept[i] = groove_data_alloc(&join, 0, i * i, i, NULL);
		TEST_ASSERT_NOT_NULL(scene->diary->kept[i], "alloc %lu", i);
		object_fill(scene->diary->kept[i], i);
	}
	TEST_CALL(fill_cache(&join));
	test_child_covered();
	raise(SIGKILL);
	return TEST_FAILED;
}

static int
let_die(struct scene *scene)
{
	int status;

	TEST_CALL(child_wait(child_start(scene, live_and_die), &status));
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it ended by itself, status %#x", status);
	scene->dead_idx = scene->diary->join_idx;
	return TEST_SUCCESS;
}

static int
is_dead(void *arg, uint64_t join_idx)
{
	const struct scene *scene = arg;

	return join_idx == scene->dead_idx;
}

/* Whoever lives may free what the dead one left. */
static int
free_kept(struct scene *scene)
{
	for (uint64_t i = 0; i < KEPT_CNT; i++) {
		TEST_ASSERT(object_intact(scene->diary->kept[i], i), "object %lu of the dead", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, scene->diary->kept[i]), "free %lu", i);
	}
	return TEST_SUCCESS;
}

/* ---- the process that is stopped in the recovery ---- */

static int
is_dead_then_stop(void *arg, uint64_t join_idx)
{
	static bool stopped;
	const struct scene *scene = arg;

	if (join_idx <= scene->dead_idx)
		return join_idx == scene->dead_idx;
	if (!stopped) {
		stopped = true;
		test_child_covered();
		raise(SIGSTOP);
	}
	return 0;
}

static int
inherit(struct scene *scene)
{
	struct recover_report report;
	groove_data_t join;

	TEST_CALL(fixture_join(&scene->fix, &join, 2));
	TEST_ASSERT_SUCCESS(recover(&join, is_dead_then_stop, scene, &report), "recover");
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins recovered by one that was stopped");
	scene->diary->slot_cnt = report.slot_cnt;
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	return TEST_SUCCESS;
}

static int
is_first(void *arg, uint64_t join_idx)
{
	const struct scene *scene = arg;

	return join_idx == scene->first;
}

/* Stopped when the record is its own, and nothing of what was in it is. It goes on by giving it back, and recovers. */
static int
adopt(struct scene *scene)
{
	const struct join_dead dead = {.fn = is_first, .arg = scene};
	struct recover_report report;
	struct groove_record *record;
	struct adopted was;
	groove_data_t join;

	record = record_adopt(scene->fix.shmem, VOLUME_CNT, NULL, &dead, &was);
	TEST_ASSERT_NOT_NULL(record, "no record adopted");
	test_child_covered();
	raise(SIGSTOP);
	record_unadopt(record, &was);
	TEST_CALL(fixture_join(&scene->fix, &join, 2));
	TEST_ASSERT_SUCCESS(recover(&join, is_first, scene, &report), "recover");
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins recovered by one that was stopped");
	scene->diary->slot_cnt = report.slot_cnt;
	TEST_ASSERT_EQUAL(groove_data_leave(&join), &join, "leave");
	return TEST_SUCCESS;
}

/* ---- the others meanwhile ---- */

/* Slots cached by all joins, and their bytes. */
static int
cached(const struct scene *scene, uint64_t *slot_cnt, uint64_t *bytes)
{
	static groove_data_stats_t stats; /* too large for the stack */

	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->fix.data, &stats), "stats");
	*slot_cnt = stats.total.cached_cnt;
	*bytes = 0;
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++)
		*bytes += stats.szc[szc].cached_cnt * groove_data_szc_cfg[szc].obj_footprint;
	return TEST_SUCCESS;
}

/* An object of the class, checked and freed by another join than its own. */
static int
turn(struct scene *scene, uint64_t szc)
{
	const uint64_t sz = expect_szc_room(szc);
	int err = GROOVE_SUCCESS;
	void *obj = groove_data_alloc(&scene->fix.data, 0, sz, szc, &err);

	TEST_ASSERT(obj != NULL, "class %lu: %s", szc, groove_strerror(err));
	TEST_CALL(object_check(obj, 0, sz, szc));
	object_fill(obj, szc);
	TEST_ASSERT(object_intact(obj, szc), "object of class %lu", szc);
	TEST_ASSERT_SUCCESS(groove_data_free(&scene->idle, obj), "free");
	return TEST_SUCCESS;
}

static int
all_go_on(struct scene *scene)
{
	groove_volume_t *volume;

	for (uint64_t i = 0; i < ROUNDS; i++)
		for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_SLICE; szc++)
			if (expect_szc(expect_szc_room(szc)) == szc)
				TEST_CALL(turn(scene, szc));
	TEST_ASSERT_SUCCESS(groove_data_trim(&scene->fix.data), "trim");
	volume = groove_data_volume_remove(&scene->fix.data);
	TEST_ASSERT_NOT_NULL(volume, "no volume out");
	TEST_ASSERT_SUCCESS(
		groove_data_volume_add(&scene->fix.data, volume, scene->fix.cfg.volume_sz, NULL, 0), "volume in");
	return TEST_SUCCESS;
}

/* Another dies and is recovered to the last slot, though the result says that another is not. */
static int
another_dies(struct scene *scene)
{
	struct recover_report report;
	groove_data_t next;
	uint64_t before, with, after, bytes;

	TEST_ASSERT_SUCCESS(groove_data_flush(&scene->fix.data), "flush");
	TEST_ASSERT_SUCCESS(groove_data_flush(&scene->idle), "flush");
	TEST_CALL(cached(scene, &before, &bytes));
	TEST_CALL(let_die(scene));
	TEST_CALL(cached(scene, &with, &bytes));
	TEST_ASSERT_EQUAL(
		recover(&scene->fix.data, is_dead, scene, &report), scene->beside, "recover while another is stopped");
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins recovered");
	TEST_ASSERT_EQUAL(report.slot_cnt, with - before, "slots returned");
	TEST_CALL(cached(scene, &after, &bytes));
	TEST_ASSERT_EQUAL(after, before, "slots cached");
	TEST_CALL(free_kept(scene));
	TEST_CALL(fixture_join(&scene->fix, &next, 3));
	TEST_ASSERT_EQUAL(groove_data_join_idx(&next), scene->dead_idx, "record of the dead");
	TEST_ASSERT_EQUAL(groove_data_leave(&next), &next, "leave");
	return TEST_SUCCESS;
}

/* What the stopped one keeps from the others is what the dead one cached, and no more. */
static int
beside_stopped(struct scene *scene, uint64_t *slot_cnt)
{
	struct recover_report report;
	uint64_t bytes;

	TEST_CALL(cached(scene, slot_cnt, &bytes));
	TEST_ASSERT(bytes > 0 && bytes <= GROOVE_DATA_CACHE_JOIN_BYTES, "%lu bytes in %lu slots", bytes, *slot_cnt);
	scene->dead_idx = NONE;
	TEST_ASSERT_EQUAL(
		recover(&scene->fix.data, is_dead, scene, &report), scene->beside, "recover while another is stopped");
	TEST_ASSERT(report.join_cnt == 0 && report.slot_cnt == 0, "%lu joins, %lu slots taken from it", report.join_cnt,
		report.slot_cnt);
	TEST_CALL(free_kept(scene));
	TEST_CALL(all_go_on(scene));
	TEST_CALL(another_dies(scene));
	TEST_CALL(another_dies(scene));
	return all_go_on(scene);
}

/* ---- how it ends ---- */

static int
goes_on(struct scene *scene, pid_t pid, uint64_t slot_cnt)
{
	int status;

	TEST_ASSERT_SUCCESS(kill(pid, SIGCONT), "kill: %m");
	TEST_CALL(child_wait(pid, &status));
	TEST_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "status %#x", status);
	TEST_ASSERT_EQUAL(scene->diary->slot_cnt, slot_cnt, "slots that it returned");
	return TEST_SUCCESS;
}

/* It is killed, and the next recovery returns what it had kept. */
static int
dies(struct scene *scene, pid_t pid, uint64_t join_cnt, uint64_t slot_cnt)
{
	struct recover_report report;
	int status;

	TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
	TEST_CALL(child_wait(pid, &status));
	TEST_ASSERT(WIFSIGNALED(status), "status %#x", status);
	TEST_ASSERT_SUCCESS(recover(&scene->fix.data, is_dead, scene, &report), "recover after its death");
	TEST_ASSERT_EQUAL(report.join_cnt, join_cnt, "joins recovered");
	TEST_ASSERT_EQUAL(report.slot_cnt, slot_cnt, "slots returned");
	return TEST_SUCCESS;
}

/* It is dead then, and no recoverer: what comes next takes over all it had inherited. */
static int
recoverer_dies(struct scene *scene, pid_t pid, uint64_t slot_cnt)
{
	scene->dead_idx = groove_data_join_idx(&scene->idle) + 1; /* as it joined next */
	return dies(scene, pid, 2, slot_cnt);
}

/* It is the dead join then, with what that had from the one before. */
static int
adopter_dies(struct scene *scene, pid_t pid, uint64_t slot_cnt)
{
	scene->dead_idx = scene->first;
	return dies(scene, pid, 1, slot_cnt);
}

static int
check_end(struct scene *scene)
{
	static groove_data_stats_t stats; /* too large for the stack */

	TEST_ASSERT_SUCCESS(groove_data_recover(&scene->fix.data, NULL, NULL), "recover");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->fix.data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "live objects");
	TEST_CALL(all_go_on(scene));
	TEST_ASSERT_EQUAL(groove_data_leave(&scene->idle), &scene->idle, "leave");
	test_mem_unmap(scene->diary, sizeof(*scene->diary));
	return fixture_end(&scene->fix);
}

static int
test_one(int (*fn)(struct scene *scene), int beside, int (*end)(struct scene *scene, pid_t pid, uint64_t slot_cnt))
{
	struct scene scene = {.beside = beside};
	uint64_t slot_cnt = 0;
	int result;
	int status;
	pid_t pid;

	TEST_CALL(fixture_make(&scene.fix, VOLUME_SZ_MIN, VOLUME_CNT));
	TEST_CALL(fixture_add(&scene.fix, 0, VOLUME_CNT));
	scene.diary = test_mem_map(sizeof(*scene.diary));
	TEST_ASSERT_NOT_NULL(scene.diary, "no memory");
	TEST_CALL(let_die(&scene));
	scene.first = scene.dead_idx;
	TEST_CALL(fixture_join(&scene.fix, &scene.idle, 1));
	pid = child_start(&scene, fn);
	TEST_CALL(child_wait(pid, &status));
	TEST_ASSERT(WIFSTOPPED(status), "it ended by itself, status %#x", status);
	result = beside_stopped(&scene, &slot_cnt);
	TEST_CALL(end(&scene, pid, slot_cnt));
	TEST_CALL(result);
	return check_end(&scene);
}

static int
test_recover_stopped(void)
{
	TEST_CALL(test_one(inherit, GROOVE_ERR_AGAIN, goes_on));
	TEST_CALL(test_one(inherit, GROOVE_ERR_AGAIN, recoverer_dies));
	/* A live join among others, to those that recover meanwhile. */
	TEST_CALL(test_one(adopt, GROOVE_SUCCESS, goes_on));
	return test_one(adopt, GROOVE_SUCCESS, adopter_dies);
}

GROOVE_TEST(recover_stopped_autotest, fast, test_recover_stopped);
