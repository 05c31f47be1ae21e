/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Named regions of driver memzone, in one process of an EAL that shares its memory: attached twice, half made, and
 * destroyed meanwhile. A program of its own, for the tests' EAL shares nothing. Its arguments are EAL's, with pages of
 * 2 MiB and a file prefix of its own.
 */

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_memzone.h>

#include <groove_region.h>
#include <groove_volume_driver.h>

#include "region_hdr.h"
#include "test.h"

#define VOLUME_SZ (32UL << 20)

/* ---- attached twice ---- */

struct scene {
	groove_region_id_t id;
	groove_region_t *first;
	groove_region_t *second;
	bool has_joined; /* the thread */
};

/* Joins by the first, ends when the second is attached, and leaves nothing but a handle on its stack. */
static void *
join_and_end(void *arg)
{
	struct scene *scene = arg;
	groove_data_t join;

	scene->has_joined = groove_region_join(scene->first, &join, 0) != NULL &&
			    groove_region_attach(&scene->id, &scene->second) == GROOVE_SUCCESS;
	return NULL;
}

static int
test_twice(void)
{
	struct scene scene = {.id = {.driver = "memzone", .name = "twice"}};
	const groove_region_cfg_t cfg = {.driver = "memzone",
		.name = "twice",
		.volume_sz = VOLUME_SZ,
		.volume_cnt = 1,
		.page = GROOVE_PAGE_HUGE};
	groove_data_stats_t stats;
	groove_data_t join;
	pthread_t thread;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene.first), "create");
	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, join_and_end, &scene), "pthread_create");
	TEST_ASSERT_SUCCESS(pthread_join(thread, NULL), "pthread_join");
	TEST_ASSERT(scene.has_joined, "join, and attach once more");

	TEST_ASSERT_NOT_NULL(groove_region_join(scene.second, &join, 0), "join by the second");
	TEST_ASSERT_SUCCESS(groove_data_stats(&join, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, 1, "joins, when the thread has ended");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.first) == GROOVE_ERR_AGAIN ? 0 : 1, "detach under a join");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.second, &join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.first), "detach of the first");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.second, &join, 0), "join by the second");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.second, &join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.second), "detach of the second");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&scene.id), "destroy");
	return TEST_SUCCESS;
}

/* ---- half made ---- */

/* As one that makes the region: it has the memzone, whose first word is not stored yet, and a lock while it lives. */
static int
test_half_made(void)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "half"};
	const struct rte_memzone *zone;
	char path[256];
	int fd;

	zone = rte_memzone_reserve("groove.half", 1UL << 20, SOCKET_ID_ANY, 0);
	TEST_ASSERT_NOT_NULL(zone, "memzone");
	memset(zone->addr, 0, 4096);
	snprintf(path, sizeof(path), "%s/hugepage_info", rte_eal_get_runtime_dir());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	TEST_ASSERT(fd >= 0 && flock(fd, LOCK_SH) == 0, "%s: %m", path);

	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_AGAIN, "destroy of what another makes");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "region half", "a process that lives is making it"), "its line");
	TEST_ASSERT_NOT_NULL(rte_memzone_lookup("groove.half"), "the memzone is gone");

	close(fd);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy when the maker is dead");
	TEST_ASSERT_NULL(rte_memzone_lookup("groove.half"), "the memzone is there");
	return TEST_SUCCESS;
}

/* The maker died when it had the memzone, and its lock file, and no more: that goes too. */
static int
test_maker_died(void)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "early"};
	const struct rte_memzone *zone;
	struct region_hdr *hdr;
	char path[256];

	zone = rte_memzone_reserve("groove.early", 1UL << 20, SOCKET_ID_ANY, 0);
	TEST_ASSERT_NOT_NULL(zone, "memzone");
	memset(zone->addr, 0, 4096);
	hdr = zone->addr;
	hdr->fixed.id = 0x1234567;
	snprintf(path, sizeof(path), "%s/groove.%016lx.lock", rte_eal_get_runtime_dir(), hdr->fixed.id);
	close(open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_NULL(rte_memzone_lookup("groove.early"), "the memzone is there");
	TEST_ASSERT(access(path, F_OK) != 0, "the lock file is there");
	return TEST_SUCCESS;
}

/* The maker writes the number down before it makes the lock file, so that this can be found by it. */
static int
lock_file_has_number(const groove_volume_range_t *range)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/groove.%016lx.lock", rte_eal_get_runtime_dir(), groove_volume_id(range->base));
	return access(path, F_OK) == 0;
}

static int
test_maker_notes(void)
{
	const groove_volume_driver_t *driver = groove_volume_driver_find("memzone");
	const groove_volume_request_t request = {.name = "noted",
		.id = 0x7654321,
		.page = GROOVE_PAGE_HUGE,
		.volume_sz = VOLUME_SZ,
		.volume_max = 1,
		.front_sz = 1UL << 20,
		.node = GROOVE_NODE_ANY};
	groove_volume_range_t range;

	TEST_ASSERT_SUCCESS(driver->create(&request, &range), "create");
	TEST_ASSERT(lock_file_has_number(&range), "no lock file of the number %#lx", groove_volume_id(range.base));
	TEST_ASSERT_SUCCESS(driver->unlink(NULL, "noted", &range), "unlink");
	driver->close(&range);
	return TEST_SUCCESS;
}

/* A region of one volume. */
static groove_region_cfg_t
small_cfg(const char *name)
{
	return (groove_region_cfg_t){
		.driver = "memzone", .name = name, .volume_sz = VOLUME_SZ, .volume_cnt = 1, .page = GROOVE_PAGE_HUGE};
}

/* ---- destroyed, and its name is left ---- */

/* The destroyer died in between. What cannot be attached can be made anew. */
static int
test_left(void)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "left"};
	const groove_region_cfg_t cfg = small_cfg("left");
	groove_region_t *region;
	struct region_hdr *hdr;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	hdr = rte_memzone_lookup("groove.left")->addr;
	hdr->destroyed = REGION_DESTROYED;
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &region), GROOVE_ERR_KEY, "attach");
	test_log_end();
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create what is not there");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &region), "attach");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

/* ---- destroyed while another opens it ---- */

/* What is open stays mapped until it is closed, or attached. */
static int
test_opened(void)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "opened"};
	const groove_region_cfg_t cfg = small_cfg("opened");
	const groove_volume_driver_t *driver = groove_volume_driver_find("memzone");
	groove_volume_range_t range = {.fd = -1};
	groove_region_t *region;
	uint64_t number;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_SUCCESS(driver->open(NULL, "opened", &range), "open");
	number = groove_volume_id(range.base);
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_AGAIN, "destroy what another opens");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "another process opens", "try again"), "its line");
	TEST_ASSERT_EQUAL(groove_volume_id(range.base), number, "the number in the header");
	driver->attached(&range);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	driver->close(&range);
	TEST_ASSERT_EQUAL(driver->open(NULL, "opened", &range), GROOVE_ERR_KEY, "open what is not there");
	return TEST_SUCCESS;
}

/* ---- destroyed, and made again ---- */

/* What was opened before is not what has the name now, wherever that lies. */
static int
test_later(void)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "later"};
	const groove_region_cfg_t cfg = small_cfg("later");
	const groove_volume_driver_t *driver = groove_volume_driver_find("memzone");
	groove_volume_range_t range = {.fd = -1};
	groove_region_t *region;

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_SUCCESS(driver->open(NULL, "later", &range), "open");
	range.id = groove_volume_id(range.base);
	driver->attached(&range);
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &region), "create again");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_EQUAL(driver->unlink(NULL, "later", &range), GROOVE_ERR_KEY, "unlink of the first");
	driver->close(&range);
	TEST_ASSERT_SUCCESS(groove_region_attach(&id, &region), "attach to the later one");
	TEST_ASSERT_SUCCESS(groove_region_detach(region), "detach");
	TEST_ASSERT_SUCCESS(groove_region_destroy(&id), "destroy");
	return TEST_SUCCESS;
}

static unsigned int
lock_file_cnt(void)
{
	DIR *entries = opendir(rte_eal_get_runtime_dir());
	const struct dirent *entry;
	unsigned int cnt = 0;

	while (entries != NULL && (entry = readdir(entries)) != NULL)
		cnt += strncmp(entry->d_name, "groove.", strlen("groove.")) == 0;
	if (entries != NULL)
		closedir(entries);
	return cnt;
}

static int
test_all(void)
{
	TEST_CALL(test_twice());
	TEST_CALL(test_half_made());
	TEST_CALL(test_maker_notes());
	TEST_CALL(test_maker_died());
	TEST_CALL(test_left());
	TEST_CALL(test_opened());
	TEST_CALL(test_later());
	TEST_ASSERT_EQUAL(lock_file_cnt(), 0, "lock files that are left");
	return TEST_SUCCESS;
}

int
main(int argc, char **argv)
{
	int result;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	result = test_all();
	rte_eal_cleanup();
	return result == TEST_SUCCESS ? 0 : 1;
}
