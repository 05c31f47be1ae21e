/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* A join does not survive fork: in the child each call on it is refused and changes nothing; the parent goes on. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define VOLUME_CNT 16UL	       /* in the groove; there is room for one more */
#define HEAD_SZ	   (1UL << 20) /* of a volume, with all that this test puts there */

struct family {
	struct fixture fix;
	struct snapshot before; /* taken by the parent, at the moment of fork */
	void *obj;
};

static int
ignore_object(void *arg, void *obj)
{
	(void)arg;
	(void)obj;
	return 0;
}

static int
child_objects(groove_data_t *data, void *obj)
{
	void *objs[1] = {obj};
	int err = 1234;

	TEST_ASSERT_NULL(groove_data_alloc(data, 0, 100, 0, &err), "alloc");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc");
	TEST_ASSERT_EQUAL(groove_data_free(data, obj), GROOVE_ERR_INVAL, "free");
	TEST_ASSERT_EQUAL(groove_data_free_bulk(data, objs, 1), GROOVE_ERR_INVAL, "free_bulk");
	err = 1234;
	TEST_ASSERT_EQUAL(groove_data_free_burst(data, objs, 1, &err), 0, "free_burst");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "free_burst");
	TEST_ASSERT_EQUAL(groove_data_alloc_bulk(data, 0, 100, NULL, objs, 1), GROOVE_ERR_INVAL, "alloc_bulk");
	err = 1234;
	TEST_ASSERT_EQUAL(groove_data_alloc_burst(data, 0, 100, NULL, objs, 1, &err), 0, "alloc_burst");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "alloc_burst");
	return TEST_SUCCESS;
}

static int
child_upkeep(const struct fixture *fix, groove_data_t *data)
{
	const groove_volume_t *volume = (const groove_volume_t *)(void *)fix->volume0;
	groove_data_stats_t stats;

	TEST_ASSERT_EQUAL(groove_data_volume_add(data, fixture_volume(fix, VOLUME_CNT), fix->cfg.volume_sz, NULL, 0),
		GROOVE_ERR_INVAL, "volume_add");
	TEST_ASSERT_NULL(groove_data_volume_remove(data), "volume_remove");
	TEST_ASSERT_EQUAL(groove_data_flush(data), GROOVE_ERR_INVAL, "flush");
	TEST_ASSERT_EQUAL(groove_data_trim(data), GROOVE_ERR_INVAL, "trim");
	TEST_ASSERT_EQUAL(groove_data_stats(data, &stats), GROOVE_ERR_INVAL, "stats");
	TEST_ASSERT_EQUAL(groove_data_walk(data, NULL, ignore_object, NULL), GROOVE_ERR_INVAL, "walk");
	TEST_ASSERT_EQUAL(groove_data_recover(data, NULL, NULL), GROOVE_ERR_INVAL, "recover");
	TEST_ASSERT_EQUAL(groove_data_verify(data), GROOVE_ERR_INVAL, "verify");
	TEST_ASSERT_EQUAL(groove_data_volume_verify(data, volume), GROOVE_ERR_INVAL, "volume_verify");
	TEST_ASSERT_EQUAL(groove_data_dump(stdout, data), GROOVE_ERR_INVAL, "dump");
	TEST_ASSERT_NULL(groove_data_leave(data), "leave");
	return TEST_SUCCESS;
}

static int
child_refused(void *arg)
{
	struct family *family = arg;

	TEST_CALL(child_objects(&family->fix.data, family->obj));
	TEST_CALL(child_upkeep(&family->fix, &family->fix.data));
	TEST_ASSERT(snapshot_same(&family->before, &family->fix), "a refused call changed state");
	return TEST_SUCCESS;
}

/* Runs with the join that its parent, itself a child, made. */
static int
grandchild(void *arg)
{
	struct family *family = arg;

	return child_objects(&family->fix.data, family->obj);
}

static int
child_own_join(void *arg)
{
	struct family *family = arg;
	groove_data_t own;
	void *objs[50];

	TEST_CALL(fixture_join(&family->fix, &own, 1));
	TEST_ASSERT(object_intact(family->obj, 1), "object of the parent");
	for (unsigned int i = 0; i < 50; i++) {
		objs[i] = groove_data_alloc(&own, 0, 100UL * i, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "alloc %u", i);
		object_fill(objs[i], i);
	}
	TEST_CALL(child_objects(&family->fix.data, family->obj));
	for (unsigned int i = 0; i < 50; i++) {
		TEST_ASSERT(object_intact(objs[i], i), "object %u", i);
		TEST_ASSERT_SUCCESS(groove_data_free(&own, objs[i]), "free %u", i);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&own), &own, "leave");
	return TEST_SUCCESS;
}

static int
child_with_child(void *arg)
{
	struct family *family = arg;
	groove_data_t inherited;

	memcpy(&inherited, &family->fix.data, sizeof(inherited));
	TEST_CALL(fixture_join(&family->fix, &family->fix.data, 2));
	TEST_CALL(test_child_run(grandchild, family));
	TEST_CALL(child_objects(&inherited, family->obj));
	TEST_ASSERT_EQUAL(groove_data_leave(&family->fix.data), &family->fix.data, "leave");
	return TEST_SUCCESS;
}

/* The child leaves objects to its parent. */
static int
child_bequest(void *arg)
{
	struct family *family = arg;
	groove_data_t own;

	TEST_CALL(fixture_join(&family->fix, &own, 3));
	for (unsigned int i = 0; i < 100; i++) {
		void *obj = groove_data_alloc(&own, 0, 1000, 7000 + i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "alloc %u", i);
		object_fill(obj, 7000 + i);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&own), &own, "leave");
	return TEST_SUCCESS;
}

struct recoverer {
	struct fixture *fix;
	unsigned int cnt;
};

static int
inherit(void *arg, void *obj)
{
	struct recoverer *recoverer = arg;
	const uint64_t tag = groove_data_alloc_tag(obj);

	TEST_ASSERT(tag >= 7000 && tag < 7100, "tag %lu", tag);
	TEST_ASSERT(object_intact(obj, tag), "object %lu", tag);
	TEST_ASSERT_SUCCESS(groove_data_free(&recoverer->fix->data, obj), "free");
	recoverer->cnt++;
	return 0;
}

static int
test_fork(void)
{
	const groove_data_walk_filter_t bequest = {
		.tag_min = 7000, .tag_max = 7099, .szc_max = GROOVE_DATA_SZC_CNT - 1};
	struct family family;
	struct recoverer recoverer = {.fix = &family.fix};

	if (!test_fork_wipes())
		return test_skip("MADV_WIPEONFORK does not wipe here: run it on a kernel, not under an emulator");
	TEST_CALL(fixture_make(&family.fix, VOLUME_SZ_MIN, VOLUME_CNT + 1));
	TEST_CALL(fixture_add(&family.fix, 0, VOLUME_CNT));
	family.obj = groove_data_alloc(&family.fix.data, 0, 1000, 42, NULL);
	TEST_ASSERT_NOT_NULL(family.obj, "alloc");
	object_fill(family.obj, 1);

	TEST_CALL(snapshot_take(&family.before, &family.fix, HEAD_SZ));
	TEST_CALL(test_child_run(child_refused, &family));
	TEST_ASSERT(snapshot_same(&family.before, &family.fix), "the child changed state");
	snapshot_drop(&family.before);
	TEST_CALL(test_child_run(child_own_join, &family));
	TEST_CALL(test_child_run(child_with_child, &family));
	TEST_CALL(test_child_run(child_bequest, &family));

	TEST_CALL(object_check(family.obj, 0, 1000, 42));
	TEST_ASSERT(object_intact(family.obj, 1), "object of the parent");
	TEST_ASSERT_SUCCESS(groove_data_walk(&family.fix.data, &bequest, inherit, &recoverer), "walk");
	TEST_ASSERT_EQUAL(recoverer.cnt, 100, "objects left by the child");
	TEST_ASSERT_SUCCESS(groove_data_free(&family.fix.data, family.obj), "free");
	return fixture_end(&family.fix);
}

GROOVE_TEST(fork_autotest, fast, test_fork);
