/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What a program may say about a region beyond its memory: its address, its first words, its limit, and that it may not
 * be there. */

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <groove_region.h>

#include "test.h"

#define MIB	  1048576UL
#define ROOM_SZ	  (256 * MIB) /* more than a region of four small volumes takes */
#define VOLUME_SZ (32 * MIB)

static char name[32];
static char dir[] = "/dev/shm/groove-tested-XXXXXX";

static groove_region_cfg_t
cfg_of(const char *driver)
{
	const groove_region_cfg_t cfg = {
		.size = sizeof(cfg),
		.driver = driver,
		.dir = dir,
		.name = name,
		.volume_sz = VOLUME_SZ,
		.volume_max = 4,
		.page = GROOVE_PAGE_NORMAL,
	};

	return cfg;
}

static groove_region_id_t
id_of(const char *driver)
{
	const groove_region_id_t id = {.size = sizeof(id), .driver = driver, .dir = dir, .name = name};

	return id;
}

/* An address at which there is room and nothing is mapped; NULL: none. */
static uint8_t *
room_find(void)
{
	uint8_t *room = mmap(NULL, ROOM_SZ + 2 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED || munmap(room, ROOM_SZ + 2 * MIB) != 0)
		return NULL;
	return (uint8_t *)(((uintptr_t)room + 2 * MIB - 1) / (2 * MIB) * (2 * MIB));
}

/* Allocates in a region's memory, so that what is mapped is that. */
static int
check_used(groove_region_t *region)
{
	groove_data_t join;
	void *obj;

	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	obj = groove_data_alloc(&join, 0, 1000, 7, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	memset(obj, 0xa5, 1000);
	TEST_ASSERT_SUCCESS(groove_data_free(&join, obj), "free");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	return TEST_SUCCESS;
}

/* Given a free address, when a region is made or attached there, then all of it lies there. */
static int
test_place(const char *driver)
{
	groove_region_cfg_t cfg = cfg_of(driver);
	groove_region_id_t id = id_of(driver);
	groove_region_t *region, *again;

	cfg.at = room_find();
	TEST_ASSERT_NOT_NULL(cfg.at, "no room");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create at %p", cfg.at);
	TEST_ASSERT((uint8_t *)groove_region_volume0(region) > (uint8_t *)cfg.at &&
			    (uint8_t *)groove_region_volume0(region) + 4 * VOLUME_SZ <= (uint8_t *)cfg.at + ROOM_SZ,
		"volume 0 at %p", groove_region_volume0(region));
	TEST_ASSERT((uint8_t *)groove_region_shdata(region) - (uint8_t *)cfg.at < (ptrdiff_t)(2 * MIB),
		"the front is first: %p", groove_region_shdata(region));
	TEST_CALL(check_used(region));

	id.at = (uint8_t *)cfg.at + ROOM_SZ;
	while (mmap(id.at, ROOM_SZ, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
		       0) == MAP_FAILED)
		id.at = (uint8_t *)id.at + ROOM_SZ;
	munmap(id.at, ROOM_SZ);
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &again), "attach at %p", id.at);
	TEST_ASSERT_EQUAL((uint8_t *)groove_region_volume0(again) - (uint8_t *)id.at,
		(uint8_t *)groove_region_volume0(region) - (uint8_t *)cfg.at, "the same place in the range");
	TEST_CALL(check_used(again));
	TEST_ASSERT_SUCCESS(groove_region_detach(again), "detach");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	groove_region_destroy(&id); /* a memory file is gone already */
	return TEST_SUCCESS;
}

static int
refused(const char *driver, void *at, int expected, const char *word)
{
	groove_region_t *const untouched = (groove_region_t *)(uintptr_t)name;
	groove_region_cfg_t cfg = cfg_of(driver);
	groove_region_id_t id = id_of(driver);
	groove_region_t *region = untouched, *made;

	cfg.at = at;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&cfg, &region), expected, "%s: create at %p", driver, at);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line of create");
	cfg.at = NULL;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &made), "%s: the name is free still", driver);
	id.at = at;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), expected, "%s: attach at %p", driver, at);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), word), "the line of attach");
	TEST_ASSERT_EQUAL(region, untouched, "region touched on error");
	TEST_ASSERT_SUCCESS(groove_region_detach(made), "detach");
	groove_region_destroy(&id);
	return TEST_SUCCESS;
}

/* What is mapped already stays as it is, wherever in the range it lies. */
static int
test_occupied(const char *driver)
{
	uint8_t *room = room_find();
	const size_t offs[] = {0, 8 * MIB};

	TEST_ASSERT_NOT_NULL(room, "no room");
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		uint8_t *page = mmap(room + offs[i], 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		TEST_ASSERT(page != MAP_FAILED, "mmap: %m");
		memset(page, 0x5a, 4096);
		TEST_CALL(refused(driver, room, GROOVE_ERR_FULL, "take another address"));
		for (unsigned int byte = 0; byte < 4096; byte++)
			TEST_ASSERT_EQUAL(page[byte], 0x5a, "byte %u of what was mapped", byte);
		munmap(page, 4096);
	}
	return refused(driver, room + 4096, GROOVE_ERR_INVAL, "multiple");
}

/* ---- words that a region begins with ---- */

static int
test_root(void)
{
	uint64_t root[GROOVE_REGION_ROOT_CNT];
	groove_region_cfg_t cfg = cfg_of("memfd");
	groove_region_id_t id = id_of("memfd");
	groove_region_t *region, *again;

	for (unsigned int i = 0; i < GROOVE_REGION_ROOT_CNT; i++)
		root[i] = 0x1000000000000001UL * (i + 1);
	cfg.root = root;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &again), "attach");
	for (unsigned int i = 0; i < GROOVE_REGION_ROOT_CNT; i++)
		TEST_ASSERT_EQUAL(*groove_region_root(again, i), 0x1000000000000001UL * (i + 1), "word %u", i);
	TEST_ASSERT_SUCCESS(groove_region_detach(again), "detach");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	return TEST_SUCCESS;
}

/* ---- the limit ---- */

static int
refused_limit(groove_region_t *region, uint64_t limit)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_limit_set(region, limit), GROOVE_ERR_INVAL, "limit %" PRIu64, limit);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "1 to 4"), "the line that names what may be");
	return TEST_SUCCESS;
}

static int
full_at(groove_region_t *region, groove_data_t *join, const char *word)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_grow(region, join, NULL), GROOVE_ERR_FULL, "grow beyond the limit");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "no volume left", word), "the line that says %s", word);
	return TEST_SUCCESS;
}

static uint64_t
volume_of(const groove_region_t *region, const void *obj)
{
	return (uint64_t)((const uint8_t *)obj - (const uint8_t *)groove_region_volume0(region)) / VOLUME_SZ;
}

#define OBJ_SZ	(8 * MIB)
#define OBJ_MAX 16

/* Given volumes beyond the limit that are in use, and room below it, then there are too many all the same. */
static int
test_lowered(groove_region_t *region, groove_data_t *join)
{
	void *objs[OBJ_MAX];
	unsigned int cnt = 0;
	uint64_t idx = 0;
	int err;

	while (cnt < OBJ_MAX && (objs[cnt] = groove_data_alloc(join, 0, OBJ_SZ, 0, NULL)) != NULL)
		cnt++;
	for (unsigned int i = 0; i < cnt; i++) {
		if (volume_of(region, objs[i]) != 0)
			continue;
		TEST_ASSERT_SUCCESS(groove_data_free(join, objs[i]), "free");
		objs[i] = NULL;
	}
	groove_data_flush(join);
	groove_data_trim(join);
	do
		err = groove_region_shrink(region, join, &idx);
	while (err == GROOVE_ERR_AGAIN);
	TEST_ASSERT_SUCCESS(err, "shrink");
	TEST_ASSERT_EQUAL(idx, 0, "the volume without objects");
	TEST_ASSERT_SUCCESS(groove_region_limit_set(region, 3), "limit");
	TEST_CALL(full_at(region, join, "3 of 3 in use, raise the limit"));
	TEST_ASSERT_SUCCESS(groove_region_limit_set(region, 4), "limit");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, join, &idx), "grow");
	TEST_ASSERT_EQUAL(idx, 0, "the volume that was free");
	for (unsigned int i = 0; i < cnt; i++)
		TEST_ASSERT(objs[i] == NULL || groove_data_free(join, objs[i]) == GROOVE_SUCCESS, "free %u", i);
	return TEST_SUCCESS;
}

/* Given a limit, then any process grows up to it and no further, until it is raised. */
static int
test_limit(void)
{
	groove_region_cfg_t cfg = cfg_of("memfd");
	groove_region_id_t id = id_of("memfd");
	groove_region_t *region, *again;
	groove_data_t join, other;

	cfg.volume_limit = 5;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_create(&cfg, &region), GROOVE_ERR_INVAL, "limit beyond volume_max");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "up to volume_max, 4"), "the line");
	cfg.volume_limit = 3;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_EQUAL(groove_region_limit(region), 3, "from the start");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	cfg.volume_limit = 0;
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &again), "attach");
	TEST_ASSERT_NOT_NULL(groove_region_join(region, &join, 0), "join");
	TEST_ASSERT_NOT_NULL(groove_region_join(again, &other, 0), "join");
	TEST_ASSERT_EQUAL(groove_region_limit(region), 4, "before it is set");
	TEST_CALL(refused_limit(region, 0));
	TEST_CALL(refused_limit(region, 5));
	TEST_ASSERT_SUCCESS(groove_region_limit_set(region, 2), "limit");
	TEST_ASSERT_EQUAL(groove_region_limit(again), 2, "as another sees it");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_SUCCESS(groove_region_grow(again, &other, NULL), "grow");
	TEST_CALL(full_at(again, &other, "2 of 2 in use, raise the limit"));
	TEST_ASSERT_EQUAL(groove_region_volume_cnt(region), 2, "volumes");
	TEST_ASSERT_SUCCESS(groove_region_limit_set(again, 4), "limit");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_ASSERT_SUCCESS(groove_region_grow(region, &join, NULL), "grow");
	TEST_CALL(full_at(region, &join, "4 of 4 in use, make the region with more"));

	TEST_CALL(test_lowered(region, &join));
	TEST_ASSERT_NOT_NULL(groove_region_leave(again, &other), "leave");
	TEST_ASSERT_NOT_NULL(groove_region_leave(region, &join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(again), "detach");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	return TEST_SUCCESS;
}

/* ---- a region that may not be there ---- */

static int
test_absent(void)
{
	groove_region_id_t id = {.size = sizeof(id), .name = name, .flags = GROOVE_REGION_IF_THERE};
	groove_region_t *region;

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), GROOVE_ERR_KEY, "attach");
	TEST_ASSERT_EQUAL(test_log_lines(), 0, "lines");
	id.name = "/";
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), GROOVE_ERR_INVAL, "attach by what is no name");
	TEST_ASSERT_EQUAL(test_log_lines(), 1, "lines");
	test_log_end();
	return TEST_SUCCESS;
}

static int
test_region_at(void)
{
	snprintf(name, sizeof(name), "at-%d", (int)getpid());
	TEST_ASSERT_NOT_NULL(test_dir_make(dir), "mkdtemp: %m");
	TEST_CALL(test_place("memfd"));
	TEST_CALL(test_place("file"));
	TEST_CALL(test_occupied("memfd"));
	TEST_CALL(test_occupied("file"));
	TEST_CALL(test_root());
	TEST_CALL(test_limit());
	return test_absent();
}

GROOVE_TEST(region_at_autotest, fast, test_region_at);
