/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What is made of repetitions: quantiles, medians, ratios, shares of CPUs; which repetitions an option brings about,
 * and of which sizes. Each against numbers worked out by hand, or another way.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>

#include "histogram.h"
#include "run.h"
#include "stub.h"
#include "test.h"

#define MIB (1UL << 20)

static uint32_t
workload_named(const char *name)
{
	uint32_t i = 0;

	while (strcmp(perf_workloads[i]->name, name) != 0)
		i++;
	return i;
}

static bool
is_near(double found, double expected)
{
	return fabs(found - expected) <= 1e-12 * fabs(expected);
}

/* ---- histograms ---- */

static struct histogram histogram;

static uint64_t
quantile_of(const uint64_t *values, unsigned int cnt, double share)
{
	histogram_clear(&histogram);
	for (unsigned int i = 0; i < cnt; i++)
		histogram_add(&histogram, values[i]);
	return histogram_quantile(&histogram, share);
}

/* The least number that at least the share of all do not exceed. Small numbers are exact. */
static int
test_quantiles(void)
{
	static const uint64_t values[] = {90, 10, 50, 30, 70, 20, 100, 40, 80, 60};

	TEST_ASSERT_EQUAL(quantile_of(values, 0, .5), 0, "of none");
	TEST_ASSERT_EQUAL(quantile_of(values, 1, .5), 90, "of one");
	TEST_ASSERT_EQUAL(quantile_of(values, 1, .9999), 90, "of one");
	TEST_ASSERT_EQUAL(quantile_of(values, 2, .5), 10, "the first half of two");
	TEST_ASSERT_EQUAL(quantile_of(values, 3, .5), 50, "middle of three");
	TEST_ASSERT_EQUAL(quantile_of(values, 4, .5), 30, "half of four");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, .1), 10, "a tenth");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, .5), 50, "half");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, .51), 60, "more than half");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, .9), 90, "nine tenths");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, .99), 100, "nearly all");
	TEST_ASSERT_EQUAL(quantile_of(values, 10, 1), 100, "all");
	TEST_ASSERT_EQUAL(histogram.cnt, 10, "count");
	TEST_ASSERT_EQUAL(histogram.sum, 550, "sum");
	TEST_ASSERT_EQUAL(histogram.max, 100, "maximum");
	return TEST_SUCCESS;
}

/* A number comes back within 1/64, never less than it was, and exact below 128. */
static int
check_bucket(uint64_t value)
{
	const uint64_t values[] = {value, UINT64_MAX};
	const uint64_t found = quantile_of(values, 2, .5);

	TEST_ASSERT(found >= value && found - value <= value / 64, "%lu came back as %lu", value, found);
	TEST_ASSERT(value >= 128 || found == value, "%lu came back as %lu", value, found);
	TEST_ASSERT(histogram_bucket(value) < HISTOGRAM_CNT, "%lu is in bucket %lu", value, histogram_bucket(value));
	return TEST_SUCCESS;
}

static int
test_buckets(void)
{
	for (uint64_t value = 0; value < 5000; value++)
		TEST_CALL(check_bucket(value));
	for (unsigned int shift = 12; shift < 64; shift++) {
		for (uint64_t near = 0; near < 5; near++) {
			TEST_CALL(check_bucket((1UL << shift) - near));
			TEST_CALL(check_bucket((1UL << shift) + near * (1UL << (shift - 6)) - 1));
		}
	}
	return check_bucket(UINT64_MAX);
}

static int
test_merge(void)
{
	static struct histogram other;
	static const uint64_t low[] = {1, 2, 3}, high[] = {1000, 5, 6, 7, 8};

	(void)quantile_of(high, 5, 0);
	other = histogram;
	(void)quantile_of(low, 3, 0);
	histogram_merge(&histogram, &other);
	TEST_ASSERT_EQUAL(histogram.cnt, 8, "count");
	TEST_ASSERT_EQUAL(histogram.sum, 1032, "sum");
	TEST_ASSERT_EQUAL(histogram.max, 1000, "maximum");
	TEST_ASSERT_EQUAL(histogram_quantile(&histogram, .5), 5, "half");
	TEST_ASSERT_EQUAL(histogram_quantile(&histogram, 7. / 8), 8, "seven eighths");
	TEST_ASSERT_EQUAL(histogram_quantile(&histogram, 1), 1000, "all");
	return TEST_SUCCESS;
}

/* ---- medians ---- */

#define SAMPLE_MAX 8

/* Sample i has x in each figure, times a number of its own, so that no two are taken for each other. */
static void
sample_make(struct perf_result *sample, double x)
{
	*sample = (struct perf_result){
		.ns_per_op = x,
		.apart_ns = {11 * x, 12 * x},
		.cpu_share = 2 * x,
		.share_fresh = 3 * x,
		.share_churned = 4 * x,
		.shift = {13 * x, 14 * x, 15 * x, 16 * x, 17 * x},
		.drift = {.fulls = 18 * x, .share = 19 * x, .ns_first = 20 * x, .ns_last = 21 * x},
	};
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++)
		sample->drift.points[i] =
			(struct perf_drift_point){(22 + i) * x, (23 + i) * x, (24 + i) * x, (25 + i) * x};
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++)
		sample->latency[call] = (struct perf_latency){
			.mean = (5 + 10 * call) * x,
			.p50 = (6 + 10 * call) * x,
			.p99 = (7 + 10 * call) * x,
			.p999 = (8 + 10 * call) * x,
			.p9999 = (9 + 10 * call) * x,
			.max = (10 + 10 * call) * x,
		};
}

static int
check_medians(const double *xs, unsigned int cnt, double median, double max)
{
	struct perf_result samples[SAMPLE_MAX];
	struct perf_cell cell = {.samples = samples, .sample_cnt = SAMPLE_MAX, .taken = cnt};
	const struct perf_result *found = &cell.median;

	for (unsigned int i = 0; i < SAMPLE_MAX; i++)
		sample_make(&samples[i], i < cnt ? xs[i] : 1e9);
	samples[0].page_sz = 4096;
	samples[0].node = 3;
	perf_cell_settle(&cell);
	TEST_ASSERT(is_near(found->ns_per_op, median), "%u: time %f", cnt, found->ns_per_op);
	TEST_ASSERT(is_near(found->apart_ns[0], 11 * median), "%u: alloc apart %f", cnt, found->apart_ns[0]);
	TEST_ASSERT(is_near(found->apart_ns[1], 12 * median), "%u: free apart %f", cnt, found->apart_ns[1]);
	TEST_ASSERT(is_near(found->cpu_share, 2 * median), "%u: share of the CPU %f", cnt, found->cpu_share);
	TEST_ASSERT(is_near(found->share_fresh, 3 * median), "%u: fresh %f", cnt, found->share_fresh);
	TEST_ASSERT(is_near(found->share_churned, 4 * median), "%u: churned %f", cnt, found->share_churned);
	for (unsigned int call = 0; call < PERF_LATENCY_CALLS; call++) {
		const struct perf_latency *latency = &found->latency[call];

		TEST_ASSERT(is_near(latency->mean, (5 + 10 * call) * median), "%u: mean %f", cnt, latency->mean);
		TEST_ASSERT(is_near(latency->p50, (6 + 10 * call) * median), "%u: p50 %f", cnt, latency->p50);
		TEST_ASSERT(is_near(latency->p99, (7 + 10 * call) * median), "%u: p99 %f", cnt, latency->p99);
		TEST_ASSERT(is_near(latency->p999, (8 + 10 * call) * median), "%u: p99.9 %f", cnt, latency->p999);
		TEST_ASSERT(is_near(latency->p9999, (9 + 10 * call) * median), "%u: p99.99 %f", cnt, latency->p9999);
		TEST_ASSERT(is_near(latency->max, (10 + 10 * call) * max), "%u: maximum %f", cnt, latency->max);
	}
	TEST_ASSERT(is_near(found->shift.freed, 13 * median) && is_near(found->shift.share_fit, 17 * median),
		"%u: shift", cnt);
	TEST_ASSERT(is_near(found->drift.fulls, 18 * median) && is_near(found->drift.ns_last, 21 * median), "%u: drift",
		cnt);
	TEST_ASSERT(is_near(found->drift.points[0].mean_sz, 22 * median) &&
			    is_near(found->drift.points[PERF_DRIFT_POINTS - 1].ns, (24 + PERF_DRIFT_POINTS) * median),
		"%u: points of drift", cnt);
	TEST_ASSERT(found->page_sz == 4096 && found->node == 3, "%u: place", cnt);
	return TEST_SUCCESS;
}

static int
test_medians(void)
{
	static const double xs[] = {50, 10, 30, 70, 20, 1000, 40};

	TEST_CALL(check_medians(xs, 1, 50, 50));
	TEST_CALL(check_medians(xs, 2, 30, 50));
	TEST_CALL(check_medians(xs, 3, 30, 50));
	TEST_CALL(check_medians(xs, 4, 40, 70));
	TEST_CALL(check_medians(xs, 5, 30, 70));
	TEST_CALL(check_medians(xs, 6, 40, 1000));
	return check_medians(xs, 7, 40, 1000);
}

/* ---- ratios and shares of CPUs ---- */

static struct perf_cell
cell_of(const char *workload, uint32_t lcore_cnt, uint32_t variant, const struct perf_allocator *allocator, double x)
{
	struct perf_cell cell = {
		.workload = workload_named(workload),
		.lcore_cnt = lcore_cnt,
		.variant = variant,
		.allocator = allocator,
		.taken = 1,
	};

	sample_make(&cell.median, x);
	return cell;
}

static double
to_groove(const struct perf_run *run, const struct perf_cell *cell, unsigned int call)
{
	return perf_cell_ratio(run, cell, call, &perf_groove);
}

/* A peer's figure is over groove's in the same workload, with as many lcores and the same sizes, wherever that is. */
static int
test_ratios(void)
{
	struct perf_cell cells[] = {
		cell_of("pair", 1, 0, &stub_peer, 30),
		cell_of("churn", 1, 0, &perf_groove, 7),
		cell_of("pair", 2, 0, &perf_groove, 5),
		cell_of("pair", 1, 0, &perf_groove, 12),
		cell_of("pair", 2, 0, &stub_peer, 20),
		cell_of("fill", 1, PERF_PACKETS, &stub_peer, 3),
		cell_of("fill", 1, PERF_MAIN64K, &perf_groove, 100),
		cell_of("fill", 1, PERF_PACKETS, &perf_groove, 4),
		cell_of("latency", 1, 0, &perf_groove, 8),
		cell_of("latency", 1, 0, &stub_peer, 2),
		cell_of("burst", 1, 0, &stub_peer, 9),
		cell_of("batch", 1, 7, &perf_groove, 6),
		cell_of("batch", 1, 8, &perf_groove, 5),
		cell_of("batch", 1, 8, &stub_peer, 20),
		cell_of("batch", 1, 8, &perf_rte_mempool, 2),
	};
	const struct perf_run run = {.cells = cells, .cell_cnt = sizeof(cells) / sizeof(cells[0])};

	/* the two calls and phases have figures that are not in the same proportion */
	cells[5].median.share_churned = 1;
	cells[9].median.latency[1].p50 = 1;
	TEST_ASSERT(is_near(to_groove(&run, &cells[0], 0), 2.5), "peer on one lcore");
	TEST_ASSERT(is_near(to_groove(&run, &cells[4], 0), 4), "peer on two lcores");
	TEST_ASSERT(is_near(to_groove(&run, &cells[3], 0), 1), "groove itself");
	TEST_ASSERT(is_near(to_groove(&run, &cells[5], 0), .75), "fresh");
	TEST_ASSERT(is_near(to_groove(&run, &cells[5], 1), 1. / 16), "churned");
	TEST_ASSERT(is_near(to_groove(&run, &cells[9], 0), .25), "latency of alloc");
	TEST_ASSERT(is_near(to_groove(&run, &cells[9], 1), 1. / 128), "latency of free");
	TEST_ASSERT(to_groove(&run, &cells[10], 0) == 0, "without groove's");
	cells[13].median.apart_ns[1] = 36;
	TEST_ASSERT(is_near(to_groove(&run, &cells[13], 0), 4), "alloc apart, in the same form");
	TEST_ASSERT(is_near(to_groove(&run, &cells[13], 1), .6), "free apart");
	TEST_ASSERT(is_near(perf_cell_ratio(&run, &cells[12], 0, &perf_rte_mempool), 2.5), "groove over rte_mempool");
	TEST_ASSERT(perf_cell_ratio(&run, &cells[11], 0, &perf_rte_mempool) == 0, "without rte_mempool's");
	cells[3].failed = true;
	TEST_ASSERT(to_groove(&run, &cells[0], 0) == 0, "groove's failed");
	cells[3].failed = false;
	cells[0].taken = 0;
	TEST_ASSERT(to_groove(&run, &cells[0], 0) == 0, "the peer's is missing");
	return TEST_SUCCESS;
}

static int
test_cpu_share(void)
{
	struct perf_cell cells[] = {
		cell_of("pair", 1, 0, &perf_groove, .45),
		cell_of("churn", 1, 0, &perf_groove, .35),
		cell_of("churn", 2, 0, &perf_groove, .2),
		cell_of("fill", 1, 0, &perf_groove, .01),
		cell_of("latency", 1, 0, &perf_groove, .3),
	};
	const struct perf_run run = {.cells = cells, .cell_cnt = sizeof(cells) / sizeof(cells[0])};
	const struct perf_run none = {0};

	TEST_ASSERT(is_near(perf_cell_cpu_share(&run), .4), "least of all");
	cells[2].failed = true;
	TEST_ASSERT(is_near(perf_cell_cpu_share(&run), .6), "what failed says nothing");
	cells[4].taken = 0;
	TEST_ASSERT(is_near(perf_cell_cpu_share(&run), .7), "nor what was not taken");
	TEST_ASSERT(is_near(perf_cell_cpu_share(&none), 1), "of nothing");
	return TEST_SUCCESS;
}

/* The values of some keys, as they stand in the file. */
static int
check_record(const json_t *record, const char *const *keys, size_t key_cnt, const char *expected)
{
	char text[256] = "";

	for (size_t i = 0; i < key_cnt; i++) {
		char *word = json_dumps(json_object_get(record, keys[i]), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "",
			word != NULL ? word : "none");
		free(word);
	}
	TEST_ASSERT(strcmp(text, expected) == 0, "record %s, expected %s", text, expected);
	return TEST_SUCCESS;
}

/* What stands in the file beside the figures of a form, the ratios among it. */
static int
test_records(void)
{
	struct perf_cell cells[] = {
		cell_of("batch", 2, 9, &perf_groove, 5),
		cell_of("batch", 2, 9, &perf_rte_mempool, 2),
		cell_of("bulk", 1, 0, &perf_groove, 1),
		cell_of("pair", 1, 0, &perf_rte_mempool, 1),
		cell_of("churn", 1, 0, &perf_groove, 1),
	};
	static const char *const expected[] = {
		"64 256 \"lifo\" false \"alloc\" 55.0 220.0 1.0 2.5",
		"64 256 \"lifo\" false \"free\" 60.0 240.0 1.0 2.5",
		"64 256 \"lifo\" false \"alloc\" 22.0 88.0 0.4 1.0",
		"64 256 \"lifo\" false \"free\" 24.0 96.0 0.4 1.0",
		"1920 32 null true null 1.0 4.0 1.0 null",
		"64 null null null null 1.0 4.0 null 1.0",
		"null null null null null 1.0 4.0 1.0 null",
	};
	static const char *const keys[] = {"sz", "n", "order", "touch", "call", "ns_per_op", "cycles_per_op",
		"ratio_to_groove", "ratio_to_rte_mempool"};
	const struct perf_run run = {.cells = cells, .cell_cnt = sizeof(cells) / sizeof(cells[0])};
	json_t *root = perf_json(&run);
	const json_t *records = json_object_get(root, "records");

	TEST_ASSERT_EQUAL(json_array_size(records), 7, "records");
	for (size_t i = 0; i < 7; i++)
		TEST_CALL(check_record(json_array_get(records, i), keys, sizeof(keys) / sizeof(keys[0]), expected[i]));
	json_decref(root);
	return TEST_SUCCESS;
}

/* What stands there of memory that changes its shape. */
static int
test_records_of_shape(void)
{
	struct perf_cell cells[] = {
		cell_of("shift", 1, 0, &perf_groove, 1),
		cell_of("shift", 1, 20, &perf_groove, 1),
		cell_of("drift", 2, 0, &perf_groove, 1),
		cell_of("pair", 2, 0, &perf_groove, 1),
		cell_of("shift", 1, 3, &perf_groove, 1),
	};
	static const char *const expected[] = {
		"64 1900 2 16.0 13.0 14.0 null null 15.0 17.0 null null null null",
		"1900 64 64 16.0 13.0 14.0 15.0 17.0 null null null null null null",
		"null null null 19.0 null null null null null null 18.0 20.0 21.0 1.0",
		"null null null null null null null null null null null null null 1.0",
		"64 16000 2 0.0 13.0 0.0 null null 15.0 0.0 null null null null",
	};
	static const char *const keys[] = {"from_sz", "to_sz", "kept_of", "share", "objs_freed", "objs_made",
		"objs_by_slots", "share_of_slots", "objs_by_neighbours", "share_of_neighbours", "fulls", "ns_first",
		"ns_last", "ns_per_op"};
	const struct perf_run run = {.cells = cells, .cell_cnt = 5, .options.turns = 6400};
	json_t *root, *records, *point;

	/* as it is where these are not measured */
	memset(&cells[0].median.drift, 0, sizeof(cells[0].median.drift));
	memset(&cells[1].median.drift, 0, sizeof(cells[1].median.drift));
	memset(&cells[2].median.shift, 0, sizeof(cells[2].median.shift));
	memset(&cells[3].median.shift, 0, sizeof(cells[3].median.shift));
	memset(&cells[3].median.drift, 0, sizeof(cells[3].median.drift));
	memset(&cells[4].median.drift, 0, sizeof(cells[4].median.drift));
	cells[0].median.ns_per_op = cells[1].median.ns_per_op = cells[4].median.ns_per_op = 0;
	/* where nothing came in that is a figure, too */
	cells[4].median.shift = (struct perf_shift){.freed = 13, .fit = 15};
	cells[0].median.shift.share = cells[1].median.shift.share = 16;
	cells[0].median.shift.fit = cells[1].median.shift.fit = 15;
	root = perf_json(&run);
	records = json_object_get(root, "records");
	TEST_ASSERT_EQUAL(json_array_size(records), 5, "records");
	for (size_t i = 0; i < 5; i++)
		TEST_CALL(check_record(json_array_get(records, i), keys, sizeof(keys) / sizeof(keys[0]), expected[i]));
	TEST_ASSERT_EQUAL(
		json_array_size(json_object_get(json_array_get(records, 2), "series")), PERF_DRIFT_POINTS, "points");
	point = json_array_get(json_object_get(json_array_get(records, 2), "series"), 1);
	TEST_ASSERT_EQUAL(json_integer_value(json_object_get(point, "turn")), 200, "turns up to the second point");
	TEST_ASSERT(is_near(json_real_value(json_object_get(point, "mean_sz")), 23), "mean size");
	TEST_ASSERT(is_near(json_real_value(json_object_get(point, "share")), 24), "share");
	TEST_ASSERT(is_near(json_real_value(json_object_get(point, "fulls")), 25), "failures");
	TEST_ASSERT(is_near(json_real_value(json_object_get(point, "ns_per_op")), 26), "time of a call");
	json_decref(root);
	return TEST_SUCCESS;
}

/* ---- forms ---- */

/* All sizes with all numbers, both ways, and each once. */
static int
check_forms(const char *workload, uint32_t cnt, const char *first, const char *last)
{
	const struct perf_workload *found = perf_workloads[workload_named(workload)];

	TEST_ASSERT_EQUAL(perf_variant_cnt(found), cnt, "%s: forms", workload);
	TEST_ASSERT(strcmp(perf_variant_of(found, 0).name, first) == 0, "%s", perf_variant_of(found, 0).name);
	TEST_ASSERT(
		strcmp(perf_variant_of(found, cnt - 1).name, last) == 0, "%s", perf_variant_of(found, cnt - 1).name);
	for (uint32_t i = 0; i < cnt; i++) {
		const struct perf_variant form = perf_variant_of(found, i);

		for (uint32_t j = 0; j < i; j++)
			TEST_ASSERT(strcmp(perf_variant_of(found, j).name, form.name) != 0, "%s: %s twice", workload,
				form.name);
		TEST_ASSERT_EQUAL(strtoull(form.name, NULL, 10), form.sz, "%s: %s", workload, form.name);
		TEST_ASSERT(strchr(form.name, 'x') == NULL || strtoul(strchr(form.name, 'x') + 1, NULL, 10) == form.n,
			"%s: %s has n of %u", workload, form.name, form.n);
		TEST_ASSERT_EQUAL(form.lifo, strstr(form.name, "lifo") != NULL, "%s: %s", workload, form.name);
	}
	return TEST_SUCCESS;
}

static int
test_forms(void)
{
	TEST_CALL(check_forms("tight", 6, "8", "4096"));
	TEST_CALL(check_forms("batch", 6 * 3 * 2, "8x32 fifo", "4096x2048 lifo"));
	TEST_CALL(check_forms("bulk", 1 + 6 * 3 * 2, "1920x32 touch", "4096x256 touch"));
	return check_forms("work", 2, "256x1", "256x8");
}

/* ---- from options to jobs ---- */

static char *arguments[] = {"groove-perf", "--workload", "pair,churn,fill", "--allocator", "peer", "--sizes", "packets",
	"--sz-max", "12345", "--reps", "7", "--rep-ms", "30", "--fill-reps", "3", "--fill-s", "4", "--volume-cnt", "5",
	"--volume-sz", "64M", "--seed", "99", "--sz", "64,1920", "--n", "32,256", "--from", "64,250000", "--to", "1900",
	"--kept", "16", "--turns", "64000"};

static int
check_job(const struct perf_run *run, const char *workload, uint32_t rep, uint64_t seed, uint64_t fixed_sz)
{
	const bool is_fill = strcmp(workload, "fill") == 0;
	const bool is_drift = strcmp(workload, "drift") == 0;
	const struct perf_cell cell = cell_of(workload, 3, is_fill ? PERF_PACKETS : 0, &stub_peer, 1);
	const struct perf_job job = perf_plan_job(run, &cell, rep);
	const bool bounded = is_fill || is_drift || strcmp(workload, "shift") == 0;
	const uint64_t part = perf_is_matrix(perf_workloads[cell.workload]) ? 10 : 1;

	TEST_ASSERT_EQUAL(job.workload, cell.workload, "%s: workload", workload);
	TEST_ASSERT_EQUAL(job.lcore_cnt, 3, "%s: lcores", workload);
	TEST_ASSERT_EQUAL(job.variant, cell.variant, "%s: form", workload);
	TEST_ASSERT_EQUAL(job.bounded, bounded, "%s: bounded", workload);
	TEST_ASSERT_EQUAL(job.turns, 64000, "%s: --turns", workload);
	TEST_ASSERT_EQUAL(job.fixed_sz, fixed_sz, "%s: size", workload);
	TEST_ASSERT_EQUAL(job.sz_max, 12345, "%s: --sz-max", workload);
	TEST_ASSERT_EQUAL(job.seed, seed, "%s: --seed", workload);
	TEST_ASSERT_EQUAL(job.rep_ns, 30000000 / part, "%s: --rep-ms", workload);
	TEST_ASSERT_EQUAL(job.fill_ns, 4000000000 * (is_drift ? 10 : 1), "%s: --fill-s", workload);
	TEST_ASSERT_EQUAL(job.volume_sz, 64 * MIB, "%s: --volume-sz", workload);
	TEST_ASSERT_EQUAL(job.volume_cnt, 5, "%s: --volume-cnt", workload);
	TEST_ASSERT_EQUAL(perf_capacity(&job), 320 * MIB, "%s: capacity", workload);
	return TEST_SUCCESS;
}

static int
test_options(void)
{
	static struct perf_run run;

	TEST_ASSERT_SUCCESS(
		perf_options_parse(sizeof(arguments) / sizeof(arguments[0]), arguments, &run.options), "options");
	for (uint32_t i = 0; i < perf_workload_cnt; i++)
		TEST_ASSERT_EQUAL(run.options.workloads[i], strstr("pair churn fill", perf_workloads[i]->name) != NULL,
			"%s", perf_workloads[i]->name);
	TEST_ASSERT(
		!run.options.allocators[0] && run.options.allocators[1] && !run.options.allocators[2], "allocators");
	for (unsigned int i = 0; i < PERF_SIZES_CNT; i++)
		TEST_ASSERT_EQUAL(run.options.sizes[i], i == PERF_PACKETS, "%s", perf_sizes_name((enum perf_sizes)i));
	for (unsigned int i = 0; i < PERF_FORM_SZ_CNT; i++)
		TEST_ASSERT_EQUAL(perf_options_have_sz(&run.options, perf_form_szs[i]), perf_form_szs[i] == 64,
			"--sz and %lu", perf_form_szs[i]);
	TEST_ASSERT(perf_options_have_sz(&run.options, 1920), "--sz and 1920");
	TEST_ASSERT(perf_options_have_n(&run.options, 32) && perf_options_have_n(&run.options, 256), "--n");
	TEST_ASSERT(!perf_options_have_n(&run.options, 8) && !perf_options_have_n(&run.options, 2048), "--n");
	TEST_ASSERT(perf_options_have_shift(&run.options, 250000, 1900, 16), "--from, --to and --kept");
	TEST_ASSERT(!perf_options_have_shift(&run.options, 16000, 1900, 16), "--from");
	TEST_ASSERT(!perf_options_have_shift(&run.options, 64, 16000, 16), "--to");
	TEST_ASSERT(!perf_options_have_shift(&run.options, 64, 1900, 2), "--kept");
	TEST_ASSERT_EQUAL(run.options.reps, 7, "--reps");
	TEST_ASSERT_EQUAL(run.options.fill_reps, 3, "--fill-reps");
	/* each repetition of a fill has the next seed, all others the same */
	TEST_CALL(check_job(&run, "pair", 2, 99, 64));
	TEST_CALL(check_job(&run, "burst", 0, 99, 1920));
	TEST_CALL(check_job(&run, "bulk", 0, 99, 1920));
	TEST_CALL(check_job(&run, "tight", 2, 99, 8));
	TEST_CALL(check_job(&run, "work", 0, 99, 256));
	TEST_CALL(check_job(&run, "pipe", 0, 99, 64));
	TEST_CALL(check_job(&run, "churn", 2, 99, 0));
	TEST_CALL(check_job(&run, "latency", 1, 99, 0));
	TEST_CALL(check_job(&run, "fill", 0, 99, 0));
	TEST_CALL(check_job(&run, "shift", 1, 100, 0));
	TEST_CALL(check_job(&run, "drift", 1, 100, 0));
	return check_job(&run, "fill", 2, 101, 0);
}

/* ---- which cells ---- */

static unsigned int
cells_of(const struct perf_run *run, const char *workload, uint32_t lcore_cnt)
{
	unsigned int cnt = 0;

	for (uint32_t i = 0; i < run->cell_cnt; i++)
		cnt += run->cells[i].workload == workload_named(workload) && run->cells[i].lcore_cnt == lcore_cnt;
	return cnt;
}

/* On one lcore, and on as many of the rest as the workload can use; the third allocator makes one size only. */
static int
check_plan(unsigned int tile_cnt, const char *workload, uint32_t most, unsigned int allocators)
{
	struct perf_run run = {0};
	const uint32_t idx = workload_named(workload);
	const bool on_one = perf_workloads[idx]->lcore_min <= 1;

	stub_reset();
	stub_plan.tile_cnt = tile_cnt;
	TEST_ASSERT_SUCCESS(perf_options_parse(1, arguments, &run.options), "options");
	TEST_ASSERT(
		!run.options.workloads[workload_named("shift")] && !run.options.workloads[workload_named("drift")] &&
			run.options.workloads[workload_named("fill")] && run.options.workloads[workload_named("churn")],
		"workloads without --workload");
	memset(run.options.workloads, 0, sizeof(run.options.workloads));
	run.options.workloads[idx] = true;
	run.options.workloads[workload_named("pair")] = true;
	TEST_ASSERT_SUCCESS(perf_plan(&run), "plan");
	TEST_ASSERT_EQUAL(
		cells_of(&run, workload, 1), on_one ? allocators : 0, "%s, one of %u lcores", workload, tile_cnt);
	if (most > 1)
		TEST_ASSERT_EQUAL(
			cells_of(&run, workload, most), allocators, "%s, %u of %u lcores", workload, most, tile_cnt);
	for (uint32_t i = 0; i < run.cell_cnt; i++) {
		const uint32_t lcore_cnt = run.cells[i].lcore_cnt;

		TEST_ASSERT(lcore_cnt == 1 || lcore_cnt == most || run.cells[i].workload != idx,
			"%s on %u of %u lcores", workload, lcore_cnt, tile_cnt);
		TEST_ASSERT_EQUAL(run.cells[i].sample_cnt,
			perf_is_bounded(perf_workloads[run.cells[i].workload]) ? 1 : 5, "repetitions");
	}
	perf_run_free(&run);
	return TEST_SUCCESS;
}

static int
test_plans(void)
{
	TEST_CALL(check_plan(1, "churn", 1, 2));
	TEST_CALL(check_plan(2, "churn", 2, 2));
	TEST_CALL(check_plan(5, "churn", 5, 2));
	TEST_CALL(check_plan(5, "burst", 5, 3));
	TEST_CALL(check_plan(1, "pipe", 0, 3));
	TEST_CALL(check_plan(2, "pipe", 2, 3));
	TEST_CALL(check_plan(5, "pipe", 4, 3));
	TEST_CALL(check_plan(5, "pipe-bulk", 4, 3));
	TEST_CALL(check_plan(1, "mixed-free", 0, 2));
	TEST_CALL(check_plan(5, "mixed-free", 5, 2));
	TEST_CALL(check_plan(4, "latency", 4, 2));
	TEST_CALL(check_plan(3, "tight", 3, 3 * 6));
	TEST_CALL(check_plan(2, "batch", 2, 3 * 36));
	TEST_CALL(check_plan(2, "bulk", 2, 3 * 37));
	TEST_CALL(check_plan(2, "work", 2, 3 * 2));
	TEST_CALL(check_plan(3, "shift", 1, 2 * 7 * 6));
	TEST_CALL(check_plan(3, "drift", 3, 2));
	return check_plan(3, "fill", 3, 2 * PERF_SIZES_CNT);
}

/* ---- sizes of fill ---- */

/* As fill's table says what they are. The mean is within five deviations of 100,000 draws. */
static int
check_distribution(enum perf_sizes sizes, const char *name, uint64_t low, uint64_t high, double mean, double within)
{
	struct stress_rng rng;
	uint64_t least = UINT64_MAX, most = 0;
	double sum = 0;

	stress_rng_seed(&rng, 5, 0);
	for (unsigned int i = 0; i < 100000; i++) {
		const uint64_t sz = perf_sizes_draw(sizes, &rng);

		least = sz < least ? sz : least;
		most = sz > most ? sz : most;
		sum += (double)sz / 100000;
	}
	TEST_ASSERT_EQUAL(strcmp(perf_sizes_name(sizes), name), 0, "%s", perf_sizes_name(sizes));
	TEST_ASSERT_EQUAL(perf_sizes_max(sizes), high, "%s: largest", name);
	TEST_ASSERT(least >= low && least <= low + high / 1000, "%s: least %lu", name, least);
	TEST_ASSERT(most <= high && most >= high - high / 10, "%s: most %lu", name, most);
	TEST_ASSERT(fabs(sum - mean) <= within * mean, "%s: mean %f, expected %f", name, sum, mean);
	return TEST_SUCCESS;
}

static int
test_distributions(void)
{
	const double packets = .58 * 94 + .33 * 596 + .09 * 1500;

	TEST_CALL(check_distribution(PERF_MAIN64K, "main64k", 1, 65536, 65536. * 2 / 18 / 2 + 65536. / 18 / 2, .05));
	TEST_CALL(check_distribution(PERF_MAIN10M, "main10m", 1, 10 * MIB, 18500, .2));
	TEST_CALL(check_distribution(PERF_PACKETS, "packets", 64, 1500, packets, .02));
	TEST_CALL(check_distribution(PERF_UNIFORM4K, "uniform4k", 1, 4096, 2048.5, .01));
	TEST_CALL(check_distribution(PERF_UNIFORM64K, "uniform64k", 1, 65536, 32768.5, .01));
	return check_distribution(PERF_UNIFORM1M, "uniform1m", 1, MIB, 524288.5, .01);
}

/* ---- the peer of one size ---- */

static int
check_mempool(uint32_t workload, uint32_t variant)
{
	const char *name = perf_workloads[workload]->name;
	struct perf_job job = {.lcore_cnt = 1};

	perf_job_form(&job, workload, variant);
	if (job.fixed_sz == 0 || job.pool > 0)
		return TEST_SUCCESS;
	stub_reset();
	TEST_ASSERT_EQUAL(perf_rte_mempool.open(&job), GROOVE_ERR_FULL, "a pool of the stub");
	TEST_ASSERT_EQUAL(stub_seen.mempool_sz, job.fixed_sz, "%s %u: size of an object", name, variant);
	TEST_ASSERT(stub_seen.mempool_cache > PERF_BURST, "%s: cache of %lu", name, stub_seen.mempool_cache);
	/* what is at work, and what the cache may hold beside */
	TEST_ASSERT(2 * stub_seen.mempool_cnt > 3 * stub_seen.mempool_cache + 2UL * job.n, "%s %u: %lu objects", name,
		variant, stub_seen.mempool_cnt);
	return TEST_SUCCESS;
}

static int
test_mempool(void)
{
	for (uint32_t i = 0; i < perf_workload_cnt; i++) {
		for (uint32_t variant = 0; variant < perf_variant_cnt(perf_workloads[i]); variant++)
			TEST_CALL(check_mempool(i, variant));
	}
	TEST_ASSERT(perf_rte_mempool.only_fixed, "it makes objects of one size only");
	return TEST_SUCCESS;
}

static int
test_perf_figures(void)
{
	TEST_CALL(test_quantiles());
	TEST_CALL(test_buckets());
	TEST_CALL(test_merge());
	TEST_CALL(test_medians());
	TEST_CALL(test_ratios());
	TEST_CALL(test_cpu_share());
	TEST_CALL(test_records());
	TEST_CALL(test_records_of_shape());
	TEST_CALL(test_forms());
	TEST_CALL(test_options());
	TEST_CALL(test_plans());
	TEST_CALL(test_distributions());
	return test_mempool();
}

GROOVE_TEST(perf_figures_autotest, fast, test_perf_figures);
