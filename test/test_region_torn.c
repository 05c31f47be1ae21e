/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What a region in a file survives. A start of the machine is one of another boot id: the test edits the one that the
 * header has. After an orderly detach all is as it was; after death in the same boot recovery does; else the region is
 * read-only until it is rebuilt, shown with files whose pages are of two times.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "region_hdr.h"

#define NAME	   "torn"
#define VOLUME_CNT 2UL
#define PAGE_SZ	   4096UL
#define SLOT_CNT   800UL
#define TURNS	   6000U
#define MIXES	   6UL
#define OBJ_MAX	   (4 * SLOT_CNT)

static char dir[64];
static char path[96];

static const groove_region_id_t id = {.driver = "file", .dir = dir, .name = NAME};

struct scene {
	groove_region_t *region;
	groove_data_t join;
	void *objs[SLOT_CNT];
	uint64_t seed;
	uint64_t sz; /* of the file */
	uint8_t *snapshot[2];
};

/* ---- work ---- */

static int
attach(struct scene *scene, bool torn)
{
	const char *logged;

	test_log_begin();
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &scene->region), "attach");
	logged = test_log_end();
	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(scene->region), torn, "needs a rebuild, said \"%s\"", logged);
	if (torn)
		TEST_ASSERT(TEST_LOG_IS_LINE(logged, NAME, "read-only", "groove_region_rebuild"), "attach");
	else
		TEST_ASSERT_EQUAL(logged[0], '\0', "said \"%s\"", logged);
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	return TEST_SUCCESS;
}

static int
detach(struct scene *scene)
{
	TEST_ASSERT_EQUAL(groove_region_leave(scene->region, &scene->join), &scene->join, "leave");
	groove_region_detach(scene->region);
	return TEST_SUCCESS;
}

/* Superblocks go, and their memory becomes that of others. */
static int
clear_most(struct scene *scene)
{
	for (unsigned int i = 0; i < SLOT_CNT; i++) {
		if (i % 8 == 0 || scene->objs[i] == NULL)
			continue;
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->join, scene->objs[i]), "free");
		scene->objs[i] = NULL;
	}
	groove_data_flush(&scene->join);
	return groove_data_trim(&scene->join);
}

static int
churn(struct scene *scene, uint64_t sz_max)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		void **slot = &scene->objs[test_rand(&scene->seed) % SLOT_CNT];
		const uint64_t sz = test_rand(&scene->seed) % sz_max >> test_rand(&scene->seed) % 18;

		if (*slot != NULL) {
			TEST_ASSERT_SUCCESS(groove_data_free(&scene->join, *slot), "free");
			*slot = NULL;
			continue;
		}
		*slot = groove_data_alloc(&scene->join, 0, sz, i, NULL);
		if (*slot != NULL)
			object_fill(*slot, i);
	}
	return TEST_SUCCESS;
}

/* Objects by offset and header, by ascending address. */
struct census {
	const uint8_t *volume0;
	uint64_t cnt;
	bool intact;
	struct {
		uint64_t off;
		groove_data_hdr_t hdr;
	} obj[OBJ_MAX];
};

static int
count_object(void *arg, void *obj)
{
	struct census *census = arg;

	TEST_ASSERT(census->cnt < OBJ_MAX, "more objects than there ever were");
	census->intact = census->intact && object_intact(obj, groove_data_alloc_tag(obj));
	census->obj[census->cnt].off = (uint64_t)((const uint8_t *)obj - census->volume0);
	census->obj[census->cnt++].hdr = groove_data_alloc_hdr(obj);
	return 0;
}

static int
take_census(struct scene *scene, struct census *census)
{
	memset(census, 0, sizeof(*census));
	census->volume0 = groove_region_volume0(scene->region);
	census->intact = true;
	TEST_ASSERT_SUCCESS(groove_data_walk(&scene->join, NULL, count_object, census), "walk");
	return TEST_SUCCESS;
}

static bool
same_census(const struct census *a, const struct census *b)
{
	return a->cnt == b->cnt && memcmp(a->obj, b->obj, a->cnt * sizeof(a->obj[0])) == 0;
}

/* ---- the file ---- */

static int
read_file(uint8_t *to, uint64_t sz)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	TEST_ASSERT_EQUAL(pread(fd, to, sz, 0), (ssize_t)sz, "read: %m");
	close(fd);
	return TEST_SUCCESS;
}

/* A machine that was started again has another boot id than the one in the file. */
static int
restart_machine(void)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC);
	const off_t off = offsetof(struct region_hdr, boot);
	uint64_t boot;

	TEST_ASSERT_EQUAL(pread(fd, &boot, sizeof(boot), off), (ssize_t)sizeof(boot), "read: %m");
	boot ^= 2;
	TEST_ASSERT_EQUAL(pwrite(fd, &boot, sizeof(boot), off), (ssize_t)sizeof(boot), "write: %m");
	close(fd);
	return TEST_SUCCESS;
}

/* Pages of both times; of 16 so many of the later. zeros: one of 16 is lost. */
static int
mix_file(struct scene *scene, unsigned int late, bool zeros)
{
	static const uint8_t zero_page[PAGE_SZ];
	const int fd = open(path, O_RDWR | O_CLOEXEC);

	for (uint64_t off = 0; off < scene->sz; off += PAGE_SZ) {
		const uint64_t dice = test_rand(&scene->seed);
		const uint8_t *page = scene->snapshot[dice % 16 < late] + off;

		if (zeros && off > 0 && (dice >> 8) % 16 == 0)
			page = zero_page;
		TEST_ASSERT_EQUAL(pwrite(fd, page, PAGE_SZ, (off_t)off), (ssize_t)PAGE_SZ, "write: %m");
	}
	close(fd);
	return restart_machine();
}

/* ---- an orderly end, and death ---- */

static int
check_orderly(struct scene *scene, struct census *before, struct census *after)
{
	TEST_CALL(take_census(scene, before));
	TEST_ASSERT(before->intact && before->cnt > SLOT_CNT / 4, "%lu objects", before->cnt);
	TEST_CALL(detach(scene));
	for (int i = 0; i < 3; i++) {
		TEST_CALL(restart_machine());
		TEST_CALL(attach(scene, false));
		TEST_CALL(take_census(scene, after));
		TEST_ASSERT(same_census(before, after) && after->intact, "other objects after start %d", i);
		TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
		TEST_CALL(detach(scene));
	}
	return TEST_SUCCESS;
}

/* Works, and is killed without a word. */
static int
victim(void *arg)
{
	struct scene scene = {.seed = *(const uint64_t *)arg};

	TEST_CALL(attach(&scene, false));
	for (unsigned int i = 0; i < 50; i++)
		TEST_ASSERT_NOT_NULL(groove_data_alloc(&scene.join, 0, 100, i, NULL), "alloc");
	kill(getpid(), SIGKILL);
	return TEST_FAILED;
}

static int
run_victim(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		fn(arg);
		_exit(EXIT_FAILURE);
	}
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "ended by itself, status %#x", status);
	return TEST_SUCCESS;
}

/* All users killed, one after the other: no damage, and a detach in order makes it clean. */
static int
check_killed(struct scene *scene, const struct census *before, struct census *after)
{
	TEST_CALL(run_victim(victim, &scene->seed));
	TEST_CALL(run_victim(victim, &scene->seed));
	TEST_CALL(attach(scene, false));
	TEST_ASSERT_SUCCESS(groove_region_recover(scene->region, &scene->join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
	TEST_CALL(take_census(scene, after));
	TEST_ASSERT_EQUAL(after->cnt, before->cnt + 100, "objects");
	TEST_CALL(detach(scene));
	TEST_CALL(restart_machine());
	TEST_CALL(attach(scene, false));
	TEST_CALL(detach(scene));
	/* Killed, and then the machine goes down: that is a crash. */
	TEST_CALL(run_victim(victim, &scene->seed));
	TEST_CALL(restart_machine());
	TEST_CALL(attach(scene, true));
	return detach(scene);
}

/* ---- read-only ---- */

static int
refused(int err, const char *word)
{
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "%s", word);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word, "read-only", "rebuild"), "%s", word);
	test_log_begin();
	return TEST_SUCCESS;
}

static int
check_refused(struct scene *scene)
{
	int err;

	test_log_begin();
	TEST_CALL(refused(groove_region_grow(scene->region, &scene->join, NULL), "grow"));
	TEST_CALL(refused(groove_region_shrink(scene->region, &scene->join, NULL), "shrink"));
	TEST_CALL(refused(groove_region_recover(scene->region, &scene->join), "recover"));
	TEST_CALL(refused(groove_region_dma_register(scene->region), "dma_register"));
	TEST_ASSERT_NULL(groove_data_alloc(&scene->join, 0, 1, 1, &err), "alloc");
	TEST_CALL(refused(err, "alloc"));
	test_log_end();
	return TEST_SUCCESS;
}

/* A process that writes to it all the same is ended by that. */
static int
check_write(struct scene *scene)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		__atomic_store_n((uint64_t *)groove_region_volume0(scene->region), 1, __ATOMIC_RELAXED);
		_exit(EXIT_SUCCESS);
	}
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "it can be written to, status %#x", status);
	return TEST_SUCCESS;
}

static int
check_readonly(struct scene *scene, struct census *before)
{
	uint8_t *bytes[2] = {malloc(scene->sz), malloc(scene->sz)};

	TEST_ASSERT(bytes[0] != NULL && bytes[1] != NULL, "out of memory");
	TEST_CALL(read_file(bytes[0], scene->sz));
	TEST_CALL(attach(scene, true));
	TEST_CALL(take_census(scene, before));
	TEST_CALL(check_refused(scene));
	TEST_CALL(check_write(scene));
	TEST_CALL(detach(scene));
	TEST_CALL(read_file(bytes[1], scene->sz));
	TEST_ASSERT(memcmp(bytes[0], bytes[1], scene->sz) == 0, "a read-only region was changed");
	free(bytes[0]);
	free(bytes[1]);
	return TEST_SUCCESS;
}

/* ---- rebuild ---- */

struct reports {
	uint64_t cnt;
	uint64_t die_at; /* 0: never */
};

static void
note_lost(void *arg, const groove_data_lost_t *lost)
{
	struct reports *reports = arg;

	(void)lost;
	if (++reports->cnt == reports->die_at)
		kill(getpid(), SIGKILL);
}

static int
die_in_rebuild(void *arg)
{
	struct scene scene = {.seed = 1};

	TEST_CALL(attach(&scene, true));
	groove_region_leave(scene.region, &scene.join);
	groove_region_rebuild(scene.region, note_lost, arg);
	return TEST_FAILED;
}

/* Attached, until the parent has seen that. */
static int
bystander(void *arg)
{
	const int *ends = arg;
	struct scene scene = {.seed = 1};
	char byte;

	TEST_CALL(attach(&scene, true));
	TEST_ASSERT_EQUAL(write(ends[1], "x", 1), 1, "write");
	TEST_ASSERT_EQUAL(read(ends[2], &byte, 1), 1, "read");
	return detach(&scene);
}

static int
check_not_alone(struct scene *scene)
{
	int ends[4], status;
	char byte;
	pid_t pid;

	TEST_ASSERT(pipe(ends) == 0 && pipe(ends + 2) == 0, "pipe: %m");
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(bystander(ends) == TEST_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
	TEST_ASSERT_EQUAL(read(ends[0], &byte, 1), 1, "read");
	TEST_CALL(attach(scene, true));
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_rebuild(scene->region, NULL, NULL), GROOVE_ERR_AGAIN, "under a join");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "1 joins of this process", "leave them first"), "under a join");
	TEST_ASSERT_EQUAL(groove_region_leave(scene->region, &scene->join), &scene->join, "leave");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_rebuild(scene->region, NULL, NULL), GROOVE_ERR_AGAIN, "while another has it");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "in use", "detach it there"), "while another has it");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene->region), "detach");
	TEST_ASSERT_EQUAL(write(ends[3], "x", 1), 1, "write");
	TEST_ASSERT_EQUAL(waitpid(pid, &status, 0), pid, "waitpid: %m");
	TEST_ASSERT_EQUAL(status, 0, "bystander");
	for (int i = 0; i < 4; i++)
		close(ends[i]);
	return TEST_SUCCESS;
}

/* What the walk saw is kept; then the region is one like any other. */
static int
check_rebuild(struct scene *scene, const struct census *before, struct census *after, uint64_t *lost_cnt)
{
	struct reports reports = {.cnt = 0};

	TEST_CALL(attach(scene, true));
	groove_region_leave(scene->region, &scene->join);
	TEST_ASSERT_SUCCESS(groove_region_rebuild(scene->region, note_lost, &reports), "rebuild");
	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(scene->region), 0, "needs another");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_rebuild(scene->region, NULL, NULL), GROOVE_ERR_INVAL, "twice");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "whole", "nothing to do"), "twice");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify");
	TEST_CALL(take_census(scene, after));
	TEST_ASSERT(same_census(before, after), "%lu objects, %lu before", after->cnt, before->cnt);
	for (uint64_t i = 0; i < 200; i++)
		TEST_ASSERT_SUCCESS(
			groove_data_free(&scene->join, groove_data_alloc(&scene->join, 0, i * i, i, NULL)), "free");
	TEST_CALL(detach(scene));
	TEST_CALL(restart_machine());
	TEST_CALL(attach(scene, false));
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->join), "verify after a start");
	*lost_cnt = reports.cnt;
	return detach(scene);
}

static int
check_mixes(struct scene *scene, struct census *before, struct census *after)
{
	const uint64_t mixes = test_turns(MIXES);
	uint64_t lost_cnt = 0, kept_cnt = 0, cnt;

	for (uint64_t i = 0; i < mixes || lost_cnt == 0; i++) {
		TEST_ASSERT(i < 100, "nothing was lost in %lu mixes", i);
		TEST_CALL(mix_file(scene, 8, i % 4 == 3));
		TEST_CALL(check_readonly(scene, before));
		TEST_CALL(check_rebuild(scene, before, after, &cnt));
		TEST_ASSERT(before->cnt > 0, "nothing was kept");
		kept_cnt += before->cnt;
		lost_cnt += cnt;
	}
	printf("%lu objects were kept, %lu were reported\n", kept_cnt, lost_cnt);
	return TEST_SUCCESS;
}

/* A region that is clean, but has lost the page of each volume that leads to all the others. */
static int
punch_roots(uint64_t data_off)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC);
	struct region_hdr hdr;

	TEST_ASSERT_EQUAL(pread(fd, &hdr, sizeof(hdr), 0), (ssize_t)sizeof(hdr), "read: %m");
	for (uint64_t i = 0; i < VOLUME_CNT; i++) {
		const uint64_t root = hdr.fixed.front_sz + i * VOLUME_SZ_MIN + data_off;

		TEST_ASSERT_SUCCESS(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					    (off_t)(root / PAGE_SZ * PAGE_SZ), PAGE_SZ),
			"punch: %m");
	}
	close(fd);
	return TEST_SUCCESS;
}

/* A rebuild that fills the holes and dies leaves no region that looks whole. */
static int
check_death_at_holes(struct scene *scene, struct census *before, struct census *after)
{
	struct reports reports = {.die_at = 3};
	uint64_t cnt, data_off;

	TEST_CALL(mix_file(scene, 16, false));
	TEST_CALL(attach(scene, true));
	groove_region_leave(scene->region, &scene->join);
	TEST_ASSERT_SUCCESS(groove_region_rebuild(scene->region, NULL, NULL), "rebuild");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	data_off = scene->join.data_off;
	TEST_CALL(detach(scene));
	TEST_CALL(punch_roots(data_off));
	TEST_CALL(run_victim(die_in_rebuild, &reports));
	TEST_CALL(check_readonly(scene, before));
	TEST_ASSERT_EQUAL(before->cnt, 0, "objects without a root");
	return check_rebuild(scene, before, after, &cnt);
}

/* Death in the midst of a rebuild leaves it torn, and the next one ends well. */
static int
check_death(struct scene *scene, struct census *before, struct census *after)
{
	struct reports reports = {.die_at = 3};
	uint64_t cnt;

	TEST_CALL(mix_file(scene, 8, true));
	TEST_CALL(check_not_alone(scene));
	TEST_CALL(run_victim(die_in_rebuild, &reports));
	TEST_CALL(check_readonly(scene, before));
	return check_rebuild(scene, before, after, &cnt);
}

/* ---- the test ---- */

static int
scene_make(struct scene *scene)
{
	const groove_region_cfg_t cfg = {
		.driver = "file",
		.dir = dir,
		.name = NAME,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_max = VOLUME_CNT,
		.node = GROOVE_NODE_ANY,
	};

	scene->seed = 17;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	for (unsigned int i = 0; i < VOLUME_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &scene->join, NULL), "grow");
	scene->sz = (uint64_t)lseek(groove_region_fd(scene->region), 0, SEEK_END);
	for (unsigned int i = 0; i < 2; i++) {
		TEST_CALL(clear_most(scene));
		TEST_CALL(churn(scene, i == 0 ? 256UL << 10 : 100000));
		scene->snapshot[i] = malloc(scene->sz);
		TEST_ASSERT_NOT_NULL(scene->snapshot[i], "out of memory");
		TEST_CALL(read_file(scene->snapshot[i], scene->sz));
	}
	return TEST_SUCCESS;
}

/* ---- memory to spare ---- */

static int
free_object(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

static int
is_killed(void *arg)
{
	struct scene scene = {.seed = 1};

	(void)arg;
	TEST_CALL(attach(&scene, false));
	kill(getpid(), SIGKILL);
	return TEST_FAILED;
}

/* A volume that has memory and is not in the groove is so after a rebuild, too. */
static int
check_spare(struct scene *scene)
{
	groove_data_stats_t stats;
	unsigned int out_cnt = 0;

	TEST_CALL(attach(scene, false));
	while (groove_region_volume_cnt(scene->region) < VOLUME_CNT)
		TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &scene->join, NULL), "grow");
	TEST_ASSERT_SUCCESS(groove_data_walk(&scene->join, NULL, free_object, &scene->join), "free all");
	groove_data_flush(&scene->join);
	for (unsigned int i = 0; i < 100 && out_cnt == 0; i++)
		out_cnt += groove_data_volume_remove(&scene->join) != NULL;
	TEST_ASSERT_EQUAL(out_cnt, 1, "taken out of the groove");
	TEST_CALL(detach(scene));
	TEST_CALL(run_victim(is_killed, NULL));
	TEST_CALL(restart_machine());
	TEST_CALL(attach(scene, true));
	groove_region_leave(scene->region, &scene->join);
	TEST_ASSERT_SUCCESS(groove_region_rebuild(scene->region, NULL, NULL), "rebuild");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(scene->region), VOLUME_CNT, "volumes with memory");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.volume_cnt, VOLUME_CNT - 1, "volumes in the groove");
	TEST_ASSERT_SUCCESS(groove_region_grow(scene->region, &scene->join, NULL), "grow into it");
	return detach(scene);
}

static int
test_region_torn(void)
{
	static struct scene scene;
	static struct census before, after;

	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	snprintf(path, sizeof(path), "%s/groove." NAME, dir);
	TEST_CALL(scene_make(&scene));
	TEST_CALL(check_orderly(&scene, &before, &after));
	TEST_CALL(check_killed(&scene, &before, &after));
	TEST_CALL(check_mixes(&scene, &before, &after));
	TEST_CALL(check_death(&scene, &before, &after));
	TEST_CALL(check_death_at_holes(&scene, &before, &after));
	TEST_CALL(check_spare(&scene));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	free(scene.snapshot[0]);
	free(scene.snapshot[1]);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_torn_autotest, driver, test_region_torn);
