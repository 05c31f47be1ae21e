/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* What bulk (all or none) and burst (as many as possible) mean, for alloc and free. */

#include <string.h>

#include "fixture.h"

#define MIB	 (1UL << 20)
#define BULK_MAX 256
#define HEAD_SZ	 MIB

/* Live objects now. */
static uint64_t
live_cnt(const struct fixture *fix)
{
	groove_data_stats_t stats;

	return groove_data_stats(&fix->data, &stats) == GROOVE_SUCCESS ? stats.total.obj_cnt : UINT64_MAX;
}

static int
check_objects(void **objs, uint64_t n, uint64_t align, uint64_t sz, const uint64_t *tags)
{
	struct span spans[BULK_MAX];

	for (uint64_t i = 0; i < n; i++) {
		TEST_CALL(object_check(objs[i], align, sz, tags != NULL ? tags[i] : 0));
		spans[i] = object_span(objs[i]);
		object_fill(objs[i], i);
	}
	TEST_ASSERT(spans_disjoint(spans, n), "%lu objects of %lu bytes overlap", n, sz);
	for (uint64_t i = 0; i < n; i++)
		TEST_ASSERT(object_intact(objs[i], i), "object %lu of %lu", i, n);
	return TEST_SUCCESS;
}

/* Bulks of all lengths, of a size that joins cache and of one that they do not. */
static int
test_alloc_all(struct fixture *fix)
{
	static const uint64_t shapes[][2] = {{0, 48}, {64, 1920}, {256, 700}, {512, 100000}};
	static const uint64_t lengths[] = {0, 1, 2, 7, 31, 32, 33, 64, 200};
	uint64_t tags[BULK_MAX];
	void *objs[BULK_MAX];
	int err;

	for (unsigned int i = 0; i < BULK_MAX; i++)
		tags[i] = i * 0x9e3779b97f4a7c15UL;
	for (unsigned int i = 0; i < 4 * 9; i++) {
		const uint64_t align = shapes[i / 9][0];
		const uint64_t sz = shapes[i / 9][1];
		const uint64_t n = lengths[i % 9];

		TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&fix->data, align, sz, tags, objs, n), "bulk of %lu", n);
		TEST_CALL(check_objects(objs, n, align, sz, tags));
		TEST_ASSERT_EQUAL(live_cnt(fix), n, "live objects");
		TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, n), "free bulk of %lu", n);
		TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");

		err = 1234;
		TEST_ASSERT_EQUAL(groove_data_alloc_burst(&fix->data, align, sz, NULL, objs, n, &err), n, "burst");
		TEST_ASSERT_SUCCESS(err, "burst of %lu", n);
		TEST_CALL(check_objects(objs, n, align, sz, NULL));
		err = 1234;
		TEST_ASSERT_EQUAL(groove_data_free_burst(&fix->data, objs, n, &err), n, "free burst");
		TEST_ASSERT_SUCCESS(err, "free burst of %lu", n);
		TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
	}
	return TEST_SUCCESS;
}

/* Bad arguments: nothing is allocated, also when n is 0. */
static int
test_alloc_bad(struct fixture *fix)
{
	void *objs[2];
	int err;

	for (uint64_t n = 0; n <= 2; n++) {
		TEST_ASSERT_EQUAL(groove_data_alloc_bulk(&fix->data, 3, 1, NULL, objs, n), GROOVE_ERR_INVAL, "align 3");
		TEST_ASSERT_EQUAL(
			groove_data_alloc_bulk(&fix->data, 0, 11 * MIB, NULL, objs, n), GROOVE_ERR_INVAL, "11 MiB");
		err = 1234;
		TEST_ASSERT_EQUAL(groove_data_alloc_burst(&fix->data, 1024, 1, NULL, objs, n, &err), 0, "align 1024");
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "align 1024");
		TEST_ASSERT_EQUAL(groove_data_alloc_burst(&fix->data, 1024, 1, NULL, objs, n, NULL), 0, "align 1024");
	}
	TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
	return TEST_SUCCESS;
}

/* One 32 MiB volume does not hold 64 objects of 1 MiB: bulk takes none of them, burst those there is room for. */
static int
test_alloc_full(struct fixture *fix)
{
	void *objs[64];
	int err = 1234;

	TEST_ASSERT_EQUAL(groove_data_alloc_bulk(&fix->data, 0, MIB, NULL, objs, 64), GROOVE_ERR_FULL, "bulk");
	TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");

	const uint64_t n = groove_data_alloc_burst(&fix->data, 0, MIB, NULL, objs, 64, &err);

	TEST_ASSERT(n >= 16 && n < 32, "%lu objects of 1 MiB in 32 MiB", n);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_FULL, "burst");
	TEST_CALL(check_objects(objs, n, 0, MIB, NULL));
	TEST_ASSERT_EQUAL(live_cnt(fix), n, "live objects");
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, n), "free bulk");

	/* What fits does so again: the failed bulk has left nothing over. */
	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&fix->data, 0, MIB, NULL, objs, n), "bulk of what fits");
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, n), "free bulk");
	return TEST_SUCCESS;
}

/* FULL in the middle of a bulk that begins with slots that were free already: the groove is full but for 100 slots. */
static int
test_alloc_full_small(struct fixture *fix)
{
	void *objs[101];
	void **chain = NULL; /* of the live objects, through their own bytes */
	void **obj;
	uint64_t cnt = 0;

	for (; (obj = groove_data_alloc(&fix->data, 0, 48, 0, NULL)) != NULL; cnt++) {
		*obj = (void *)chain;
		chain = obj;
	}
	TEST_ASSERT(cnt > 100000, "%lu objects of 48 bytes in 32 MiB", cnt);
	for (unsigned int i = 0; i < 100; i++) {
		obj = chain;
		chain = *obj;
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	}
	TEST_ASSERT_EQUAL(groove_data_alloc_bulk(&fix->data, 0, 48, NULL, objs, 101), GROOVE_ERR_FULL, "bulk of 101");
	TEST_ASSERT_EQUAL(live_cnt(fix), cnt - 100, "live objects");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&fix->data, 0, 48, NULL, objs, 100), "bulk of 100");
	TEST_CALL(check_objects(objs, 100, 0, 48, NULL));
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, 100), "free bulk");
	while ((obj = chain) != NULL) {
		chain = *obj;
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	}
	return TEST_SUCCESS;
}

/* Ten good objects with a bad one at each place. */
static int
test_free_one_bad(struct fixture *fix, void *bad, int answer)
{
	struct snapshot snap;
	void *objs[11];
	int err;

	for (unsigned int at = 0; at <= 10; at++) {
		for (unsigned int i = 0; i < 11; i++) {
			objs[i] = i == at ? bad : groove_data_alloc(&fix->data, 0, 10UL << i, i, NULL);
			TEST_ASSERT(i == at || objs[i] != NULL, "alloc %u", i);
		}
		TEST_CALL(snapshot_take(&snap, fix, HEAD_SZ));
		TEST_ASSERT_EQUAL(groove_data_free_bulk(&fix->data, objs, 11), answer, "bad object at %u", at);
		TEST_ASSERT(snapshot_same(&snap, fix), "bulk with a bad object at %u changed state", at);
		snapshot_drop(&snap);
		TEST_ASSERT_EQUAL(live_cnt(fix), 10, "live objects");
		err = 1234;
		TEST_ASSERT_EQUAL(groove_data_free_burst(&fix->data, objs, 11, &err), 10, "bad object at %u", at);
		TEST_ASSERT_EQUAL(err, answer, "bad object at %u", at);
		TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
	}
	return TEST_SUCCESS;
}

static int
test_free_bad(struct fixture *fix)
{
	uint8_t *freed = groove_data_alloc(&fix->data, 0, 3000, 0, NULL);
	int err = 1234;

	TEST_ASSERT_NOT_NULL(freed, "alloc");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, freed), "free");
	TEST_CALL(test_free_one_bad(fix, NULL, GROOVE_ERR_INVAL));
	TEST_CALL(test_free_one_bad(fix, &err, GROOVE_ERR_INVAL));
	TEST_CALL(test_free_one_bad(fix, freed, GROOVE_ERR_INVAL));
	TEST_CALL(test_free_one_bad(fix, freed + 1, GROOVE_ERR_INVAL));
	TEST_ASSERT_EQUAL(groove_data_free_burst(&fix->data, (void *[]){NULL, freed, NULL}, 3, &err), 0, "all bad");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "all bad");
	TEST_ASSERT_EQUAL(groove_data_free_burst(&fix->data, (void *[]){NULL}, 1, NULL), 0, "without err");
	return TEST_SUCCESS;
}

/* An object twice in a bulk is bad; burst frees it once. */
static int
test_free_duplicate(struct fixture *fix)
{
	void *objs[40];
	int err = 1234;

	for (unsigned int first = 0; first < 39; first += 13) {
		for (unsigned int second = first + 1; second < 40; second += 6) {
			TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&fix->data, 0, 200, NULL, objs, 40), "bulk");
			TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, objs[second]), "free");
			objs[second] = objs[first];
			TEST_ASSERT_EQUAL(groove_data_free_bulk(&fix->data, objs, 40), GROOVE_ERR_INVAL,
				"object %u again at %u", first, second);
			TEST_ASSERT_EQUAL(live_cnt(fix), 39, "live objects");
			for (unsigned int i = 0; i < 40; i++)
				TEST_CALL(object_check(objs[i], 0, 200, 0));
			TEST_ASSERT_EQUAL(groove_data_free_burst(&fix->data, objs, 40, &err), 39, "burst");
			TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "burst");
			TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
		}
	}
	return TEST_SUCCESS;
}

#define LARGE_CNT 200U

/* Objects of all kinds, one after the other: cached, over-aligned, not cached. */
static uint64_t
large_align(unsigned int i)
{
	return i % 3 == 1 ? 1UL << i % 10 : 16;
}

static uint64_t
large_sz(unsigned int i)
{
	return i % 3 == 2 ? 100000 : 100 + i % 3 * i;
}

/* None of the objects is cached: what is allocated next is another. */
static int
check_not_at_hand(struct fixture *fix, void *const *objs, unsigned int bad)
{
	void *next[LARGE_CNT];

	for (unsigned int i = 0; i < LARGE_CNT; i++) {
		next[i] = groove_data_alloc(&fix->data, large_align(i), large_sz(i), i, NULL);
		TEST_ASSERT_NOT_NULL(next[i], "alloc %u", i);
		for (unsigned int k = 0; k < LARGE_CNT; k++)
			TEST_ASSERT(k == bad || next[i] != objs[k], "object %u is live, and was handed out", k);
	}
	for (unsigned int i = 0; i < LARGE_CNT; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, next[i]), "free %u", i);
	return TEST_SUCCESS;
}

/* A long bulk of objects of all kinds with a bad one: all are as they were, none is cached. */
static int
test_free_large(struct fixture *fix)
{
	static const unsigned int places[] = {0, 1, 62, 63, 64, 65, 66, 198, 199};
	groove_data_t other;
	void *objs[LARGE_CNT];

	TEST_CALL(fixture_join(fix, &other, 3));
	for (unsigned int at = 0; at < sizeof(places) / sizeof(places[0]); at++) {
		const unsigned int bad = places[at];

		for (unsigned int i = 0; i < LARGE_CNT; i++) {
			objs[i] = groove_data_alloc(&fix->data, large_align(i), large_sz(i), i, NULL);
			TEST_ASSERT_NOT_NULL(objs[i], "alloc %u", i);
		}
		TEST_ASSERT_SUCCESS(groove_data_free(&other, objs[bad]), "free %u", bad);
		TEST_ASSERT_EQUAL(
			groove_data_free_bulk(&fix->data, objs, LARGE_CNT), GROOVE_ERR_INVAL, "bad at %u", bad);
		TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify, bad at %u", bad);
		TEST_ASSERT_EQUAL(live_cnt(fix), LARGE_CNT - 1, "live objects, bad at %u", bad);
		for (unsigned int i = 0; i < LARGE_CNT; i++)
			if (i != bad)
				TEST_CALL(object_check(objs[i], large_align(i), large_sz(i), i));
		TEST_CALL(check_not_at_hand(fix, objs, bad));
		objs[bad] = objs[LARGE_CNT - 1];
		TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, LARGE_CNT - 1), "free bulk");
		TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
		TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	}
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	return TEST_SUCCESS;
}

/* One bulk frees objects of all kinds of classes, from another join. */
static int
test_free_mixed(struct fixture *fix)
{
	groove_data_t other;
	void *objs[BULK_MAX];
	uint64_t seed = 5;

	TEST_CALL(fixture_join(fix, &other, 3));
	for (unsigned int i = 0; i < BULK_MAX; i++) {
		objs[i] = groove_data_alloc(
			&other, 1UL << test_rand(&seed) % 10, test_rand(&seed) % MIB >> i % 20, i, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "alloc %u", i);
	}
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, BULK_MAX), "free bulk");
	TEST_ASSERT_EQUAL(live_cnt(fix), 0, "live objects");
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	return TEST_SUCCESS;
}

static int
test_bulk(void)
{
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 24));
	TEST_CALL(fixture_add(&fix, 0, 24));
	TEST_CALL(test_alloc_all(&fix));
	TEST_CALL(test_alloc_bad(&fix));
	TEST_CALL(test_free_mixed(&fix));
	TEST_CALL(test_free_bad(&fix));
	TEST_CALL(test_free_duplicate(&fix));
	TEST_CALL(test_free_large(&fix));
	TEST_CALL(fixture_end(&fix));

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	TEST_CALL(test_alloc_full(&fix));
	TEST_CALL(test_alloc_full_small(&fix));
	return fixture_end(&fix);
}

GROOVE_TEST(bulk_autotest, fast, test_bulk);
