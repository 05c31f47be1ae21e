/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A process is killed, or stopped, at each system call of create, attach, join, grow, shrink, recover, leave, detach
 * and destroy. Another attaches, recovers, allocates, frees, grows, shrinks, verifies and destroys then, as if nobody
 * was in its way. One that was stopped goes on, and its call succeeds or is an error that says so. In the end every
 * object is there, and nothing else: no name, no file, no descriptor, no join.
 *
 * GROOVE_TEST_PAGES=huge takes pages of 2 MiB, of driver memfd. A program that has EAL and driver memzone
 * (test/share/stops.c) strikes in that alone: each process is a fork of EAL's primary then, whose memory was there from
 * the start, so that it makes no system call under a lock of EAL's. GROOVE_TEST_STOPS=N strikes at so many calls of
 * each operation at most (4). All of them, 1000, take minutes.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <groove_region.h>
#include <groove_volume_driver.h>

#include "fixture.h"
#include "trace.h"

#define NAME	     "stops"
#define VOLUME_MAX   4UL
#define OBJ_CNT	     12UL
#define TRIES	     64 /* of a call that others keep from being finished at once */
#define CALL_MAX     10000UL
#define OFTEN	     5UL /* times that one number is called, at each end */
#define STRUCK	     4UL
#define HUGEPAGE_SZ  (2UL << 20)
#define HUGEPAGE_CNT 128UL

enum begin {
	BEGIN_OUTSIDE,
	BEGIN_ATTACHED,
	BEGIN_JOINED,
};

/* A process in the region. */
struct side {
	groove_region_t *region; /* NULL: not attached */
	groove_data_t join;
	bool joined;
};

/* What is struck. */
struct op {
	const char *name;
	int (*run)(struct side *side);
	enum begin begin;
	bool absent;   /* there is no region before */
	bool alone;    /* nobody else is attached */
	bool dead;     /* another has died in it */
	int errors[3]; /* that it may end with when it was stopped; 0: no more */
};

static struct {
	const char *driver;
	enum groove_page page;
	bool named;   /* else others have its descriptor */
	char dir[64]; /* "": the driver makes no files */
	const struct op *op;
	struct side main;
	uint64_t handles[OBJ_CNT];
	int kept_fd; /* of the memory; -1: none */
} scene;

/* ---- calls ---- */

static const char *
dir_of(void)
{
	return scene.dir[0] != '\0' ? scene.dir : NULL;
}

/* Of what has a name. A memory file has none here: others have its descriptor. */
static groove_region_id_t
id_of(void)
{
	return (groove_region_id_t){.driver = scene.driver, .name = NAME, .dir = dir_of()};
}

/* Where it is found by its name before it is whole, and one that is stopped in its removal keeps it (memzone.rst). */
static bool
is_memzone(void)
{
	return strcmp(scene.driver, "memzone") == 0;
}

static int
create(struct side *side)
{
	const groove_region_cfg_t cfg = {
		.driver = scene.driver,
		.name = scene.named ? NAME : NULL,
		.dir = dir_of(),
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 1,
		.volume_max = VOLUME_MAX,
		.join_max = 4,
		.page = scene.page,
	};

	return groove_region_create(&cfg, &side->region);
}

static int
attach(struct side *side)
{
	const groove_region_id_t id = id_of();

	return scene.named ? groove_region_attach(&id, &side->region)
			   : groove_region_attach_fd(scene.kept_fd, &side->region);
}

static int
join(struct side *side)
{
	side->joined = groove_region_join(side->region, &side->join, 0) != NULL;
	return side->joined ? GROOVE_SUCCESS : GROOVE_ERR_FULL;
}

static int
leave(struct side *side)
{
	if (groove_region_leave(side->region, &side->join) == NULL)
		return GROOVE_ERR_INVAL;
	side->joined = false;
	return GROOVE_SUCCESS;
}

static int
detach(struct side *side)
{
	const int err = groove_region_detach(side->region);

	if (err == GROOVE_SUCCESS)
		side->region = NULL;
	return err;
}

static int
destroy(struct side *side)
{
	const groove_region_id_t id = id_of();

	(void)side;
	return groove_region_destroy(&id);
}

static int
recover_joined(struct side *side)
{
	return groove_region_recover(side->region, &side->join);
}

static int
recover_attached(struct side *side)
{
	return groove_region_recover(side->region, NULL);
}

static int
grow(struct side *side)
{
	return groove_region_grow(side->region, &side->join, NULL);
}

static int
shrink(struct side *side)
{
	return groove_region_shrink(side->region, &side->join, NULL);
}

/* A volume that was grown is there to be shrunk. */
static int
grow_and_shrink(struct side *side)
{
	const int err = grow(side);

	return err == GROOVE_SUCCESS ? shrink(side) : err;
}

static const struct op ops[] = {
	{.name = "create", .run = create, .absent = true, .errors = {GROOVE_ERR_KEY, GROOVE_ERR_AGAIN}},
	{.name = "attach", .run = attach},
	{.name = "attach alone", .run = attach, .alone = true, .errors = {GROOVE_ERR_KEY, GROOVE_ERR_AGAIN}},
	{.name = "join", .run = join, .begin = BEGIN_ATTACHED},
	{.name = "grow", .run = grow, .begin = BEGIN_JOINED, .errors = {GROOVE_ERR_AGAIN, GROOVE_ERR_FULL}},
	{.name = "grow and shrink",
		.run = grow_and_shrink,
		.begin = BEGIN_JOINED,
		.errors = {GROOVE_ERR_AGAIN, GROOVE_ERR_FULL, GROOVE_ERR_EMPTY}},
	{.name = "recover", .run = recover_joined, .begin = BEGIN_JOINED, .dead = true, .errors = {GROOVE_ERR_AGAIN}},
	{.name = "recover without a join",
		.run = recover_attached,
		.begin = BEGIN_ATTACHED,
		.dead = true,
		.errors = {GROOVE_ERR_AGAIN}},
	{.name = "leave", .run = leave, .begin = BEGIN_JOINED},
	{.name = "detach", .run = detach, .begin = BEGIN_ATTACHED},
	{.name = "detach of the last", .run = detach, .begin = BEGIN_ATTACHED, .alone = true},
	{.name = "destroy", .run = destroy, .alone = true, .errors = {GROOVE_ERR_KEY, GROOVE_ERR_AGAIN}},
};

/* Whether a name may be taken away by the operation. */
static bool
op_names(void)
{
	return scene.op->run == create || scene.op->run == destroy;
}

static bool
op_may_end(int code)
{
	for (unsigned int i = 0; i < sizeof(scene.op->errors) / sizeof(scene.op->errors[0]); i++)
		if (scene.op->errors[i] == code)
			return true;
	return code == GROOVE_SUCCESS;
}

/* ---- objects ---- */

static uint64_t
obj_sz(uint64_t i)
{
	return 16 + i * i * i * 20;
}

static int
objects_make(struct side *side)
{
	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		void *obj = groove_data_alloc(&side->join, 0, obj_sz(i), i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "object %lu", i);
		object_fill(obj, i);
		scene.handles[i] = groove_region_handle(side->region, obj);
	}
	return TEST_SUCCESS;
}

static int
objects_check(const struct side *side, groove_data_t *freer)
{
	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		void *obj = groove_region_pointer(side->region, scene.handles[i]);

		TEST_ASSERT(obj != NULL && object_intact(obj, i), "object %lu", i);
		if (freer != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(freer, obj), "free of object %lu", i);
	}
	return TEST_SUCCESS;
}

/* Objects that come and go. */
static int
use(struct side *side)
{
	for (uint64_t i = 0; i < 2 * OBJ_CNT; i++) {
		void *obj = groove_data_alloc(&side->join, 0, obj_sz(i % OBJ_CNT), i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "alloc of %lu bytes", obj_sz(i % OBJ_CNT));
		object_fill(obj, i);
		TEST_ASSERT(object_intact(obj, i), "object %lu", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&side->join, obj), "free");
	}
	return TEST_SUCCESS;
}

static int
use_and_leave(struct side *side)
{
	if (!side->joined)
		TEST_ASSERT_SUCCESS(join(side), "join");
	TEST_CALL(use(side));
	TEST_ASSERT_SUCCESS(leave(side), "leave");
	TEST_ASSERT_SUCCESS(detach(side), "detach");
	return TEST_SUCCESS;
}

/* ---- the process that is struck ---- */

static int
victim(void *arg)
{
	struct side side = {0};
	int code;

	(void)arg;
	if (scene.op->begin != BEGIN_OUTSIDE)
		TEST_ASSERT_SUCCESS(attach(&side), "attach");
	if (scene.op->begin == BEGIN_JOINED) {
		TEST_ASSERT_SUCCESS(join(&side), "join");
		TEST_CALL(use(&side));
	}
	test_log_begin();
	trace_mark();
	code = scene.op->run(&side);
	trace_mark();
	test_log_end();
	TEST_ASSERT(op_may_end(code), "%s: %s", scene.op->name, groove_strerror(code));
	if (side.region == NULL)
		return TEST_SUCCESS;
	TEST_CALL(use_and_leave(&side));
	test_log_begin();
	code = scene.op->absent ? destroy(&side) : GROOVE_SUCCESS;
	test_log_end();
	TEST_ASSERT(code == GROOVE_SUCCESS || code == GROOVE_ERR_KEY, "destroy: %s", groove_strerror(code));
	return TEST_SUCCESS;
}

/* One that has cached slots, and ends without having left. */
static int
die(void *arg)
{
	static struct side side; /* reachable at the end */

	(void)arg;
	TEST_ASSERT_SUCCESS(attach(&side), "attach");
	TEST_ASSERT_SUCCESS(join(&side), "join");
	return use(&side);
}

/* ---- what another does ---- */

/* Call until it is done, or so often that somebody must be in its way. */
static int
call_until(int (*fn)(struct side *side), struct side *side)
{
	int err = GROOVE_ERR_AGAIN;

	for (int i = 0; i < TRIES && err == GROOVE_ERR_AGAIN; i++)
		err = fn(side);
	return err;
}

/* In the region, with the survivor. stopped: and one that is stopped, which may have something in its hands. */
static int
work_in(struct side *side, bool stopped)
{
	int err;

	TEST_ASSERT_SUCCESS(join(side), "join");
	err = call_until(recover_joined, side);
	TEST_ASSERT(err == GROOVE_SUCCESS || (err == GROOVE_ERR_AGAIN && stopped && scene.op->dead), "recover: %s",
		groove_strerror(err));
	TEST_CALL(use(side));
	err = call_until(grow, side);
	TEST_ASSERT(err == GROOVE_SUCCESS, "grow: %s", groove_strerror(err));
	TEST_CALL(use(side));
	err = call_until(shrink, side);
	TEST_ASSERT(err == GROOVE_SUCCESS || (err == GROOVE_ERR_AGAIN && stopped), "shrink: %s", groove_strerror(err));
	TEST_ASSERT_SUCCESS(groove_data_verify(&side->join), "verify");
	return use_and_leave(side);
}

/* Make it anew, use it, and destroy it. One that cannot be destroyed yet stays, and its root word says that it is new.
 */
static int
work_anew(bool stopped)
{
	struct side side = {0};
	int err = create(&side);

	TEST_ASSERT(err == GROOVE_SUCCESS || (stopped && (err == GROOVE_ERR_KEY || err == GROOVE_ERR_AGAIN)),
		"create: %s", groove_strerror(err));
	if (err != GROOVE_SUCCESS)
		return TEST_SUCCESS;
	*groove_region_root(side.region, 0) = 1;
	TEST_CALL(use_and_leave(&side));
	err = destroy(&side);
	TEST_ASSERT(err == GROOVE_SUCCESS || (stopped && err == GROOVE_ERR_AGAIN), "destroy of the new one: %s",
		groove_strerror(err));
	return TEST_SUCCESS;
}

/* What a dead maker left half made, of which attach says AGAIN, goes by destroy; then another can be made. */
static int
clear_half_made(bool stopped)
{
	struct side side = {0};
	const int err = destroy(&side);

	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_KEY || (stopped && err == GROOVE_ERR_AGAIN),
		"destroy of what is half made: %s", groove_strerror(err));
	return TEST_SUCCESS;
}

/* With the name, which may be there or not. What is not there can be made, whatever is left of it. */
static int
work_names(bool stopped)
{
	struct side side = {0};
	int err;

	test_log_begin();
	err = attach(&side);
	TEST_ASSERT(err == GROOVE_SUCCESS || err == GROOVE_ERR_KEY || (is_memzone() && err == GROOVE_ERR_AGAIN),
		"attach: %s", groove_strerror(err));
	if (err == GROOVE_ERR_AGAIN)
		TEST_CALL(clear_half_made(stopped));
	if (err == GROOVE_SUCCESS) {
		if (!scene.op->absent && *groove_region_root(side.region, 0) == 0)
			TEST_CALL(objects_check(&side, NULL));
		TEST_CALL(use_and_leave(&side));
		err = destroy(&side);
		TEST_ASSERT(err == GROOVE_SUCCESS || (stopped && (err == GROOVE_ERR_KEY || err == GROOVE_ERR_AGAIN)),
			"destroy: %s", groove_strerror(err));
	}
	TEST_CALL(work_anew(stopped));
	test_log_end();
	return TEST_SUCCESS;
}

/* A process that comes afterwards. */
static int
follow(void *arg)
{
	const bool stopped = arg != NULL;
	struct side side = {0};
	int err;

	if (op_names())
		return work_names(stopped);
	TEST_ASSERT_SUCCESS(attach(&side), "attach");
	TEST_CALL(objects_check(&side, NULL));
	TEST_CALL(work_in(&side, stopped));
	if (scene.op->alone)
		return TEST_SUCCESS;
	if (!scene.named)
		return TEST_SUCCESS;
	/* The survivor is in it. */
	test_log_begin();
	err = destroy(&side);
	test_log_end();
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_AGAIN, "destroy under the survivor");
	return TEST_SUCCESS;
}

/* ---- before, and after ---- */

static int
scene_begin(const struct op *op)
{
	struct side *side = &scene.main;

	*side = (struct side){0};
	scene.op = op;
	scene.kept_fd = -1;
	if (op->absent)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(create(side), "create");
	TEST_ASSERT_SUCCESS(join(side), "join");
	TEST_CALL(objects_make(side));
	if (!is_memzone()) {
		scene.kept_fd = fcntl(groove_region_fd(side->region), F_DUPFD_CLOEXEC, 0);
		TEST_ASSERT(scene.kept_fd >= 0, "dup: %m");
	}
	if (op->dead)
		TEST_CALL(test_child_run(die, NULL));
	if (!op->alone)
		return TEST_SUCCESS;
	TEST_ASSERT_SUCCESS(leave(side), "leave");
	TEST_ASSERT_SUCCESS(detach(side), "detach");
	return TEST_SUCCESS;
}

/* Nobody is in it but the survivor: all objects are there, and nothing else is. */
static int
check_region(struct side *side)
{
	groove_data_stats_t stats;

	if (side->region == NULL)
		TEST_ASSERT_SUCCESS(attach(side), "attach");
	if (!side->joined)
		TEST_ASSERT_SUCCESS(join(side), "join");
	TEST_ASSERT_SUCCESS(call_until(recover_joined, side), "recover");
	TEST_CALL(objects_check(side, &side->join));
	TEST_ASSERT_SUCCESS(groove_data_flush(&side->join), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&side->join), "trim");
	TEST_ASSERT_SUCCESS(groove_data_verify(&side->join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_stats(&side->join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "objects");
	TEST_ASSERT_EQUAL(stats.total.cached_cnt, 0, "slots cached");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, stats.volume_cnt, "volumes that are empty");
	TEST_ASSERT_SUCCESS(leave(side), "leave");
	TEST_ASSERT_SUCCESS(detach(side), "detach");
	if (scene.named)
		TEST_ASSERT_SUCCESS(destroy(side), "destroy");
	return TEST_SUCCESS;
}

static unsigned int
entries_of(const char *path)
{
	DIR *entries = opendir(path);
	unsigned int cnt = 0;

	while (entries != NULL && readdir(entries) != NULL)
		cnt++;
	if (entries != NULL)
		closedir(entries);
	return cnt;
}

static int
listed(void *arg, const char *driver, const char *name)
{
	(void)arg;
	printf("%s: %s is left\n", driver, name);
	return TEST_FAILED;
}

static int
check_nothing_left(unsigned int fds)
{
	if (scene.kept_fd >= 0)
		close(scene.kept_fd);
	if (dir_of() != NULL)
		TEST_ASSERT_EQUAL(entries_of(scene.dir), 2, "entries of the directory");
	if (is_memzone())
		TEST_ASSERT_SUCCESS(groove_region_list(scene.driver, NULL, listed, NULL), "memzones");
	TEST_ASSERT_EQUAL(entries_of("/proc/self/fd"), fds, "descriptors");
	return TEST_SUCCESS;
}

/* ---- one stroke ---- */

/* It is stopped there. What comes to it is what it made of it. */
static int
strike(pid_t pid, bool is_kill)
{
	static char yes;
	int result;
	int status;

	if (is_kill) {
		trace_kill(pid);
		return test_child_run(follow, NULL);
	}
	result = test_child_run(follow, &yes);
	status = trace_end(pid);
	TEST_CALL(result);
	TEST_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS, "it goes on, and ends with status %#x",
		status);
	return TEST_SUCCESS;
}

static int
finish(void)
{
	if (!op_names())
		return check_region(&scene.main);
	return work_names(false);
}

/* Begin, and have the process come to the first mark. */
static int
play_begin(const struct op *op, pid_t *pid)
{
	TEST_CALL(scene_begin(op));
	*pid = trace_start(victim, NULL);
	TEST_ASSERT(*pid > 0, "it cannot be traced: %m");
	return TEST_SUCCESS;
}

/* At the so manieth call of a number. Without it when there are fewer now: others come and go in /proc. */
static int
play(const struct op *op, uint16_t nr, uint64_t nth, bool is_kill)
{
	const unsigned int fds = entries_of("/proc/self/fd");
	int result;
	pid_t pid;

	TEST_CALL(play_begin(op, &pid));
	if (trace_to_call(pid, nr, nth))
		result = strike(pid, is_kill);
	else
		result = trace_end(pid) == 0 ? TEST_SUCCESS : TEST_FAILED;
	if (result == TEST_SUCCESS)
		result = finish();
	if (result == TEST_SUCCESS)
		result = check_nothing_left(fds);
	TEST_ASSERT_SUCCESS(result, "%s: %s, %s at system call %u for the time %lu", scene.driver, op->name,
		is_kill ? "killed" : "stopped", nr, nth + 1);
	return TEST_SUCCESS;
}

/* Which calls it makes. */
static int
list_calls(const struct op *op, struct trace_calls *calls)
{
	const unsigned int fds = entries_of("/proc/self/fd");
	pid_t pid;

	TEST_CALL(play_begin(op, &pid));
	trace_list(pid, calls);
	TEST_ASSERT_SUCCESS(trace_end(pid), "%s: %s", scene.driver, op->name);
	TEST_CALL(finish());
	return check_nothing_left(fds);
}

/* How often a number is among some calls. */
static uint64_t
calls_cnt(const uint16_t *nr, uint64_t cnt, uint16_t of)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < cnt; i++)
		found += nr[i] == of;
	return found;
}

/* Of what is called over and over the first and the last times will do: it looks through a directory, or memory. */
static bool
is_often(const struct trace_calls *calls, uint64_t i)
{
	const uint16_t nr = calls->nr[i];

	return calls_cnt(calls->nr, i, nr) >= OFTEN && calls_cnt(calls->nr + i, calls->cnt - i, nr) > OFTEN;
}

/* How many calls are passed over, of so many. */
static uint64_t
step_of(uint64_t cnt)
{
	const char *text = getenv("GROOVE_TEST_STOPS");
	const uint64_t number = text != NULL ? strtoull(text, NULL, 10) : 0;
	const uint64_t most = number > 0 ? number : STRUCK;

	return (cnt + most - 1) / most;
}

/* Kills and stops at different calls, so that fewer are passed over. */
static int
play_op(const struct op *op, struct trace_calls *calls, uint64_t *strokes)
{
	uint64_t cnt = 0;
	uint64_t turn = 0;

	TEST_CALL(list_calls(op, calls));
	for (uint64_t i = 0; i < calls->cnt; i++)
		cnt += !is_often(calls, i);
	TEST_ASSERT(cnt > 0, "%s: %s: no system call of it is seen", scene.driver, op->name);
	for (uint64_t i = 0; i < calls->cnt; i++) {
		const uint64_t before = calls_cnt(calls->nr, i, calls->nr[i]);
		const uint64_t at = turn % step_of(cnt);

		if (is_often(calls, i))
			continue;
		turn++;
		if (at == 0)
			TEST_CALL(play(op, calls->nr[i], before, true));
		if (at == step_of(cnt) / 2)
			TEST_CALL(play(op, calls->nr[i], before, false));
		*strokes += (uint64_t)(at == 0) + (at == step_of(cnt) / 2);
	}
	return TEST_SUCCESS;
}

static int
play_all(const char *driver, enum groove_page page)
{
	static uint16_t numbers[CALL_MAX];
	struct trace_calls calls = {.nr = numbers, .max = CALL_MAX};
	uint64_t strokes = 0;

	scene.driver = driver;
	scene.page = page;
	for (unsigned int i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		scene.op = &ops[i];
		if (!scene.named && op_names())
			continue;
		TEST_CALL(play_op(&ops[i], &calls, &strokes));
	}
	printf("%s: %lu strokes\n", driver, strokes);
	return TEST_SUCCESS;
}

static int
test_region_stops(void)
{
	const char *pages = getenv("GROOVE_TEST_PAGES");

	if (groove_volume_driver_find("memzone") != NULL) {
		scene.named = true;
		return play_all("memzone", GROOVE_PAGE_HUGE);
	}
	if (pages != NULL && strcmp(pages, "huge") == 0) {
		if (groove_volume_hugepages(HUGEPAGE_SZ, GROOVE_NODE_ANY, "free_hugepages") < HUGEPAGE_CNT)
			return test_skip("needs 256 MiB of 2 MiB pages: reserve some");
		return play_all("memfd", GROOVE_PAGE_HUGE);
	}
	TEST_CALL(play_all("memfd", GROOVE_PAGE_NORMAL));
	snprintf(scene.dir, sizeof(scene.dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(scene.dir), "mkdtemp: %m");
	scene.named = true;
	TEST_CALL(play_all("file", GROOVE_PAGE_NORMAL));
	TEST_ASSERT_SUCCESS(rmdir(scene.dir), "left something in %s: %m", scene.dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_stops_autotest, driver, test_region_stops);
