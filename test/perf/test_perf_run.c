/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A run from options to results: repetitions take turns, each allocator is opened for the workload that it does, and
 * the medians, as hand-worked from what each repetition took, stand in the table, in the ratios and in the file for
 * machines.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include <groove_base.h>

#include "run.h"
#include "stub.h"
#include "test.h"

/* ---- a run ---- */

static int
run_with(struct perf_run *run, int argc, char **argv, const char **text)
{
	int err;

	*run = (struct perf_run){0};
	TEST_ASSERT_SUCCESS(perf_options_parse(argc, argv, &run->options), "options");
	TEST_ASSERT_SUCCESS(perf_plan(run), "plan");
	TEST_ASSERT(test_stdout_begin(), "stdout");
	err = perf_run(run);
	*text = test_stdout_end();
	TEST_ASSERT_SUCCESS(err, "run");
	return TEST_SUCCESS;
}

static json_t *
records_of(json_t *root)
{
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return root;
	json_object_foreach(root, key, value)
	{
		if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
			return value;
	}
	return NULL;
}

static bool
is_figure(const json_t *record, const char *key, double expected)
{
	const json_t *figure = json_object_get(record, key);

	if (expected == 0)
		return json_is_null(figure);
	return json_is_number(figure) && fabs(json_number_value(figure) - expected) <= 1e-5 * expected;
}

static int
check_record(const json_t *record, const char *allocator, double ns, double ratio)
{
	char *text = json_dumps(record, 0);
	const bool good = strcmp(json_string_value(json_object_get(record, "workload")), "pair") == 0 &&
			  strcmp(json_string_value(json_object_get(record, "allocator")), allocator) == 0 &&
			  is_figure(record, "ns_per_op", ns) && is_figure(record, "ratio_to_groove", ratio) &&
			  is_figure(record, "cpu_share", .96) && is_figure(record, "p50", 0) &&
			  is_figure(record, "max", 0) && is_figure(record, "share", 0) &&
			  is_figure(record, "reps", 4) && is_figure(record, "seed", 77) &&
			  is_figure(record, "lcores", 1);

	TEST_ASSERT(good, "%s: %s", allocator, text);
	free(text);
	return TEST_SUCCESS;
}

/* Four repetitions: the medians are means of the middle two. */
static int
test_medians_of_turns(void)
{
	static char *argv[] = {"groove-perf", "--workload", "pair", "--allocator", "groove,peer", "--reps", "4",
		"--rep-ms", "1", "--seed", "77"};
	static const uint64_t groove_ns[] = {90, 10, 20, 40}, peer_ns[] = {60, 500, 70, 80};
	struct perf_run run;
	const char *text;
	json_t *root, *records;

	stub_reset();
	stub_plan.warm_ns = 5;
	stub_plan.cpu_percent = 96; /* below 95 the times are not to be trusted, as stderr says */
	memcpy(stub_plan.rep_ns[0], groove_ns, sizeof(groove_ns));
	memcpy(stub_plan.rep_ns[1], peer_ns, sizeof(peer_ns));
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	TEST_ASSERT(strcmp(stub_seen.order, "gpgpgpgp") == 0, "order of jobs %s", stub_seen.order);
	TEST_ASSERT_EQUAL(stub_seen.open_cnt, 2, "opened");
	TEST_ASSERT_EQUAL(stub_seen.close_cnt, 2, "closed");
	TEST_ASSERT(stub_seen.close_all_freed, "objects are said to be left");
	/* 30, and 75 that is 2.5 times as much; 0.4 the other way round */
	TEST_ASSERT(strstr(text, "30.00    1.00 x") != NULL && strstr(text, "75.00    2.50 x") != NULL, "%s", text);
	TEST_ASSERT(strstr(text, "0.400") != NULL, "%s", text);
	root = perf_json(&run);
	records = records_of(root);
	TEST_ASSERT_EQUAL(json_array_size(records), 2, "records");
	TEST_CALL(check_record(json_array_get(records, 0), "groove", 30, 1));
	TEST_CALL(check_record(json_array_get(records, 1), "peer", 75, 2.5));
	json_decref(root);
	perf_run_free(&run);
	return TEST_SUCCESS;
}

/* Allocators of objects of one size are opened anew for each workload, with its size. */
static int
test_opened_for(void)
{
	static char *argv[] = {"groove-perf", "--allocator", "groove,fixed", "--workload",
		"churn,burst,bulk,pair,pipe,pipe-bulk", "--reps", "1", "--rep-ms", "1", "--sz", "1920"};
	static const uint64_t szs[] = {1920, 1920, 64, 64, 64};
	unsigned int fixed_cnt = 0;
	struct perf_run run;
	const char *text;

	stub_reset();
	stub_plan.tile_cnt = 2;
	stub_plan.look_ns = 3;
	memset(stub_plan.ns, 0, sizeof(stub_plan.ns));
	for (unsigned int i = 0; i < STUB_LCORE_MAX; i++)
		stub_plan.ns[i][STUB_ALLOC] = stub_plan.ns[i][STUB_FREE] = 10;
	stub_plan.warm_ns = 10;
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	/* groove and the other for each workload, but churn, which has sizes of all kinds */
	TEST_ASSERT_EQUAL(stub_seen.open_cnt, 1 + 2 * 5, "opened");
	for (unsigned int i = 1; i < stub_seen.open_cnt; i += 2) {
		TEST_ASSERT_EQUAL(stub_seen.open[i].fixed_sz, szs[fixed_cnt], "size of workload %u", fixed_cnt);
		TEST_ASSERT_EQUAL(stub_seen.open[i + 1].fixed_sz, szs[fixed_cnt], "size of workload %u", fixed_cnt);
		fixed_cnt++;
	}
	perf_run_free(&run);
	return TEST_SUCCESS;
}

/* The same in each form of a workload that has many; the others stay open. */
static int
test_opened_for_forms(void)
{
	static char *argv[] = {"groove-perf", "--allocator", "groove,fixed", "--workload", "tight", "--sz", "8,64,4096",
		"--reps", "2", "--rep-ms", "1"};
	static const uint64_t szs[] = {8, 64, 4096};
	struct perf_run run;
	const char *text;

	stub_reset();
	stub_plan.tile_cnt = 2;
	stub_plan.warm_ns = 10;
	for (unsigned int i = 0; i < STUB_LCORE_MAX; i++)
		stub_plan.ns[i][STUB_ALLOC] = stub_plan.ns[i][STUB_FREE] = 10;
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	TEST_ASSERT_EQUAL(run.cell_cnt, 3 * 2 * 2, "forms x lcores x allocators");
	/* both for the first form, then the other one for each of the rest */
	TEST_ASSERT_EQUAL(stub_seen.open_cnt, 2 + 2, "opened");
	TEST_ASSERT_EQUAL(stub_seen.close_cnt, stub_seen.open_cnt, "closed");
	for (unsigned int i = 0; i < 3; i++)
		TEST_ASSERT_EQUAL(stub_seen.open[i + 1].fixed_sz, szs[i], "size of form %u", i);
	TEST_ASSERT(strcmp(stub_seen.order, "gpgpgpgpgpgpgpgpgpgpgpgp") == 0, "order of jobs %s", stub_seen.order);
	for (uint32_t i = 0; i < run.cell_cnt; i++)
		TEST_ASSERT(run.cells[i].taken == 2 && !run.cells[i].failed, "cell %u", i);
	perf_run_free(&run);
	return TEST_SUCCESS;
}

/* Alloc and free apart: each has its rows in the table, in cycles, and its records in the file. */
static int
test_batches(void)
{
	static char *argv[] = {"groove-perf", "--allocator", "groove,peer", "--workload", "batch", "--sz", "64", "--n",
		"32", "--reps", "3", "--rep-ms", "1"};
	struct perf_run run;
	const char *text;
	json_t *root, *records;

	stub_reset();
	stub_plan.warm_ns = 5;
	stub_plan.tick_ns = 3;
	stub_plan.ns[0][STUB_ALLOC] = 40;
	stub_plan.ns[0][STUB_FREE] = 80;
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	TEST_ASSERT(strstr(text, "64x32 fifo      1  160.0 160.0\n") != NULL, "%s", text);
	TEST_ASSERT(strstr(text, "64x32 lifo      1  320.0 320.0\n") != NULL, "%s", text);
	TEST_ASSERT(strstr(text, " 64x32 lifo           1 1.000\n") != NULL, "%s", text);
	root = perf_json(&run);
	records = records_of(root);
	TEST_ASSERT_EQUAL(json_array_size(records), 2 * 2 * 2, "records");
	for (size_t i = 0; i < 8; i++)
		TEST_ASSERT(is_figure(json_array_get(records, i), "ns_per_op", i % 2 == 0 ? 40 : 80), "record %zu", i);
	json_decref(root);
	perf_run_free(&run);
	return TEST_SUCCESS;
}

/* Each repetition of a fill has an allocator of its own, and the shares are those of the median. */
static int
test_fills(void)
{
	static char *argv[] = {"groove-perf", "--allocator", "groove", "--workload", "fill", "--sizes", "uniform64k",
		"--fill-reps", "3", "--volume-sz", "32M", "--volume-cnt", "1", "--seed", "5"};
	struct perf_run run;
	const char *text;
	double fresh[3];
	char shares[64];
	json_t *root, *records;

	stub_reset();
	stub_plan.capacity = 32UL << 20;
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	TEST_ASSERT_EQUAL(stub_seen.open_cnt, 3, "opened");
	TEST_ASSERT_EQUAL(stub_seen.close_cnt, 3, "closed");
	for (unsigned int i = 0; i < 3; i++) {
		TEST_ASSERT(stub_seen.open[i].bounded, "not bounded");
		fresh[i] = run.cells[0].samples[i].share_fresh;
	}
	TEST_ASSERT(fresh[0] != fresh[1] && fresh[1] != fresh[2], "the same seed for each");
	snprintf(shares, sizeof(shares), "%.3f then %.3f\n", run.cells[0].median.share_fresh,
		run.cells[0].median.share_churned);
	TEST_ASSERT(strstr(text, shares) != NULL, "no %s in %s", shares, text);
	root = perf_json(&run);
	records = records_of(root);
	TEST_ASSERT_EQUAL(json_array_size(records), 2, "records");
	for (unsigned int phase = 0; phase < 2; phase++) {
		const json_t *record = json_array_get(records, phase);
		const double share = phase == 0 ? run.cells[0].median.share_fresh : run.cells[0].median.share_churned;

		TEST_ASSERT(is_figure(record, "share", share) && is_figure(record, "ns_per_op", 0) &&
				    is_figure(record, "cpu_share", 0),
			"phase %u", phase);
		TEST_ASSERT(strcmp(json_string_value(json_object_get(record, "phase")),
				    phase == 0 ? "fresh" : "churned") == 0,
			"phase %u", phase);
	}
	json_decref(root);
	perf_run_free(&run);
	return TEST_SUCCESS;
}

/* Each column of the latency table and each key of the file has its own figure. */
static int
test_latencies(void)
{
	static char *argv[] = {
		"groove-perf", "--allocator", "groove", "--workload", "latency", "--reps", "1", "--rep-ms", "20"};
	static const char *const keys[] = {"ns_per_op", "p50", "p99", "p999", "p9999", "max"};
	struct perf_run run;
	const char *text;
	json_t *root, *records;

	stub_reset();
	stub_plan.warm_ns = 10;
	stub_plan.outliers = true;
	stub_plan.ns[0][STUB_ALLOC] = 40;
	stub_plan.ns[0][STUB_FREE] = 80;
	TEST_CALL(run_with(&run, sizeof(argv) / sizeof(argv[0]), argv, &text));
	root = perf_json(&run);
	records = records_of(root);
	TEST_ASSERT_EQUAL(json_array_size(records), 2, "records");
	for (unsigned int call = 0; call < 2; call++) {
		const struct perf_latency *latency = &run.cells[0].median.latency[call];
		const double figures[] = {
			latency->mean, latency->p50, latency->p99, latency->p999, latency->p9999, latency->max};
		char row[64];

		TEST_ASSERT(
			figures[1] < figures[2] && figures[2] < figures[3] && figures[3] < figures[4], "call %u", call);
		for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			TEST_ASSERT(is_figure(json_array_get(records, call), keys[i], figures[i]), "call %u: %s", call,
				keys[i]);
		snprintf(row, sizeof(row), " %8.0f %8.0f %8.0f %8.0f %10.0f\n", latency->p50, latency->p99,
			latency->p999, latency->p9999, latency->max);
		TEST_ASSERT(strstr(text, row) != NULL, "no%s in %s", row, text);
	}
	json_decref(root);
	perf_run_free(&run);
	return TEST_SUCCESS;
}

static int
test_perf_run(void)
{
	TEST_CALL(test_medians_of_turns());
	TEST_CALL(test_opened_for());
	TEST_CALL(test_opened_for_forms());
	TEST_CALL(test_batches());
	TEST_CALL(test_fills());
	return test_latencies();
}

GROOVE_TEST(perf_run_autotest, fast, test_perf_run);
