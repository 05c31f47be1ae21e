/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The counts of an idle groove against a ledger that the test keeps. */

#include <string.h>

#include "fixture.h"

#define OBJ_CNT 2000

/* The count that the n-th size class must show. */
struct ledger {
	groove_data_szc_stats_t szc[GROOVE_DATA_SZC_CNT];
	groove_data_szc_stats_t total;
};

struct owned {
	void *obj;
	uint64_t align;
	uint64_t sz;
};

static uint64_t
class_of(uint64_t align, uint64_t sz)
{
	uint64_t szc = 0;

	while (groove_data_szc_cfg[szc].obj_footprint != expect_slot_sz(align, sz))
		szc++;
	return szc;
}

static void
count(groove_data_szc_stats_t *stats, uint64_t align, uint64_t sz, bool is_alloc)
{
	const uint64_t sign = is_alloc ? 1 : UINT64_MAX;

	stats->alloc_cnt += is_alloc;
	stats->free_cnt += !is_alloc;
	stats->obj_cnt += sign;
	stats->req_bytes += sign * sz;
	stats->slot_bytes += sign * expect_slot_sz(align, sz);
}

static void
record(struct ledger *ledger, uint64_t align, uint64_t sz, bool is_alloc)
{
	count(&ledger->szc[class_of(align, sz)], align, sz, is_alloc);
	count(&ledger->total, align, sz, is_alloc);
}

static int
compare(const groove_data_szc_stats_t *found, const groove_data_szc_stats_t *expected, uint64_t szc)
{
	TEST_ASSERT_EQUAL(found->alloc_cnt, expected->alloc_cnt, "allocations, class %lu", szc);
	TEST_ASSERT_EQUAL(found->free_cnt, expected->free_cnt, "frees, class %lu", szc);
	TEST_ASSERT_EQUAL(found->obj_cnt, expected->obj_cnt, "live objects, class %lu", szc);
	TEST_ASSERT_EQUAL(found->req_bytes, expected->req_bytes, "bytes asked for, class %lu", szc);
	TEST_ASSERT_EQUAL(found->slot_bytes, expected->slot_bytes, "bytes in slots, class %lu", szc);
	return TEST_SUCCESS;
}

static int
check(const struct fixture *fix, const struct ledger *ledger)
{
	groove_data_stats_t stats;
	uint64_t superblock_cnt = 0;

	memset(&stats, 0xa5, sizeof(stats));
	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		const uint64_t obj_cnt = groove_data_szc_cfg[szc].obj_cnt;

		TEST_CALL(compare(&stats.szc[szc], &ledger->szc[szc], szc));
		TEST_ASSERT(stats.szc[szc].superblock_cnt * obj_cnt >= ledger->szc[szc].obj_cnt,
			"%lu objects in %lu superblocks, class %lu", ledger->szc[szc].obj_cnt,
			stats.szc[szc].superblock_cnt, szc);
		superblock_cnt += stats.szc[szc].superblock_cnt;
	}
	TEST_ASSERT_EQUAL(stats.total.superblock_cnt, superblock_cnt, "superblocks");
	return compare(&stats.total, &ledger->total, GROOVE_DATA_SZC_CNT);
}

static int
check_places(const struct fixture *fix, uint64_t join_cnt, uint64_t volume_cnt, uint64_t volume_empty_cnt)
{
	groove_data_stats_t stats;

	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.join_cnt, join_cnt, "joins");
	TEST_ASSERT_EQUAL(stats.volume_cnt, volume_cnt, "volumes");
	TEST_ASSERT_EQUAL(stats.volume_empty_cnt, volume_empty_cnt, "empty volumes");
	return TEST_SUCCESS;
}

/* ---- how full volumes are ---- */

static int
check_volume(struct fixture *fix, uint64_t idx, uint64_t used_bytes, uint64_t free_bytes)
{
	groove_data_volume_stats_t stats;

	memset(&stats, 0xa5, sizeof(stats));
	TEST_ASSERT_SUCCESS(groove_data_volume_stats(&fix->data, (void *)fixture_volume(fix, idx), &stats), "stats");
	TEST_ASSERT_EQUAL(stats.used_bytes, used_bytes, "bytes in use in volume %lu", idx);
	TEST_ASSERT_EQUAL(stats.free_bytes, free_bytes, "free bytes in volume %lu", idx);
	TEST_ASSERT(used_bytes == 0 || stats.superblock_cnt > 0, "superblocks in volume %lu", idx);
	return TEST_SUCCESS;
}

/* A volume of 32 MiB holds three of the largest objects, slot by slot; the next one is empty. */
static int
test_volume_slots(struct fixture *fix)
{
	const uint64_t slot = groove_data_szc_cfg[GROOVE_DATA_SZC_SLICE - 1].obj_footprint;
	const uint64_t empty = VOLUME_SZ_MIN - 512 - VOLUME_SZ_MIN / 1024 * 9;
	void *objs[3];

	TEST_CALL(check_volume(fix, 0, 0, empty));
	for (uint64_t i = 0; i < 3; i++) {
		objs[i] = groove_data_alloc(&fix->data, 0, 10 << 20, 0, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "object %lu", i);
		TEST_CALL(check_volume(fix, 0, (i + 1) * slot, (2 - i) * slot));
	}
	TEST_CALL(check_volume(fix, 1, 0, empty));
	for (uint64_t i = 0; i < 3; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, objs[i]), "free %lu", i);
	TEST_ASSERT_SUCCESS(groove_data_trim(&fix->data), "trim");
	return check_volume(fix, 0, 0, empty);
}

/* Of many objects of all sizes each is counted in the volume that it lies in. */
static int
test_volume_sums(struct fixture *fix, uint64_t volume_cnt)
{
	static struct span spans[OBJ_CNT];
	uint64_t seed = 5;

	for (unsigned int i = 0; i < OBJ_CNT; i++) {
		const uint64_t sz = test_rand(&seed) % (1UL << 20) >> test_rand(&seed) % 20;
		void *obj = groove_data_alloc(&fix->data, 0, sz, i, NULL);

		TEST_ASSERT_NOT_NULL(obj, "object %u of %lu bytes", i, sz);
		spans[i] = object_span(obj);
	}
	TEST_ASSERT_SUCCESS(groove_data_flush(&fix->data), "flush");
	for (uint64_t idx = 0; idx < volume_cnt; idx++) {
		const uintptr_t start = (uintptr_t)fixture_volume(fix, idx);
		groove_data_volume_stats_t stats;
		uint64_t used_bytes = 0;

		for (unsigned int i = 0; i < OBJ_CNT; i++)
			if (spans[i].start - start < fix->cfg.volume_sz)
				used_bytes += spans[i].stop - spans[i].start;
		TEST_ASSERT_SUCCESS(groove_data_volume_stats(&fix->data, (void *)start, &stats), "volume %lu", idx);
		TEST_CALL(check_volume(fix, idx, used_bytes, stats.free_bytes));
		TEST_ASSERT(used_bytes + stats.free_bytes <= fix->cfg.volume_sz / 1024 * 1015 - 512 &&
				    used_bytes + stats.free_bytes >= fix->cfg.volume_sz / 100 * 90,
			"%lu used, %lu free", used_bytes, stats.free_bytes);
	}
	for (unsigned int i = 0; i < OBJ_CNT; i++)
		TEST_ASSERT_SUCCESS(
			groove_data_free(&fix->data, (uint8_t *)spans[i].start + EXPECT_FRONT), "free %u", i);
	return TEST_SUCCESS;
}

static int
test_volume_errors(struct fixture *fix)
{
	groove_data_volume_stats_t stats;
	uint8_t *volume = fixture_volume(fix, 0);

	test_log_begin();
	const int no_stats = groove_data_volume_stats(&fix->data, (void *)volume, NULL);
	const int no_volume = groove_data_volume_stats(&fix->data, NULL, &stats);
	const int inside = groove_data_volume_stats(&fix->data, (void *)(volume + 512), &stats);
	const int outside = groove_data_volume_stats(&fix->data, (void *)fixture_volume(fix, 8), &stats);
	const int no_join = groove_data_volume_stats(NULL, (void *)volume, &stats);
	const unsigned int lines = test_log_lines();
	test_log_end();
	TEST_ASSERT_EQUAL(no_stats, GROOVE_ERR_INVAL, "NULL statistics");
	TEST_ASSERT_EQUAL(no_volume, GROOVE_ERR_INVAL, "NULL volume");
	TEST_ASSERT_EQUAL(inside, GROOVE_ERR_INVAL, "inside of a volume");
	TEST_ASSERT_EQUAL(outside, GROOVE_ERR_INVAL, "no volume");
	TEST_ASSERT_EQUAL(no_join, GROOVE_ERR_INVAL, "NULL join");
	TEST_ASSERT_EQUAL(lines, 5, "log lines");
	return TEST_SUCCESS;
}

static int
test_volumes(void)
{
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 8));
	TEST_CALL(fixture_add(&fix, 0, 2));
	TEST_CALL(test_volume_slots(&fix));
	TEST_CALL(test_volume_errors(&fix));
	TEST_CALL(fixture_end(&fix));
	TEST_CALL(fixture_make(&fix, 4 * VOLUME_SZ_MIN, 4));
	TEST_CALL(fixture_add(&fix, 0, 4));
	TEST_CALL(test_volume_sums(&fix, 4));
	return fixture_end(&fix);
}

/* ---- counts ---- */

static int
alloc_owned(groove_data_t *data, struct ledger *ledger, struct owned *owned, uint64_t *seed)
{
	owned->align = 1UL << test_rand(seed) % 10;
	owned->sz = test_rand(seed) % (1UL << 20) >> test_rand(seed) % 20;
	owned->obj = groove_data_alloc(data, owned->align, owned->sz, 0, NULL);
	TEST_ASSERT_NOT_NULL(owned->obj, "alloc of %lu bytes", owned->sz);
	record(ledger, owned->align, owned->sz, true);
	return TEST_SUCCESS;
}

static int
free_owned(groove_data_t *data, struct ledger *ledger, struct owned *owned)
{
	TEST_ASSERT_SUCCESS(groove_data_free(data, owned->obj), "free of %lu bytes", owned->sz);
	record(ledger, owned->align, owned->sz, false);
	owned->obj = NULL;
	return TEST_SUCCESS;
}

/* Bad calls and bulk calls that fail are not counted; those that succeed are, object by object. */
static int
test_bulk_counts(struct fixture *fix, struct ledger *ledger)
{
	void *objs[100];

	TEST_ASSERT_NULL(groove_data_alloc(&fix->data, 3, 1, 0, NULL), "align 3");
	TEST_ASSERT_EQUAL(groove_data_free(&fix->data, NULL), GROOVE_ERR_INVAL, "free of NULL");
	TEST_CALL(check(fix, ledger));
	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&fix->data, 0, 333, NULL, objs, 100), "bulk");
	for (unsigned int i = 0; i < 100; i++)
		record(ledger, 0, 333, true);
	TEST_CALL(check(fix, ledger));
	TEST_ASSERT_SUCCESS(groove_data_free_bulk(&fix->data, objs, 100), "free bulk");
	for (unsigned int i = 0; i < 100; i++)
		record(ledger, 0, 333, false);
	return check(fix, ledger);
}

/* The counts outlive the joins that made them, and records that other joins take over. */
static int
test_counts(struct fixture *fix, struct ledger *ledger)
{
	struct owned owned[OBJ_CNT];
	groove_data_t other;
	uint64_t seed = 3;

	for (unsigned int round = 0; round < 4; round++) {
		TEST_CALL(fixture_join(fix, &other, round));
		for (unsigned int i = 0; i < OBJ_CNT; i++)
			TEST_CALL(alloc_owned(i % 2 ? &other : &fix->data, ledger, &owned[i], &seed));
		TEST_CALL(check(fix, ledger));
		for (unsigned int i = 0; i < OBJ_CNT; i += 2)
			TEST_CALL(free_owned(&other, ledger, &owned[i]));
		TEST_CALL(check(fix, ledger));
		TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
		TEST_CALL(check(fix, ledger));
		for (unsigned int i = 1; i < OBJ_CNT; i += 2)
			TEST_CALL(free_owned(&fix->data, ledger, &owned[i]));
		TEST_CALL(check(fix, ledger));
	}
	return TEST_SUCCESS;
}

static int
test_places(struct fixture *fix)
{
	groove_data_t other;
	void *obj;

	TEST_CALL(check_places(fix, 1, 0, 0));
	TEST_CALL(fixture_join(fix, &other, 1));
	TEST_CALL(check_places(fix, 2, 0, 0));
	TEST_CALL(fixture_add(fix, 1, 3));
	TEST_CALL(check_places(fix, 2, 3, 3));
	obj = groove_data_alloc(&other, 0, 1, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_CALL(check_places(fix, 2, 3, 2));
	TEST_ASSERT_EQUAL(groove_data_leave(&other), &other, "leave");
	TEST_CALL(check_places(fix, 1, 3, 2));
	TEST_ASSERT_SUCCESS(groove_data_free(&fix->data, obj), "free");
	TEST_CALL(fixture_remove_all(fix, 3));
	TEST_CALL(check_places(fix, 1, 0, 0));
	return TEST_SUCCESS;
}

static int
test_stats(void)
{
	struct ledger ledger = {0};
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, 4 * VOLUME_SZ_MIN, 8));
	TEST_CALL(test_places(&fix));
	record(&ledger, 0, 1, true); /* by test_places() */
	record(&ledger, 0, 1, false);
	TEST_CALL(check(&fix, &ledger));
	TEST_CALL(fixture_add(&fix, 0, 8));
	TEST_CALL(test_counts(&fix, &ledger));
	TEST_CALL(test_bulk_counts(&fix, &ledger));
	TEST_CALL(fixture_end(&fix));
	return test_volumes();
}

GROOVE_TEST(stats_autotest, fast, test_stats);
