/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * One bit of a region's words is another: states of volumes, owners of joins, members, counts. Whatever grow, shrink,
 * recover and attach say then, objects keep their bytes, and a process that lives keeps what it has cached.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

#include "pool.h"
#include "region_private.h"
#include "region_state.h"

#define VOLUME_MAX 3UL
#define OBJ_CNT	   8UL
#define SZ	   100UL
#define LARGE_SZ   (9UL << 20) /* three fill a volume, so two are in use */
#define KIND_BITS  3U
#define STEP	   11U /* of the bits of a word above those */

static void *objs[OBJ_CNT];

static struct {
	groove_region_t *region;
	groove_data_t join;
	uint64_t cached; /* slots of SZ */
	uint8_t *front;	 /* as it was */
	uint64_t front_sz;
} scene;

/* ---- a process that lives, and has cached slots, as long as a pipe is open ---- */

static int
living(int fd, int to, int from)
{
	groove_region_t *region = NULL;
	groove_data_t join;
	void *obj;
	char byte;

	if (groove_region_attach_fd(fd, &region) != GROOVE_SUCCESS || groove_region_join(region, &join, 1) == NULL)
		return EXIT_FAILURE;
	obj = groove_data_alloc(&join, 0, SZ, 1, NULL);
	if (obj == NULL || groove_data_free(&join, obj) != GROOVE_SUCCESS || write(to, "", 1) != 1)
		return EXIT_FAILURE;
	return read(from, &byte, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

struct process {
	pid_t pid;
	int go_on;
};

static int
process_start(struct process *process)
{
	int up[2];
	int down[2];
	char byte;

	TEST_ASSERT(pipe(up) == 0 && pipe(down) == 0, "pipe: %m");
	process->pid = fork();
	TEST_ASSERT(process->pid >= 0, "fork: %m");
	if (process->pid == 0) {
		close(down[1]);
		_exit(living(groove_region_fd(scene.region), up[1], down[0]));
	}
	close(up[1]);
	close(down[0]);
	process->go_on = down[1];
	TEST_ASSERT_EQUAL(read(up[0], &byte, 1), 1, "the process has joined");
	close(up[0]);
	return TEST_SUCCESS;
}

static int
process_end(const struct process *process)
{
	int status;

	close(process->go_on);
	TEST_ASSERT_EQUAL(waitpid(process->pid, &status, 0), process->pid, "waitpid: %m");
	TEST_ASSERT_SUCCESS(status, "the process");
	return TEST_SUCCESS;
}

/* ---- the scene ---- */

static uint64_t
cached(void)
{
	groove_data_stats_t stats;

	return groove_data_stats(&scene.join, &stats) == GROOVE_SUCCESS ? stats.szc[expect_szc(SZ)].cached_cnt
									: UINT64_MAX;
}

static uint64_t
volumes_in(void)
{
	groove_data_stats_t stats;

	return groove_data_stats(&scene.join, &stats) == GROOVE_SUCCESS ? stats.volume_cnt : 0;
}

/* Two volumes in the groove, both with objects. */
static int
scene_make(void)
{
	static const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 2,
		.volume_max = VOLUME_MAX,
		.join_max = 4,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene.region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &scene.join, 0), "join");
	while (volumes_in() < 2)
		TEST_ASSERT_SUCCESS(groove_region_grow(scene.region, &scene.join, NULL), "grow");
	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		int err = GROOVE_SUCCESS;

		objs[i] = groove_data_alloc(&scene.join, 0, i < 4 ? LARGE_SZ : SZ, i, &err);
		TEST_ASSERT_NOT_NULL(objs[i], "object %lu: %s", i, groove_strerror(err));
		object_fill(objs[i], i);
	}
	TEST_ASSERT_SUCCESS(groove_data_flush(&scene.join), "flush");
	return TEST_SUCCESS;
}

static int
scene_keep(void)
{
	const struct region_hdr *hdr = scene.region->hdr;

	scene.cached = cached();
	TEST_ASSERT(scene.cached > 0, "the other process has cached nothing");
	scene.front_sz = scene.region->fixed.front_sz;
	scene.front = malloc(scene.front_sz);
	TEST_ASSERT_NOT_NULL(scene.front, "no memory");
	memcpy(scene.front, hdr, scene.front_sz);
	return TEST_SUCCESS;
}

/* ---- one bit ---- */

static int
check_kept(const char *where, unsigned int bit)
{
	for (uint64_t i = 0; i < OBJ_CNT; i++)
		TEST_ASSERT(object_intact(objs[i], i), "object %lu, with bit %u of %s another", i, bit, where);
	TEST_ASSERT_EQUAL(
		cached(), scene.cached, "slots that a living process has, with bit %u of %s another", bit, where);
	return TEST_SUCCESS;
}

/*
 * Every call, in an order in which each may spoil what the last has left. volumes: also those that get memory and give
 * it back, which take their time.
 */
static void
calls(bool volumes)
{
	groove_region_t *again = NULL;
	uint64_t idx;

	groove_region_recover(scene.region, &scene.join);
	groove_region_pointer(scene.region, groove_region_handle(scene.region, objs[0]));
	if (volumes) {
		groove_region_grow(scene.region, &scene.join, &idx);
		groove_region_shrink(scene.region, &scene.join, &idx);
	}
	if (groove_region_attach_fd(groove_region_fd(scene.region), &again) == GROOVE_SUCCESS)
		groove_region_detach(again);
	groove_region_recover(scene.region, &scene.join);
}

static int
try_word(uint64_t *word, const char *where, bool volumes)
{
	/* All bits of the kind, which are the lowest. */
	for (unsigned int bit = 0; bit < 64; bit += bit < KIND_BITS ? 1 : STEP) {
		test_log_begin();
		*word ^= 1UL << bit;
		calls(volumes);
		test_log_end();
		TEST_CALL(check_kept(where, bit));
		memcpy(scene.region->hdr, scene.front, scene.front_sz);
	}
	return TEST_SUCCESS;
}

static int
try_all(void)
{
	struct region_hdr *hdr = scene.region->hdr;
	struct groove_shdata *shdata = scene.join.shdata;

	for (uint64_t i = 0; i < VOLUME_MAX; i++) {
		TEST_CALL(try_word(region_state_word(scene.region, i), "the state of a volume's memory", true));
		TEST_CALL(try_word(&shdata_pool(shdata)->slot[i].state, "the state of a volume", true));
	}
	for (uint64_t i = 0; i < 2; i++) {
		TEST_CALL(try_word(&shdata->record[i].owner, "the owner of a join", false));
		TEST_CALL(try_word(&shdata->record[i].state, "the state of a record", false));
	}
	for (uint64_t i = 0; i < 4; i++)
		TEST_CALL(try_word((uint64_t *)&hdr->member[i], "a member", false));
	TEST_CALL(try_word(&hdr->attach_seq, "the count of attachments", false));
	TEST_CALL(try_word(&hdr->clean_seq, "the count when it was clean", false));
	return try_word(&hdr->boot, "the start of the machine", false);
}

static int
test_region_stray(void)
{
	struct process process;

	TEST_CALL(scene_make());
	TEST_CALL(process_start(&process));
	TEST_CALL(scene_keep());
	TEST_CALL(try_all());
	TEST_CALL(process_end(&process));
	TEST_ASSERT_SUCCESS(groove_region_recover(scene.region, &scene.join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene.join), "verify");
	free(scene.front);
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.join), "leave");
	groove_region_detach(scene.region);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_stray_autotest, fast, test_region_stray);
