/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A region attached with GROOVE_REGION_READ_ONLY: what it shows is what a join of the groove shows, nothing can be
 * written by it, as the kernel says, nothing was, as the file says, and nobody is kept from anything but destroy.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "region_hdr.h"
#include "region_private.h"

#define NAME	"readonly"
#define OBJ_CNT 500UL
#define INTENT	5UL /* of a destroyer that has decided nothing yet: destroy.c */

static char dir[64];
static char path[96];

static const groove_region_id_t id = {.driver = "file", .dir = dir, .name = NAME};
static const groove_region_id_t look_id = {
	.driver = "file", .dir = dir, .name = NAME, .flags = GROOVE_REGION_READ_ONLY};

struct scene {
	groove_region_t *region; /* attached to work */
	groove_data_t join;
	groove_region_t *look;
	groove_data_t observer;
};

/* ---- what the kernel says ---- */

/* Whether a mapping of this process that has an address may be written to; -1: none has it. */
static int
is_writable(const void *addr)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int writable = -1;
	char line[512];

	while (maps != NULL && writable < 0 && fgets(line, sizeof(line), maps) != NULL) {
		uintptr_t start, stop;
		char rights[8];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &start, &stop, rights) == 3 &&
			(uintptr_t)addr >= start && (uintptr_t)addr < stop)
			writable = rights[1] == 'w';
	}
	if (maps != NULL)
		fclose(maps);
	return writable;
}

/* ---- what it refuses ---- */

static int
check_core_calls(struct scene *scene, void *obj)
{
	groove_data_t *join = &scene->observer;
	int err = 0;

	TEST_ASSERT_NULL(groove_data_alloc(join, 0, 8, 0, &err), "alloc");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc");
	TEST_ASSERT_EQUAL(groove_data_free(join, obj), GROOVE_ERR_INVAL, "free");
	TEST_ASSERT_EQUAL(groove_data_alloc_bulk(join, 0, 8, 0, &obj, 1), GROOVE_ERR_INVAL, "alloc_bulk");
	TEST_ASSERT_EQUAL(groove_data_free_bulk(join, &obj, 1), GROOVE_ERR_INVAL, "free_bulk");
	TEST_ASSERT_EQUAL(groove_data_flush(join), GROOVE_ERR_INVAL, "flush");
	TEST_ASSERT_EQUAL(groove_data_trim(join), GROOVE_ERR_INVAL, "trim");
	TEST_ASSERT_EQUAL(groove_data_tidy(join), GROOVE_ERR_INVAL, "tidy");
	TEST_ASSERT_EQUAL(groove_data_volume_drain(join, 0), GROOVE_ERR_INVAL, "volume_drain");
	TEST_ASSERT_NULL(groove_data_volume_remove(join), "volume_remove");
	TEST_ASSERT_EQUAL(groove_data_recover(join, NULL, NULL), GROOVE_ERR_INVAL, "recover");
	return TEST_SUCCESS;
}

static int
check_refused(int err, const char *call)
{
	const char *logged = test_log_end();

	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "%s", call);
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, NAME, "read-only", "GROOVE_REGION_READ_ONLY"), "%s: said \"%s\"", call,
		logged);
	test_log_begin();
	return TEST_SUCCESS;
}

static int
check_region_calls(struct scene *scene)
{
	groove_data_t *join = &scene->observer;

	TEST_ASSERT_EQUAL(groove_region_needs_rebuild(scene->look), 0, "what is whole needs a rebuild");
	test_log_begin();
	TEST_CALL(check_refused(groove_region_grow(scene->look, join, NULL), "grow"));
	TEST_CALL(check_refused(groove_region_shrink(scene->look, join, NULL), "shrink"));
	TEST_CALL(check_refused(groove_region_recover(scene->look, join), "recover"));
	TEST_CALL(check_refused(groove_region_recover(scene->look, NULL), "recover without a join"));
	TEST_CALL(check_refused(groove_region_limit_set(scene->look, 1), "limit_set"));
	TEST_ASSERT_EQUAL(groove_region_rebuild(scene->look, NULL, NULL), GROOVE_ERR_INVAL, "rebuild");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), NAME, "whole"), "rebuild");
	return TEST_SUCCESS;
}

/* ---- what it shows ---- */

struct sum {
	uint64_t cnt;
	uint64_t tags;
};

static int
add(void *arg, void *obj)
{
	struct sum *sum = arg;

	sum->cnt++;
	sum->tags += groove_data_alloc_tag(obj);
	return 0;
}

static int
check_shown(struct scene *scene)
{
	groove_data_t *join = &scene->observer;
	groove_data_volume_stats_t seen, known;
	groove_data_stats_t *stats = calloc(2, sizeof(*stats));
	struct sum sum = {0};
	FILE *null = fopen("/dev/null", "we");

	TEST_ASSERT(stats != NULL && null != NULL, "no memory");
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats[0]), "stats");
	TEST_ASSERT_SUCCESS(groove_data_stats(&scene->join, &stats[1]), "stats of a join");
	TEST_ASSERT(memcmp(&stats[0], &stats[1], sizeof(*stats)) == 0, "stats differ");
	TEST_ASSERT_EQUAL(stats[0].total.obj_cnt, OBJ_CNT, "objects");
	TEST_ASSERT_SUCCESS(groove_data_volume_stats(join, groove_data_volume0(join), &seen), "volume_stats");
	TEST_ASSERT_SUCCESS(
		groove_data_volume_stats(&scene->join, groove_data_volume0(&scene->join), &known), "of a join");
	TEST_ASSERT(memcmp(&seen, &known, sizeof(seen)) == 0 && seen.used_bytes > 0, "volume_stats differ");
	TEST_ASSERT_SUCCESS(groove_data_walk(join, NULL, add, &sum), "walk");
	TEST_ASSERT_EQUAL(sum.cnt, OBJ_CNT, "objects visited");
	TEST_ASSERT_EQUAL(sum.tags, OBJ_CNT * (OBJ_CNT - 1) / 2, "sum of their tags");
	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_volume_verify(join, groove_data_volume0(join)), "volume_verify");
	TEST_ASSERT_SUCCESS(groove_data_dump(null, join), "dump");
	fclose(null);
	free(stats);
	return TEST_SUCCESS;
}

/* ---- scenes ---- */

static int
scene_make(struct scene *scene, void **obj)
{
	const groove_region_cfg_t cfg = {.driver = "file",
		.dir = dir,
		.name = NAME,
		.volume_sz = VOLUME_SZ_MIN,
		.volume_cnt = 1,
		.volume_max = 3,
		.page = GROOVE_PAGE_NORMAL};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->join, 0), "join");
	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		*obj = groove_data_alloc(&scene->join, 0, i * 100, i, NULL);
		TEST_ASSERT_NOT_NULL(*obj, "alloc");
	}
	return TEST_SUCCESS;
}

static int
look(struct scene *scene)
{
	TEST_ASSERT_SUCCESS(groove_region_attach(&look_id, &scene->look), "attach read-only");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->look, &scene->observer, 0), "join");
	return TEST_SUCCESS;
}

static int
look_end(struct scene *scene)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_detach(scene->look), GROOVE_ERR_AGAIN, "detach before leave");
	test_log_end();
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->look, &scene->observer), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene->look), "detach");
	return TEST_SUCCESS;
}

/* While a join works: it shows the same, and the joins of the groove are as many as before. */
static int
check_beside_a_join(struct scene *scene, void *obj)
{
	groove_region_report_t report = {.size = sizeof(report)};
	const uint8_t *volume0;

	TEST_CALL(look(scene));
	volume0 = groove_region_volume0(scene->look);
	TEST_ASSERT_EQUAL(is_writable(groove_region_shdata(scene->look)), 0, "the front can be written to");
	TEST_ASSERT_EQUAL(is_writable(volume0), 0, "volume 0 can be written to");
	TEST_ASSERT_EQUAL(is_writable(volume0 + 3 * VOLUME_SZ_MIN - 1), 0, "the last volume can be written to");
	TEST_ASSERT_EQUAL(is_writable(groove_region_volume0(scene->region)), 1, "what works cannot write");
	TEST_CALL(check_shown(scene));
	TEST_CALL(check_core_calls(scene, (uint8_t *)obj - (uint8_t *)groove_region_volume0(scene->region) +
						  (uint8_t *)groove_region_volume0(scene->look)));
	TEST_CALL(check_region_calls(scene));
	TEST_ASSERT_SUCCESS(groove_region_inspect(&id, &report), "inspect");
	TEST_ASSERT_EQUAL(report.join_cnt, 1, "joins");
	TEST_ASSERT_EQUAL(report.member_cnt, 2, "processes");
	TEST_ASSERT_EQUAL(report.reader_cnt, 1, "of these, readers");
	return look_end(scene);
}

/* The last that works detaches while another looks: what it leaves is clean, and cannot be destroyed yet. */
static int
check_last_detach(struct scene *scene)
{
	const struct region_hdr *hdr;

	TEST_CALL(look(scene));
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &scene->join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene->region), "detach");
	hdr = scene->look->hdr;
	TEST_ASSERT_EQUAL(hdr->clean_seq, hdr->attach_seq, "not clean");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_AGAIN, "destroy");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), NAME, "in use"), "destroy: no line of log");
	return look_end(scene);
}

/* Of what nobody works with no byte and no time changes. */
static int
check_untouched(struct scene *scene)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat before, after;
	uint8_t *bytes[2];
	ssize_t got[2];

	TEST_ASSERT(fd >= 0 && fstat(fd, &before) == 0, "%s: %m", path);
	for (unsigned int i = 0; i < 2; i++)
		bytes[i] = calloc(1, (size_t)before.st_size);
	TEST_ASSERT(bytes[0] != NULL && bytes[1] != NULL, "no memory");
	got[0] = pread(fd, bytes[0], (size_t)before.st_size, 0);
	TEST_CALL(look(scene));
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->observer), "verify");
	TEST_CALL(look_end(scene));
	got[1] = pread(fd, bytes[1], (size_t)before.st_size, 0);
	TEST_ASSERT(fstat(fd, &after) == 0, "%s: %m", path);
	TEST_ASSERT(got[0] == before.st_size && got[1] == got[0], "read %zd and %zd bytes", got[0], got[1]);
	TEST_ASSERT(memcmp(bytes[0], bytes[1], (size_t)got[0]) == 0, "bytes have changed");
	TEST_ASSERT(memcmp(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim)) == 0, "it was written to");
	TEST_ASSERT_EQUAL(after.st_blocks, before.st_blocks, "blocks of the file");
	free(bytes[0]);
	free(bytes[1]);
	close(fd);
	return TEST_SUCCESS;
}

/* A destroyer that has decided nothing is overruled by what attaches to work, and left alone by what only looks. */
static int
check_intent(struct scene *scene)
{
	groove_region_t *none = NULL;

	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &scene->region), "attach");
	__atomic_store_n(&scene->region->hdr->destroyed, INTENT, __ATOMIC_SEQ_CST);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&look_id, &none), GROOVE_ERR_AGAIN, "attach to what is being destroyed");
	TEST_ASSERT(
		TEST_LOG_IS_LINE(test_log_end(), NAME, "destroys it", "groove-ctl destroy " NAME), "no line of log");
	TEST_ASSERT_NULL(none, "a region");
	TEST_ASSERT_EQUAL(scene->region->hdr->destroyed, INTENT, "the intent");
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &none), "attach to work");
	TEST_ASSERT_EQUAL(scene->region->hdr->destroyed, 0, "the intent");
	groove_region_detach(none);
	groove_region_detach(scene->region);
	return TEST_SUCCESS;
}

static int
test_region_readonly(void)
{
	static struct scene scene;
	void *obj = NULL;

	snprintf(dir, sizeof(dir), "/dev/shm/groove-tested-XXXXXX");
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	snprintf(path, sizeof(path), "%s/groove." NAME, dir);
	TEST_CALL(scene_make(&scene, &obj));
	TEST_CALL(check_beside_a_join(&scene, obj));
	TEST_CALL(check_last_detach(&scene));
	TEST_CALL(check_untouched(&scene));
	TEST_CALL(check_intent(&scene));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(rmdir(dir), "left something in %s: %m", dir);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_readonly_autotest, driver, test_region_readonly);
