/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Walking the live objects: all of them, once, by ascending address, as far as the filter lets them through; also while
 * others allocate and free, superblocks change class, and volumes go.
 */

#include <stdlib.h>
#include <sys/mman.h>

#include "fixture.h"

#define OBJ_CNT 3000

/* What the walk should find, in order, and how far it has got. */
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

/* ---- while a join works ---- */

#define BESIDE_VOLUMES 3UL
#define BESIDE_WALKS   5000UL
#define ANCHOR_CNT     40UL
#define PREY_CNT       50UL
#define BATCH_CNT      600
#define TAG_ANCHOR     1000000UL /* live all the time */
#define TAG_PREY       2000000UL /* made by the walker, freed in a walk */
#define TAG_BUSY       3000000UL /* of the join at work */
#define TAG_FALSE      4000000UL /* in bytes that look like headers */

struct beside {
	struct fixture fix;
	void *anchors[ANCHOR_CNT];
	uint64_t ended;
	uint64_t removed_cnt;
};

struct seen {
	groove_data_t *data;
	const void *last;
	uint64_t anchor_cnt;
	uint64_t prey_cnt;
	bool free_prey;
};

static int
see_object(void *arg, void *obj)
{
	struct seen *seen = arg;
	const uint64_t tag = groove_data_alloc_tag(obj);

	TEST_ASSERT(obj > seen->last, "%p after %p", obj, seen->last);
	seen->last = obj;
	seen->anchor_cnt += tag / TAG_ANCHOR == 1;
	if (tag / TAG_ANCHOR == 2) {
		seen->prey_cnt++;
		if (seen->free_prey)
			TEST_ASSERT_SUCCESS(groove_data_free(seen->data, obj), "free");
	}
	return 0;
}

static int
walk_beside(struct beside *beside, const groove_data_walk_filter_t *filter, struct seen *seen)
{
	seen->data = &beside->fix.data;
	TEST_ASSERT_SUCCESS(groove_data_walk(seen->data, filter, see_object, seen), "walk");
	return TEST_SUCCESS;
}

/* All anchors each time; what it made itself, by tag, once. */
static int
walker(struct beside *beside, uint64_t turn)
{
	const groove_data_walk_filter_t prey = {TAG_PREY, TAG_BUSY - 1, 0, UINT64_MAX};
	const groove_data_walk_filter_t not_there = {TAG_FALSE, UINT64_MAX, 0, UINT64_MAX};
	const groove_data_walk_filter_t small_anchors = {TAG_ANCHOR, TAG_PREY - 1, 0, 3};
	struct seen all = {0}, freed = {.free_prey = true}, left = {0}, small = {0}, wrong = {0};

	TEST_CALL(walk_beside(beside, NULL, &all));
	TEST_ASSERT_EQUAL(all.anchor_cnt, ANCHOR_CNT, "anchors, turn %lu", turn);
	for (unsigned int i = 0; i < PREY_CNT; i++)
		TEST_ASSERT_NOT_NULL(groove_data_alloc(&beside->fix.data, 0, i * 50UL, TAG_PREY + i, NULL), "alloc");
	TEST_CALL(walk_beside(beside, &prey, &freed));
	TEST_ASSERT_EQUAL(freed.prey_cnt, PREY_CNT, "objects freed, turn %lu", turn);
	TEST_CALL(walk_beside(beside, &prey, &left));
	TEST_ASSERT_EQUAL(left.prey_cnt, 0, "objects left, turn %lu", turn);
	TEST_CALL(walk_beside(beside, &small_anchors, &small));
	TEST_CALL(walk_beside(beside, &not_there, &wrong));
	TEST_ASSERT_NULL(wrong.last, "what is no header was taken for one, turn %lu: %p", turn, wrong.last);
	TEST_ASSERT_EQUAL(small.anchor_cnt, ANCHOR_CNT / 2, "anchors of small classes, turn %lu", turn);
	return TEST_SUCCESS;
}

/* Where slots of smaller classes had their headers, in the bytes of an object, it has what looks like live ones. */
static void
lay_false_headers(void *obj)
{
	uint8_t *stop = groove_data_alloc_stop(obj);
	uint8_t *line = (uint8_t *)groove_data_object_hdr(obj) + GROOVE_LINE_SZ;

	for (; line + GROOVE_DATA_HDR_FOOTPRINT <= stop; line += GROOVE_LINE_SZ) {
		groove_data_hdr_t *hdr = (groove_data_hdr_t *)line;
		const uint64_t type = groove_data_hdr_type(*hdr);

		if (line < (uint8_t *)obj || (type != GROOVE_DATA_HDR_TYPE_FREE && type != GROOVE_DATA_HDR_TYPE_CACHED))
			continue;
		const groove_data_hdr_t lie = groove_data_hdr(GROOVE_DATA_HDR_TYPE_ALLOC, groove_data_hdr_idx(*hdr),
			groove_data_hdr_szc(*hdr), 16, 1, TAG_FALSE);

		/* As atomics: a walk that comes too late reads them, and ThreadSanitizer cannot know that it forgets.
		 */
		__atomic_store_n(&hdr->info, lie.info, __ATOMIC_RELAXED);
		__atomic_store_n(&hdr->bits, lie.bits, __ATOMIC_RELAXED);
	}
}

/* Small objects, all of them gone again, then a large one in their memory. */
static int
work_turn(groove_data_t *data, uint64_t *seed)
{
	void *objs[BATCH_CNT];
	const uint64_t sz = test_rand(seed) % 3000;
	uint64_t cnt = 0;
	void *large;

	while (cnt < BATCH_CNT && (objs[cnt] = groove_data_alloc(data, 0, sz, TAG_BUSY, NULL)) != NULL)
		cnt++;
	while (cnt > 0)
		TEST_ASSERT_SUCCESS(groove_data_free(data, objs[--cnt]), "free");
	groove_data_flush(data);
	groove_data_trim(data);
	large = groove_data_alloc(data, 0, 20000 + test_rand(seed) % 1000000, TAG_BUSY, NULL);
	TEST_ASSERT_NOT_NULL(large, "alloc");
	lay_false_headers(large);
	TEST_ASSERT_SUCCESS(groove_data_free(data, large), "free");
	return TEST_SUCCESS;
}

/* A volume goes, for a while nobody can touch it, and comes back. */
static int
remove_turn(struct beside *beside, groove_data_t *data)
{
	groove_volume_t *volume = groove_data_volume_remove(data);

	if (volume == NULL)
		return TEST_SUCCESS;
	beside->removed_cnt++;
	TEST_ASSERT_SUCCESS(mprotect(volume, VOLUME_SZ_MIN, PROT_NONE), "mprotect: %m");
	TEST_ASSERT_SUCCESS(mprotect(volume, VOLUME_SZ_MIN, PROT_READ | PROT_WRITE), "mprotect: %m");
	TEST_ASSERT_SUCCESS(groove_data_volume_add(data, volume, VOLUME_SZ_MIN, NULL, 0), "volume_add");
	return TEST_SUCCESS;
}

static int
beside_worker(unsigned int index, void *arg)
{
	struct beside *beside = arg;
	const uint64_t walks = test_turns(BESIDE_WALKS);
	groove_data_t data;
	uint64_t seed = 3;
	int result = TEST_SUCCESS;

	if (index == 0) {
		for (uint64_t i = 0; i < walks && result == TEST_SUCCESS; i++)
			result = walker(beside, i);
		__atomic_store_n(&beside->ended, 1, __ATOMIC_RELEASE);
		return result;
	}
	TEST_CALL(fixture_join(&beside->fix, &data, 1));
	while (__atomic_load_n(&beside->ended, __ATOMIC_ACQUIRE) == 0 && result == TEST_SUCCESS) {
		result = work_turn(&data, &seed);
		if (result == TEST_SUCCESS)
			result = remove_turn(beside, &data);
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&data), &data, "leave");
	return result;
}

static int
test_beside(void)
{
	static struct beside beside;
	groove_data_t *data = &beside.fix.data;

	beside.ended = 0;
	TEST_CALL(fixture_make(&beside.fix, VOLUME_SZ_MIN, BESIDE_VOLUMES));
	TEST_CALL(fixture_add(&beside.fix, 0, BESIDE_VOLUMES));
	for (unsigned int i = 0; i < ANCHOR_CNT; i++) {
		beside.anchors[i] = groove_data_alloc(data, 0, i % 2 ? 100 : 5000UL * i + 500, TAG_ANCHOR + i, NULL);
		TEST_ASSERT_NOT_NULL(beside.anchors[i], "alloc %u", i);
	}
	TEST_CALL(test_threads_run(2, beside_worker, &beside));
	TEST_ASSERT(beside.removed_cnt > 0, "no volume ever went");
	for (unsigned int i = 0; i < ANCHOR_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(data, beside.anchors[i]), "free %u", i);
	return fixture_end(&beside.fix);
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
	TEST_CALL(fixture_end(&fix));
	return test_beside();
}

GROOVE_TEST(walk_autotest, fast, test_walk);
