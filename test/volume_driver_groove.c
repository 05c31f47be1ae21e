/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What every volume driver must do, continued: growth and shrinking, handles, names, other processes. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "volume_driver.h"

#define VOLUME_MAX 3UL
#define OBJ_SZ	   100000UL
#define OBJ_CNT	   20UL

/* In an idle groove the grace period is over after a few calls. */
#define AGAIN_MAX 16

/* ---- memory ---- */

/*
 * Bytes of memory of a region's file; for others what the states say. A file system on disk may need some blocks more
 * to find it by.
 */
static uint64_t
memory_sz(const groove_region_t *region)
{
	struct stat stat_buf;
	const int fd = groove_region_fd(region);

	if (fd >= 0 && fstat(fd, &stat_buf) == 0)
		return (uint64_t)stat_buf.st_blocks * 512 >> 20 << 20;
	return groove_region_volume_cnt(region) * groove_region_volume_sz(region);
}

static int
shrink_one(groove_region_t *region, groove_data_t *join, uint64_t *idx)
{
	int err = GROOVE_ERR_AGAIN;

	for (int i = 0; i < AGAIN_MAX && err == GROOVE_ERR_AGAIN; i++)
		err = groove_region_shrink(region, join, idx);
	return err;
}

/* Objects until there are some in each of the volumes. */
static int
fill_volumes(groove_region_t *region, groove_data_t *join, uint64_t cnt)
{
	groove_data_stats_t stats;
	void *obj;

	do {
		obj = groove_data_alloc(join, 0, 8UL << 20, 1, NULL);
		TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	} while (obj != NULL && stats.volume_empty_cnt > 0);
	TEST_ASSERT_EQUAL(stats.volume_cnt, cnt, "volumes in the groove");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, 0, "a volume that holds nothing");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cnt, "volumes with memory");
	return TEST_SUCCESS;
}

static int
free_obj(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

static int
grow_all(groove_region_t *region, groove_data_t *join, uint64_t expected_cnt)
{
	uint64_t seen = 0;

	for (uint64_t i = 0; i < VOLUME_MAX; i++) {
		uint64_t idx = VOLUME_MAX;

		TEST_ASSERT_SUCCESS(groove_region_grow(region, join, &idx), "volume %lu", i);
		TEST_ASSERT(idx < VOLUME_MAX && (seen & 1UL << idx) == 0, "volume %lu again", idx);
		seen |= 1UL << idx;
	}
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), expected_cnt, "volumes with memory");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, join, NULL), GROOVE_ERR_FULL, "one volume too many");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "3 of 3", "more volumes"), "one volume too many");
	return TEST_SUCCESS;
}

static int
check_cycle(const struct volume_subject *subject, groove_region_t *region, groove_data_t *join, uint64_t front_sz)
{
	const uint64_t volume_sz = groove_region_volume_sz(region);
	uint64_t idx;

	TEST_CALL(grow_all(region, join, VOLUME_MAX));
	if (subject->gives_back)
		TEST_ASSERT_EQUAL(memory_sz(region), front_sz + VOLUME_MAX * volume_sz, "memory of all");
	TEST_CALL(fill_volumes(region, join, VOLUME_MAX));
	TEST_ASSERT_EQUAL(shrink_one(region, join, &idx), GROOVE_ERR_EMPTY, "a volume with objects went");
	TEST_ASSERT_SUCCESS(groove_data_walk(join, NULL, free_obj, join), "free all");
	for (uint64_t left = VOLUME_MAX; left-- > 0;) {
		TEST_ASSERT_SUCCESS(shrink_one(region, join, &idx), "shrink, %lu left", left);
		TEST_ASSERT(idx < VOLUME_MAX, "volume %lu", idx);
		if (subject->gives_back)
			TEST_ASSERT_EQUAL(memory_sz(region), front_sz + left * volume_sz, "memory of %lu", left);
	}
	TEST_ASSERT_EQUAL(shrink_one(region, join, &idx), GROOVE_ERR_EMPTY, "more than there were");
	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify");
	return TEST_SUCCESS;
}

/* ---- handles ---- */

static int
check_bad_handles(groove_region_t *region, uint64_t handle, uint8_t *obj)
{
	uint8_t *volume0 = groove_region_volume0(region);
	unsigned int taken = 0;

	TEST_ASSERT_NULL(groove_region_pointer(region, 0), "handle 0");
	TEST_ASSERT_EQUAL(groove_region_handle(region, obj + 1), 0, "misaligned");
	TEST_ASSERT_EQUAL(groove_region_handle(region, NULL), 0, "NULL");
	TEST_ASSERT_EQUAL(groove_region_handle(region, volume0 - 16), 0, "before the volumes");
	TEST_ASSERT_EQUAL(groove_region_handle(region, volume0 + VOLUME_MAX * groove_region_volume_sz(region)), 0,
		"after the volumes");
	/* The check has 16 bits: one wrong handle of 65,536 passes. */
	for (unsigned int bit = 0; bit < 64; bit++)
		taken += groove_region_pointer(region, handle ^ 1UL << bit) != NULL;
	TEST_ASSERT(taken <= 1, "%u of 64 damaged handles are taken for good", taken);
	return TEST_SUCCESS;
}

static int
check_handles(const struct volume_subject *subject, groove_region_t *region, groove_data_t *join)
{
	uint64_t handle;
	uint8_t *obj;

	TEST_ASSERT_SUCCESS(groove_region_grow(region, join, NULL), "grow");
	obj = groove_data_alloc(join, 0, OBJ_SZ, 1, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	handle = groove_region_handle(region, obj);
	TEST_ASSERT(handle != 0, "no handle of %p", (void *)obj);
	TEST_ASSERT_EQUAL(groove_region_pointer(region, handle), obj, "there and back");
	TEST_ASSERT(groove_region_handle(region, obj + 16) != handle, "of another address");
	TEST_CALL(check_bad_handles(region, handle, obj));
	TEST_ASSERT_SUCCESS(groove_data_free(join, obj), "free");
	TEST_ASSERT_SUCCESS(shrink_one(region, join, NULL), "shrink");
	if (subject->gives_back)
		TEST_ASSERT_NULL(groove_region_pointer(region, handle), "of memory that is gone");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, join, NULL), "grow again");
	TEST_ASSERT_NULL(groove_region_pointer(region, handle), "of memory that was there before");
	TEST_ASSERT_SUCCESS(shrink_one(region, join, NULL), "shrink again");
	return TEST_SUCCESS;
}

int
volume_driver_check_resize(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;
	groove_data_t join;
	uint64_t front_sz;

	cfg.volume_cnt = 0;
	cfg.volume_max = VOLUME_MAX;
	if (!subject->gives_back)
		cfg.volume_cnt = VOLUME_MAX;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	front_sz = memory_sz(region);
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), cfg.volume_cnt, "volumes with memory");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	for (int round = 0; round < 3; round++)
		TEST_CALL(check_cycle(subject, region, &join, front_sz));
	TEST_CALL(check_handles(subject, region, &join));
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* ---- names ---- */

struct sighting {
	const struct volume_subject *subject;
	const char *name;
	unsigned int cnt;
};

static int
look(void *arg, const char *driver, const char *name)
{
	struct sighting *sighting = arg;

	if (strcmp(driver, sighting->subject->driver) == 0 && strcmp(name, sighting->name) == 0)
		sighting->cnt++;
	return 0;
}

static int
check_listed(const struct volume_subject *subject, const char *name, unsigned int expected)
{
	struct sighting by_driver = {.subject = subject, .name = name};
	struct sighting by_all = {.subject = subject, .name = name};

	TEST_ASSERT_SUCCESS(groove_region_list(subject->driver, subject->dir, look, &by_driver), "list");
	TEST_ASSERT_EQUAL(by_driver.cnt, expected, "times %s is listed", name);
	TEST_ASSERT_SUCCESS(groove_region_list(NULL, subject->dir, look, &by_all), "list of all drivers");
	TEST_ASSERT_EQUAL(by_all.cnt, expected, "times %s is listed, of all", name);
	return TEST_SUCCESS;
}

static int
make_objects(groove_data_t *join)
{
	for (uint64_t tag = 1; tag <= OBJ_CNT; tag++) {
		void *obj = groove_data_alloc(join, 0, OBJ_SZ, tag, NULL);

		TEST_ASSERT_NOT_NULL(obj, "object %lu", tag);
		object_fill(obj, tag);
	}
	return TEST_SUCCESS;
}

struct census {
	groove_data_t *join;
	uint64_t tags; /* a bit each */
	bool intact;
};

static int
count_and_free(void *arg, void *obj)
{
	struct census *census = arg;
	const uint64_t tag = groove_data_alloc_tag(obj);

	census->tags |= 1UL << tag;
	census->intact = census->intact && object_intact(obj, tag);
	return groove_data_free(census->join, obj);
}

/* All objects are there by their tags, with their patterns; frees them. */
static int
check_objects(groove_data_t *join)
{
	struct census census = {.join = join, .intact = true};
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify");
	TEST_ASSERT_SUCCESS(groove_data_walk(join, NULL, count_and_free, &census), "walk");
	TEST_ASSERT_EQUAL(census.tags, (1UL << (OBJ_CNT + 1)) - 2, "tags");
	TEST_ASSERT(census.intact, "a pattern changed");
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.obj_cnt, 0, "live objects");
	TEST_ASSERT_SUCCESS(groove_data_verify(join), "verify without objects");
	return TEST_SUCCESS;
}

static int
check_taken(const groove_region_cfg_t *cfg)
{
	groove_region_t *const untouched = (groove_region_t *)(uintptr_t)cfg;
	groove_region_t *region = untouched;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(cfg, &region), GROOVE_ERR_KEY, "a second of one name");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), cfg->name, "exists"), "a second of one name");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	return TEST_SUCCESS;
}

static int
check_absent(const groove_region_id_t *id)
{
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(id, &region), GROOVE_ERR_KEY, "attach");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), id->name, "create it"), "attach");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(id), GROOVE_ERR_KEY, "destroy");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), id->name, "create it"), "destroy");
	return TEST_SUCCESS;
}

/* The groove, attached twice in this process: what one does the other sees, wherever it lies. */
static int
check_two(groove_region_t *first, groove_region_t *second)
{
	groove_data_t joins[2];
	uint64_t handle;
	uint8_t *obj, *same;

	TEST_ASSERT_NOT_NULL(groove_region_join(first, &joins[0], 0), "join");
	TEST_ASSERT_NOT_NULL(groove_region_join(second, &joins[1], 1), "join the other");
	TEST_ASSERT_SUCCESS(groove_region_grow(first, &joins[0], NULL), "grow");
	obj = groove_data_alloc(&joins[1], 0, OBJ_SZ, 77, NULL);
	TEST_ASSERT_NOT_NULL(obj, "no object in memory that the other has got");
	object_fill(obj, 77);
	handle = groove_region_handle(second, obj);
	same = groove_region_pointer(first, handle);
	TEST_ASSERT_NOT_NULL(same, "handle 0x%lx of %p", handle, (void *)obj);
	TEST_ASSERT(object_intact(same, 77), "another object");
	TEST_ASSERT_EQUAL(same - (uint8_t *)groove_region_volume0(first),
		obj - (uint8_t *)groove_region_volume0(second), "another offset");
	TEST_ASSERT_SUCCESS(groove_data_free(&joins[0], same), "free");
	TEST_CALL(make_objects(&joins[0]));
	TEST_ASSERT_NOT_NULL(groove_region_leave(second, &joins[1]), "leave the other");
	TEST_ASSERT_NOT_NULL(groove_region_leave(first, &joins[0]), "leave");
	return TEST_SUCCESS;
}

/* Nobody has it attached: a new one finds all as it was. */
static int
check_after(const groove_region_id_t *id, const groove_region_cfg_t *cfg)
{
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach(id, &region), "attach again");
	TEST_ASSERT_EQUAL(strcmp(groove_region_name(region), id->name), 0, "name %s", groove_region_name(region));
	TEST_ASSERT_EQUAL(groove_region_volume_max(region), cfg->volume_max, "volumes");
	TEST_ASSERT_EQUAL(groove_region_volume_sz(region), cfg->volume_sz, "volume size");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(check_objects(&join));
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
check_in_use(const groove_region_id_t *id)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(id), GROOVE_ERR_AGAIN, "destroyed in use");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), id->name, "in use", "detach"), "destroyed in use");
	return TEST_SUCCESS;
}

/* ---- another process ---- */

struct visit {
	groove_region_id_t id;
	const void *base;
	bool dies;
};

/* Attaches by name, makes the objects, and leaves or does not. */
static int
visitor(void *arg)
{
	const struct visit *visit = arg;
	groove_region_t *region;
	groove_data_t join;

	TEST_ASSERT_SUCCESS(groove_region_attach(&visit->id, &region), "attach");
	TEST_ASSERT(groove_region_volume0(region) != visit->base, "mapped at one address, which proves nothing");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(make_objects(&join));
	if (visit->dies)
		return TEST_SUCCESS;
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	groove_region_detach(region);
	return TEST_SUCCESS;
}

static int
check_visit(groove_region_t *region, groove_data_t *join, const groove_region_id_t *id, bool dies)
{
	struct visit visit = {.id = *id, .base = groove_region_volume0(region), .dies = dies};
	groove_data_stats_t stats;

	TEST_CALL(test_child_run(visitor, &visit));
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, dies ? 2 : 1, "joins before recovery");
	TEST_ASSERT_SUCCESS(groove_region_recover(region, join), "recover");
	TEST_ASSERT_SUCCESS(groove_data_stats(join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins after recovery");
	return check_objects(join);
}

/* EAL's processes are not made by fork. */
static int
check_visits(groove_region_t *region, const groove_region_id_t *id)
{
	groove_data_t join;

	if (groove_region_fd(region) < 0)
		return TEST_SUCCESS;
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_CALL(check_visit(region, &join, id, false));
	TEST_CALL(check_visit(region, &join, id, true));
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return TEST_SUCCESS;
}

/* A page that somebody punched out of a volume is noticed by the next to attach. */
static int
check_punched(const struct volume_subject *subject, const groove_region_id_t *id)
{
	const bool on_disk = strcmp(subject->driver, "file") == 0;
	groove_region_t *region, *other;
	const char *logged;
	off_t end;
	int err;

	TEST_ASSERT_SUCCESS(groove_region_attach(id, &region), "attach");
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 1, "volumes with memory");
	end = lseek(groove_region_fd(region), 0, SEEK_END);
	TEST_ASSERT_SUCCESS(fallocate(groove_region_fd(region), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    end - (off_t)groove_region_page_sz(region), (off_t)groove_region_page_sz(region)),
		"punch: %m");
	test_log_begin();
	err = groove_region_attach(id, &other);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(err, on_disk ? GROOVE_SUCCESS : GROOVE_ERR_CORRUPT, "attach, said \"%s\"", logged);
	TEST_ASSERT(TEST_LOG_IS_LINE(logged, id->name, "punched", on_disk ? "read-only" : "destroy it"), "attach");
	if (on_disk) {
		TEST_ASSERT_EQUAL(groove_region_needs_rebuild(other), 1, "attached for writing");
		groove_region_detach(other);
	}
	groove_region_detach(region);
	return TEST_SUCCESS;
}

/* A name by which no process could find it is refused. */
static int
check_unshared(const struct volume_subject *subject)
{
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *region;

	cfg.name = "alone";
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&cfg, &region), GROOVE_ERR_INVAL, "create");
	TEST_ASSERT(
		TEST_LOG_IS_LINE(test_log_end(), "region alone", "shares no memory", "leave the name out"), "create");
	return check_listed(subject, "alone", 0);
}

int
volume_driver_check_named(const struct volume_subject *subject)
{
	if (subject->alone)
		return check_unshared(subject);
	groove_region_cfg_t cfg = volume_subject_cfg(subject);
	groove_region_t *regions[2];
	char name[24];
	int keep = -1;

	snprintf(name, sizeof(name), "test-%d", (int)getpid());

	const groove_region_id_t id = {.driver = subject->driver, .dir = subject->dir, .name = name};
	const groove_region_id_t any = {.dir = subject->dir, .name = name};

	cfg.name = name;
	cfg.volume_cnt = 0;
	cfg.volume_max = 1;
	TEST_CALL(check_listed(subject, name, 0));
	TEST_CALL(check_absent(&id));
	TEST_CALL(check_absent(&any));
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &regions[0]), "create");
	TEST_CALL(check_listed(subject, name, 1));
	TEST_CALL(check_taken(&cfg));
	TEST_ASSERT_SUCCESS(groove_region_attach(&any, &regions[1]), "attach");
	TEST_CALL(check_in_use(&id));
	TEST_CALL(check_two(regions[0], regions[1]));
	/* What has no name in a file system lives as long as somebody has its descriptor. */
	if (groove_region_fd(regions[0]) >= 0)
		keep = dup(groove_region_fd(regions[0]));
	groove_region_detach(regions[0]);
	TEST_CALL(check_in_use(&id));
	groove_region_detach(regions[1]);
	TEST_CALL(check_after(&id, &cfg));
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &regions[0]), "attach for others");
	TEST_CALL(check_visits(regions[0], &id));
	if (keep >= 0)
		TEST_CALL(check_punched(subject, &id));
	groove_region_detach(regions[0]);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_CALL(check_listed(subject, name, 0));
	TEST_CALL(check_absent(&any));
	if (keep >= 0)
		close(keep);
	return TEST_SUCCESS;
}
