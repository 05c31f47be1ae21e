/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Joins and what they use: no region is unmapped under one, and a thread that ends leaves its own and no other. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <groove_region.h>

#include "test.h"

#define MIB	   1048576UL
#define JOIN_MAX   4
#define THREAD_CNT (4 * JOIN_MAX)
#define OBJ_SZ	   1000

struct scene {
	groove_region_t *region;
	groove_data_t main;
	groove_data_t *handed; /* by a thread that ends */
	groove_data_t copy;    /* of a thread's own handle */
	void *objs[THREAD_CNT];
	unsigned int obj_cnt;
};

static int
scene_open(struct scene *scene)
{
	const groove_region_cfg_t cfg = {
		.driver = "memfd",
		.volume_sz = 32 * MIB,
		.volume_cnt = 1,
		.join_max = JOIN_MAX,
		.page = GROOVE_PAGE_NORMAL,
	};

	memset(scene, 0, sizeof(*scene));
	TEST_ASSERT_SUCCESS(groove_region_create(&cfg, &scene->region), "create");
	TEST_ASSERT_NOT_NULL(groove_region_join(scene->region, &scene->main, 0), "join");
	return TEST_SUCCESS;
}

static uint64_t
join_cnt(const struct scene *scene)
{
	groove_data_stats_t stats = {0};

	groove_data_stats(&scene->main, &stats);
	return stats.join_cnt;
}

/* All joins but the scene's have left; nothing that they cached is missing. */
static int
scene_close(struct scene *scene)
{
	TEST_ASSERT_EQUAL(join_cnt(scene), 1, "joins left over");
	for (unsigned int i = 0; i < scene->obj_cnt; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene->main, scene->objs[i]), "free %u", i);
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->main), "verify");
	groove_data_flush(&scene->main);
	groove_data_trim(&scene->main);
	TEST_ASSERT_NOT_NULL(groove_data_volume_remove(&scene->main), "an ended thread keeps memory");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene->region, &scene->main), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene->region), "detach");
	return TEST_SUCCESS;
}

/* ---- detach ---- */

static int
check_refused(groove_region_t *region, const char *cnt, const char *idx)
{
	test_log_begin();
	TEST_ASSERT_EQUAL(groove_region_detach(region), GROOVE_ERR_AGAIN, "detach under a join");
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "detach", cnt, idx, "leave"), "the line that names them");
	return TEST_SUCCESS;
}

static int
detach_in_child(void *arg)
{
	const struct scene *scene = arg;

	TEST_ASSERT_SUCCESS(groove_region_detach(scene->region), "detach in a child of fork");
	return TEST_SUCCESS;
}

/* Given joins of either kind, then detach refuses, names them and changes nothing, until the last has left. */
static int
test_detach(void)
{
	struct scene scene;
	groove_data_t other;

	TEST_CALL(scene_open(&scene));
	TEST_ASSERT_NOT_NULL(
		groove_data_join(&other, groove_region_shdata(scene.region), groove_region_volume0(scene.region), 0, 0),
		"the core's join");
	TEST_CALL(check_refused(scene.region, "2 joins", " 1 0"));
	TEST_CALL(test_child_run(detach_in_child, &scene));
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&other, 0, OBJ_SZ, 0, NULL), "alloc after a detach that was refused");
	TEST_ASSERT_NOT_NULL(groove_data_leave(&other), "leave");
	TEST_CALL(check_refused(scene.region, "1 joins", " 0"));
	scene.objs[scene.obj_cnt++] = groove_data_alloc(&scene.main, 0, OBJ_SZ, 0, NULL);
	TEST_ASSERT_NOT_NULL(scene.objs[0], "alloc after a detach that was refused");
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &scene.main), "leave");
	TEST_ASSERT_SUCCESS(groove_region_detach(scene.region), "detach");
	TEST_ASSERT_SUCCESS(groove_region_detach(NULL), "detach of nothing");
	return TEST_SUCCESS;
}

/* ---- threads that end ---- */

static int
run_thread(void *(*fn)(void *), struct scene *scene)
{
	pthread_t thread;
	void *result = NULL;

	TEST_ASSERT_EQUAL(pthread_create(&thread, NULL, fn, scene), 0, "pthread_create");
	TEST_ASSERT_EQUAL(pthread_join(thread, &result), 0, "pthread_join");
	TEST_ASSERT_EQUAL(result, scene, "the thread failed");
	return TEST_SUCCESS;
}

static void *
use(struct scene *scene, groove_data_t *ljoin)
{
	void *obj;

	if (groove_region_join(scene->region, ljoin, 0) == NULL)
		return NULL;
	obj = groove_data_alloc(ljoin, 0, OBJ_SZ, 0, NULL);
	if (obj == NULL || groove_data_alloc(ljoin, 0, 64, 0, NULL) == NULL)
		return NULL;
	scene->objs[scene->obj_cnt++] = obj;
	return scene;
}

static void *
with_stack(void *arg)
{
	groove_data_t join;
	groove_data_t second;

	if (use(arg, &join) == NULL || groove_region_join(((struct scene *)arg)->region, &second, 1) == NULL)
		return NULL;
	return arg;
}

static void *
with_thread_local(void *arg)
{
	static _Thread_local groove_data_t join;

	return use(arg, &join);
}

static void *
with_exit(void *arg)
{
	groove_data_t join;

	pthread_exit(use(arg, &join));
}

static int
free_small(void *arg, void *obj)
{
	return groove_data_alloc_sz(obj) == 64 ? groove_data_free(arg, obj) : 0;
}

/* Given more threads, one after the other, than there are records, when none leaves, then each gets one all the same.
 */
static int
test_threads(void)
{
	static void *(*const fns[])(void *) = {with_stack, with_thread_local, with_exit};
	struct scene scene;

	for (size_t i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		TEST_CALL(scene_open(&scene));
		for (unsigned int n = 0; n < THREAD_CNT; n++)
			TEST_CALL(run_thread(fns[i], &scene));
		TEST_ASSERT_SUCCESS(groove_data_walk(&scene.main, NULL, free_small, &scene.main), "walk");
		TEST_CALL(scene_close(&scene));
	}
	return TEST_SUCCESS;
}

/* ---- what a thread that ends leaves alone ---- */

static void *
leave_first(void *arg)
{
	struct scene *scene = arg;
	groove_data_t join;

	if (groove_region_join(scene->region, &join, 0) == NULL || groove_data_leave(&join) == NULL)
		return NULL;
	/* Its record is the next one's: the end of this thread must not leave that. */
	return groove_region_join(scene->region, scene->handed, 0) != NULL ? scene : NULL;
}

static void *
hand_over(void *arg)
{
	struct scene *scene = arg;

	return groove_region_join(scene->region, scene->handed, 0) != NULL ? scene : NULL;
}

/* Given a join that a thread made in memory that stays, when the thread has ended, then another uses it. */
static int
test_handed_over(void *(*fn)(void *), groove_data_t *handle)
{
	struct scene scene;

	TEST_CALL(scene_open(&scene));
	scene.handed = handle;
	TEST_CALL(run_thread(fn, &scene));
	TEST_ASSERT_EQUAL(join_cnt(&scene), 2, "joins");
	scene.objs[scene.obj_cnt++] = groove_data_alloc(handle, 0, OBJ_SZ, 0, NULL);
	TEST_ASSERT_NOT_NULL(scene.objs[0], "alloc by a join of an ended thread");
	TEST_CALL(check_refused(scene.region, "2 joins", " 1 0"));
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, handle), "leave");
	return scene_close(&scene);
}

static void *
copy_handle(void *arg)
{
	struct scene *scene = arg;
	groove_data_t join;

	if (groove_region_join(scene->region, &join, 0) == NULL)
		return NULL;
	scene->copy = join;
	return groove_data_alloc(&scene->copy, 0, 64, 0, NULL) != NULL ? scene : NULL;
}

/* A copy of a handle that ended with its thread is refused: its record may be another's by then. */
static int
test_copy(void)
{
	struct scene scene;
	groove_data_t next;
	int err = 0;

	TEST_CALL(scene_open(&scene));
	TEST_CALL(run_thread(copy_handle, &scene));
	TEST_ASSERT_NOT_NULL(groove_region_join(scene.region, &next, 0), "join");
	test_log_begin();
	TEST_ASSERT_NULL(groove_data_alloc(&scene.copy, 0, 64, 0, &err), "alloc by the copy");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc by the copy");
	TEST_ASSERT_NULL(groove_data_leave(&scene.copy), "leave by the copy");
	TEST_ASSERT_EQUAL(test_log_lines(), 2, "lines");
	test_log_end();
	TEST_ASSERT_NOT_NULL(groove_region_leave(scene.region, &next), "leave");
	TEST_ASSERT_SUCCESS(groove_data_walk(&scene.main, NULL, free_small, &scene.main), "walk");
	return scene_close(&scene);
}

static int
test_region_joins(void)
{
	static groove_data_t lasting;
	groove_data_t *heap = aligned_alloc(64, sizeof(*heap));

	TEST_ASSERT_NOT_NULL(heap, "no heap");
	TEST_CALL(test_detach());
	TEST_CALL(test_threads());
	TEST_CALL(test_handed_over(hand_over, &lasting));
	TEST_CALL(test_handed_over(hand_over, heap));
	TEST_CALL(test_handed_over(leave_first, &lasting));
	TEST_CALL(test_copy());
	free(heap);
	return TEST_SUCCESS;
}

GROOVE_TEST(region_joins_autotest, fast, test_region_joins);
