/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Walking the live objects: all of them, once, in order of address, as far as the filter lets them through. */

#include <stdlib.h>

#include "fixture.h"

#define OBJ_CNT 3000

/* What the walk shall find, in order, and how far it has got. */
struct visit {
	groove_data_t *data;
	void **expected;
	uint64_t expected_cnt;
	uint64_t cnt;
	uint64_t stop_at; /* end the walk at this object */
	bool free;	  /* free each object */
};

#define STOP_CODE 4711

static int
visit_object(void *arg, void *obj)
{
	struct visit *visit = arg;

	TEST_ASSERT(visit->cnt < visit->expected_cnt, "walk goes on after %lu objects", visit->cnt);
	TEST_ASSERT_EQUAL(obj, visit->expected[visit->cnt], "object %lu", visit->cnt);
	if (visit->free)
		TEST_ASSERT_SUCCESS(groove_data_free(visit->data, obj), "free");
	return ++visit->cnt == visit->stop_at ? STOP_CODE : 0;
}

static int
address_compare(const void *a, const void *b)
{
	const uintptr_t left = (uintptr_t) * (void *const *)a;
	const uintptr_t right = (uintptr_t) * (void *const *)b;

	return (left > right) - (left < right);
}

/* Walk with a filter; the expected objects are those of objs (sorted) that the filter means. */
static int
walk_filtered(struct fixture *fix, void **objs, uint64_t cnt, const groove_data_walk_filter_t *filter)
{
	void *expected[OBJ_CNT];
	struct visit visit = {.data = &fix->data, .expected = expected};

	for (uint64_t i = 0; i < cnt; i++) {
		const uint64_t tag = groove_data_alloc_tag(objs[i]);
		const uint64_t szc = groove_data_hdr_szc(*groove_data_object_hdr_const(objs[i]));

		if (tag >= filter->tag_min && tag <= filter->tag_max && szc >= filter->szc_min &&
			szc <= filter->szc_max)
			expected[visit.expected_cnt++] = objs[i];
	}
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix->data, filter, visit_object, &visit), "walk");
	TEST_ASSERT_EQUAL(visit.cnt, visit.expected_cnt, "objects with tags %lu to %lu, classes %lu to %lu",
		filter->tag_min, filter->tag_max, filter->szc_min, filter->szc_max);
	return TEST_SUCCESS;
}

static int
test_filters(struct fixture *fix, void **objs, uint64_t cnt)
{
	static const groove_data_walk_filter_t filters[] = {
		{0, UINT64_MAX, 0, UINT64_MAX},
		{0, UINT64_MAX, 0, GROOVE_DATA_SZC_CNT - 1},
		{100, 100, 0, UINT64_MAX},
		{100, 1999, 0, UINT64_MAX},
		{OBJ_CNT, UINT64_MAX, 0, UINT64_MAX},
		{0, UINT64_MAX, 3, 3},
		{0, UINT64_MAX, 20, 60},
		{500, 2500, 10, 100},
		{0, 0, 0, 0},
		{2, 1, 0, UINT64_MAX},
		{0, UINT64_MAX, 2, 1},
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		TEST_CALL(walk_filtered(fix, objs, cnt, &filters[i]));
	return TEST_SUCCESS;
}

static int
test_stop(struct fixture *fix, void **objs, uint64_t cnt)
{
	static const uint64_t stops[] = {1, 2, 1000};

	for (size_t i = 0; i < 3; i++) {
		struct visit visit = {.data = &fix->data, .expected = objs, .expected_cnt = cnt, .stop_at = stops[i]};

		TEST_ASSERT_EQUAL(groove_data_walk(&fix->data, NULL, visit_object, &visit), STOP_CODE, "walk");
		TEST_ASSERT_EQUAL(visit.cnt, stops[i], "objects visited");
	}
	return TEST_SUCCESS;
}

/* Make objects of all sizes from two joins, and free every third, so that there are gaps. */
static int
make_objects(struct fixture *fix, groove_data_t *other, void **objs, uint64_t *cnt)
{
	uint64_t seed = 11;

	for (uint64_t i = 0; i < OBJ_CNT; i++) {
		const uint64_t sz = test_rand(&seed) % (2UL << 20) >> test_rand(&seed) % 21;
		const uint64_t align = 1UL << test_rand(&seed) % 10;
		void *obj = groove_data_alloc(i % 2 ? other : &fix->data, align, sz, i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "alloc %lu", i);
		if (i % 3 == 2)
			TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free %lu", i);
		else
			objs[(*cnt)++] = obj;
	}
	qsort(objs, *cnt, sizeof(*objs), address_compare);
	return TEST_SUCCESS;
}

static int
test_walk(void)
{
	struct fixture fix;
	groove_data_t other;
	void *objs[OBJ_CNT];
	uint64_t cnt = 0;
	struct visit nothing = {0};

	TEST_CALL(fixture_make(&fix, 2 * VOLUME_SZ_MIN, 16));
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix.data, NULL, visit_object, &nothing), "walk without volumes");
	TEST_CALL(fixture_add(&fix, 0, 16));
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix.data, NULL, visit_object, &nothing), "walk of empty volumes");
	TEST_CALL(fixture_join(&fix, &other, 1));
	TEST_CALL(make_objects(&fix, &other, objs, &cnt));
	TEST_CALL(test_filters(&fix, objs, cnt));
	TEST_CALL(test_stop(&fix, objs, cnt));

	struct visit all = {.data = &fix.data, .expected = objs, .expected_cnt = cnt, .free = true};

	TEST_ASSERT_SUCCESS(groove_data_walk(&fix.data, NULL, visit_object, &all), "walk that frees");
	TEST_ASSERT_EQUAL(all.cnt, cnt, "objects visited and freed");
	TEST_ASSERT_SUCCESS(groove_data_walk(&fix.data, NULL, visit_object, &nothing), "walk when all is freed");
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	return fixture_end(&fix);
}

GROOVE_TEST(walk_autotest, fast, test_walk);
