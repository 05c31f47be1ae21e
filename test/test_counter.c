/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Calls and bytes are counted exactly, however many there are: against sums that have a word each, and by calls of a
 * join that has made many before.
 */

#include <stdlib.h>
#include <string.h>

#include <counter.h>
#include <hdr.h>

#include "fixture.h"

#define SZC 5UL
#define TIB (1UL << 40)

/* ---- words ---- */

static int
check_total(const struct groove_record *record, unsigned int dir, struct counter_total expected)
{
	const struct counter_total total = counter_read(record, SZC, dir);

	TEST_ASSERT_EQUAL(total.calls, expected.calls, "calls, direction %u", dir);
	TEST_ASSERT_EQUAL(total.bytes, expected.bytes, "bytes, direction %u", dir);
	return TEST_SUCCESS;
}

/* One at a time, in bulks, and of all sizes. */
static int
test_sums(struct groove_record *record)
{
	struct counter_total sum[2] = {{0}};
	uint64_t seed = 7;

	for (uint64_t i = 0; i < test_turns(400000); i++) {
		const unsigned int dir = (unsigned int)(test_rand(&seed) % 2);
		const uint64_t n = (test_rand(&seed) % (1UL << 20) >> test_rand(&seed) % 20) + 1;
		const uint64_t sz = test_rand(&seed) % (10UL << 20) >> test_rand(&seed) % 24;

		counter_add(record, SZC, dir, n, n * sz / 64);
		sum[dir].calls += n;
		sum[dir].bytes += n * sz / 64;
		TEST_CALL(check_total(record, GROOVE_COUNT_ALLOC, sum[GROOVE_COUNT_ALLOC]));
		TEST_CALL(check_total(record, GROOVE_COUNT_FREE, sum[GROOVE_COUNT_FREE]));
	}
	TEST_ASSERT(sum[0].calls >> 23 != 0 && sum[0].bytes >> 43 != 0, "%lu calls and %lu bytes are too few",
		sum[0].calls, sum[0].bytes);
	return TEST_SUCCESS;
}

/* A join died before it noted the total, and the next one as well. */
static int
test_unnoted(struct groove_record *record)
{
	static const struct counter_total from[] = {
		{0, 0},
		{(1UL << 20) - 1, 17},
		{(1UL << 22) - 1, 4 * TIB - 1},
		{(1UL << 50) + 123, 1UL << 60},
	};

	for (unsigned int i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		struct counter_total total = from[i];

		counter_set(record, SZC, GROOVE_COUNT_ALLOC, total);
		for (unsigned int deaths = 0; deaths < 3; deaths++) {
			record->count[SZC].calls[GROOVE_COUNT_ALLOC] += groove_count_delta((1UL << 20) - 1, TIB - 1);
			total.calls += (1UL << 20) - 1;
			total.bytes += TIB - 1;
			TEST_CALL(check_total(record, GROOVE_COUNT_ALLOC, total));
		}
		counter_note(record, SZC, GROOVE_COUNT_ALLOC);
		TEST_CALL(check_total(record, GROOVE_COUNT_ALLOC, total));
		record->count[SZC].calls[GROOVE_COUNT_ALLOC] += groove_count_delta((1UL << 21), 2 * TIB);
		total.calls += 1UL << 21;
		total.bytes += 2 * TIB;
		TEST_CALL(check_total(record, GROOVE_COUNT_ALLOC, total));
	}
	return TEST_SUCCESS;
}

static int
test_less(void)
{
	TEST_ASSERT_EQUAL(counter_less(5, 3), 2, "less");
	TEST_ASSERT_EQUAL(counter_less(3, 5), (uint64_t)-2, "less than none");
	TEST_ASSERT_EQUAL(counter_less(1, (1UL << 62) - 1), 2, "after it began anew");
	return TEST_SUCCESS;
}

/* ---- calls of a join that has made many ---- */

#define BULK 24UL

struct shape {
	const char *name;
	uint64_t sz;
};

/* As if the join had made as many allocs and frees before: nothing else changes. */
static void
age(const struct fixture *fix, uint64_t szc, struct counter_total total)
{
	for (unsigned int dir = 0; dir < 2; dir++)
		counter_set(fix->data.record, szc, dir, total);
}

static int
check_counts(const struct fixture *fix, uint64_t szc, struct counter_total allocs, struct counter_total frees)
{
	static groove_data_stats_t stats; /* too large for the stack */

	TEST_ASSERT_SUCCESS(groove_data_stats(&fix->data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.szc[szc].alloc_cnt, allocs.calls, "allocs");
	TEST_ASSERT_EQUAL(stats.szc[szc].free_cnt, frees.calls, "frees");
	TEST_ASSERT_EQUAL(stats.szc[szc].obj_cnt, allocs.calls - frees.calls, "objects");
	TEST_ASSERT_EQUAL(stats.szc[szc].req_bytes, allocs.bytes - frees.bytes, "bytes");
	return TEST_SUCCESS;
}

static int
calls_make(groove_data_t *data, uint64_t sz, bool bulk, void **objs)
{
	if (bulk)
		return groove_data_alloc_bulk(data, 0, sz, NULL, objs, BULK);
	for (unsigned int i = 0; i < BULK; i++)
		if ((objs[i] = groove_data_alloc(data, 0, sz, 0, NULL)) == NULL)
			return GROOVE_ERR_FULL;
	return GROOVE_SUCCESS;
}

static int
calls_unmake(groove_data_t *data, bool bulk, bool burst, void **objs)
{
	int err = GROOVE_SUCCESS;

	if (burst)
		return groove_data_free_burst(data, objs, BULK, &err) == BULK ? err : GROOVE_ERR_INVAL;
	if (bulk)
		return groove_data_free_bulk(data, objs, BULK);
	for (unsigned int i = 0; err == GROOVE_SUCCESS && i < BULK; i++)
		err = groove_data_free(data, objs[i]);
	return err;
}

/* All kinds of calls, across an edge: where a total is noted, or a word has no more bits for it. */
static int
test_edge(struct fixture *fix, uint64_t sz, struct counter_total edge)
{
	const uint64_t szc = expect_szc(sz);
	void *objs[BULK];

	for (unsigned int kind = 0; kind < 6; kind++) {
		struct counter_total sum = {
			edge.calls - BULK / 2 * (kind + 1), edge.bytes - sz * (BULK / 2 * (kind + 1))};
		struct counter_total freed = sum;

		age(fix, szc, sum);
		for (unsigned int turn = 0; turn < 12; turn++) {
			TEST_ASSERT_SUCCESS(calls_make(&fix->data, sz, kind % 2, objs), "alloc of %lu bytes", sz);
			sum.calls += BULK;
			sum.bytes += BULK * sz;
			TEST_CALL(check_counts(fix, szc, sum, freed));
			TEST_ASSERT_SUCCESS(calls_unmake(&fix->data, kind % 2, kind / 2 == 2, objs), "free");
			freed = sum;
			TEST_CALL(check_counts(fix, szc, sum, freed));
		}
		TEST_ASSERT_SUCCESS(groove_data_verify(&fix->data), "verify");
	}
	return TEST_SUCCESS;
}

static int
test_edges(void)
{
	static const uint64_t sizes[] = {40, 65000, 300000};
	static const struct counter_total edges[] = {
		{1UL << 20, 1UL << 34},
		{1UL << 22, 5UL << 34},
		{3UL << 21, TIB},
		{5UL << 40, 4 * TIB},
	};
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 2));
	TEST_CALL(fixture_add(&fix, 0, 2));
	for (unsigned int i = 0; i < 3 * 4; i++)
		TEST_CALL(test_edge(&fix, sizes[i / 4], edges[i % 4]));
	return fixture_end(&fix);
}

/* Enough calls that the short ways alone would leave no bits: the total is noted on the way. */
static int
test_many(void)
{
	const struct counter_total before = {UINT32_MAX, TIB};
	const uint64_t cnt = test_turns(5UL << 20);
	struct counter_total sum = before;
	struct fixture fix;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	age(&fix, expect_szc(1000), before);
	for (uint64_t i = 0; i < cnt; i++) {
		void *obj = groove_data_alloc(&fix.data, 0, 1000, 0, NULL);

		if (obj == NULL || groove_data_free(&fix.data, obj) != GROOVE_SUCCESS)
			break;
		sum.calls++;
		sum.bytes += 1000;
	}
	TEST_ASSERT_EQUAL(sum.calls - before.calls, cnt, "calls");
	TEST_CALL(check_counts(&fix, expect_szc(1000), sum, sum));
	return fixture_end(&fix);
}

/* ---- a recoverer notes what a dead join has not ---- */

static int
all_dead(void *arg, uint64_t join_idx)
{
	(void)arg;
	(void)join_idx;
	return 1;
}

static int
test_settled(void)
{
	const struct counter_total before = {(7UL << 20) + 1, 3 * TIB};
	struct counter_total sum = before;
	struct groove_record *record;
	static groove_data_t dead;
	struct fixture fix;
	void *obj;

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	TEST_CALL(fixture_join(&fix, &dead, 1));
	record = dead.record;
	for (unsigned int dir = 0; dir < 2; dir++) {
		counter_set(record, SZC, dir, before);
		record->count[SZC].calls[dir] += groove_count_delta(2UL << 20, TIB);
	}
	sum.calls += 2UL << 20;
	sum.bytes += TIB;
	obj = groove_data_alloc(&dead, 0, groove_data_szc_cfg[SZC].obj_footprint - 100, 0, NULL);
	TEST_ASSERT_NOT_NULL(obj, "alloc");
	TEST_ASSERT_SUCCESS(groove_data_recover(&fix.data, all_dead, NULL), "recover");
	TEST_ASSERT_EQUAL(record->count_high[SZC].calls[GROOVE_COUNT_FREE], counter_high(sum), "what is noted");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix.data), "verify");
	return fixture_end(&fix);
}

/*
 * A join died in the midst of a bulk free of objects of one class and three sizes: one is cached and not counted, as
 * doing says, two say freeing.
 */
static int
test_freeing(void)
{
	static const uint64_t sizes[] = {1000, 1001, 1002, 1003};
	const uint64_t szc = expect_szc(1000);
	static groove_data_t dead;
	struct fixture fix;
	void *objs[4];

	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 1));
	TEST_CALL(fixture_add(&fix, 0, 1));
	TEST_CALL(fixture_join(&fix, &dead, 1));
	for (unsigned int i = 0; i < 4; i++) {
		objs[i] = groove_data_alloc(&dead, 0, sizes[i], 0, NULL);
		TEST_ASSERT_NOT_NULL(objs[i], "alloc %u", i);
	}
	for (unsigned int i = 0; i < 3; i++) {
		groove_data_hdr_t *hdr = groove_data_object_hdr(objs[i]);

		if (i == 0)
			dead.record->doing = hdr->bits;
		hdr->bits = i == 0 ? hdr_cached(szc, hdr_idx(hdr->bits), dead.join_idx)
				   : hdr_retype(hdr->bits, hdr_type_freeing(dead.join_idx));
	}
	TEST_ASSERT_SUCCESS(groove_data_recover(&fix.data, all_dead, NULL), "recover");
	TEST_CALL(check_counts(&fix, szc, (struct counter_total){4, 1000 + 1001 + 1002 + 1003},
		(struct counter_total){3, 1000 + 1001 + 1002}));
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix.data), "verify");
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[3]), "free");
	return fixture_end(&fix);
}

/*
 * It died when it had won more objects than a word has calls for, and before it counted one: or (parts) its recoverer
 * did as well, when it had counted the first of them and the bytes of all.
 */
static int
freeing_many(uint64_t parts)
{
	const uint64_t cnt = (1UL << GROOVE_COUNT_CALLS_BITS) + 12345;
	const uint64_t part = (1UL << COUNTER_NOTE_CALLS) - 1;
	const uint64_t szc = expect_szc(1);
	void **objs = malloc(cnt * sizeof(*objs));
	static groove_data_t dead;
	struct fixture fix;

	TEST_ASSERT_NOT_NULL(objs, "no memory");
	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 10));
	TEST_CALL(fixture_add(&fix, 0, 10));
	TEST_CALL(fixture_join(&fix, &dead, 1));
	TEST_ASSERT_SUCCESS(groove_data_alloc_bulk(&dead, 0, 1, NULL, objs, cnt), "alloc");
	for (uint64_t i = 0; i < cnt; i++) {
		groove_data_hdr_t *hdr = groove_data_object_hdr(objs[i]);

		hdr->bits = hdr_retype(hdr->bits, hdr_type_freeing(dead.join_idx));
	}
	free(objs);
	for (uint64_t i = 0; i < parts; i++)
		counter_add(dead.record, szc, GROOVE_COUNT_FREE, part, i == 0 ? cnt : 0);
	TEST_ASSERT_SUCCESS(groove_data_recover(&fix.data, all_dead, NULL), "recover");
	TEST_CALL(check_counts(&fix, szc, (struct counter_total){cnt, cnt}, (struct counter_total){cnt, cnt}));
	TEST_ASSERT_SUCCESS(groove_data_verify(&fix.data), "verify");
	return fixture_end(&fix);
}

static int
test_freeing_many(void)
{
	if (GROOVE_DEBUG_CHECKS)
		return TEST_SUCCESS; /* red zones make these objects twice as large */
	TEST_CALL(freeing_many(0));
	TEST_CALL(freeing_many(1));
	return freeing_many(3);
}

static int
test_counter(void)
{
	struct groove_record *record = aligned_alloc(_Alignof(struct groove_record), sizeof(*record));

	TEST_ASSERT_NOT_NULL(record, "no memory");
	memset(record, 0, sizeof(*record));
	TEST_CALL(test_sums(record));
	TEST_CALL(test_unnoted(record));
	free(record);
	TEST_CALL(test_less());
	TEST_CALL(test_edges());
	TEST_CALL(test_settled());
	TEST_CALL(test_freeing());
	TEST_CALL(test_freeing_many());
	return test_many();
}

GROOVE_TEST(counter_autotest, fast, test_counter);
