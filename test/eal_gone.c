/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * EAL ends before the regions of its process are detached: detach works all the same, and calls that would touch memory
 * that is gone are errors. A program of its own, for EAL ends only once. Its arguments are EAL's.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>

#include <groove_region.h>

#include "test.h"

#define VOLUME_SZ (32UL << 20)

struct scene {
	groove_region_t *zone; /* driver memzone */
	groove_region_t *file; /* memory that is not EAL's, but known to it */
	pthread_barrier_t step;
	bool has_joined; /* the thread */
};

/* Joins with a handle on its stack, and ends when EAL has. */
static void *
join_and_end(void *arg)
{
	struct scene *scene = arg;
	groove_data_t join;

	scene->has_joined = groove_region_join(scene->zone, &join, 0) != NULL;
	pthread_barrier_wait(&scene->step);
	pthread_barrier_wait(&scene->step);
	return NULL;
}

static int
make(const char *driver, groove_region_t **region)
{
	const groove_region_cfg_t cfg = {
		.driver = driver,
		.volume_sz = VOLUME_SZ,
		.volume_cnt = 1,
		.page = GROOVE_PAGE_NORMAL,
		.node = GROOVE_NODE_ANY,
	};

	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, region), "create with %s", driver);
	return TEST_SUCCESS;
}

/* The number of a descriptor that the library has of a memory file; -1: none. */
static int
find_lock_file(void)
{
	char path[32], leads_to[64];

	for (int fd = 0; fd < 256; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, leads_to, sizeof(leads_to) - 1);
		if (len > 0 && strncmp(leads_to, "/memfd:groove.lock", strlen("/memfd:groove.lock")) == 0)
			return fd;
	}
	return -1;
}

/* The program closes it, and has a file of its own with its number, which detach leaves open. */
static int
test_descriptor(void)
{
	groove_region_t *zone;
	int fd, own;

	TEST_CALL(make("memzone", &zone));
	fd = find_lock_file();
	TEST_ASSERT(fd >= 0, "no lock file");
	own = open("/dev/null", O_RDONLY | O_CLOEXEC);
	TEST_ASSERT_EQUAL(dup3(own, fd, O_CLOEXEC), fd, "dup: %m");
	TEST_ASSERT_SUCCESS(groove_region_detach(zone), "detach");
	TEST_ASSERT(fcntl(fd, F_GETFD) >= 0, "the program's descriptor was closed");
	close(fd);
	close(own);
	return TEST_SUCCESS;
}

/* Logged in one line that says why. */
static int
check_calls(const struct scene *scene)
{
	const groove_region_id_t id = {.driver = "memzone", .name = "gone"};
	groove_region_t *other;
	groove_data_t join;

	test_log_begin();
	TEST_ASSERT_NULL(groove_region_join(scene->zone, &join, 0), "join");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "detach before rte_eal_cleanup()"), "join");
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_attach(&id, &other), GROOVE_ERR_KEY, "attach");
	TEST_ASSERT_EQUAL(groove_region_destroy(&id), GROOVE_ERR_KEY, "destroy");
	test_log_end();
	return TEST_SUCCESS;
}

static int
check_all(void)
{
	struct scene scene;
	groove_data_t join, zone_join;
	pthread_t thread;

	TEST_CALL(test_descriptor());
	TEST_CALL(make("memzone", &scene.zone));
	TEST_CALL(make("memfd", &scene.file));
	TEST_ASSERT_SUCCESS(groove_region_dma_register(scene.file), "register");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.file, &join, 0), "join");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.zone, &zone_join, 0), "join");
	TEST_ASSERT_SUCCESS(pthread_barrier_init(&scene.step, NULL, 2), "barrier");
	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, join_and_end, &scene), "pthread_create");
	pthread_barrier_wait(&scene.step);
	TEST_ASSERT(scene.has_joined, "the thread has not joined");
	TEST_ASSERT_SUCCESS(rte_eal_cleanup(), "rte_eal_cleanup()");
	/* Nothing of the memory is touched when the thread ends, whose join cannot be left any more. */
	pthread_barrier_wait(&scene.step);
	TEST_ASSERT_SUCCESS(pthread_join(thread, NULL), "pthread_join");
	test_log_begin();
	TEST_ASSERT_NULL(groove_region_leave(scene.zone, &zone_join), "leave");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "detach before rte_eal_cleanup()"), "leave");
	TEST_CALL(check_calls(&scene));
	/* What is not EAL's is as it was. */
	TEST_ASSERT_SUCCESS(groove_data_verify(&join), "verify");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.file, &join), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.file), "detach");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.zone), "detach, whatever has joined it");
	pthread_barrier_destroy(&scene.step);
	return TEST_SUCCESS;
}

int
main(int argc, char **argv)
{
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	return check_all() == TEST_SUCCESS ? 0 : 1;
}
