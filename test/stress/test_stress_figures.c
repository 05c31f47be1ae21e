/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * A whole run, from options to the table and the file for machines, in which each figure is worked out a second way:
 * from other figures, from what groove counts, or from what was asked for. Then the exit status when several things go
 * wrong.
 */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <run.h>
#include <text.h>

#include "test.h"
#include "tiles.h"

#define ALLOC_CNT 5000UL

static struct stress_run run;

/* ---- a run ---- */

/* A result of a run: what was printed, the file for machines, and how many objects were live when the loop ended. */
struct outcome {
	const char *text;
	json_t *json;
	uint64_t live;
	double outer_s; /* the run took no longer */
};

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
run_open(int argc, char **argv)
{
	struct stress_options options;

	TEST_ASSERT_SUCCESS(stress_options_parse(argc, argv, &options), "options");
	/* the main program does so where no other process can have said */
	if (options.name == NULL)
		stress_options_default(&options);
	TEST_ASSERT_SUCCESS(stress_run_open(&run, &options), "open");
	return TEST_SUCCESS;
}

/* Called between the loop and the end of a run, when it is not NULL. */
static int (*meddle)(void);

/* As main() does it. */
static int
run_all(int argc, char **argv, struct outcome *outcome)
{
	const double begun_s = now_s();
	int opened;

	TEST_ASSERT(test_stdout_begin(), "stdout");
	opened = run_open(argc, argv);
	if (opened == TEST_SUCCESS) {
		stress_run_loop(&run);
		outcome->live = stress_slots_full(&run.stress);
		opened = meddle != NULL ? meddle() : TEST_SUCCESS;
		stress_run_end(&run);
		stress_show_summary(&run);
	}
	outcome->text = test_stdout_end();
	TEST_CALL(opened);
	outcome->outer_s = now_s() - begun_s;
	outcome->json = stress_json(&run);
	TEST_ASSERT_NOT_NULL(outcome->json, "no JSON");
	stress_run_close(&run);
	return TEST_SUCCESS;
}

#define RUN_ALL(outcome, ...)                                                                                          \
	do {                                                                                                           \
		char *argv[] = {"groove-stress", "--driver", "memfd", "--page-sz", "normal", "--volume-sz", "32M",     \
			__VA_ARGS__};                                                                                  \
                                                                                                                       \
		TEST_CALL(run_all(sizeof(argv) / sizeof(argv[0]), argv, outcome));                                     \
	} while (0)

static uint64_t
count_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "null";
}

/* ---- sound runs ---- */

static const char *const counters[] = {"turns", "allocs", "frees", "validations", "full_events", "errors"};

/* Each counter of the run is the sum over its tiles. */
static int
check_sums(const json_t *json, unsigned int tile_cnt)
{
	const json_t *tiles = json_object_get(json, "per_tile");

	TEST_ASSERT_EQUAL(json_array_size(tiles), tile_cnt, "tiles that are listed");
	TEST_ASSERT_EQUAL(count_of(json, "tiles"), tile_cnt, "tiles");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		uint64_t sum = 0;

		for (unsigned int tile = 0; tile < tile_cnt; tile++)
			sum += count_of(json_array_get(tiles, tile), counters[i]);
		TEST_ASSERT_EQUAL(count_of(json, counters[i]), sum, "%s: sum over the tiles", counters[i]);
	}
	for (unsigned int tile = 0; tile < tile_cnt; tile++) {
		const json_t *object = json_array_get(tiles, tile);

		TEST_ASSERT_EQUAL(count_of(object, "tile"), tile, "tile");
		TEST_ASSERT_EQUAL(count_of(object, "lcore"), tile + TILES_LCORE, "lcore of tile %u", tile);
		TEST_ASSERT_EQUAL(count_of(object, "cpu"), tile + TILES_CPU, "CPU of tile %u", tile);
		TEST_ASSERT(json_is_null(json_object_get(object, "numa_node")), "node of tile %u", tile);
		TEST_ASSERT_EQUAL(json_is_true(json_object_get(object, "pinned")), tile != TILES_UNPINNED,
			"whether tile %u is pinned", tile);
		TEST_ASSERT_EQUAL(count_of(object, "turns"), 2 * ALLOC_CNT, "turns of tile %u", tile);
		TEST_ASSERT(
			count_of(object, "allocs") > 0 && count_of(object, "frees") > 0, "tile %u did nothing", tile);
	}
	return TEST_SUCCESS;
}

/*
 * A turn makes an object or looks at one; half of the looks free it. What is live when the loop ends is looked at and
 * freed once more.
 */
static int
check_turns(const json_t *json, uint64_t live)
{
	const uint64_t allocs = count_of(json, "allocs");
	const uint64_t looks = count_of(json, "validations") - live;
	const uint64_t frees = count_of(json, "frees") - live;

	TEST_ASSERT(live > 0, "no object was live");
	TEST_ASSERT_EQUAL(count_of(json, "frees"), allocs, "allocs less frees");
	TEST_ASSERT_EQUAL(allocs + looks, count_of(json, "turns"), "turns");
	TEST_ASSERT_EQUAL(allocs - frees, live, "live when the loop ended");
	TEST_ASSERT(
		fabs((double)frees - (double)looks / 2) < 2.5 * sqrt((double)looks), "%lu of %lu freed", frees, looks);
	return TEST_SUCCESS;
}

static int
check_rates(const struct outcome *outcome)
{
	const json_t *json = outcome->json;
	const double elapsed_s = json_real_value(json_object_get(json, "elapsed_s"));
	const double turns_per_s = json_real_value(json_object_get(json, "turns_per_s"));
	const double turns = (double)count_of(json, "turns");
	char line[128];

	TEST_ASSERT(elapsed_s > 0 && elapsed_s <= outcome->outer_s, "%f s of %f", elapsed_s, outcome->outer_s);
	TEST_ASSERT(fabs(turns_per_s * elapsed_s - turns) < 1e-6 * turns, "%f turns/s in %f s", turns_per_s, elapsed_s);
	snprintf(line, sizeof(line), "%s turns/s for %.1f s", app_text_rate(turns_per_s).s, elapsed_s);
	TEST_ASSERT(strstr(outcome->text, line) != NULL, "no \"%s\" in\n%s", line, outcome->text);
	return TEST_SUCCESS;
}

/* The counters stand in a line of the table, in this order. */
static int
check_row(const char *text, const char *name, const json_t *object)
{
	const char *at = strstr(text, name);

	TEST_ASSERT_NOT_NULL(at, "no row \"%s\" in\n%s", name, text);
	at += strlen(name);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		const struct app_text count = app_text_count(count_of(object, counters[i]));
		const char *end = strchr(at, '\n');
		const char *found = strstr(at, count.s);

		TEST_ASSERT(found != NULL && found < end, "row \"%s\": no %s (%s) in\n%s", name, counters[i], count.s,
			text);
		at = found + strlen(count.s);
	}
	return TEST_SUCCESS;
}

/* Memory: what was asked for, and what the region really has. */
static int
check_memory(const struct outcome *outcome, uint64_t slot_cnt, uint64_t sz_max)
{
	const json_t *json = outcome->json;
	const uint64_t peak = count_of(json, "bytes_live_peak");
	char line[128];

	TEST_ASSERT_EQUAL(strcmp(text_of(json, "driver"), "memfd"), 0, "driver %s", text_of(json, "driver"));
	TEST_ASSERT_EQUAL(count_of(json, "page_sz"), sysconf(_SC_PAGESIZE), "page_sz");
	TEST_ASSERT(peak > 0 && peak <= slot_cnt * sz_max, "%lu live bytes", peak);
	snprintf(line, sizeof(line), "at most %s live in %" PRIu64 " of 3 volumes", app_text_bytes(peak).s,
		count_of(json, "volumes"));
	TEST_ASSERT(strstr(outcome->text, line) != NULL, "no \"%s\" in\n%s", line, outcome->text);
	return TEST_SUCCESS;
}

static int
check_verdict(const json_t *json, const char *verify, const char *result, uint64_t errors)
{
	TEST_ASSERT_EQUAL(strcmp(text_of(json, "verify"), verify), 0, "verify %s", text_of(json, "verify"));
	TEST_ASSERT_EQUAL(strcmp(text_of(json, "result"), result), 0, "result %s", text_of(json, "result"));
	TEST_ASSERT_EQUAL(count_of(json, "errors"), errors, "errors");
	TEST_ASSERT_EQUAL(json_is_null(json_object_get(json, "first_error")), errors == 0, "first_error");
	return TEST_SUCCESS;
}

static int
test_sound_run(unsigned int tile_cnt)
{
	struct outcome outcome;

	tiles_cnt = tile_cnt;
	RUN_ALL(&outcome, "--volume-cnt", "3", "--alloc-cnt", "5000", "--slot-cnt", "100", "--sz-max", "20000",
		"--seed", "1234567");
	TEST_ASSERT_EQUAL(run.errors.status, STRESS_EXIT_PASS, "%s", run.errors.first);
	TEST_CALL(check_verdict(outcome.json, "pass", "pass", 0));
	TEST_ASSERT_EQUAL(count_of(outcome.json, "seed"), 1234567, "seed");
	TEST_CALL(check_sums(outcome.json, tile_cnt));
	TEST_CALL(check_turns(outcome.json, outcome.live));
	TEST_CALL(check_rates(&outcome));
	TEST_CALL(check_row(outcome.text, "\n all", outcome.json));
	for (unsigned int tile = 0; tile < tile_cnt; tile++) {
		char name[32];

		snprintf(name, sizeof(name), "\n%4u %5u", tile, tile + TILES_LCORE);
		TEST_CALL(
			check_row(outcome.text, name, json_array_get(json_object_get(outcome.json, "per_tile"), tile)));
	}
	TEST_CALL(check_memory(&outcome, 100, 20000));
	json_decref(outcome.json);
	return TEST_SUCCESS;
}

/* With one slot at most one object is live, so the peak is a size that was asked for. */
static int
test_one_slot(void)
{
	struct outcome outcome;
	uint64_t peak;

	tiles_cnt = 1;
	RUN_ALL(&outcome, "--volume-cnt", "1", "--alloc-cnt", "5000", "--slot-cnt", "1", "--sz-max", "63");
	peak = count_of(outcome.json, "bytes_live_peak");
	TEST_ASSERT(peak >= 32 && peak <= 63, "peak of %lu bytes", peak);
	TEST_ASSERT_EQUAL(count_of(outcome.json, "volumes"), 1, "volumes");
	TEST_ASSERT_EQUAL(count_of(outcome.json, "full_events"), 1, "times that it was full");
	json_decref(outcome.json);
	return TEST_SUCCESS;
}

/* The same seed counts the same on one tile, another does not. */
static int
test_seed(void)
{
	struct outcome first, second, another;

	tiles_cnt = 1;
	RUN_ALL(&first, "--volume-cnt", "3", "--alloc-cnt", "3000", "--sz-max", "20000", "--seed", "9");
	RUN_ALL(&second, "--volume-cnt", "3", "--alloc-cnt", "3000", "--sz-max", "20000", "--seed", "9");
	RUN_ALL(&another, "--volume-cnt", "3", "--alloc-cnt", "3000", "--sz-max", "20000", "--seed", "10");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		TEST_ASSERT_EQUAL(
			count_of(second.json, counters[i]), count_of(first.json, counters[i]), "%s", counters[i]);
	TEST_ASSERT_EQUAL(count_of(second.json, "bytes_live_peak"), count_of(first.json, "bytes_live_peak"), "peak");
	TEST_ASSERT(
		count_of(another.json, "bytes_live_peak") != count_of(first.json, "bytes_live_peak"), "the same peak");
	json_decref(first.json);
	json_decref(second.json);
	json_decref(another.json);
	return TEST_SUCCESS;
}

/* ---- runs that must fail ---- */

/* Damage, and then another thing that went wrong: the status is that of the damage, in whichever order they come. */
static int
test_status_of_a_run(void)
{
	struct outcome outcome;

	tiles_cnt = 1;
	/* the damage is done when half of the time is over, or at the end: after "no volume left" */
	RUN_ALL(&outcome, "--volume-cnt", "1", "--alloc-cnt", "1000000", "--slot-cnt", "4096", "--sz-max", "10M",
		"--keep-going", "--inject", "flip");
	TEST_ASSERT(strncmp(run.errors.first, "no volume left: 1 of 1 in use", 29) == 0, "%s", run.errors.first);
	TEST_ASSERT_EQUAL(run.errors.status, STRESS_EXIT_MISMATCH, "exit status");
	TEST_CALL(check_verdict(outcome.json, "pass", "FAIL", 2));
	TEST_ASSERT(strstr(text_of(outcome.json, "first_error"), "no volume left") != NULL, "%s",
		text_of(outcome.json, "first_error"));
	json_decref(outcome.json);
	return TEST_SUCCESS;
}

static int
test_status(void)
{
	static const struct {
		int first, second, expected;
	} cases[] = {
		{STRESS_EXIT_CANNOT, STRESS_EXIT_CANNOT, STRESS_EXIT_CANNOT},
		{STRESS_EXIT_CANNOT, STRESS_EXIT_MISMATCH, STRESS_EXIT_MISMATCH},
		{STRESS_EXIT_MISMATCH, STRESS_EXIT_CANNOT, STRESS_EXIT_MISMATCH},
		{STRESS_EXIT_MISMATCH, STRESS_EXIT_MISMATCH, STRESS_EXIT_MISMATCH},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&run, 0, sizeof(run));
		pthread_mutex_init(&run.errors.lock, NULL);
		TEST_ASSERT(test_stdout_begin(), "stdout");
		stress_run_error(&run, cases[i].first, "the %s", "first");
		stress_run_error(&run, cases[i].second, "the second");
		TEST_ASSERT(strcmp(test_stdout_end(), "error: the first\nerror: the second\n") == 0, "what is printed");
		TEST_ASSERT_EQUAL(run.errors.status, cases[i].expected, "%d, then %d", cases[i].first, cases[i].second);
		TEST_ASSERT_EQUAL(run.errors.cnt, 2, "errors");
		TEST_ASSERT_EQUAL(strcmp(run.errors.first, "the first"), 0, "first is %s", run.errors.first);
		TEST_ASSERT_EQUAL(
			stress_run_count_error(&run, STRESS_EXIT_CANNOT, "the third"), 2, "how many there were");
		TEST_ASSERT_EQUAL(strcmp(run.errors.first, "the first"), 0, "first is %s", run.errors.first);
		pthread_mutex_destroy(&run.errors.lock);
	}
	return TEST_SUCCESS;
}

/* ---- what the end of a run looks at, each by itself ---- */

static int
one_alloc_more(void)
{
	run.stress.counters[0].allocs++;
	return TEST_SUCCESS;
}

/* Both sides of the tiles' own sum fit, but groove has counted less. */
static int
one_pair_more(void)
{
	run.stress.counters[0].allocs++;
	run.stress.counters[0].frees++;
	return TEST_SUCCESS;
}

/* An object that no slot knows. */
static int
one_object_more(void)
{
	groove_data_t join;

	TEST_ASSERT_NOT_NULL(groove_region_join(run.region, &join, 0), "join");
	TEST_ASSERT_NOT_NULL(groove_data_alloc(&join, 0, 100, 1, NULL), "object");
	TEST_ASSERT_NOT_NULL(groove_region_leave(run.region, &join), "leave");
	return TEST_SUCCESS;
}

/* A join that does not leave: the groove cannot be deleted. */
static int
one_join_more(void)
{
	static groove_data_t join;

	TEST_ASSERT_NOT_NULL(groove_region_join(run.region, &join, 0), "join");
	return TEST_SUCCESS;
}

static int
test_meddled(int (*with)(void), const char *named, const char *verify)
{
	struct outcome outcome;

	tiles_cnt = 1;
	meddle = with;
	test_log_begin();
	RUN_ALL(&outcome, "--volume-cnt", "3", "--alloc-cnt", "500", "--sz-max", "2000");
	test_log_end();
	meddle = NULL;
	TEST_ASSERT_EQUAL(run.errors.status, STRESS_EXIT_MISMATCH, "\"%s\": status, first %s", named, run.errors.first);
	TEST_ASSERT(strncmp(run.errors.first, named, strlen(named)) == 0, "\"%s\", expected \"%s\"", run.errors.first,
		named);
	TEST_ASSERT_EQUAL(strcmp(text_of(outcome.json, "verify"), verify), 0, "\"%s\": verify", named);
	TEST_ASSERT_EQUAL(strcmp(text_of(outcome.json, "result"), "FAIL"), 0, "\"%s\": result", named);
	json_decref(outcome.json);
	return TEST_SUCCESS;
}

/* Each damage has the name by which it is asked for, and is named when it is found. */
static int
test_damage(const char *name, enum stress_inject inject, const char *named, const char *verify)
{
	char option[32];
	struct outcome outcome;

	snprintf(option, sizeof(option), "%s", name);
	tiles_cnt = 2;
	test_log_begin();
	RUN_ALL(&outcome, "--volume-cnt", "3", "--alloc-cnt", "500", "--sz-max", "20000", "--inject", option);
	test_log_end();
	TEST_ASSERT_EQUAL(run.options.inject, inject, "--inject %s", name);
	TEST_ASSERT_EQUAL(strcmp(stress_inject_name(inject), name), 0, "%s", stress_inject_name(inject));
	TEST_ASSERT_EQUAL(run.errors.status, STRESS_EXIT_MISMATCH, "--inject %s: status", name);
	TEST_ASSERT(strncmp(run.errors.first, named, strlen(named)) == 0, "--inject %s: %s", name, run.errors.first);
	TEST_ASSERT_EQUAL(strcmp(text_of(outcome.json, "result"), "FAIL"), 0, "--inject %s: result", name);
	/* whether verify sees a damaged header, too, depends on the bit */
	TEST_ASSERT(
		verify == NULL || strcmp(text_of(outcome.json, "verify"), verify) == 0, "--inject %s: verify", name);
	TEST_ASSERT_EQUAL(strcmp(text_of(outcome.json, "first_error"), run.errors.first), 0, "--inject %s: %s", name,
		text_of(outcome.json, "first_error"));
	json_decref(outcome.json);
	return TEST_SUCCESS;
}

static int
test_stress_figures(void)
{
	TEST_CALL(test_sound_run(1));
	TEST_CALL(test_sound_run(3));
	TEST_CALL(test_one_slot());
	TEST_CALL(test_seed());
	TEST_CALL(test_status());
	TEST_CALL(test_status_of_a_run());
	TEST_CALL(test_meddled(one_alloc_more, "counts differ: ", "pass"));
	TEST_CALL(test_meddled(one_pair_more, "counts differ: ", "pass"));
	TEST_CALL(test_meddled(one_object_more, "leak of an object", "pass"));
	TEST_CALL(test_meddled(one_join_more, "the groove cannot be deleted", "pass"));
	TEST_CALL(test_damage("flip", STRESS_INJECT_FLIP, "pattern of a live object is damaged", "pass"));
	TEST_CALL(test_damage("header", STRESS_INJECT_HEADER, "header of a live object is damaged", NULL));
	TEST_CALL(test_damage("leak", STRESS_INJECT_LEAK, "leak of an object", "pass"));
	return test_damage("double-free", STRESS_INJECT_DOUBLE_FREE, "double free of an object", "pass");
}

GROOVE_TEST(stress_figures_autotest, fast, test_stress_figures);
