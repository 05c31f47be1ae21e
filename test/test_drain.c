/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A volume is drained: nothing is taken from it while there is room elsewhere, what joins cache there comes back, and
 * when its objects have been freed it can be removed, however busy the others are. No memory is lost to a drain.
 */

#include "fixture.h"

#define LARGE_SZ (1UL << 20) /* of a class that is not cached */
#define SMALL_SZ 1000UL	     /* of one that is */
#define OBJ_MAX	 64UL
#define CALL_MAX 1000UL /* allocations that are some refills */
#define TRY_MAX	 8	/* calls that a grace period and its end take at most when all others are idle */

struct scene {
	struct fixture fix;
	groove_data_t worker;
	void *objs[2][OBJ_MAX]; /* of the worker, by volume */
	uint64_t cnt[2];
};

static uint64_t
volume_of(const struct scene *scene, const void *obj)
{
	return (uint64_t)((const uint8_t *)obj - scene->fix.volume0) / VOLUME_SZ_MIN;
}

/* Take an object to where it lies. */
static int
keep(struct scene *scene, void *obj)
{
	const uint64_t volume = volume_of(scene, obj);

	TEST_ASSERT(volume < 2 && scene->cnt[volume] < OBJ_MAX, "object %p", obj);
	scene->objs[volume][scene->cnt[volume]++] = obj;
	return TEST_SUCCESS;
}

/* Allocate objects until there is no room. */
static int
fill(struct scene *scene, uint64_t sz)
{
	for (;;) {
		int err;
		void *obj = groove_data_alloc(&scene->worker, 0, sz, 0, &err);

		if (obj == NULL) {
			TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "alloc");
			return TEST_SUCCESS;
		}
		TEST_CALL(keep(scene, obj));
	}
}

/* Free the objects that lie in a volume. */
static int
empty(struct scene *scene, uint64_t volume)
{
	while (scene->cnt[volume] > 0)
		TEST_ASSERT_SUCCESS(
			groove_data_free(&scene->worker, scene->objs[volume][--scene->cnt[volume]]), "free");
	return TEST_SUCCESS;
}

/* Allocate an object, which must lie in a volume. */
static int
alloc_in(struct scene *scene, uint64_t sz, uint64_t volume)
{
	void *obj = groove_data_alloc(&scene->worker, 0, sz, 0, NULL);

	TEST_ASSERT(obj != NULL && volume_of(scene, obj) == volume, "%p of %lu bytes, expected in volume %lu", obj, sz,
		volume);
	return keep(scene, obj);
}

static groove_volume_t *
try_remove(struct scene *scene)
{
	groove_volume_t *volume = NULL;

	for (int i = 0; i < TRY_MAX && volume == NULL; i++)
		volume = groove_data_volume_remove(&scene->fix.data);
	return volume;
}

static int
scene_make(struct scene *scene)
{
	*scene = (struct scene){0};
	TEST_CALL(fixture_make(&scene->fix, VOLUME_SZ_MIN, 3));
	TEST_CALL(fixture_add(&scene->fix, 0, 2));
	return fixture_join(&scene->fix, &scene->worker, 1);
}

static int
scene_end(struct scene *scene)
{
	TEST_CALL(empty(scene, 0));
	TEST_CALL(empty(scene, 1));
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene->fix.data), "verify");
	TEST_ASSERT_EQUAL(groove_data_leave(&scene->worker), &scene->worker, "leave");
	return fixture_end(&scene->fix);
}

static int
test_bad_calls(void)
{
	struct scene scene;
	struct snapshot before;

	TEST_CALL(scene_make(&scene));
	TEST_CALL(snapshot_take(&before, &scene.fix, GROOVE_BLOCK_FOOTPRINT));
	TEST_ASSERT_EQUAL(groove_data_volume_drain(NULL, 0), GROOVE_ERR_INVAL, "drain without a join");
	TEST_ASSERT_EQUAL(groove_data_tidy(NULL), GROOVE_ERR_INVAL, "tidy without a join");
	TEST_ASSERT_EQUAL(groove_data_volume_drain(&scene.fix.data, 2), GROOVE_ERR_INVAL, "volume not added");
	TEST_ASSERT_EQUAL(groove_data_volume_drain(&scene.fix.data, 3), GROOVE_ERR_INVAL, "volume out of range");
	TEST_ASSERT_SUCCESS(groove_data_tidy(&scene.fix.data), "tidy when nothing is wanted");
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, GROOVE_VOLUME_NONE), "end of no drain");
	TEST_ASSERT(snapshot_same(&before, &scene.fix), "calls that change nothing changed something");
	snapshot_drop(&before);
	return scene_end(&scene);
}

/* Memory comes from elsewhere, and from the drained volume before an allocation fails. */
static int
test_large(void)
{
	struct scene scene;
	uint64_t all[2];

	TEST_CALL(scene_make(&scene));
	TEST_CALL(fill(&scene, LARGE_SZ));
	all[0] = scene.cnt[0];
	all[1] = scene.cnt[1];
	TEST_ASSERT(all[0] > 20 && all[1] > 20, "%lu and %lu objects", all[0], all[1]);
	/* Half of each is free again, and the superblocks of both in circulation. */
	for (uint64_t volume = 0; volume < 2; volume++)
		while (scene.cnt[volume] > all[volume] / 2)
			TEST_ASSERT_SUCCESS(
				groove_data_free(&scene.worker, scene.objs[volume][--scene.cnt[volume]]), "free");
	for (uint64_t volume = 0; volume < 2; volume++) {
		const uint64_t other = 1 - volume;

		TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, volume), "drain");
		while (scene.cnt[other] < all[other]) {
			void *obj = groove_data_alloc(&scene.worker, 0, LARGE_SZ, 0, NULL);

			TEST_ASSERT(obj != NULL && volume_of(&scene, obj) == other, "%p, volume %lu is drained", obj,
				volume);
			TEST_CALL(keep(&scene, obj));
		}
		TEST_ASSERT_SUCCESS(groove_data_verify(&scene.fix.data), "verify while draining");
		TEST_CALL(fill(&scene, LARGE_SZ));
		TEST_ASSERT(scene.cnt[0] == all[0] && scene.cnt[1] == all[1], "%lu and %lu objects, were %lu and %lu",
			scene.cnt[0], scene.cnt[1], all[0], all[1]);
		while (scene.cnt[other] > all[other] / 2)
			TEST_ASSERT_SUCCESS(
				groove_data_free(&scene.worker, scene.objs[other][--scene.cnt[other]]), "free");
	}
	return scene_end(&scene);
}

/* What a join caches in the volume comes back when the join is asked, and the volume goes. */
static int
test_cached(void)
{
	struct scene scene;

	TEST_CALL(scene_make(&scene));
	for (uint64_t i = 0; i < OBJ_MAX; i++) {
		void *obj = groove_data_alloc(&scene.worker, 0, SMALL_SZ, 0, NULL);

		TEST_ASSERT_NOT_NULL(obj, "alloc %lu", i);
		TEST_CALL(keep(&scene, obj));
	}
	TEST_ASSERT_EQUAL(scene.cnt[0], OBJ_MAX, "objects in the first volume");
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain");
	TEST_CALL(empty(&scene, 0));
	/* The second volume is empty, and the first is not while the worker has slots of it. */
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 1), "empty volume");
	TEST_ASSERT_NULL(try_remove(&scene), "a volume with cached slots was removed");
	TEST_CALL(fixture_add(&scene.fix, 1, 1));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain");
	TEST_ASSERT_SUCCESS(groove_data_tidy(&scene.worker), "tidy");
	for (uint64_t i = 0; i < OBJ_MAX; i++) {
		void *obj = groove_data_alloc(&scene.worker, 0, SMALL_SZ, 0, NULL);

		TEST_ASSERT(obj != NULL && volume_of(&scene, obj) == 1, "%p after the cache came back", obj);
		TEST_CALL(keep(&scene, obj));
	}
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 0), "drained volume");
	/* With the volume the drain has gone: when it is there again it is as good as any. */
	TEST_CALL(empty(&scene, 1));
	TEST_ASSERT_SUCCESS(groove_data_flush(&scene.worker), "flush");
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 1), "empty volume");
	TEST_CALL(fixture_add(&scene.fix, 0, 2));
	TEST_CALL(keep(&scene, groove_data_alloc(&scene.worker, 0, SMALL_SZ, 0, NULL)));
	TEST_ASSERT_EQUAL(scene.cnt[0], 1, "objects in the lowest volume, drained before it was added");
	return scene_end(&scene);
}

/* When a drain is called off, the superblocks of the volume are used before new ones are made. */
static int
test_called_off(void)
{
	struct scene scene;
	uint64_t first = 0;

	TEST_CALL(scene_make(&scene));
	for (uint64_t i = 0; i < 12; i++)
		TEST_CALL(keep(&scene, groove_data_alloc(&scene.worker, 0, LARGE_SZ, 0, NULL)));
	TEST_ASSERT_EQUAL(scene.cnt[0], 12, "objects in the first volume");
	/* One of three is free: whatever the superblocks are, most have a free slot. */
	for (uint64_t i = 0; i < 12; i += 3)
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.worker, scene.objs[0][i]), "free");
	for (uint64_t i = 0; i < 8; i++)
		scene.objs[0][i] = scene.objs[0][i + i / 2 + 1];
	scene.cnt[0] = 8;
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain");
	TEST_CALL(keep(&scene, groove_data_alloc(&scene.worker, 0, LARGE_SZ, 0, NULL)));
	TEST_ASSERT_EQUAL(scene.cnt[1], 1, "objects in the other volume");
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, GROOVE_VOLUME_NONE), "end of the drain");
	for (; scene.cnt[0] < 12 && first < OBJ_MAX; first++)
		TEST_CALL(keep(&scene, groove_data_alloc(&scene.worker, 0, LARGE_SZ, 0, NULL)));
	TEST_ASSERT(scene.cnt[0] == 12 && scene.cnt[1] < 20, "%lu objects in the volume, %lu in the other",
		scene.cnt[0], scene.cnt[1]);
	return scene_end(&scene);
}

/* An empty volume that is drained is nobody's memory, unless there is no other. */
static int
test_empty(void)
{
	struct scene scene;

	TEST_CALL(scene_make(&scene));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain");
	TEST_CALL(alloc_in(&scene, LARGE_SZ, 1));
	TEST_ASSERT_SUCCESS(groove_data_verify(&scene.fix.data), "verify with an empty volume set apart");
	TEST_CALL(fill(&scene, LARGE_SZ));
	TEST_ASSERT(scene.cnt[0] > 20, "%lu objects in volume 0 when it was needed", scene.cnt[0]);
	return scene_end(&scene);
}

/*
 * A second volume is drained before the first is empty: all there is of the first is everybody's again, what was set
 * apart too, and the second goes.
 */
static int
test_second(void)
{
	struct scene scene;
	uint64_t all;

	TEST_CALL(scene_make(&scene));
	TEST_CALL(fill(&scene, LARGE_SZ));
	all = scene.cnt[0];
	TEST_CALL(empty(&scene, 1));
	/* Every third is free: most superblocks of the volume have a free slot, and are set apart when it is come to.
	 */
	for (uint64_t i = 0; i < all; i += 3) {
		TEST_ASSERT_SUCCESS(groove_data_free(&scene.worker, scene.objs[0][i]), "free %lu", i);
		scene.objs[0][i] = NULL;
	}
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain of the first");
	TEST_CALL(alloc_in(&scene, LARGE_SZ, 1));
	TEST_CALL(alloc_in(&scene, SMALL_SZ, 1));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 1), "drain of the second");
	TEST_ASSERT_SUCCESS(groove_data_tidy(&scene.worker), "tidy");
	for (uint64_t i = 0; i < all; i += 3) {
		void *obj = groove_data_alloc(&scene.worker, 0, LARGE_SZ, 0, NULL);

		TEST_ASSERT(obj != NULL && volume_of(&scene, obj) == 0, "%p while the other is drained, %lu of %lu",
			obj, i, all);
		scene.objs[0][i] = obj;
	}
	TEST_CALL(empty(&scene, 1));
	TEST_ASSERT_SUCCESS(groove_data_tidy(&scene.worker), "tidy");
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 1), "second volume");

	/* Then the first again: the one that has gone leaves nothing. */
	TEST_CALL(fixture_add(&scene.fix, 1, 1));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain of the first, again");
	TEST_CALL(alloc_in(&scene, LARGE_SZ, 1));
	TEST_CALL(empty(&scene, 0));
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 0), "first volume");
	return scene_end(&scene);
}

/* The first was empty when the second is drained: there is a whole volume for what leaves the second. */
static int
test_second_after_empty(void)
{
	struct scene scene;

	TEST_CALL(scene_make(&scene));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain of the first");
	TEST_CALL(alloc_in(&scene, LARGE_SZ, 1));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 1), "drain of the second");
	TEST_CALL(alloc_in(&scene, LARGE_SZ, 0));
	TEST_CALL(empty(&scene, 1));
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 1), "second volume");
	TEST_ASSERT_NULL(try_remove(&scene), "a volume with an object");
	return scene_end(&scene);
}

static int
free_one(void *arg, void *obj)
{
	return groove_data_free(arg, obj);
}

/* A join gives back what it caches after some refills of whatever class, without being asked. */
static int
test_unasked(void)
{
	struct scene scene;
	groove_volume_t *volume;
	uint64_t calls = 0;

	TEST_CALL(scene_make(&scene));
	TEST_CALL(keep(&scene, groove_data_alloc(&scene.worker, 0, SMALL_SZ, 0, NULL)));
	TEST_CALL(empty(&scene, 0));
	TEST_ASSERT_EQUAL(try_remove(&scene), (groove_volume_t *)fixture_volume(&scene.fix, 1), "empty volume");
	TEST_CALL(fixture_add(&scene.fix, 1, 1));
	TEST_ASSERT_SUCCESS(groove_data_volume_drain(&scene.fix.data, 0), "drain");
	do {
		TEST_ASSERT(++calls <= CALL_MAX, "volume 0 is not empty after %lu objects of another size", calls);
		TEST_ASSERT_NOT_NULL(groove_data_alloc(&scene.worker, 0, SMALL_SZ / 2, 0, NULL), "alloc %lu", calls);
		volume = groove_data_volume_remove(&scene.fix.data);
	} while (volume == NULL);
	TEST_ASSERT_EQUAL(volume, (groove_volume_t *)fixture_volume(&scene.fix, 0), "drained volume");
	TEST_CALL(fixture_add(&scene.fix, 0, 1));
	groove_data_walk(&scene.fix.data, NULL, free_one, &scene.worker);
	return scene_end(&scene);
}

static int
test_drain(void)
{
	TEST_CALL(test_bad_calls());
	TEST_CALL(test_large());
	TEST_CALL(test_cached());
	TEST_CALL(test_called_off());
	TEST_CALL(test_empty());
	TEST_CALL(test_second());
	TEST_CALL(test_second_after_empty());
	return test_unasked();
}

GROOVE_TEST(drain_autotest, fast, test_drain);
