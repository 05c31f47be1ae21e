/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What groove-perf says of memory that changes its shape: what freed slots have room for, counted a second way; shift
 * and drift on an allocator that remembers which objects were freed when, and what was live.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>

#include "fits.h"
#include "stress_draw.h"
#include "stub.h"
#include "test.h"

#define MIB (1UL << 20)

static struct perf_result result;

static bool
is_near(double found, double expected)
{
	return fabs(found - expected) <= 1e-9 * fabs(expected);
}

static struct perf_job
job_of(const char *workload, uint32_t variant, uint32_t lcore_cnt)
{
	struct perf_job job = {
		.lcore_cnt = lcore_cnt,
		.bounded = 1,
		.sz_max = 65536,
		.fill_ns = UINT64_MAX / 4,
		.turns = 19200,
		.volume_sz = 8 * MIB,
		.volume_cnt = 1,
	};
	uint32_t idx = 0;

	while (strcmp(perf_workloads[idx]->name, workload) != 0)
		idx++;
	perf_job_form(&job, idx, variant);
	return job;
}

static int
job_run(const struct perf_job *job)
{
	uint64_t live = 0;

	memset(&result, 0xff, sizeof(result));
	stub_plan.tile_cnt = job->lcore_cnt;
	perf_job_run(&perf_groove, job, &result);
	TEST_ASSERT_EQUAL(result.err, GROOVE_SUCCESS, "%s", result.error);
	for (uint32_t i = 0; i < job->lcore_cnt; i++)
		live += stub_lcores[i].live;
	TEST_ASSERT_EQUAL(live, 0, "bytes that were not freed");
	return TEST_SUCCESS;
}

/* ---- what slots have room for ---- */

/* 100 superblocks of 32 slots with a gap between them, freed at random, in no order: each is looked at by itself. */
static int
check_runs(uint64_t slot, uint64_t into, uint64_t kept_of, uint64_t seed)
{
	static struct perf_freed freed[3200];
	struct stress_rng rng = {.state = seed};
	uint64_t cnt = 0, objs = 0, single = 0;

	for (uint64_t sb = 0; sb < 100; sb++) {
		char flags[33] = "";

		for (unsigned int i = 0; i < 32; i++) {
			flags[i] = stress_draw_below(&rng, kept_of) == 0 ? '.' : 'f';
			if (flags[i] == 'f')
				freed[cnt++] =
					(struct perf_freed){.addr = 4096 + sb * (33 * slot) + i * slot, .sz = slot};
			if (flags[i] == 'f' && slot > 16)
				single += (slot - 16) / into;
		}
		for (const char *run = strtok(flags, "."); run != NULL; run = strtok(NULL, "."))
			objs += (strlen(run) * slot - 16) / into;
	}
	for (uint64_t i = cnt; i > 1; i--) {
		const uint64_t j = stress_draw_below(&rng, i);
		const struct perf_freed other = freed[j];

		freed[j] = freed[i - 1];
		freed[i - 1] = other;
	}
	TEST_ASSERT_EQUAL(perf_fits_slots(freed, cnt, 16, into), single, "%lu into %lu, one by one", into, slot);
	TEST_ASSERT_EQUAL(perf_fits_runs(freed, cnt, 16, into), objs, "%lu into %lu, side by side", into, slot);
	return TEST_SUCCESS;
}

static int
test_fits(void)
{
	struct perf_freed mixed[] = {{1000, 64}, {1064, 128}, {1192, 128}, {1320, 64}, {2000, 16}};

	for (uint64_t kept_of = 2; kept_of <= 64; kept_of *= 2) {
		TEST_CALL(check_runs(1920, 64, kept_of, 1));
		TEST_CALL(check_runs(64, 1920, kept_of, 2));
		TEST_CALL(check_runs(128, 192, kept_of, 3));
		TEST_CALL(check_runs(128, 112, kept_of, 4));
		TEST_CALL(check_runs(128, 113, kept_of, 5));
	}
	/* slots of two sizes are no run, and a slot that is all header has room for nothing */
	TEST_ASSERT_EQUAL(perf_fits_slots(mixed, 5, 16, 48), 1 + 2 + 2 + 1, "one by one");
	TEST_ASSERT_EQUAL(perf_fits_runs(mixed, 5, 16, 48), 1 + 5 + 1, "side by side");
	TEST_ASSERT_EQUAL(perf_fits_runs(mixed, 0, 16, 48), 0, "of nothing");
	return TEST_SUCCESS;
}

/* ---- shift ---- */

/* Objects of the first size, by serial number: the one before them showed where objects lie. */
#define SERIAL_FIRST 2

/* What the slots that were freed between the first and the second time that it was full have room for. */
static double
expect_fit(const struct perf_job *job, uint64_t objs)
{
	const uint64_t slot = stub_slot(job->from_sz), into = stub_slot(job->to_sz);
	uint64_t fit = 0, run = 0;

	for (uint64_t serial = SERIAL_FIRST; serial < SERIAL_FIRST + objs; serial++) {
		const bool freed = stub_lcores[0].freed_at[serial] == 2;

		/* the arena has a gap before the object after so many */
		if (job->from_sz > job->to_sz || !freed || (serial - 1) % STUB_SUPERBLOCK == 0) {
			fit += run > 0 ? (run * slot - STUB_HDR) / into : 0;
			run = 0;
		}
		run += freed;
	}
	return (double)(fit + (run > 0 ? (run * slot - STUB_HDR) / into : 0));
}

static int
test_shift(uint32_t variant)
{
	const struct perf_job job = job_of("shift", variant, 1);
	const struct stub_lcore *seen = &stub_lcores[0];
	uint64_t freed = 0;
	double made, fit;

	stub_reset();
	stub_plan.arena = true;
	stub_plan.capacity = perf_capacity(&job) - 1;
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(seen->full_cnt, 2, "times full");
	TEST_ASSERT_EQUAL(seen->full_objs[0], stub_plan.capacity / job.from_sz, "objects at first");
	for (uint64_t i = 0; i < seen->full_objs[0]; i++)
		freed += seen->freed_at[SERIAL_FIRST + i] == 2;
	TEST_ASSERT(fabs((double)freed - (double)seen->full_objs[0] * (job.n - 1) / job.n) <=
			    2.5 * sqrt((double)seen->full_objs[0]) + 1,
		"%lu of %lu freed, all but 1 in %u", freed, seen->full_objs[0], job.n);
	made = (double)(seen->full_objs[1] - (seen->full_objs[0] - freed));
	fit = expect_fit(&job, seen->full_objs[0]);
	TEST_ASSERT(is_near(result.shift.freed, (double)freed), "freed %f of %lu", result.shift.freed, freed);
	TEST_ASSERT(is_near(result.shift.made, made), "made %f, expected %f", result.shift.made, made);
	TEST_ASSERT(is_near(result.shift.share, made * (double)job.to_sz / ((double)freed * (double)job.from_sz)),
		"share %f", result.shift.share);
	TEST_ASSERT(is_near(result.shift.fit, fit), "%lu to %lu: room for %f, expected %f", job.from_sz, job.to_sz,
		result.shift.fit, fit);
	TEST_ASSERT(
		is_near(result.shift.share_fit, fit > 0 ? made / fit : 0), "share of that %f", result.shift.share_fit);
	return TEST_SUCCESS;
}

/* Every pair of sizes of which some fit, both ways; each pair comes once for each number that is kept. */
static int
test_shifts(void)
{
	const struct perf_job any = job_of("shift", 0, 1);
	const uint32_t cnt = perf_variant_cnt(perf_workloads[any.workload]);
	unsigned int run_cnt = 0;

	TEST_ASSERT_EQUAL(cnt, 7 * 6 * 3, "forms");
	for (uint32_t variant = 0; variant < cnt; variant++) {
		const struct perf_job job = job_of("shift", variant, 1);

		TEST_ASSERT(job.from_sz != job.to_sz, "form %u: %lu to itself", variant, job.to_sz);
		for (uint32_t other = 0; other < variant; other++) {
			const struct perf_job before = job_of("shift", other, 1);

			TEST_ASSERT(before.from_sz != job.from_sz || before.to_sz != job.to_sz || before.n != job.n,
				"forms %u and %u are the same", other, variant);
		}
		if (job.from_sz > 250000 || job.to_sz > 250000)
			continue;
		TEST_CALL(test_shift(variant));
		run_cnt++;
	}
	TEST_ASSERT_EQUAL(run_cnt, 5 * 4 * 3, "forms that were run");
	return TEST_SUCCESS;
}

/* What takes too long, and what an allocator does not say, has no figure. */
static int
test_shift_without(void)
{
	struct perf_allocator silent = perf_groove;
	struct perf_job job = job_of("shift", 18, 1);

	stub_reset();
	stub_plan.capacity = perf_capacity(&job) - 1;
	silent.slot_of = NULL;
	perf_job_run(&silent, &job, &result);
	TEST_ASSERT(result.err == GROOVE_SUCCESS && result.shift.share > 0 && result.shift.fit == 0, "%f, %f",
		result.shift.share, result.shift.fit);
	stub_plan.warm_ns = 1000;
	job.fill_ns = 1000;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(result.shift.share == 0 && result.shift.made == 0, "%f of what took too long", result.shift.share);
	return TEST_SUCCESS;
}

/* ---- drift ---- */

/* Up and down by four doublings four times, and between two doublings evenly. */
static double
expect_mean(unsigned int point, double sz_max)
{
	const unsigned int in_wave = (point + 1) % 16;
	const double height = .5 * (in_wave < 8 ? in_wave : 16 - in_wave);

	return sz_max / 32 * exp2(floor(height)) * (1 + height - floor(height));
}

static int
check_points(const struct perf_job *job, double ns)
{
	const double capacity = (double)perf_capacity(job);

	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		const struct perf_drift_point *point = &result.drift.points[i];

		TEST_ASSERT(is_near(point->mean_sz, expect_mean(i, (double)job->sz_max)),
			"point %u: mean size %f, expected %f", i, point->mean_sz, expect_mean(i, (double)job->sz_max));
		TEST_ASSERT(point->share <= .85 &&
				    point->share >= .85 - (double)(job->sz_max * job->lcore_cnt + 100) / capacity,
			"point %u: share %f", i, point->share);
		TEST_ASSERT(is_near(point->ns, ns), "point %u: %f ns", i, point->ns);
		TEST_ASSERT(point->fulls == 0, "point %u: %f failures", i, point->fulls);
	}
	return TEST_SUCCESS;
}

static int
check_drift_sizes(const struct perf_job *job)
{
	const struct stub_lcore *seen = &stub_lcores[0];
	uint64_t most = 0, first = 1;

	for (uint32_t i = 1; i < seen->seen_cnt[STUB_ALLOC]; i++) {
		TEST_ASSERT(seen->sz[i] >= 8 && seen->sz[i] <= job->sz_max, "object %u of %u bytes", i, seen->sz[i]);
		most = seen->sz[i] > most ? seen->sz[i] : most;
	}
	TEST_ASSERT(most > job->sz_max * 9 / 10, "at most %lu", most);
	/* the first fill is of the smallest sizes */
	while (seen->sz[first] <= job->sz_max / 16)
		first++;
	TEST_ASSERT((double)first * (double)job->sz_max / 32 > .7 * (double)perf_capacity(job) / job->lcore_cnt,
		"%lu objects before the first that is larger", first);
	return TEST_SUCCESS;
}

static int
test_drift(uint32_t lcore_cnt, uint64_t sz_max)
{
	struct perf_job job = job_of("drift", 0, lcore_cnt);

	stub_reset();
	stub_plan.warm_ns = 10;
	job.sz_max = sz_max;
	TEST_CALL(job_run(&job));
	TEST_CALL(check_points(&job, 10));
	TEST_CALL(check_drift_sizes(&job));
	TEST_ASSERT(is_near(result.ns_per_op, 10) && is_near(result.drift.ns_first, 10) &&
			    is_near(result.drift.ns_last, 10),
		"%f ns, %f to %f", result.ns_per_op, result.drift.ns_first, result.drift.ns_last);
	TEST_ASSERT(result.drift.fulls == 0, "%f failures", result.drift.fulls);
	return TEST_SUCCESS;
}

/* Calls that become slower in the midst show as that; those to come before the first turn are not in it. */
static int
test_drift_slows(void)
{
	const struct perf_job job = job_of("drift", 0, 1);
	double sum = 0;

	stub_reset();
	stub_plan.warm_ns = 10;
	TEST_CALL(job_run(&job));
	stub_plan.slow_after = stub_lcores[0].warm_calls / 2;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(is_near(result.drift.ns_first, 10) && is_near(result.drift.ns_last, 30), "%f to %f ns",
		result.drift.ns_first, result.drift.ns_last);
	TEST_ASSERT(result.ns_per_op > 12 && result.ns_per_op < 28, "%f ns", result.ns_per_op);
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		const double ns = result.drift.points[i].ns;

		TEST_ASSERT(i == 0 || ns >= result.drift.points[i - 1].ns, "point %u: %f ns", i, ns);
		sum += ns > 10.001 && ns < 29.999;
	}
	TEST_ASSERT(sum <= 1, "%f points between", sum);
	return TEST_SUCCESS;
}

/* With a bit less memory than is to live: one failure in the last part of the first fill, all others are counted. */
static int
test_drift_full(void)
{
	const struct perf_job job = job_of("drift", 0, 1);
	double fulls = 0, share = 0;

	stub_reset();
	stub_plan.capacity = perf_capacity(&job) / 1000 * 848;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(is_near(result.drift.fulls, (double)stub_lcores[0].full_cnt - 1), "%f failures of %lu",
		result.drift.fulls, stub_lcores[0].full_cnt);
	TEST_ASSERT(result.drift.fulls > 100, "%f failures", result.drift.fulls);
	for (unsigned int i = 0; i < PERF_DRIFT_POINTS; i++) {
		fulls += result.drift.points[i].fulls;
		share += result.drift.points[i].share / PERF_DRIFT_POINTS;
		TEST_ASSERT(
			result.drift.points[i].share <= .848, "point %u: share %f", i, result.drift.points[i].share);
	}
	TEST_ASSERT(is_near(result.drift.fulls, fulls), "%f failures in all points", fulls);
	TEST_ASSERT(is_near(result.drift.share, share), "share %f, mean of the points %f", result.drift.share, share);
	return TEST_SUCCESS;
}

/* Turns are frees: more turns, more frees, of all lcores together. */
static int
test_drift_turns(void)
{
	uint64_t frees[2];

	for (unsigned int i = 0; i < 2; i++) {
		struct perf_job job = job_of("drift", 0, 2);

		stub_reset();
		job.turns = 64UL * 1024 * (i + 1);
		job.sz_max = 8;
		TEST_CALL(job_run(&job));
		frees[i] = stub_lcores[0].frees + stub_lcores[1].frees;
	}
	/* objects of one size: a turn is a free and an alloc, and what is live at the end is freed in both */
	TEST_ASSERT_EQUAL(frees[1] - frees[0], 64UL * 1024, "frees");
	return TEST_SUCCESS;
}

static int
test_drift_late(void)
{
	struct perf_job job = job_of("drift", 0, 2);

	stub_reset();
	stub_plan.warm_ns = 1000;
	job.fill_ns = 1000000;
	TEST_CALL(job_run(&job));
	TEST_ASSERT(result.drift.share == 0 && result.ns_per_op == 0, "a figure of what took too long");
	return TEST_SUCCESS;
}

static int
test_perf_shape(void)
{
	TEST_CALL(test_fits());
	TEST_CALL(test_shifts());
	TEST_CALL(test_shift_without());
	TEST_CALL(test_drift(1, 65536));
	TEST_CALL(test_drift(3, 4096));
	TEST_CALL(test_drift_slows());
	TEST_CALL(test_drift_full());
	TEST_CALL(test_drift_turns());
	return test_drift_late();
}

GROOVE_TEST(perf_shape_autotest, fast, test_perf_shape);
