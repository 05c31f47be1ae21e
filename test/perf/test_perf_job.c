/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * One repetition of each workload on an allocator that takes as long as it is asked to: the time of a call, the share
 * of the CPU, latencies and shares of the memory are what the stub counted; sizes are those of the workload and of the
 * options, the same for the same seed.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>

#include "sizes.h"
#include "stub.h"
#include "test.h"

#define REP_NS 400000UL
#define MIB    (1UL << 20)

static struct perf_result result;

static uint32_t
workload_named(const char *name)
{
	uint32_t i = 0;

	while (strcmp(perf_workloads[i]->name, name) != 0)
		i++;
	return i;
}

static struct perf_job
job_of(const char *workload, uint32_t lcore_cnt)
{
	struct perf_job job = {
		.lcore_cnt = lcore_cnt,
		.sz_max = 65536,
		.rep_ns = REP_NS,
		.fill_ns = UINT64_MAX / 4,
		.volume_sz = 8 * MIB,
		.volume_cnt = 1,
	};

	perf_job_form(&job, workload_named(workload), 0);
	return job;
}

static bool
is_near(double found, double expected, double within)
{
	return fabs(found - expected) <= within * fabs(expected);
}

/* Run a job that has to end well, and leave no object. */
static int
job_run(const struct perf_job *job)
{
	uint64_t live = 0;

	memset(&result, 0xff, sizeof(result));
	stub_plan.tile_cnt = job->lcore_cnt;
	perf_job_run(&perf_groove, job, &result);
	TEST_ASSERT_EQUAL(result.err, GROOVE_SUCCESS, "%s, %u lcores: %s", perf_workloads[job->workload]->name,
		job->lcore_cnt, result.error);
	TEST_ASSERT_EQUAL(result.interrupted, 0, "interrupted");
	for (uint32_t i = 0; i < job->lcore_cnt; i++)
		live += stub_lcores[i].live;
	TEST_ASSERT_EQUAL(live, 0, "%s: bytes that were not freed", perf_workloads[job->workload]->name);
	return TEST_SUCCESS;
}

/* Number of an object of the workload among all: the first lcore has one before, to see where objects lie. */
static uint32_t
first_of(uint32_t lcore)
{
	return lcore == 0 ? 1 : 0;
}

/* ---- the time of a call ---- */

static void
plan_times(uint64_t look_ns)
{
	static const uint64_t ns[STUB_LCORE_MAX][2] = {{3, 5}, {30, 50}, {10, 16}};

	stub_reset();
	stub_plan.warm_ns = 1000;
	stub_plan.look_ns = look_ns;
	memcpy(stub_plan.ns, ns, sizeof(ns));
}

/* Time of all lcores over calls of all lcores, by what the stub saw while the time was taken. */
static double
expect_ns_per_op(uint32_t lcore_cnt)
{
	double ns = 0, calls = 0;

	for (uint32_t i = 0; i < lcore_cnt; i++) {
		const struct stub_lcore *lcore = &stub_lcores[i];

		/* the look that begins it is not in it */
		ns += (double)(lcore->end_ns - lcore->begin_ns - stub_plan.look_ns);
		calls += (double)(lcore->calls[STUB_ALLOC] + lcore->calls[STUB_FREE]);
	}
	return ns / calls;
}

static int
test_time(const char *workload, uint32_t lcore_cnt)
{
	const struct perf_job job = job_of(workload, lcore_cnt);
	double expected;

	TEST_CALL(job_run(&job));
	expected = expect_ns_per_op(lcore_cnt);
	TEST_ASSERT(is_near(result.ns_per_op, expected, 1e-9), "%s, %u lcores: %f ns, expected %f", workload, lcore_cnt,
		result.ns_per_op, expected);
	TEST_ASSERT(result.ns_per_op < 1000, "%s: calls to warm up in %f ns", workload, result.ns_per_op);
	for (uint32_t i = 0; i < lcore_cnt; i++)
		TEST_ASSERT(stub_lcores[i].end_ns - stub_lcores[i].begin_ns >= REP_NS, "%s, lcore %u: %lu ns of time",
			workload, i, stub_lcores[i].end_ns - stub_lcores[i].begin_ns);
	TEST_ASSERT(result.share_fresh == 0 && result.share_churned == 0, "%s has shares", workload);
	return TEST_SUCCESS;
}

/* What needs no stub to say: a call takes what it takes, on one lcore or two, and all calls of a pair are seen. */
static int
test_time_by_hand(void)
{
	struct perf_job job = job_of("pair", 1);

	plan_times(0);
	TEST_CALL(job_run(&job));
	TEST_ASSERT(is_near(result.ns_per_op, 4, 1e-9), "%f ns for 3 and 5", result.ns_per_op);
	TEST_ASSERT(is_near(result.cpu_share, 1, 1e-9), "%f of the CPU", result.cpu_share);

	/* to warm up a quarter of the time, and at most a round of 8,192 calls more; besides, two calls to see a place
	 */
	stub_plan.warm_ns = 2;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(2 * (stub_lcores[0].warm_calls - 2) >= REP_NS / 4 &&
			    2 * (stub_lcores[0].warm_calls - 2) < REP_NS / 4 + 2UL * 8192,
		"%lu calls to warm up", stub_lcores[0].warm_calls);

	job.lcore_cnt = 2;
	stub_plan.cpu_percent = 75;
	memcpy(stub_plan.ns[1], stub_plan.ns[0], sizeof(stub_plan.ns[0]));
	TEST_CALL(job_run(&job));
	TEST_ASSERT(is_near(result.ns_per_op, 4, 1e-9), "%f ns for 3 and 5 on two lcores", result.ns_per_op);
	TEST_ASSERT(is_near(result.cpu_share, .75, 1e-3), "%f of the CPU", result.cpu_share);
	return TEST_SUCCESS;
}

static int
test_times(void)
{
	static const char *const any[] = {"churn", "burst", "bulk", "pair", "tight", "batch", "latency"};
	static const char *const two[] = {"pipe", "pipe-bulk", "mixed-free"};

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		for (uint32_t lcore_cnt = 1; lcore_cnt <= STUB_LCORE_MAX; lcore_cnt++) {
			plan_times(0);
			TEST_CALL(test_time(any[i], lcore_cnt));
		}
	}
	/* These wait for each other: time passes while they look at the clock. */
	for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++) {
		plan_times(7);
		TEST_CALL(test_time(two[i], 2));
	}
	plan_times(7);
	return test_time("mixed-free", 3);
}

/* ---- many forms ---- */

/* What the stub saw on all lcores, as struct stub_lcore has it for one. */
struct seen {
	uint64_t calls[2];
	uint64_t ns[2];
	uint64_t frees;
	uint64_t touched;
	uint64_t worked;
	uint64_t fifo;
	uint64_t lifo;
};

static struct seen
seen_by_all(uint32_t lcore_cnt)
{
	struct seen all = {0};

	for (const struct stub_lcore *lcore = stub_lcores; lcore < stub_lcores + lcore_cnt; lcore++) {
		for (unsigned int call = 0; call < 2; call++) {
			all.calls[call] += lcore->calls[call];
			all.ns[call] += lcore->ns[call];
		}
		all.frees += lcore->frees;
		all.touched += lcore->touched;
		all.worked += lcore->worked;
		all.fifo += lcore->fifo;
		all.lifo += lcore->lifo;
	}
	return all;
}

/* The form is what its name says: sizes, objects at a time, and what is done to them. */
static int
check_form(const struct perf_job *job, const char *name, const struct seen *all)
{
	for (uint32_t i = 0; i < job->lcore_cnt; i++) {
		TEST_ASSERT_EQUAL(stub_lcores[i].peak_cnt, job->n, "%s, lcore %u: objects at a time", name, i);
		TEST_ASSERT(stub_lcores[i].seen_cnt[STUB_ALLOC] > job->n, "%s: few objects", name);
		for (uint32_t k = first_of(i); k < stub_lcores[i].seen_cnt[STUB_ALLOC]; k++)
			TEST_ASSERT_EQUAL(stub_lcores[i].sz[k], job->fixed_sz, "%s: object %u", name, k);
	}
	/* all but the object that shows where objects lie, to which a byte is written */
	TEST_ASSERT_EQUAL(all->touched, job->touch ? all->frees : 1, "%s: objects that were written to", name);
	return TEST_SUCCESS;
}

/* Time of all allocs over all allocs, and of all frees over all frees, without what it takes to read the clock. */
static int
test_apart(uint32_t variant, uint32_t lcore_cnt)
{
	const struct perf_variant form = perf_variant_of(perf_workloads[workload_named("batch")], variant);
	struct perf_job job = job_of("batch", lcore_cnt);
	struct seen all;

	plan_times(0);
	stub_plan.tick_ns = 9;
	perf_job_form(&job, job.workload, variant);
	TEST_CALL(job_run(&job));
	all = seen_by_all(lcore_cnt);
	for (unsigned int call = 0; call < 2; call++) {
		const double expected = (double)all.ns[call] / (double)all.calls[call];

		TEST_ASSERT(is_near(result.apart_ns[call], expected, 1e-9),
			"%s, %u lcores, call %u: %f ns, expected %f", form.name, lcore_cnt, call, result.apart_ns[call],
			expected);
	}
	TEST_CALL(check_form(&job, form.name, &all));
	TEST_ASSERT((form.lifo ? all.lifo : all.fifo) >= all.frees - all.frees / 16 &&
			    (form.lifo ? all.fifo : all.lifo) <= all.frees / 16,
		"%s: of %lu freed %lu in order, %lu in reverse", form.name, all.frees, all.fifo, all.lifo);
	return TEST_SUCCESS;
}

/* The time of calls alone: the stub's clock does not move while the lcore works. */
static int
test_work(uint32_t variant, uint32_t lcore_cnt)
{
	struct perf_job job = job_of("work", lcore_cnt);
	struct seen all;
	double expected;

	plan_times(0);
	stub_plan.tick_ns = 1000;
	perf_job_form(&job, job.workload, variant);
	TEST_CALL(job_run(&job));
	all = seen_by_all(lcore_cnt);
	expected = (double)(all.ns[0] + all.ns[1]) / (double)(all.calls[0] + all.calls[1]);
	TEST_ASSERT(is_near(result.ns_per_op, expected, 1e-9), "work %u, %u lcores: %f ns, expected %f", variant,
		lcore_cnt, result.ns_per_op, expected);
	TEST_CALL(check_form(&job, "work", &all));
	TEST_ASSERT_EQUAL(all.worked, all.frees - 1, "objects worked on");
	return TEST_SUCCESS;
}

static int
test_time_of_form(const char *workload, uint32_t variant, uint32_t lcore_cnt)
{
	struct perf_job job = job_of(workload, lcore_cnt);
	struct seen all;
	double expected;

	plan_times(0);
	perf_job_form(&job, job.workload, variant);
	TEST_CALL(job_run(&job));
	expected = expect_ns_per_op(lcore_cnt);
	TEST_ASSERT(is_near(result.ns_per_op, expected, 1e-9), "%s %u, %u lcores: %f ns, expected %f", workload,
		variant, lcore_cnt, result.ns_per_op, expected);
	all = seen_by_all(lcore_cnt);
	TEST_ASSERT_EQUAL(all.worked, 0, "%s %u: objects worked on", workload, variant);
	return check_form(&job, workload, &all);
}

static int
test_forms(uint32_t lcore_cnt)
{
	for (uint32_t i = 0; i < perf_variant_cnt(perf_workloads[workload_named("tight")]); i++)
		TEST_CALL(test_time_of_form("tight", i, lcore_cnt));
	for (uint32_t i = 0; i < perf_variant_cnt(perf_workloads[workload_named("bulk")]); i++)
		TEST_CALL(test_time_of_form("bulk", i, lcore_cnt));
	for (uint32_t i = 0; i < perf_variant_cnt(perf_workloads[workload_named("batch")]); i++)
		TEST_CALL(test_apart(i, lcore_cnt));
	for (uint32_t i = 0; i < perf_variant_cnt(perf_workloads[workload_named("work")]); i++)
		TEST_CALL(test_work(i, lcore_cnt));
	return TEST_SUCCESS;
}

/* ---- latency ---- */

static int
compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* All calls of a kind, of all lcores, sorted. */
static uint64_t
all_took(enum stub_call call, uint32_t lcore_cnt, uint32_t *took)
{
	uint64_t cnt = 0;

	for (uint32_t i = 0; i < lcore_cnt; i++) {
		memcpy(&took[cnt], stub_lcores[i].took[call], stub_lcores[i].calls[call] * sizeof(*took));
		cnt += stub_lcores[i].calls[call];
	}
	qsort(took, cnt, sizeof(*took), compare);
	return cnt;
}

/* The least that a share of all does not exceed: histograms are within 1/64 of it, and never below. */
static int
check_quantile(double found, double share, const uint32_t *took, uint64_t cnt)
{
	const double expected = took[(uint64_t)ceil(share * (double)cnt) - 1];

	TEST_ASSERT(found >= expected * .999 && found <= expected * (1 + 1. / 64), "quantile %f: %f ns, expected %f",
		share, found, expected);
	return TEST_SUCCESS;
}

static int
check_latency(const struct perf_latency *latency, enum stub_call call, uint32_t lcore_cnt, uint32_t *took)
{
	const uint64_t cnt = all_took(call, lcore_cnt, took);
	double sum = 0;

	TEST_ASSERT(cnt >= 20000 && cnt < STUB_SEEN_MAX, "%lu calls", cnt);
	for (uint64_t i = 0; i < cnt; i++)
		sum += took[i];
	TEST_ASSERT(is_near(latency->mean, sum / (double)cnt, 1e-6), "mean %f, expected %f", latency->mean,
		sum / (double)cnt);
	TEST_CALL(check_quantile(latency->p50, .5, took, cnt));
	TEST_CALL(check_quantile(latency->p99, .99, took, cnt));
	TEST_CALL(check_quantile(latency->p999, .999, took, cnt));
	TEST_CALL(check_quantile(latency->p9999, .9999, took, cnt));
	TEST_ASSERT(is_near(latency->max, took[cnt - 1], 1e-9), "max %f, expected %u", latency->max, took[cnt - 1]);
	return TEST_SUCCESS;
}

/* Warm-up has slower calls than any outlier: it must not show. Each lcore is slower than the one before. */
static int
test_latency(uint32_t lcore_cnt)
{
	static uint32_t took[STUB_LCORE_MAX * STUB_SEEN_MAX];
	struct perf_job job = job_of("latency", lcore_cnt);

	stub_reset();
	stub_plan.warm_ns = 10000000;
	stub_plan.outliers = true;
	for (unsigned int i = 0; i < STUB_LCORE_MAX; i++) {
		stub_plan.ns[i][STUB_ALLOC] = 40 + 50 * i;
		stub_plan.ns[i][STUB_FREE] = 70 + 50 * i;
	}
	job.rep_ns = 5000000;
	TEST_CALL(job_run(&job));
	TEST_CALL(check_latency(&result.latency[0], STUB_ALLOC, lcore_cnt, took));
	return check_latency(&result.latency[1], STUB_FREE, lcore_cnt, took);
}

/* ---- sizes ---- */

static int
test_fixed_sizes(void)
{
	static const struct {
		const char *workload;
		uint64_t sz;
		uint32_t lcore_cnt;
	} fixed[] = {
		{"burst", 1920, 1},
		{"bulk", 1920, 1},
		{"pair", 64, 1},
		{"work", 256, 1},
		{"pipe", 64, 2},
		{"pipe-bulk", 64, 2},
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		const struct perf_job job = job_of(fixed[i].workload, fixed[i].lcore_cnt);

		plan_times(7);
		TEST_CALL(job_run(&job));
		TEST_ASSERT_EQUAL(
			job.fixed_sz, fixed[i].sz, "%s: size that allocators are opened for", fixed[i].workload);
		TEST_ASSERT(stub_lcores[0].seen_cnt[STUB_ALLOC] > 1000, "%s: few objects", fixed[i].workload);
		for (uint32_t k = 0; k < stub_lcores[0].seen_cnt[STUB_ALLOC]; k++)
			TEST_ASSERT_EQUAL(stub_lcores[0].sz[k], fixed[i].sz, "%s: object %u", fixed[i].workload, k);
	}
	return TEST_SUCCESS;
}

#define SAME_CNT 900 /* fewer than fit the ring of an lcore that hands its objects on */

/*
 * Sizes as in the main job, of which those below 8 bytes are made 8. The highest come rarely, so they are asked for
 * only of an lcore that waits for no other, and makes as many objects each time.
 */
static int
check_sizes(const char *workload, uint32_t lcore, uint64_t sz_max)
{
	const struct stub_lcore *seen = &stub_lcores[lcore];
	uint64_t low = UINT64_MAX, high = 0;

	TEST_ASSERT(seen->seen_cnt[STUB_ALLOC] >= SAME_CNT, "%s: %u objects", workload, seen->seen_cnt[STUB_ALLOC]);
	for (uint32_t i = first_of(lcore); i < seen->seen_cnt[STUB_ALLOC]; i++) {
		low = seen->sz[i] < low ? seen->sz[i] : low;
		high = seen->sz[i] > high ? seen->sz[i] : high;
	}
	TEST_ASSERT_EQUAL(low, 8, "%s to %lu: least size", workload, sz_max);
	TEST_ASSERT(high <= sz_max && (stub_plan.look_ns > 0 || high >= sz_max - sz_max / 10), "%s to %lu: most %lu",
		workload, sz_max, high);
	return TEST_SUCCESS;
}

static bool
same_sizes(uint32_t lcore, const uint32_t *szs, uint32_t cnt)
{
	return memcmp(&stub_lcores[lcore].sz[first_of(lcore)], szs, cnt * sizeof(*szs)) == 0;
}

static int
test_varying_sizes(const char *workload, uint32_t lcore_cnt)
{
	static uint32_t szs[SAME_CNT];
	struct perf_job job = job_of(workload, lcore_cnt);

	plan_times(strcmp(workload, "mixed-free") == 0 ? 7 : 0);
	for (job.sz_max = 8; job.sz_max <= 10 * MIB; job.sz_max = job.sz_max * 64 - 3) {
		TEST_CALL(job_run(&job));
		TEST_CALL(check_sizes(workload, lcore_cnt - 1, job.sz_max));
	}
	job.sz_max = 4096;
	job.seed = 42;
	TEST_CALL(job_run(&job));
	memcpy(szs, &stub_lcores[0].sz[first_of(0)], sizeof(szs));
	TEST_ASSERT(lcore_cnt == 1 || !same_sizes(1, szs, SAME_CNT), "%s: all lcores draw the same", workload);
	TEST_CALL(job_run(&job));
	TEST_ASSERT(same_sizes(0, szs, SAME_CNT), "%s: another run, other sizes", workload);
	job.seed = 43;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(!same_sizes(0, szs, SAME_CNT), "%s: another seed, the same sizes", workload);
	return TEST_SUCCESS;
}

/* ---- fill ---- */

static double
expect_share(uint32_t lcore_cnt, unsigned int full, uint64_t capacity)
{
	double live = 0;

	for (uint32_t i = 0; i < lcore_cnt; i++)
		live += (double)stub_lcores[i].full_live[full];
	return live / (double)capacity;
}

/* Filled, then ten times a random half freed and filled again. */
static int
check_fill(uint32_t lcore, const char *sizes)
{
	const struct stub_lcore *seen = &stub_lcores[lcore];

	TEST_ASSERT_EQUAL(seen->full_cnt, 11, "%s: times full", sizes);
	for (unsigned int i = 1; i < 11; i++) {
		const double objs = (double)seen->full_objs[i - 1];

		/* five standard deviations of a toss for each */
		TEST_ASSERT(fabs((double)seen->full_freed[i] - objs / 2) <= 2.5 * sqrt(objs) + 1,
			"%s: %lu of %g freed before round %u", sizes, seen->full_freed[i], objs, i);
	}
	return TEST_SUCCESS;
}

static int
test_fill(enum perf_sizes sizes, uint32_t lcore_cnt, uint64_t volume_cnt)
{
	struct perf_job job = job_of("fill", lcore_cnt);
	const char *name = perf_sizes_name(sizes);
	double fresh, churned;

	stub_reset();
	job.variant = sizes;
	job.volume_cnt = volume_cnt;
	job.bounded = 1;
	stub_plan.capacity = volume_cnt * job.volume_sz / lcore_cnt;
	TEST_CALL(job_run(&job));
	fresh = expect_share(lcore_cnt, 0, perf_capacity(&job));
	churned = expect_share(lcore_cnt, 10, perf_capacity(&job));
	TEST_ASSERT(
		is_near(result.share_fresh, fresh, 1e-9), "%s: fresh %f, expected %f", name, result.share_fresh, fresh);
	TEST_ASSERT(is_near(result.share_churned, churned, 1e-9), "%s: churned %f, expected %f", name,
		result.share_churned, churned);
	TEST_ASSERT(fresh > .5 && fresh <= 1 && fresh != churned, "%s: fresh %f, churned %f", name, fresh, churned);
	for (uint32_t i = 0; i < lcore_cnt; i++)
		TEST_CALL(check_fill(i, name));
	TEST_ASSERT(result.ns_per_op == 0 && result.cpu_share == 0, "a time of fill: %f", result.ns_per_op);
	return TEST_SUCCESS;
}

/* What takes longer than it may has no share; how long is looked at every 1,024 objects. */
static int
test_late_fill(void)
{
	struct perf_job job = job_of("fill", 1);

	stub_reset();
	job.variant = PERF_UNIFORM4K;
	job.volume_sz = 32 * MIB;
	stub_plan.capacity = job.volume_sz;
	stub_plan.warm_ns = 1000;
	job.fill_ns = 5UL * 1024 * 1000;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(result.share_fresh == 0 && result.share_churned == 0, "%f, %f", result.share_fresh,
		result.share_churned);
	TEST_ASSERT(
		stub_lcores[0].seen_cnt[STUB_ALLOC] <= 6 * 1024 + 1, "%u objects", stub_lcores[0].seen_cnt[STUB_ALLOC]);
	return TEST_SUCCESS;
}

/* ---- what goes wrong ---- */

static int
test_no_memory(void)
{
	const struct perf_job job = job_of("churn", 2);

	stub_reset();
	stub_plan.tile_cnt = 2;
	stub_plan.capacity = 4 * MIB;
	perf_job_run(&perf_groove, &job, &result);
	TEST_ASSERT_EQUAL(result.err, GROOVE_ERR_FULL, "no memory");
	TEST_ASSERT(strstr(result.error, " of 2 gets no memory for ") != NULL, "%s", result.error);
	TEST_ASSERT(result.ns_per_op == 0, "a figure of what failed");
	return TEST_SUCCESS;
}

static int
test_no_call(void)
{
	struct perf_job job = job_of("pair", 1);

	stub_reset();
	job.rep_ns = 0;
	perf_job_run(&perf_groove, &job, &result);
	TEST_ASSERT_EQUAL(result.err, GROOVE_ERR_AGAIN, "no call was made");
	TEST_ASSERT(strstr(result.error, "--rep-ms") != NULL, "%s", result.error);
	return TEST_SUCCESS;
}

static int
test_perf_job(void)
{
	TEST_CALL(test_time_by_hand());
	TEST_CALL(test_times());
	TEST_CALL(test_forms(1));
	TEST_CALL(test_forms(STUB_LCORE_MAX));
	for (uint32_t lcore_cnt = 1; lcore_cnt <= STUB_LCORE_MAX; lcore_cnt++)
		TEST_CALL(test_latency(lcore_cnt));
	TEST_CALL(test_fixed_sizes());
	TEST_CALL(test_varying_sizes("churn", 1));
	TEST_CALL(test_varying_sizes("latency", 1));
	TEST_CALL(test_varying_sizes("churn", 2));
	TEST_CALL(test_varying_sizes("mixed-free", 2));
	for (unsigned int sizes = 0; sizes < PERF_SIZES_CNT; sizes++)
		TEST_CALL(test_fill((enum perf_sizes)sizes, 1, sizes == PERF_MAIN10M ? 16 : 2));
	TEST_CALL(test_fill(PERF_UNIFORM64K, 2, 1));
	TEST_CALL(test_late_fill());
	TEST_CALL(test_no_memory());
	return test_no_call();
}

GROOVE_TEST(perf_job_autotest, fast, test_perf_job);
