/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Several processes in one region: they grow and shrink it at the same time, make one name, and die. */

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "groove_volume_driver.h"
#include "region_private.h"
#include "region_state.h"

#define VOLUME_MAX 4UL
#define AGAIN_MAX  16

/* ---- a driver that dies ---- */

enum moment {
	NEVER,
	BEFORE_POPULATE,
	AFTER_POPULATE,
	BEFORE_PUNCH,
	AFTER_PUNCH,
	AFTER_ADD, /* the driver is not asked then: done by hand */
	MOMENT_CNT,
};

static enum moment deadly; /* of this process */

static void
die_at(enum moment moment)
{
	if (deadly != moment)
		return;
	test_child_covered();
	raise(SIGKILL);
}

static const groove_volume_driver_t *
memfd(void)
{
	return groove_volume_driver_find("memfd");
}

static int
mortal_populate(
	const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement)
{
	int err;

	die_at(BEFORE_POPULATE);
	err = memfd()->populate(range, off, sz, node, placement);
	die_at(AFTER_POPULATE);
	return err;
}

static void
mortal_punch(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	die_at(BEFORE_PUNCH);
	memfd()->punch(range, off, sz);
	die_at(AFTER_PUNCH);
}

static void
mortal_register(void)
{
	static groove_volume_driver_t mortal;

	if (mortal.name != NULL)
		return;
	mortal = *memfd();
	mortal.name = "mortal";
	mortal.populate = mortal_populate;
	mortal.punch = mortal_punch;
	groove_volume_driver_register(&mortal);
}

/* ---- a region ---- */

struct scene {
	groove_region_t *region;
	groove_data_t join;
	uint64_t front_sz;
};

static uint64_t
memory_sz(const groove_region_t *region)
{
	struct stat stat_buf;

	return fstat(groove_region_fd(region), &stat_buf) == 0 ? (uint64_t)stat_buf.st_blocks * 512 : 0;
}

static int
scene_open(struct scene *scene)
{
	const groove_region_cfg_t cfg = {
		.driver = "mortal",
		.volume_sz = VOLUME_SZ_MIN,
		.volume_max = VOLUME_MAX,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};

	mortal_register();
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	scene->front_sz = memory_sz(scene->region);
	return TEST_SUCCESS;
}

static int
shrink_one(groove_region_t *region, groove_data_t *join)
{
	int err = GROOVE_ERR_AGAIN;

	for (int i = 0; i < AGAIN_MAX && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_shrink(region, join, NULL);
	return err;
}

/* Nothing is live: all memory can be had, and given back, to the page. */
static int
check_whole(struct scene *scene)
{
	uint64_t cnt = 0;
	int err;

	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
	while (shrink_one(scene->region, &scene->join) == GROOVE_SUCCESS)
		;
	TEST_ASSERT_EQUAL(memory_sz(scene->region), scene->front_sz, "memory kept");
	test_log_begin();
	while ((err = groove_region_grow(scene->region, &scene->join, NULL)) == GROOVE_SUCCESS)
		cnt++;
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "after %lu volumes", cnt);
	TEST_ASSERT_EQUAL(cnt, VOLUME_MAX, "volumes available");
	TEST_ASSERT_EQUAL(memory_sz(scene->region), scene->front_sz + VOLUME_MAX * VOLUME_SZ_MIN, "memory of all");
	while (shrink_one(scene->region, &scene->join) == GROOVE_SUCCESS)
		cnt--;
	TEST_ASSERT_EQUAL(cnt, 0, "volumes left");
	TEST_ASSERT_EQUAL(memory_sz(scene->region), scene->front_sz, "memory kept");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
	return TEST_SUCCESS;
}

static int
scene_close(struct scene *scene)
{
	TEST_CALL(check_whole(scene));
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &scene->join), "leave");
	groove_region_detach(scene->region);
	return TEST_SUCCESS;
}

/* ---- children ---- */

static pid_t
child_start(int (*fn)(void *arg), void *arg)
{
	fflush(NULL);

	const pid_t pid = fork();

	if (pid == 0) {
		test_child_end(fn(arg) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	return pid;
}

/* Wait for a child. Returns the signal it died of, 0 when it ended well, -1 else. */
static int
child_end(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	return WEXITSTATUS(status) == EXIT_SUCCESS ? 0 : -1;
}

/* Become a process with a region of its own; the parent's is of no use to it. */
static int
attach_here(const struct scene *parent, struct scene *scene)
{
	TEST_ASSERT_SUCCESS(groove_region_attach_fd(groove_region_fd(parent->region), &scene->region), "attach");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 1), "join");
	return TEST_SUCCESS;
}

static int
leave_here(struct scene *scene)
{
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &scene->join), "leave");
	groove_region_detach(scene->region);
	return TEST_SUCCESS;
}

/* ---- a death at each step ---- */

struct doomed {
	const struct scene *parent;
	enum moment moment;
};

/* In the groove, but not said to be. */
static void
die_added(groove_region_t *region)
{
	uint64_t *word = region_state_word(region, 0);

	region_state_swap(word, *word, REGION_GROWING, region->self.owner);
	raise(SIGKILL);
}

static int
die(void *arg)
{
	const struct doomed *doomed = arg;
	struct scene scene;

	TEST_CALL(attach_here(doomed->parent, &scene));
	TEST_ASSERT_SUCCESS(groove_region_grow(scene.region, &scene.join, NULL), "first");
	if (doomed->moment == AFTER_ADD)
		die_added(scene.region);
	deadly = doomed->moment;
	groove_region_grow(scene.region, &scene.join, NULL);
	shrink_one(scene.region, &scene.join);
	TEST_ASSERT(false, "still alive after moment %d", doomed->moment);
	return TEST_FAILED;
}

/* The others go on, without recovery: what the dead one held is found by any process that comes by. */
static int
test_death(enum moment moment, bool recover)
{
	struct doomed doomed = {.moment = moment};
	struct scene scene;

	TEST_CALL(scene_open(&scene));
	doomed.parent = &scene;
	TEST_ASSERT_EQUAL(child_end(child_start(die, &doomed)), SIGKILL, "moment %d", moment);
	if (moment == BEFORE_POPULATE || moment == AFTER_POPULATE)
		TEST_ASSERT_EQUAL(groove_region_volume_has_memory(scene.region, 1), 0, "memory of a volume that grows");
	if (recover) {
		/* A volume that was added stays, and so does one that was not to be shrunk yet. */
		const uint64_t has =
			moment == BEFORE_PUNCH || moment == AFTER_PUNCH ? groove_region_volume_cnt(scene.region) : 1;

		TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
		TEST_ASSERT_EQUAL(groove_region_volume_cnt(scene.region), has, "volumes, moment %d", moment);
		TEST_ASSERT_EQUAL(memory_sz(scene.region), scene.front_sz + has * VOLUME_SZ_MIN, "moment %d", moment);
	}
	TEST_CALL(check_whole(&scene));
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	return scene_close(&scene);
}

/* ---- deaths at any moment, all at the same time ---- */

/* Objects of this round, checked and freed; a volume more, a volume less. */
static int
turn(struct scene *scene, uint64_t seed)
{
	void *objs[8];
	unsigned int cnt = 0;

	test_log_begin();
	groove_region_grow(scene->region, &scene->join, NULL);
	test_log_end();
	for (; cnt < 8; cnt++) {
		objs[cnt] = groove_data_alloc(&scene->join, 0, 1000 + seed % 3000000, seed + cnt, NULL);
		if (objs[cnt] == NULL)
			break;
		object_fill(objs[cnt], seed + cnt);
	}
	for (unsigned int i = 0; i < cnt; i++) {
		const uint64_t handle = groove_region_handle(scene->region, objs[i]);

		TEST_ASSERT_EQUAL(groove_region_pointer(scene->region, handle), objs[i], "handle 0x%lx", handle);
		TEST_ASSERT(object_intact(objs[i], seed + i), "pattern %lu", seed + i);
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->join, objs[i]), "free");
	}
	groove_region_shrink(scene->region, &scene->join, NULL);
	return TEST_SUCCESS;
}

struct worker {
	const struct scene *parent;
	uint64_t turns; /* 0: until killed */
	uint64_t seed;
	int started; /* pipe to say so */
};

static int
work(void *arg)
{
	const struct worker *worker = arg;
	uint64_t state = worker->seed;
	struct scene scene;

	TEST_CALL(attach_here(worker->parent, &scene));
	TEST_ASSERT_EQUAL(write(worker->started, "s", 1), 1, "pipe: %m");
	for (uint64_t i = 0; worker->turns == 0 || i < worker->turns; i++)
		TEST_CALL(turn(&scene, test_rand(&state)));
	return leave_here(&scene);
}

#define WORKER_CNT 3U

/* All live processes change the region at the same time; none gets in another's way. */
static int
test_together(void)
{
	struct worker workers[WORKER_CNT];
	pid_t pids[WORKER_CNT];
	struct scene scene;
	int ends[2];

	TEST_CALL(scene_open(&scene));
	TEST_ASSERT_SUCCESS(pipe(ends), "pipe");
	for (unsigned int i = 0; i < WORKER_CNT; i++) {
		workers[i] = (struct worker){.parent = &scene, .turns = test_turns(150), .seed = i, .started = ends[1]};
		pids[i] = child_start(work, &workers[i]);
	}
	for (uint64_t i = 0; i < test_turns(150); i++)
		TEST_CALL(turn(&scene, i));
	for (unsigned int i = 0; i < WORKER_CNT; i++)
		TEST_ASSERT_EQUAL(child_end(pids[i]), 0, "worker %u", i);
	close(ends[0]);
	close(ends[1]);
	return scene_close(&scene);
}

/* The objects of the dead are still there. */
static int
free_obj(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

/* Pause a random while: what a process does meanwhile is what it dies in. */
static void
let_run(uint64_t *state)
{
	const struct timespec pause = {.tv_nsec = (long)(test_rand(state) % 20000000)};

	nanosleep(&pause, NULL);
}

/* Populating all volumes takes its time. */
#define WHOLE_EVERY 10

static int
test_kills(void)
{
	const uint64_t rounds = test_turns(60);
	uint64_t state = 42;
	struct scene scene;
	int ends[2];

	TEST_CALL(scene_open(&scene));
	TEST_ASSERT_SUCCESS(pipe(ends), "pipe");
	for (uint64_t round = 0; round < rounds; round++) {
		struct worker worker = {.parent = &scene, .seed = round, .started = ends[1]};
		const pid_t pid = child_start(work, &worker);
		char started;

		TEST_ASSERT_EQUAL(read(ends[0], &started, 1), 1, "pipe: %m");
		let_run(&state);
		TEST_ASSERT_SUCCESS(kill(pid, SIGKILL), "kill: %m");
		TEST_ASSERT_EQUAL(child_end(pid), SIGKILL, "round %lu", round);
		TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "round %lu", round);
		TEST_ASSERT_SUCCESS(groove_data_walk(&scene.join, NULL, free_obj, &scene.join), "round %lu", round);
		TEST_CALL(turn(&scene, round));
		TEST_ASSERT_SUCCESS(groove_data_verify(&scene.join), "verify, round %lu", round);
		if (round % WHOLE_EVERY == 0)
			TEST_CALL(check_whole(&scene));
	}
	close(ends[0]);
	close(ends[1]);
	return scene_close(&scene);
}

/* ---- fork ---- */

static void *test_shared; /* where the grandchild's pid is */

/* How a process gets a child that has its memory. */
enum birth {
	BIRTH_FORK,
	BIRTH_CLONE,	 /* by the bare system call, which runs no handler and closes nothing */
	BIRTH_NAMESAKES, /* parent and child have the same process number, each in a namespace of its own */
	BIRTH_CNT,
};

struct orphanage {
	const struct scene *parent;
	enum birth birth;
};

static pid_t
give_birth(enum birth birth)
{
	if (birth == BIRTH_CLONE)
		return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	return fork();
}

/* The child of a fork has no part in its parent's region, and does not keep it alive either. */
static void
be_orphan(struct scene *scene, int out)
{
	groove_data_t join;
	int good;

	test_log_begin();
	good = groove_region_grow(scene->region, &scene->join, NULL) == GROOVE_ERR_INVAL &&
	       groove_region_shrink(scene->region, &scene->join, NULL) == GROOVE_ERR_INVAL &&
	       groove_region_recover(scene->region, &scene->join) == GROOVE_ERR_INVAL &&
	       groove_region_join(scene->region, &join, 0) == NULL && test_log_lines() == 4;
	test_log_end();
	alarm(3600); /* if nobody ends it */
	test_child_covered();
	if (write(out, good ? "y" : "n", 1) == 1)
		pause();
	test_child_end(0);
}

static int
bear_orphan(const struct orphanage *orphanage)
{
	struct scene scene;
	char answer = 'n';
	int ends[2];
	pid_t pid;

	TEST_CALL(attach_here(orphanage->parent, &scene));
	TEST_ASSERT_SUCCESS(pipe(ends), "pipe");
	if (getpid() == 1)
		TEST_ASSERT_SUCCESS(unshare(CLONE_NEWPID), "unshare: %m");
	pid = give_birth(orphanage->birth);
	if (pid == 0)
		be_orphan(&scene, ends[1]);
	TEST_ASSERT_EQUAL(read(ends[0], &answer, 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(answer, 'y', "a call of the child was not refused, birth %d", orphanage->birth);
	/* To the first process: which to end. The first of a namespace takes its children with it. */
	if (getpid() != 1)
		*(pid_t *)test_shared = pid;
	return TEST_SUCCESS;
}

static int
orphan(void *arg)
{
	struct orphanage *orphanage = arg;

	/* Where it may not have a namespace, it is a fork like any other. */
	if (orphanage->birth == BIRTH_NAMESAKES && getpid() != 1 && unshare(CLONE_NEWPID) == 0)
		return test_child_run(orphan, orphanage);
	return bear_orphan(orphanage);
}

/* Joins of processes that are alive. */
static uint64_t
alive_cnt(const struct scene *scene)
{
	uint64_t cnt = 0;

	for (uint64_t i = 0; i < GROOVE_DATA_JOIN_DEFAULT; i++)
		cnt += groove_region_join_is_dead(scene->region, i) == 0;
	return cnt;
}

static int
test_fork(enum birth birth)
{
	struct orphanage orphanage = {.birth = birth};
	groove_data_stats_t stats;
	struct scene scene;

	test_shared = test_mem_map(4096);
	TEST_CALL(scene_open(&scene));
	orphanage.parent = &scene;
	TEST_CALL(test_child_run(orphan, &orphanage));
	TEST_ASSERT_EQUAL(alive_cnt(&scene), 1, "joins of living processes, before recovery, birth %d", birth);
	TEST_ASSERT_EQUAL(groove_region_join_dead_cnt(scene.region), 1, "joins of the dead, birth %d", birth);
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene.join, &stats), "stats");
	TEST_ASSERT_EQUAL(groove_region_join_dead_cnt(scene.region), 0, "joins of the dead, recovered");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins: a child that lives keeps a dead parent's, birth %d", birth);
	if (*(pid_t *)test_shared != 0)
		kill(*(pid_t *)test_shared, SIGKILL);
	test_mem_unmap(test_shared, 4096);
	return scene_close(&scene);
}

/* ---- the living ---- */

struct guest {
	const struct scene *parent;
	int in;	 /* what it waits for */
	int out; /* what it says */
};

/* Joined, and idle until a line arrives. */
static int
be_idle(void *arg)
{
	const struct guest *guest = arg;
	struct scene scene;
	char word;
	void *obj;

	alarm(3600); /* if no line arrives */
	TEST_CALL(attach_here(guest->parent, &scene));
	TEST_ASSERT_EQUAL(write(guest->out, "j", 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(read(guest->in, &word, 1), 1, "pipe: %m");
	obj = groove_data_alloc(&scene.join, 0, 100, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc by a join that lives");
	TEST_ASSERT_SUCCESS(groove_data_free(&scene.join, obj), "free");
	return leave_here(&scene);
}

/* Recovery leaves the joins of living processes alone. */
static int
test_alive(void)
{
	int to_guest[2], to_here[2];
	groove_data_stats_t stats;
	struct scene scene;
	char word;
	pid_t pid;

	TEST_CALL(scene_open(&scene));
	TEST_ASSERT_SUCCESS(groove_region_grow(scene.region, &scene.join, NULL), "grow");
	TEST_ASSERT(pipe(to_guest) == 0 && pipe(to_here) == 0, "pipes");

	struct guest guest = {.parent = &scene, .in = to_guest[0], .out = to_here[1]};

	pid = child_start(be_idle, &guest);
	TEST_ASSERT_EQUAL(read(to_here[0], &word, 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(alive_cnt(&scene), 2, "joins of living processes");
	TEST_ASSERT_EQUAL(groove_region_join_dead_cnt(scene.region), 0, "joins of the dead");
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene.join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 2, "joins");
	TEST_ASSERT_EQUAL(write(to_guest[1], "g", 1), 1, "pipe: %m");
	TEST_ASSERT_EQUAL(child_end(pid), 0, "the other");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene.join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(alive_cnt(&scene), 1, "joins of living processes");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_join_is_dead(scene.region, GROOVE_DATA_JOIN_DEFAULT), GROOVE_ERR_INVAL,
		"a join that cannot be");
	TEST_ASSERT_EQUAL(groove_region_join_is_dead(NULL, 0), GROOVE_ERR_INVAL, "no region");
	TEST_ASSERT_EQUAL(groove_region_join_dead_cnt(NULL), 0, "no region");
	TEST_ASSERT_EQUAL(test_log_lines(), 3, "lines of log");
	test_log_end();
	for (int i = 0; i < 2; i++) {
		close(to_guest[i]);
		close(to_here[i]);
	}
	return scene_close(&scene);
}

/* ---- two that make one name ---- */

struct race {
	groove_region_cfg_t cfg;
	int *gate; /* shared: opens when both are there */
	int *wins; /* shared */
	int *left; /* shared: processes that have not seen the end yet */
};

static int
make_name(void *arg)
{
	struct race *race = arg;
	groove_region_t *region;
	const char *logged;
	int err;

	__atomic_sub_fetch(race->gate, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(race->gate, __ATOMIC_SEQ_CST) > 0)
		;
	test_log_begin();
	err = groove_region_create(&race->cfg, &region);
	logged = test_log_end();
	if (err == GROOVE_SUCCESS)
		__atomic_add_fetch(race->wins, 1, __ATOMIC_SEQ_CST);
	/* A memory file lives as long as its process. */
	__atomic_sub_fetch(race->left, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(race->left, __ATOMIC_SEQ_CST) > 0)
		usleep(100);
	if (err == GROOVE_SUCCESS)
		groove_region_detach(region);
	/* There is one, or another process is making one. */
	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_KEY || err == GROOVE_ERR_AGAIN,
		"a maker that lost: %d: %s", err, logged);
	return TEST_SUCCESS;
}

#define MAKER_CNT 2

static int
test_race(const char *driver, const char *dir)
{
	char name[32];
	const groove_region_id_t id = {.driver = driver, .dir = dir, .name = name};
	int *shared = test_mem_map(4096);
	struct race race = {
		.cfg = {.driver = driver,
			.dir = dir,
			.name = name,
			.volume_sz = VOLUME_SZ_MIN,
			.volume_max = 1,
			.page = GROOVE_PAGE_NORMAL,
			.node = GROOVE_NODE_ANY},
		.gate = &shared[0],
		.wins = &shared[16],
		.left = &shared[32],
	};

	/* Names of memory files are the machine's: the test may run twice at a time. */
	snprintf(name, sizeof(name), "race-%d", (int)getpid());
	for (uint64_t round = 0; round < test_turns(50); round++) {
		pid_t pids[MAKER_CNT];

		shared[0] = shared[32] = MAKER_CNT;
		shared[16] = 0;
		for (int i = 0; i < MAKER_CNT; i++)
			pids[i] = child_start(make_name, &race);
		for (int i = 0; i < MAKER_CNT; i++)
			TEST_ASSERT_EQUAL(child_end(pids[i]), 0, "%s, maker %d", driver, i);
		TEST_ASSERT_EQUAL(*race.wins, 1, "%s, round %lu: makers that won", driver, round);
		if (strcmp(driver, "memfd") != 0)
			TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	}
	test_mem_unmap(shared, 4096);
	return TEST_SUCCESS;
}

static int
test_region_share(void)
{
	for (enum moment moment = BEFORE_POPULATE; moment < MOMENT_CNT; moment++) {
		TEST_CALL(test_death(moment, false));
		TEST_CALL(test_death(moment, true));
	}
	TEST_CALL(test_alive());
	TEST_CALL(test_together());
	TEST_CALL(test_kills());
	for (enum birth birth = BIRTH_FORK; birth < BIRTH_CNT; birth++)
		TEST_CALL(test_fork(birth));
	return test_on_files(test_race);
}

GROOVE_TEST(region_share_autotest, fast, test_region_share);
