/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A build with debug_checks: a write past an object is found when it is freed, one to a freed object when its slot
 * leaves the quarantine or is handed out again, and what is logged names the object.
 */

#include <log.h>
#include <shared.h>
#include <shelf.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define ROOM	 16UL
#define TAG	 0x7a9c0ffeeUL
#define KEPT_OUT 32U /* frees of a class of small objects that one stays in quarantine for */
#define POISON	 0xfd

/* Of each kind: without bytes, cached, over-aligned, not cached, the largest. */
static const struct kind {
	uint64_t align;
	uint64_t sz;
} kinds[] = {
	{0, 0},
	{1, 1},
	{8, 7},
	{16, 8},
	{32, 100},
	{64, 1000},
	{128, 0},
	{256, 3001},
	{512, 70000},
	{0, 10 << 20},
};

#define KIND_CNT (sizeof(kinds) / sizeof(kinds[0]))

static uint8_t *
make(struct fixture *fix, const struct kind *kind)
{
	uint8_t *obj = groove_data_alloc(&fix->data, kind->align, kind->sz, TAG, NULL);

	if (obj != NULL)
		memset(obj, 0x11, kind->sz);
	return obj;
}

/* Whether one line was logged that names the object and says what happened to it. */
static bool
names(const char *logged, const void *obj, const struct kind *kind, const char *what)
{
	char place[32];
	char size[64];

	snprintf(place, sizeof(place), "%p: ", obj);
	snprintf(size, sizeof(size), "object of %lu bytes, tag %#lx", kind->sz, TAG);
	return TEST_LOG_IS_LINE(logged, place, size, what);
}

/* verify says what it finds however much was logged in this second. */
static int
verify_unlimited(struct fixture *fix)
{
	const uint32_t per_second = groove_log_per_second;
	int err;

	groove_log_per_second = 0;
	err = groove_data_verify(&fix->data);
	groove_log_per_second = per_second;
	return err;
}

/* ---- red zones ---- */

/* With a byte of a red zone changed, free, bulk free and verify say so, and the object stays what it was. */
static int
zone_write(struct fixture *fix, uint8_t *obj, const struct kind *kind, uint8_t *at, const char *what)
{
	const groove_data_hdr_t hdr = groove_data_alloc_hdr(obj);
	void *objs[] = {obj};
	int err;

	*at ^= 0x55;
	test_log_begin();
	err = groove_data_free(&fix->data, obj);
	TEST_ASSERT(names(test_log_end(), obj, kind, what), "free, %s, %lu bytes", what, kind->sz);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "free, %s, %lu bytes", what, kind->sz);
	test_log_begin();
	err = groove_data_free_bulk(&fix->data, objs, 1);
	TEST_ASSERT(names(test_log_end(), obj, kind, what), "bulk, %s, %lu bytes", what, kind->sz);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "bulk, %s, %lu bytes", what, kind->sz);
	test_log_begin();
	err = verify_unlimited(fix);
	TEST_ASSERT(names(test_log_end(), obj, kind, what), "verify, %s, %lu bytes", what, kind->sz);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "verify, %s, %lu bytes", what, kind->sz);
	*at ^= 0x55;
	TEST_ASSERT_EQUAL(groove_data_alloc_hdr(obj).bits, hdr.bits, "header");
	TEST_ASSERT_EQUAL(groove_data_alloc_tag(obj), TAG, "tag");
	for (uint64_t i = 0; i < kind->sz; i++)
		TEST_ASSERT_EQUAL(obj[i], 0x11, "byte %lu of %lu", i, kind->sz);
	return TEST_SUCCESS;
}

static int
test_zones(struct fixture *fix)
{
	for (size_t i = 0; i < KIND_CNT; i++) {
		const struct kind *kind = &kinds[i];
		uint8_t *obj = make(fix, kind);

		TEST_ASSERT_NOT_NULL(obj, "%lu bytes", kind->sz);
		TEST_CALL(object_check(obj, kind->align, kind->sz, TAG));

		const struct span slot = object_span(obj);

		TEST_CALL(zone_write(fix, obj, kind, obj + kind->sz, "written to 1 bytes past its end: 0xaf"));
		TEST_CALL(zone_write(fix, obj, kind, obj + kind->sz + 15, "written to 16 bytes past its end"));
		TEST_CALL(zone_write(fix, obj, kind, (uint8_t *)slot.stop - 1, "past its end"));
		TEST_CALL(zone_write(fix, obj, kind, obj - 1, "written to 1 bytes before its start: 0xaf"));
		TEST_CALL(zone_write(fix, obj, kind, obj - 16, "written to 16 bytes before its start"));
		TEST_CALL(zone_write(fix, obj, kind, (uint8_t *)slot.start + 16, "before its start"));
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free, %lu bytes", kind->sz);
	}
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	return TEST_SUCCESS;
}

/* Of a bulk with one such object none is freed, nor poisoned. */
static int
test_bulk(struct fixture *fix)
{
	static const struct kind kind = {0, 200};
	void *objs[9];

	for (unsigned int i = 0; i < 9; i++) {
		objs[i] = make(fix, &kind);
		TEST_ASSERT_NOT_NULL(objs[i], "object %u", i);
	}
	TEST_CALL(zone_write(fix, objs[6], &kind, (uint8_t *)objs[6] + 200, "past its end"));
	((uint8_t *)objs[6])[200] ^= 1;
	test_log_begin();
	const int err = groove_data_free_bulk(&fix->data, objs, 9);
	TEST_ASSERT(names(test_log_end(), objs[6], &kind, "past its end"), "bulk");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "bulk");
	((uint8_t *)objs[6])[200] ^= 1;
	for (unsigned int i = 0; i < 9; i++) {
		TEST_CALL(object_check(objs[i], 0, 200, TAG));
		TEST_ASSERT_EQUAL(*(uint8_t *)objs[i], 0x11, "byte of object %u", i);
	}
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, 9), "bulk");
	return TEST_SUCCESS;
}

/* ---- what was freed ---- */

/* Allocate and free until something is logged; returns that, or "". */
static const char *
churn(struct fixture *fix, const struct kind *kind)
{
	test_log_begin();
	for (unsigned int i = 0; i < 4 * CACHE_SLOT_MAX && test_log_lines() == 0; i++) {
		void *obj = groove_data_alloc(&fix->data, kind->align, kind->sz, i, NULL);

		if (obj == NULL || groove_data_free(&fix->data, obj) != GROOVE_SUCCESS)
			break;
	}
	return test_log_end();
}

static int
test_after_free(struct fixture *fix, const struct kind *kind, uint64_t off)
{
	uint8_t *obj = make(fix, kind);
	char what[96];
	int err;

	TEST_ASSERT_NOT_NULL(obj, "%lu bytes", kind->sz);
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free, %lu bytes", kind->sz);
	for (uint64_t i = 0; i < kind->sz; i++)
		TEST_ASSERT_EQUAL(obj[i], POISON, "byte %lu of %lu", i, kind->sz);
	obj[off] = 0x41;
	snprintf(what, sizeof(what), "written to after it was freed, %lu bytes from its start: 0x41", off);
	test_log_begin();
	err = verify_unlimited(fix);
	TEST_ASSERT(names(test_log_end(), obj, kind, what), "verify, %lu bytes", kind->sz);
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_CORRUPT, "verify, %lu bytes", kind->sz);
	TEST_ASSERT(names(churn(fix, kind), obj, kind, what), "%lu bytes", kind->sz);
	TEST_ASSERT_EQUAL(strcmp(churn(fix, kind), ""), 0, "reported once, %lu bytes", kind->sz);
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	return TEST_SUCCESS;
}

/* A slot that becomes a superblock is looked at as well. */
static int
test_after_free_superblock(struct fixture *fix)
{
	static const struct kind kind = {0, 100000};
	uint8_t *obj;

	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	TEST_ASSERT_SUCCESS(groove_data_trim(&fix->data), "trim");
	obj = make(fix, &kind);
	TEST_ASSERT_NOT_NULL(obj, "object");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	obj[500] = 0;

	/* One of these classes has its superblocks in slots of that class. */
	void *objs[GROOVE_DATA_SZC_SLICE] = {NULL};
	const uint64_t own = expect_szc(kind.sz);
	const char *logged;

	test_log_begin();
	for (uint64_t szc = 0; szc < own; szc++)
		objs[szc] = groove_data_alloc(&fix->data, 0, expect_szc_room(szc), szc, NULL);
	logged = test_log_end();
	for (uint64_t szc = 0; szc < own; szc++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, objs[szc]), "free %lu", szc);
	if (logged[0] == '\0') /* none has: then the next object does */
		logged = churn(fix, &kind);
	TEST_ASSERT(names(logged, obj, &kind, "500 bytes from its start: 0 at"), "found");
	return TEST_SUCCESS;
}

/* For a while no alloc returns what was freed, and a second free finds it free. */
static int
test_quarantine(struct fixture *fix)
{
	static const struct kind kind = {0, 300};
	static void *burst[128];
	void *objs[KEPT_OUT - 1];
	void *freed;

	/* A class that is used little keeps few slots, and so few out of use. */
	for (unsigned int i = 0; i < 8; i++) {
		TEST_CALL(objects_alloc(&fix->data, burst, kind.sz, RTE_DIM(burst)));
		TEST_CALL(objects_free(&fix->data, burst, RTE_DIM(burst)));
	}
	freed = make(fix, &kind);
	TEST_ASSERT_NOT_NULL(freed, "object");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, freed), "free");
	for (unsigned int i = 0; i < KEPT_OUT - 1; i++) {
		objs[i] = make(fix, &kind);
		TEST_ASSERT(objs[i] != NULL && objs[i] != freed, "object %u at %p", i, objs[i]);
		test_log_begin();
		const int err = groove_data_free(&fix->data, freed);
		TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "double free"), "second free");
		TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "second free");
	}
	for (unsigned int i = 0; i < KEPT_OUT - 1; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, objs[i]), "free %u", i);
	/* The next free pushes it out of the quarantine: it is still free. */
	TEST_CALL(test_after_free(fix, &kind, 0));
	test_log_begin();
	const int err = groove_data_free(&fix->data, freed);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "double free"), "out of quarantine");
	TEST_ASSERT_EQUAL(err, GROOVE_ERR_INVAL, "out of quarantine");
	/* Flush empties it. */
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT(stats.total.cached_cnt > 0, "quarantined slots count as cached");
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.cached_cnt, 0, "cached after flush");
	return TEST_SUCCESS;
}

/* ---- the two kinds of build ---- */

/* A groove that a library without the option has made cannot be joined. */
static int
test_other_build(const struct fixture *fix)
{
	struct groove_shdata *shdata = fix->shmem;
	const uint32_t version = shdata->version;
	groove_data_t join;

	TEST_ASSERT(version > 1000, "layout %u", version);
	shdata->version = version - 1000;
	test_log_begin();
	void *joined = groove_data_join(&join, fix->shmem, fix->volume0, 0, 0);
	TEST_ASSERT(TEST_LOG_IS_LINE(test_log_end(), "layout"), "log");
	shdata->version = version;
	TEST_ASSERT_NULL(joined, "joined");
	return TEST_SUCCESS;
}

/* No program makes a mistake here: nothing is reported, whatever the memory was before. */
static int
test_silence(struct fixture *fix)
{
	void *objs[64] = {NULL};
	uint64_t seed = 1;
	const char *logged;

	test_log_begin();
	for (unsigned int turn = 0; turn < 20000; turn++) {
		void **obj = &objs[test_rand(&seed) % 64];

		if (*obj != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, *obj), "free, turn %u", turn);
		*obj = groove_data_alloc(&fix->data, 1UL << test_rand(&seed) % 10,
			test_rand(&seed) % (1UL << 20) >> test_rand(&seed) % 20, turn, NULL);
		TEST_ASSERT_NOT_NULL(*obj, "turn %u", turn);
		memset(*obj, (int)turn, groove_data_alloc_sz(*obj));
		if (turn % 100 == 0)
			TEST_ASSERT_SUCCESS(groove_data_trim(&fix->data), "trim");
		if (turn % 1000 == 0)
			TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	}
	for (unsigned int i = 0; i < 64; i++)
		if (objs[i] != NULL)
			TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, objs[i]), "free %u", i);
	logged = test_log_end();
	TEST_ASSERT_EQUAL(strcmp(logged, ""), 0, "logged: %s", logged);
	return TEST_SUCCESS;
}

static int
test_all(struct fixture *fix)
{
	TEST_CALL(test_zones(fix));
	TEST_CALL(test_bulk(fix));
	for (size_t i = 0; i < KIND_CNT; i++) {
		if (kinds[i].sz == 0)
			continue;
		TEST_CALL(test_after_free(fix, &kinds[i], 0));
		TEST_CALL(test_after_free(fix, &kinds[i], kinds[i].sz - 1));
	}
	TEST_CALL(test_after_free_superblock(fix));
	TEST_CALL(test_quarantine(fix));
	TEST_CALL(test_other_build(fix));
	return test_silence(fix);
}

static int
test_debug_checks(void)
{
	const uint32_t per_second = groove_log_per_second;
	struct fixture fix;
	int result;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, ROOM));
	TEST_CALL(fixture_add(&fix, 0, ROOM));
	groove_log_per_second = UINT32_MAX;
	result = test_all(&fix);
	groove_log_per_second = per_second;
	TEST_CALL(result);
	return fixture_end(&fix);
}

GROOVE_TEST(debug_checks_autotest, fast, test_debug_checks);
