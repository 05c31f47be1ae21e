/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * The main job's loop: two workers for two million turns lose nothing, each deliberate damage is found where it was
 * done, and a groove that runs out of volumes ends the run in order. Then what the loop is made of: patterns and draws.
 */

#include <stdlib.h>
#include <string.h>

#include <pattern.h>
#include <stress_draw.h>
#include <stress_loop.h>

#include "fixture.h"

#define WORKER_CNT 2

/* ---- a run on a groove of its own ---- */

struct job {
	struct fixture fix;
	struct stress stress;
	unsigned int worker_cnt;
	groove_data_t joins[WORKER_CNT];
	uint64_t found_cnt;
	struct stress_finding first; /* of found_cnt */
};

/* Workers find things at the same time. */
static void
keep_finding(void *arg, const struct stress_finding *finding)
{
	struct job *job = arg;

	/* Relaxed: read after the workers were waited for. */
	if (__atomic_fetch_add(&job->found_cnt, 1, __ATOMIC_RELAXED) == 0)
		job->first = *finding;
}

static int
job_open_for(struct job *job, struct stress_cfg *cfg, unsigned int worker_cnt)
{
	memset(job, 0, sizeof(*job));
	job->worker_cnt = worker_cnt;
	cfg->tile_cnt = worker_cnt;
	TEST_CALL(fixture_make(&job->fix, VOLUME_SZ_MIN, cfg->volume_cnt));
	TEST_ASSERT_SUCCESS(stress_init(&job->stress, cfg, keep_finding, job), "init");
	for (unsigned int i = 0; i < worker_cnt; i++)
		TEST_CALL(fixture_join(&job->fix, &job->joins[i], i));
	return TEST_SUCCESS;
}

static int
job_open(struct job *job, struct stress_cfg *cfg)
{
	return job_open_for(job, cfg, WORKER_CNT);
}

static int
loop_worker(unsigned int index, void *arg)
{
	struct job *job = arg;

	stress_loop(&job->stress, index, &job->joins[index]);
	return TEST_SUCCESS;
}

static int
sweep_worker(unsigned int index, void *arg)
{
	struct job *job = arg;

	stress_sweep(&job->stress, index, &job->joins[index]);
	return TEST_SUCCESS;
}

/* Loop, late damage, sweep, walk: as the program does. */
static int
job_run(struct job *job)
{
	TEST_CALL(test_threads_run(job->worker_cnt, loop_worker, job));
	stress_inject_late(&job->stress, &job->fix.data);
	TEST_CALL(test_threads_run(job->worker_cnt, sweep_worker, job));
	TEST_ASSERT_EQUAL(stress_sum(&job->stress).counters.findings, job->found_cnt, "findings counted and reported");
	return TEST_SUCCESS;
}

/* Conservation: everything allocated is freed, by our count and by groove's, and the groove comes out empty. */
static int
job_close_sound(struct job *job)
{
	const struct stress_sum sum = stress_sum(&job->stress);
	groove_data_stats_t stats;

	TEST_ASSERT_EQUAL(job->found_cnt, 0, "findings");
	TEST_ASSERT_SUCCESS(stress_find_leaks(&job->stress, &job->fix.data), "walk");
	TEST_ASSERT_EQUAL(job->found_cnt, 0, "leaks");
	TEST_ASSERT_EQUAL(sum.counters.frees, sum.counters.allocs, "frees");
	TEST_ASSERT_EQUAL(sum.live_objs, 0, "live objects");
	TEST_ASSERT_EQUAL(sum.live_bytes, 0, "live bytes");
	for (unsigned int i = 0; i < job->worker_cnt; i++)
		TEST_ASSERT_NOT_NULL(groove_data_leave(&job->joins[i]), "leave");
	TEST_ASSERT_SUCCESS(groove_data_stats(&job->fix.data, &stats), "stats");
	TEST_ASSERT_EQUAL(stats.total.alloc_cnt, sum.counters.allocs, "allocations that groove counts");
	TEST_ASSERT_EQUAL(stats.volume_cnt, stress_volumes_added(&job->stress, &job->fix.data), "volumes");
	stress_fini(&job->stress);
	return fixture_end(&job->fix);
}

/* A groove that was damaged on purpose is only given back. */
static void
job_close_damaged(struct job *job)
{
	stress_fini(&job->stress);
	for (unsigned int i = 0; i < job->worker_cnt; i++)
		groove_data_leave(&job->joins[i]);
	groove_data_leave(&job->fix.data);
	fixture_unmap(&job->fix);
}

/* ---- sound runs ---- */

static int
test_two_million_turns(void)
{
	static struct job job;
	struct stress_cfg cfg = {
		.turn_cnt = test_turns(1000000),
		.slot_cnt = 4096,
		.volume_cnt = 8,
		.sz_max = 16384,
	};

	TEST_CALL(job_open(&job, &cfg));
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(stress_sum(&job.stress).counters.turns, WORKER_CNT * cfg.turn_cnt, "turns");
	TEST_ASSERT_EQUAL(stress_stopped(&job.stress), STRESS_STOP_NONE, "stopped");
	return job_close_sound(&job);
}

/* Objects for some 40 MiB begin in a groove without volumes: it grows by two at least, and by no more than it needs. */
static int
test_growth(void)
{
	static struct job job;
	struct stress_cfg cfg = {
		.turn_cnt = 20000,
		.slot_cnt = 4096,
		.volume_cnt = 40,
		.sz_max = 3UL << 20,
	};

	TEST_CALL(job_open(&job, &cfg));
	TEST_CALL(job_run(&job));

	const uint64_t added = stress_volumes_added(&job.stress, &job.fix.data);
	const uint64_t peak = stress_sum(&job.stress).counters.live_peak;

	TEST_ASSERT(peak > VOLUME_SZ_MIN / 2, "at most %lu live bytes seen", peak);
	TEST_ASSERT(added >= 2 && added >= peak / VOLUME_SZ_MIN, "%lu volumes for %lu bytes", added, peak);
	TEST_ASSERT(added < cfg.volume_cnt, "all %lu volumes for %lu bytes", added, peak);
	TEST_ASSERT(stress_sum(&job.stress).counters.full_events >= added, "FULL comes before each volume");
	return job_close_sound(&job);
}

/* 4,096 slots of objects up to 10 MiB do not fit one volume of 32 MiB. */
static int
test_no_volume_left(void)
{
	static struct job job;
	struct stress_cfg cfg = {
		.turn_cnt = 1000000,
		.slot_cnt = 4096,
		.volume_cnt = 1,
		.sz_max = 10UL << 20,
	};

	TEST_CALL(job_open(&job, &cfg));
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(stress_stopped(&job.stress), STRESS_STOP_NO_VOLUME, "stopped");
	TEST_ASSERT(stress_sum(&job.stress).counters.turns < WORKER_CNT * cfg.turn_cnt, "turns went on");
	return job_close_sound(&job);
}

static int
run_briefly(struct stress_cfg *cfg, unsigned int worker_cnt, uint64_t *volume_cnt)
{
	static struct job job;

	TEST_CALL(job_open_for(&job, cfg, worker_cnt));
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(
		stress_stopped(&job.stress), STRESS_STOP_NONE, "seed %lu, volumes %lu", cfg->seed, cfg->volume_cnt);
	*volume_cnt = stress_volumes_added(&job.stress, &job.fix.data);
	return job_close_sound(&job);
}

/*
 * Groove says FULL while another tile carries the only memory there is to its place. A run ends for that neither: the
 * volumes that suffice for one worker suffice for two.
 */
static int
test_passing_full(void)
{
	struct stress_cfg cfg = {
		.turn_cnt = 500,
		.slot_cnt = 64,
		.volume_cnt = 8,
		.sz_max = 0,
	};
	uint64_t added;

	TEST_CALL(run_briefly(&cfg, 1, &cfg.volume_cnt));
	for (cfg.seed = 0; cfg.seed < 300; cfg.seed++)
		TEST_CALL(run_briefly(&cfg, WORKER_CNT, &added));
	return TEST_SUCCESS;
}

static int
test_one_slot_and_duration(void)
{
	static struct job job;
	struct stress_cfg cfg = {
		.duration_ns = 10000000,
		.slot_cnt = 1,
		.volume_cnt = 8,
		.sz_max = 0,
		.seed = UINT64_MAX,
	};

	TEST_CALL(job_open(&job, &cfg));
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(stress_stopped(&job.stress), STRESS_STOP_NONE, "stopped");
	return job_close_sound(&job);
}

/* ---- damage ---- */

struct damage {
	enum stress_inject inject;
	enum stress_fault fault;
};

static const struct damage damages[] = {
	{STRESS_INJECT_FLIP, STRESS_FAULT_PATTERN},
	{STRESS_INJECT_HEADER, STRESS_FAULT_HEADER},
	{STRESS_INJECT_LEAK, STRESS_FAULT_LEAK},
	{STRESS_INJECT_DOUBLE_FREE, STRESS_FAULT_DOUBLE_FREE},
};

static int
check_damage(struct job *job, const struct damage *damage)
{
	int walked = GROOVE_SUCCESS;

	if (damage->inject == STRESS_INJECT_LEAK)
		walked = stress_find_leaks(&job->stress, &job->fix.data);
	TEST_ASSERT_SUCCESS(walked, "walk");
	TEST_ASSERT(job->stress.injected, "nothing was damaged");
	TEST_ASSERT_EQUAL(job->found_cnt, 1, "findings");
	TEST_ASSERT_EQUAL(job->first.fault, damage->fault, "fault");
	TEST_ASSERT_EQUAL(job->first.at, job->stress.injected_off, "place");
	TEST_ASSERT_EQUAL(stress_stopped(&job->stress), STRESS_STOP_FINDING, "stopped");
	if (damage->inject == STRESS_INJECT_DOUBLE_FREE)
		TEST_ASSERT_EQUAL(job->first.err, GROOVE_ERR_INVAL, "answer of the second free");
	return TEST_SUCCESS;
}

static int
test_damage(const struct damage *damage, uint64_t turn_cnt, uint64_t seed)
{
	static struct job job;
	struct stress_cfg cfg = {
		.turn_cnt = turn_cnt,
		.slot_cnt = 64,
		.volume_cnt = 8,
		.sz_max = 65536,
		.seed = seed,
		.inject = damage->inject,
	};
	int result;

	TEST_CALL(job_open(&job, &cfg));
	test_log_begin();
	result = job_run(&job);
	if (result == TEST_SUCCESS)
		result = check_damage(&job, damage);
	test_log_end();
	job_close_damaged(&job);
	TEST_ASSERT_EQUAL(result, TEST_SUCCESS, "damage %d, %lu turns, seed %lu", damage->inject, turn_cnt, seed);
	return TEST_SUCCESS;
}

static int
test_damages(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		for (uint64_t seed = 0; seed < 16; seed++) {
			TEST_CALL(test_damage(&damages[i], 2, seed));
			TEST_CALL(test_damage(&damages[i], 2000, seed));
		}
	}
	return TEST_SUCCESS;
}

/* With keep_going one flipped bit costs one object, and every other turn is made. */
static int
test_keep_going(void)
{
	static struct job job;
	struct stress_cfg cfg = {
		.turn_cnt = 20000,
		.slot_cnt = 64,
		.volume_cnt = 8,
		.sz_max = 4096,
		.keep_going = true,
		.inject = STRESS_INJECT_FLIP,
	};

	TEST_CALL(job_open(&job, &cfg));
	TEST_CALL(job_run(&job));
	TEST_ASSERT_EQUAL(job.found_cnt, 1, "findings");
	TEST_ASSERT_EQUAL(stress_sum(&job.stress).counters.turns, WORKER_CNT * cfg.turn_cnt, "turns");
	job.found_cnt = 0;
	return job_close_sound(&job);
}

/* ---- what the loop is made of ---- */

#define RANGE_SZ (16 * 128 + 48) /* whole chunks of the check, and some more */

static int
check_pattern_flips(uint8_t *range, size_t sz, uint64_t tag)
{
	stress_pattern_fill(range, sz, tag);
	TEST_ASSERT_EQUAL(stress_pattern_check(range, sz, tag), sz, "%zu bytes as filled", sz);
	TEST_ASSERT(sz == 0 || stress_pattern_check(range, sz, tag ^ 1) == 0, "%zu bytes of another tag", sz);
	for (size_t i = 0; i < sz; i++) {
		TEST_ASSERT_EQUAL(stress_pattern_byte(tag, i), range[i], "byte %zu", i);
		range[i] ^= 1U << i % 8;
		TEST_ASSERT_EQUAL(stress_pattern_check(range, sz, tag), i, "flip in byte %zu of %zu", i, sz);
		range[i] ^= 1U << i % 8;
	}
	return TEST_SUCCESS;
}

static int
test_pattern(void)
{
	uint64_t words[RANGE_SZ / 8 + 2];
	uint8_t *range = (uint8_t *)&words[1];

	words[0] = words[RANGE_SZ / 8 + 1] = 0x5555555555555555UL;
	for (size_t sz = 0; sz <= RANGE_SZ; sz += sz < 1200 ? 8 : 216)
		TEST_CALL(check_pattern_flips(range, sz, sz * 7919));
	TEST_ASSERT_EQUAL(words[0], 0x5555555555555555UL, "written before the range");
	TEST_ASSERT_EQUAL(words[RANGE_SZ / 8 + 1], 0x5555555555555555UL, "written after the range");
	return TEST_SUCCESS;
}

/*
 * Mean of the sizes as the header says: up to 16 bits, and "more", are equally likely; of more, each further bit takes
 * half of what is left, and the last takes all of it.
 */
static double
expect_sz_mean(uint64_t sz_max, unsigned int bit_max)
{
	const unsigned int choices = bit_max > 16 ? 18 : bit_max + 1;
	double left = 1.0 / choices;
	double mean = 0;

	for (unsigned int bits = 0; bits <= bit_max; bits++) {
		const uint64_t top = (1UL << bits) - 1;
		const double share = bits <= 16 ? 1.0 / choices : bits < bit_max ? left / 2 : left;

		mean += share * (double)(top < sz_max ? top : sz_max) / 2;
		if (bits > 16)
			left -= share;
	}
	return mean;
}

static int
check_draw_sz(uint64_t sz_max, unsigned int bit_max)
{
	const uint64_t draw_cnt = 2000000;
	const double expected = expect_sz_mean(sz_max, bit_max);
	struct stress_rng rng;
	double mean = 0;
	uint64_t high = 0;

	stress_rng_seed(&rng, 1, 0);
	for (uint64_t i = 0; i < draw_cnt; i++) {
		const uint64_t sz = stress_draw_sz(&rng, sz_max);

		TEST_ASSERT(sz <= sz_max, "size %lu of at most %lu", sz, sz_max);
		high = sz > high ? sz : high;
		mean += (double)sz / (double)draw_cnt;
	}
	/* The deviation of the mean is under 0.8 % with so many draws, and the seed is fixed. */
	TEST_ASSERT(mean >= expected * 0.97 && mean <= expected * 1.03, "mean %f, expected %f", mean, expected);
	TEST_ASSERT(high >= sz_max - sz_max / 50, "highest size %lu of %lu", high, sz_max);
	return TEST_SUCCESS;
}

static int
test_draw_align(void)
{
	uint64_t seen = 0;
	struct stress_rng rng;

	stress_rng_seed(&rng, 0, 0);
	for (unsigned int i = 0; i < 1000; i++) {
		const uint64_t align = stress_draw_align(&rng);

		TEST_ASSERT(align <= 512 && (align & (align - 1)) == 0, "alignment %lu", align);
		seen |= align > 0 ? align : 1024;
	}
	TEST_ASSERT_EQUAL(seen, 2047, "alignments seen");
	return TEST_SUCCESS;
}

static int
test_draw_streams(void)
{
	struct stress_rng rng;
	struct stress_rng same;
	struct stress_rng other_tile;
	struct stress_rng other_seed;

	stress_rng_seed(&rng, 1, 2);
	stress_rng_seed(&same, 1, 2);
	stress_rng_seed(&other_tile, 1, 3);
	stress_rng_seed(&other_seed, 2, 2);
	for (unsigned int i = 0; i < 1000; i++) {
		const uint64_t draw = stress_draw(&rng);

		TEST_ASSERT_EQUAL(stress_draw(&same), draw, "draw %u", i);
		TEST_ASSERT(stress_draw(&other_tile) != draw, "another tile's draw %u", i);
		TEST_ASSERT(stress_draw(&other_seed) != draw, "another seed's draw %u", i);
	}
	return TEST_SUCCESS;
}

static int
test_stress(void)
{
	TEST_CALL(test_pattern());
	TEST_CALL(check_draw_sz(10UL << 20, 24));
	TEST_CALL(check_draw_sz(65536, 17));
	TEST_CALL(check_draw_sz(65535, 16));
	TEST_CALL(check_draw_sz(1, 1));
	TEST_CALL(test_draw_align());
	TEST_CALL(test_draw_streams());
	TEST_CALL(test_one_slot_and_duration());
	TEST_CALL(test_passing_full());
	TEST_CALL(test_growth());
	TEST_CALL(test_no_volume_left());
	TEST_CALL(test_damages());
	TEST_CALL(test_keep_going());
	return test_two_million_turns();
}

GROOVE_TEST(stress_autotest, fast, test_stress);
