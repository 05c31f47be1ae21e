/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process dies at any instruction: it is killed in the middle of its work, wherever it happens to be. Then what it
 * held and never handed out is returned, its live objects stay as they are, and the groove is as good as new.
 */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "recover.h"

#define ROUNDS	   300UL
#define VOLUME_CNT 24UL
#define SLOT_CNT   64
#define BULK_CNT   8
#define KEPT_CNT   40
#define OBJ_MAX	   (SLOT_CNT + BULK_CNT + KEPT_CNT)

/* What a victim does until it is killed. */
enum work {
	WORK_SINGLE,  /* alloc and free */
	WORK_BULK,    /* the same with several at once */
	WORK_VOLUMES, /* volumes out and in, during alloc and free */
	WORK_JOINS,   /* leave and join */
	WORK_CNT,
};

/* In shared memory: what the victim says about itself. */
struct diary {
	uint64_t turns;
	uint64_t stop;	       /* asked to leave */
	uint64_t join_idx;     /* its join's, once turns is not 0 */
	void *slots[SLOT_CNT]; /* its objects; written after alloc, cleared before free */
};

struct scene {
	struct fixture fix;
	groove_data_t idle; /* a second live join, with objects in its hands but in no call */
	struct diary *diary;
	void *kept[KEPT_CNT]; /* objects of the parent */
	enum work work;
	uint64_t seed;
	uint64_t worker_idx; /* join of one that goes on while victims die */
};

#define BESIDE_ROUNDS 60UL
#define BESIDE_MAX    (KEPT_CNT + 2 * SLOT_CNT + BESIDE_ROUNDS)
#define MANY_OBJS     1000000UL
#define MANY_SZ	      40UL
#define HDRS_PER_OBJ  50UL
#define AGAIN_MAX     1000000UL

/* ---- the victim: runs in a child, never returns unless something is wrong ---- */

struct victim {
	struct scene *scene;
	groove_data_t data;
	uint64_t seed;
	uint64_t tag;
};

static uint64_t
victim_size(struct victim *victim)
{
	return test_rand(&victim->seed) % (1UL << 20) >> test_rand(&victim->seed) % 21;
}

static int
victim_free(struct victim *victim, void **slot)
{
	void *obj = *slot;

	TEST_ASSERT(object_intact(obj, groove_data_alloc_tag(obj)), "object %lu changed", groove_data_alloc_tag(obj));
	__atomic_store_n(slot, NULL, __ATOMIC_RELEASE);
	TEST_ASSERT_SUCCESS(groove_data_free(&victim->data, obj), "free");
	return TEST_SUCCESS;
}

static int
victim_single(struct victim *victim)
{
	void **slot = &victim->scene->diary->slots[test_rand(&victim->seed) % SLOT_CNT];

	if (*slot != NULL)
		return victim_free(victim, slot);

	const uint64_t align = 1UL << test_rand(&victim->seed) % 10;
	int err;
	void *obj = groove_data_alloc(&victim->data, align, victim_size(victim), ++victim->tag, &err);

	TEST_ASSERT(obj != NULL || err == GROOVE_ERR_FULL, "alloc: %d", err);
	if (obj != NULL) {
		object_fill(obj, victim->tag);
		__atomic_store_n(slot, obj, __ATOMIC_RELEASE);
	}
	return TEST_SUCCESS;
}

/* Eight slots together: all are empty, or all are full. */
static int
victim_bulk(struct victim *victim)
{
	void **slots = &victim->scene->diary->slots[test_rand(&victim->seed) % (SLOT_CNT / BULK_CNT) * BULK_CNT];
	uint64_t tags[BULK_CNT];
	void *objs[BULK_CNT];

	if (slots[0] != NULL) {
		memcpy(objs, slots, sizeof(objs));
		for (unsigned int i = BULK_CNT; i-- > 0;)
			__atomic_store_n(&slots[i], NULL, __ATOMIC_RELEASE);
		TEST_ASSERT_SUCCESS(groove_data_free_bulk(&victim->data, objs, BULK_CNT), "free_bulk");
		return TEST_SUCCESS;
	}
	for (unsigned int i = 0; i < BULK_CNT; i++)
		tags[i] = ++victim->tag;

	const int err = groove_data_alloc_bulk(&victim->data, 0, victim_size(victim), tags, objs, BULK_CNT);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_FULL, "alloc_bulk: %d", err);
	for (unsigned int i = 0; err == GROOVE_SUCCESS && i < BULK_CNT; i++) {
		object_fill(objs[i], tags[i]);
		__atomic_store_n(&slots[i], objs[i], __ATOMIC_RELEASE);
	}
	return TEST_SUCCESS;
}

static int
victim_volumes(struct victim *victim)
{
	if (test_rand(&victim->seed) % 4 != 0)
		return victim_single(victim);

	groove_volume_t *volume = groove_data_volume_remove(&victim->data);

	if (volume != NULL)
		TEST_ASSERT_SUCCESS(
			groove_data_volume_add(&victim->data, volume, VOLUME_SZ_MIN, NULL, 0), "volume_add");
	return TEST_SUCCESS;
}

static int
victim_joins(struct victim *victim)
{
	const uint64_t hint = test_rand(&victim->seed);

	TEST_ASSERT_EQUAL(groove_data_leave(&victim->data), &victim->data, "leave");
	TEST_CALL(fixture_join(&victim->scene->fix, &victim->data, hint));
	for (unsigned int i = 0; i < 4; i++)
		TEST_CALL(victim_single(victim));
	return hint % 4 == 0 && groove_data_trim(&victim->data) != GROOVE_SUCCESS ? TEST_FAILED : TEST_SUCCESS;
}

static int
victim_live(struct scene *scene)
{
	static int (*const works[])(struct victim *) = {victim_single, victim_bulk, victim_volumes, victim_joins};
	struct victim victim = {.scene = scene, .seed = scene->seed};

	TEST_CALL(fixture_join(&scene->fix, &victim.data, test_rand(&victim.seed)));
	scene->diary->join_idx = groove_data_join_idx(&victim.data);
	while (__atomic_load_n(&scene->diary->stop, __ATOMIC_ACQUIRE) == 0) {
		TEST_CALL(works[scene->work](&victim));
		__atomic_fetch_add(&scene->diary->turns, 1, __ATOMIC_RELEASE);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&victim.data), &victim.data, "leave");
	return TEST_SUCCESS;
}

static pid_t
victim_start(struct scene *scene)
{
	memset(scene->diary, 0, sizeof(*scene->diary));
	fflush(NULL);

	const pid_t pid = fork();

	if (pid == 0) {
		const int err = victim_live(scene);

		test_child_end(err == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	return pid;
}

/* Wait until the victim has taken some turns and is somewhere in the next; it must still be alive. */
static int
victim_watch(struct scene *scene, pid_t pid)
{
	const uint64_t turns = 1 + test_rand(&scene->seed) % 500;
	volatile uint64_t spins = test_rand(&scene->seed) % 2000;
	int status;

	while (__atomic_load_n(&scene->diary->turns, __ATOMIC_ACQUIRE) < turns) {
		TEST_ASSERT_EQUAL(waitpid(pid, &status, WNOHANG), 0, "victim ended by itself in work %d", scene->work);
		sched_yield();
	}
	while (spins-- > 0)
		;
	return TEST_SUCCESS;
}

static int
victim_kill(pid_t pid)
{
	int status;

	TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "victim ended by itself, status %#x", status);
	return TEST_SUCCESS;
}

/* ---- after death ---- */

/* Everybody but the two joins of this process is dead. Never asked about the caller's. */
static int
is_dead(void *arg, uint64_t join_idx)
{
	const struct scene *scene = arg;

	if (join_idx == groove_data_join_idx(&scene->fix.data)) {
		fprintf(stderr, "asked about the caller's own join %lu\n", join_idx);
		abort();
	}
	return join_idx != groove_data_join_idx(&scene->idle);
}

/* Everybody but the joins of this process and the worker's: that is the other one, as there is but one victim. */
static int
has_ended(void *arg, uint64_t join_idx)
{
	const struct scene *scene = arg;

	return is_dead(arg, join_idx) && join_idx != scene->worker_idx;
}

struct found {
	void *objs[OBJ_MAX > BESIDE_MAX ? OBJ_MAX : BESIDE_MAX];
	uint64_t cnt;
	uint64_t req_bytes;
};

static int
find_object(void *arg, void *obj)
{
	struct found *found = arg;

	TEST_ASSERT(found->cnt < sizeof(found->objs) / sizeof(found->objs[0]), "more objects than were ever recorded");
	TEST_CALL(
		object_check(obj, groove_data_alloc_align(obj), groove_data_alloc_sz(obj), groove_data_alloc_tag(obj)));
	found->objs[found->cnt++] = obj;
	found->req_bytes += groove_data_alloc_sz(obj);
	return 0;
}

/* Strike an object out of what was found. */
static bool
take_found(struct found *found, const void *obj)
{
	for (uint64_t i = 0; i < found->cnt; i++) {
		if (found->objs[i] == obj) {
			found->objs[i] = found->objs[--found->cnt];
			return true;
		}
	}
	return false;
}

/* Free what the victim had recorded, then the few that were on their way into or out of its hands. */
static int
free_left(struct scene *scene, struct found *found)
{
	const uint64_t under_way_max = scene->work == WORK_BULK ? BULK_CNT : 1;

	for (unsigned int i = 0; i < KEPT_CNT; i++) {
		TEST_ASSERT(take_found(found, scene->kept[i]), "object %u of the parent is lost", i);
		TEST_ASSERT(object_intact(scene->kept[i], i), "object %u of the parent changed", i);
	}
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		void *obj = scene->diary->slots[i];

		if (obj == NULL)
			continue;
		TEST_ASSERT(take_found(found, obj), "object in slot %u of the dead is lost", i);
		TEST_ASSERT(object_intact(obj, groove_data_alloc_tag(obj)), "object in slot %u of the dead changed", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, obj), "free slot %u of the dead", i);
	}
	TEST_ASSERT(
		found->cnt <= under_way_max, "%lu objects are live that nobody has, work %d", found->cnt, scene->work);
	for (uint64_t i = 0; i < found->cnt; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->idle, found->objs[i]), "free of an object under way");
	return TEST_SUCCESS;
}

/* Each volume is in the groove, or can be added: none got stuck in between. */
static int
restore_volumes(struct scene *scene)
{
	groove_data_stats_t stats;

	if (scene->work != WORK_VOLUMES)
		return TEST_SUCCESS;
	test_log_begin(); /* those that are in the groove are refused with a log line */
	for (uint64_t i = 0; i < VOLUME_CNT; i++)
		groove_data_volume_add(&scene->fix.data, fixture_volume(&scene->fix, i), VOLUME_SZ_MIN, NULL, 0);
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_cnt, VOLUME_CNT, "volumes");
	return TEST_SUCCESS;
}

static int
recover_and_check(struct scene *scene)
{
	groove_data_t *data = &scene->fix.data;
	groove_data_stats_t stats;
	struct found found = {0};

	TEST_ASSERT_SUCCESS(groove_data_recover(data, is_dead, scene), "recover from work %d", scene->work);
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify after work %d", scene->work);
	TEST_ASSERT_SUCCESS(groove_data_walk(data, NULL, find_object, &found), "walk");
	TEST_ASSERT_SUCCESS(groove_data_stats(data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, found.cnt, "live objects");
	TEST_ASSERT_EQUAL(stats.total.req_bytes, found.req_bytes, "live bytes");
	TEST_CALL(free_left(scene, &found));
	return restore_volumes(scene);
}

/* ---- rounds ---- */

/* The other join works between two deaths, so that it has something in its hands each time. */
static int
work_a_little(struct scene *scene)
{
	void *objs[20];

	for (unsigned int i = 0; i < 20; i++) {
		objs[i] = groove_data_alloc(&scene->idle, 0, test_rand(&scene->seed) % 5000, 0, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "alloc %u", i);
	}
	for (unsigned int i = 0; i < 20; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->idle, objs[i]), "free %u", i);
	return TEST_SUCCESS;
}

static int
scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	TEST_CALL(fixture_make(&scene->fix, VOLUME_SZ_MIN, VOLUME_CNT));
	TEST_CALL(fixture_add(&scene->fix, 0, VOLUME_CNT));
	TEST_CALL(fixture_join(&scene->fix, &scene->idle, 1));
	scene->diary = test_mem_map(sizeof(*scene->diary));
	TEST_ASSERT_NOT_NULL(scene->diary, "no memory");
	for (unsigned int i = 0; i < KEPT_CNT; i++) {
		scene->kept[i] = groove_data_alloc(&scene->fix.data, 0, 10 + i * i * 40, i, NULL);
		TEST_ASSERT_NOT_NULL(scene->kept[i], "alloc %u", i);
		object_fill(scene->kept[i], i);
	}
	return TEST_SUCCESS;
}

static int
scene_end(struct scene *scene)
{
	for (unsigned int i = 0; i < KEPT_CNT; i++) {
		TEST_ASSERT(object_intact(scene->kept[i], i), "object %u of the parent", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, scene->kept[i]), "free %u", i);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&scene->idle), &scene->idle, "leave");
	test_mem_unmap(scene->diary, sizeof(*scene->diary));
	return fixture_end(&scene->fix);
}

static int
test_kill(struct scene *scene)
{
	const uint64_t rounds = test_turns(ROUNDS);

	for (uint64_t round = 0; round < rounds; round++) {
		scene->work = (enum work)(round % WORK_CNT);

		const pid_t pid = victim_start(scene);

		TEST_ASSERT(pid > 0, "fork: %m");
		TEST_CALL(victim_watch(scene, pid));
		TEST_CALL(victim_kill(pid));
		TEST_CALL(work_a_little(scene)); /* the dead block nobody, also before recovery */
		TEST_CALL(recover_and_check(scene));
	}
	return TEST_SUCCESS;
}

/* A process that is stopped, not dead: the others go on, and recovery takes nothing from it. */
static int
recover_beside_stopped(struct scene *scene, pid_t pid)
{
	int status;

	TEST_ASSERT_SUCCESS(kill(pid, SIGSTOP), "kill: %m");
	TEST_ASSERT_EQUAL(waitpid(pid, &status, WUNTRACED), pid, "waitpid: %m");
	TEST_ASSERT(WIFSTOPPED(status), "victim ended by itself, status %#x", status);
	TEST_CALL(work_a_little(scene));
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene->fix.data, NULL, NULL), "recover while a process is stopped");
	TEST_CALL(work_a_little(scene));
	TEST_ASSERT_SUCCESS(kill(pid, SIGCONT), "kill: %m");
	return TEST_SUCCESS;
}

static int
test_stop(struct scene *scene)
{
	const uint64_t rounds = test_turns(ROUNDS / 10);

	for (uint64_t round = 0; round < rounds; round++) {
		scene->work = (enum work)(round % WORK_CNT);

		const pid_t pid = victim_start(scene);

		TEST_ASSERT(pid > 0, "fork: %m");
		for (unsigned int i = 0; i < 4; i++) {
			TEST_CALL(victim_watch(scene, pid));
			TEST_CALL(recover_beside_stopped(scene, pid));
		}
		TEST_CALL(victim_watch(scene, pid));
		TEST_CALL(victim_kill(pid));
		TEST_CALL(recover_and_check(scene));
	}
	return TEST_SUCCESS;
}

/* With no dead join recovery rebuilds everything, and nothing is lost. */
static int
test_nobody_dead(struct scene *scene)
{
	struct found found = {0};

	TEST_CALL(work_a_little(scene));
	TEST_ASSERT_SUCCESS(groove_data_recover(&scene->fix.data, NULL, NULL), "recover");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->fix.data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_walk(&scene->fix.data, NULL, find_object, &found), "walk");
	TEST_ASSERT_EQUAL(found.cnt, KEPT_CNT, "live objects");
	TEST_CALL(work_a_little(scene));
	return TEST_SUCCESS;
}

/* ---- while another works ---- */

/* A victim, killed and recovered from while a worker goes on; what the victim had recorded is there, and is freed. */
static int
recover_beside(struct scene *scene, pid_t pid)
{
	uint64_t again = 0;
	int err;

	TEST_CALL(victim_watch(scene, pid));
	TEST_CALL(victim_kill(pid));
	do
		err = groove_data_recover(&scene->fix.data, has_ended, scene);
	while (err == GROOVE_ERR_AGAIN && again++ < AGAIN_MAX);
	TEST_ASSERT_SUCCESS(err, "recover during work");
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		void *obj = scene->diary->slots[i];

		if (obj == NULL)
			continue;
		TEST_ASSERT(object_intact(obj, groove_data_alloc_tag(obj)), "object in slot %u of the dead changed", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->fix.data, obj), "free slot %u of the dead", i);
	}
	return TEST_SUCCESS;
}

/* Wait for a worker that was asked to leave. */
static int
worker_end(struct diary *diary, pid_t pid)
{
	int status;

	__atomic_store_n(&diary->stop, 1, __ATOMIC_RELEASE);
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "worker: status %#x", status);
	return TEST_SUCCESS;
}

/* All that is left is what somebody holds, and one object at most of each that died. */
static int
check_beside(struct scene *scene, const struct diary *worker, uint64_t rounds)
{
	static struct found found;
	groove_data_t *data = &scene->fix.data;
	groove_data_stats_t stats;

	memset(&found, 0, sizeof(found));
	TEST_ASSERT_SUCCESS(groove_data_verify(data), "verify after recovery during work");
	TEST_ASSERT_SUCCESS(groove_data_walk(data, NULL, find_object, &found), "walk");
	TEST_ASSERT_SUCCESS(groove_data_stats(data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, found.cnt, "live objects");
	TEST_ASSERT_EQUAL(stats.total.req_bytes, found.req_bytes, "live bytes");
	for (unsigned int i = 0; i < KEPT_CNT; i++)
		TEST_ASSERT(take_found(&found, scene->kept[i]), "object %u of the parent is lost", i);
	for (unsigned int i = 0; i < SLOT_CNT; i++)
		if (worker->slots[i] != NULL) {
			TEST_ASSERT(take_found(&found, worker->slots[i]), "object in slot %u of the worker is lost", i);
			TEST_ASSERT_SUCCESS(groove_data_free(data, worker->slots[i]), "free slot %u", i);
		}
	TEST_ASSERT(found.cnt <= rounds, "%lu objects are live that nobody has, after %lu deaths", found.cnt, rounds);
	for (uint64_t i = 0; i < found.cnt; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, found.objs[i]), "free of an object under way");
	return TEST_SUCCESS;
}

static int
test_beside(struct scene *scene)
{
	const uint64_t rounds = test_turns(BESIDE_ROUNDS);
	struct diary *victims = scene->diary;
	struct diary *worker = test_mem_map(sizeof(*worker));

	TEST_ASSERT_NOT_NULL(worker, "no memory");
	scene->work = WORK_SINGLE;
	scene->diary = worker;

	const pid_t worker_pid = victim_start(scene);

	TEST_ASSERT(worker_pid > 0, "fork: %m");
	scene->diary = victims;
	while (__atomic_load_n(&worker->turns, __ATOMIC_ACQUIRE) == 0) {
		TEST_ASSERT_EQUAL(waitpid(worker_pid, NULL, WNOHANG), 0, "worker ended by itself");
		sched_yield();
	}
	scene->worker_idx = worker->join_idx;
	for (uint64_t round = 0; round < rounds; round++) {
		const pid_t pid = victim_start(scene);

		TEST_ASSERT(pid > 0, "fork: %m");
		TEST_CALL(recover_beside(scene, pid));
	}
	TEST_CALL(worker_end(worker, worker_pid));
	TEST_CALL(check_beside(scene, worker, rounds));
	test_mem_unmap(worker, sizeof(*worker));
	return TEST_SUCCESS;
}

/* Free the object, if there is one, that a dead one was about to hand out. */
static int
free_under_way(struct scene *scene)
{
	struct found found = {0};

	TEST_ASSERT_SUCCESS(groove_data_walk(&scene->fix.data, NULL, find_object, &found), "walk");
	for (unsigned int i = 0; i < KEPT_CNT; i++)
		TEST_ASSERT(take_found(&found, scene->kept[i]), "object %u of the parent is lost", i);
	TEST_ASSERT(found.cnt <= 1, "%lu objects are live that nobody has", found.cnt);
	if (found.cnt != 0)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->idle, found.objs[0]), "free of an object under way");
	return TEST_SUCCESS;
}

/* ---- how much recovery reads ---- */

/* A process dies among a million live objects: recovery reads a few headers for each. */
static int
test_many(struct scene *scene)
{
	const uint64_t cnt = test_turns(MANY_OBJS);
	void **objs = calloc(cnt, sizeof(*objs));
	struct recover_report report;
	struct timespec start, stop;
	groove_data_stats_t stats;

	TEST_ASSERT_NOT_NULL(objs, "no memory");
	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&scene->idle, 0, MANY_SZ, NULL, objs, cnt), "alloc_bulk");
	scene->work = WORK_SINGLE;

	const pid_t pid = victim_start(scene);

	TEST_ASSERT(pid > 0, "fork: %m");
	TEST_CALL(victim_watch(scene, pid));
	TEST_CALL(victim_kill(pid));
	clock_gettime(CLOCK_MONOTONIC, &start);
	TEST_ASSERT_SUCCESS(recover(&scene->fix.data, is_dead, scene, &report), "recover");
	clock_gettime(CLOCK_MONOTONIC, &stop);
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins recovered");
	TEST_ASSERT(report.header_cnt >= cnt, "%lu headers read of %lu objects", report.header_cnt, cnt);
	TEST_ASSERT(report.header_cnt <= HDRS_PER_OBJ * cnt, "%lu headers read of %lu objects", report.header_cnt, cnt);
	printf("recovery among %lu live objects: %lu headers read, %lu slots put back, %ld us\n", cnt,
		report.header_cnt, report.slot_cnt,
		(stop.tv_sec - start.tv_sec) * 1000000 + (stop.tv_nsec - start.tv_nsec) / 1000);
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->fix.data), "verify");
	for (unsigned int i = 0; i < SLOT_CNT; i++)
		if (scene->diary->slots[i] != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(&scene->idle, scene->diary->slots[i]), "free");
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&scene->fix.data, objs, cnt), "free_bulk");
	free(objs);
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->fix.data, &stats), "stats");
	TEST_ASSERT(stats.total.obj_cnt <= KEPT_CNT + 1, "%lu objects are left", stats.total.obj_cnt);
	return free_under_way(scene);
}

static int
test_recover(void)
{
	static struct scene scene;

	TEST_CALL(scene_begin(&scene));
	TEST_CALL(test_nobody_dead(&scene));
	TEST_CALL(test_many(&scene));
	TEST_CALL(test_beside(&scene));
	TEST_CALL(test_kill(&scene));
	TEST_CALL(test_stop(&scene));
	return scene_end(&scene);
}

GROOVE_TEST(recover_autotest, fast, test_recover);
