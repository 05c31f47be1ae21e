/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The counts of groove-perf-count: writes that are made by hand, to the header of an object, its neighbours, the join's
 * record, other shared memory and memory of the thread's own; then the rows, their bounds and the file.
 */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>
#include <shared.h>

#include "../count/counts.h"
#include "fixture.h"
#include "stub.h"

static struct fixture fix;

static int
check_tally(const struct count_tally *tally, uint64_t calls, uint64_t header, uint64_t shared, uint64_t record,
	uint64_t stores, const char *what)
{
	TEST_ASSERT_EQUAL(tally->calls, calls, "%s: calls", what);
	TEST_ASSERT_EQUAL(tally->header, header, "%s: atomics on the header", what);
	TEST_ASSERT_EQUAL(tally->shared, shared, "%s: atomics elsewhere", what);
	TEST_ASSERT_EQUAL(tally->record, record, "%s: atomics on the own record", what);
	TEST_ASSERT_EQUAL(tally->stores, stores, "%s: stores elsewhere", what);
	return TEST_SUCCESS;
}

/* One call, of an object, in which the addresses are written to. */
static int
one_call(enum count_call call, void *obj, const void *addr, enum count_write kind, const uint64_t expected[4],
	const char *what)
{
	const struct count_tally *tally;

	count_begin(&fix.data);
	count_write(addr, kind); /* in no call */
	count_enter(call);
	count_write(addr, kind);
	count_leave(&obj, 1);
	count_write(addr, kind);
	tally = count_end();
	TEST_CALL(check_tally(&tally[call], 1, expected[0], expected[1], expected[2], expected[3], what));
	return check_tally(&tally[call == COUNT_ALLOC ? COUNT_FREE : COUNT_ALLOC], 0, 0, 0, 0, 0, what);
}

/* What a write counts as an atomic, and as a store: header, elsewhere, own record, stores elsewhere. */
static int
test_places(void)
{
	uint8_t *obj = groove_data_alloc(&fix.data, 0, 100, 0, NULL);
	uint8_t *record = (uint8_t *)fix.data.record;
	uint8_t *region = (uint8_t *)fix.data.shdata;
	uint8_t *end = region + fix.data.shdata->footprint;
	uint64_t own = 0;
	const struct {
		const char *what;
		const void *addr;
		uint64_t atomic[4], store[4];
	} places[] = {
		{"first byte of the header", obj - 16, {1, 0, 0, 0}, {0, 0, 0, 0}},
		{"last byte of the header", obj - 1, {1, 0, 0, 0}, {0, 0, 0, 0}},
		{"before the header", obj - 17, {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"the object", obj, {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"the last byte of the volumes", fix.volume0 + fix.volumes_sz - 1, {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"after the volumes", fix.volume0 + fix.volumes_sz, {0, 0, 0, 0}, {0, 0, 0, 0}},
		{"the first byte of the record", record, {0, 1, 1, 0}, {0, 0, 0, 0}},
		{"the last byte of the record", record + sizeof(struct groove_record) - 1, {0, 1, 1, 0}, {0, 0, 0, 0}},
		{"before the record", record - 1, {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"after the record", record + sizeof(struct groove_record), {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"the first byte of the region", region, {0, 1, 0, 0}, {0, 0, 0, 1}},
		{"after the region", end, {0, 0, 0, 0}, {0, 0, 0, 0}},
		{"memory of the thread's own", &own, {0, 0, 0, 0}, {0, 0, 0, 0}},
	};

	TEST_ASSERT_NOT_NULL(obj, "object");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		TEST_CALL(one_call(COUNT_ALLOC, obj, places[i].addr, COUNT_ATOMIC, places[i].atomic, places[i].what));
		TEST_CALL(one_call(COUNT_FREE, obj, places[i].addr, COUNT_STORE, places[i].store, places[i].what));
	}
	TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, obj), "free");
	return TEST_SUCCESS;
}

/* A bulk of n objects is n calls, and each of their headers is one; those of others are elsewhere. */
static int
test_bulk(void)
{
	void *objs[4];
	const struct count_tally *tally;

	for (unsigned int i = 0; i < 4; i++)
		objs[i] = groove_data_alloc(&fix.data, 0, 100, 0, NULL);
	count_begin(&fix.data);
	count_enter(COUNT_FREE);
	for (unsigned int i = 0; i < 4; i++)
		count_write((uint8_t *)objs[i] - 16, COUNT_ATOMIC);
	count_leave(objs, 3);
	count_enter(COUNT_FREE);
	count_write((uint8_t *)objs[0] - 8, COUNT_ATOMIC);
	count_leave(objs, 1);
	tally = count_end();
	TEST_CALL(check_tally(&tally[COUNT_FREE], 4, 4, 1, 0, 0, "bulk"));
	for (unsigned int i = 0; i < 4; i++)
		TEST_ASSERT_SUCCESS(groove_data_free(&fix.data, objs[i]), "free");
	/* a new count begins with nothing */
	count_begin(&fix.data);
	return check_tally(&count_end()[COUNT_FREE], 0, 0, 0, 0, 0, "a new count");
}

/* ---- rows ---- */

static struct count_row
row_of(const char *workload, uint64_t shared)
{
	struct count_row row = {.allocator = &perf_groove, .lcore_cnt = 2};

	while (strcmp(perf_workloads[row.workload]->name, workload) != 0)
		row.workload++;
	row.tally[COUNT_ALLOC] =
		(struct count_tally){.calls = 600, .header = 1, .shared = shared, .record = 3, .stores = 4};
	row.tally[COUNT_FREE] = (struct count_tally){.calls = 400, .header = 500, .stores = 6};
	row.tally[COUNT_CALL_CNT] =
		(struct count_tally){.calls = 1000, .header = 501, .shared = shared, .record = 3, .stores = 10};
	return row;
}

/* Atomics elsewhere for each call: up to 0.1 in churn, none in pair, any number in others. */
static int
test_bounds(void)
{
	static const struct {
		const char *workload;
		uint64_t shared;
		bool good;
	} cases[] = {
		{"churn", 0, true},
		{"churn", 100, true},
		{"churn", 101, false},
		{"pair", 0, true},
		{"pair", 1, false},
		{"burst", 5000, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct count_rows rows = {
			.cnt = 2, .row = {row_of("bulk", 1000), row_of(cases[i].workload, cases[i].shared)}};

		TEST_ASSERT_EQUAL(count_rows_judge(&rows), cases[i].good, "%s with %lu in 1,000 calls",
			cases[i].workload, cases[i].shared);
	}
	return TEST_SUCCESS;
}

static int
test_row_shown(void)
{
	const struct count_row row = row_of("churn", 250);
	const char *text;

	TEST_ASSERT(test_stdout_begin(), "stdout");
	count_row_show(&row);
	text = test_stdout_end();
	TEST_ASSERT(strstr(text, "1,000     0.501  0.250000   0.003000    0.010000\n") != NULL, "%s", text);
	TEST_ASSERT(strstr(text, "400     1.250  0.000000   0.000000    0.015000\n") != NULL, "%s", text);
	return TEST_SUCCESS;
}

static int
test_perf_count(void)
{
	TEST_CALL(fixture_make(&fix, VOLUME_SZ_MIN, 2));
	TEST_CALL(fixture_add(&fix, 0, 2));
	TEST_CALL(test_places());
	TEST_CALL(test_bulk());
	TEST_CALL(fixture_end(&fix));
	TEST_CALL(test_bounds());
	return test_row_shown();
}

GROOVE_TEST(perf_count_autotest, fast, test_perf_count);
