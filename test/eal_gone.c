/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * EAL ends before the regions of its process are detached: detach works all the same, and calls that would touch memory
 * that is gone are errors. A program of its own, for EAL ends only once. Its arguments are EAL's.
 */

#include <pthread.h>

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
