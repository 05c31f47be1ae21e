/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Options: an input is a command line of groove-stress or groove-perf, one word a line after a first byte that says of
 * which. It is read, or refused in one message; what was read is in range, and numbers are what an independent reading
 * says.
 */

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../app/perf/options.h"
#include "../../app/stress/options.h"
#include "eal.h"
#include "fuzz.h"
#include "option.h"
#include "text.h"

#define WORD_MAX 32

static unsigned int complaint_cnt;

/* In place of the programs' own, which prints. */
void __wrap_app_complain(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

void
__wrap_app_complain(const char *fmt, ...)
{
	char text[4096];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	FUZZ_CHECK(len > 0 && fmt[strlen(fmt) - 1] != '\n', "complaint \"%s\"", text);
	complaint_cnt++;
}

/* ---- the command line ---- */

struct line {
	int argc;
	char *argv[WORD_MAX + 1];
};

/* Each word in memory of its own, so that nothing can be read after it. */
static struct line
line_make(const uint8_t *bytes, size_t sz)
{
	struct line line = {0};

	line.argv[line.argc++] = strdup("--");
	while (sz > 0 && line.argc < WORD_MAX) {
		const uint8_t *end = memchr(bytes, '\n', sz);
		const size_t len = end != NULL ? (size_t)(end - bytes) : sz;

		line.argv[line.argc++] = strndup((const char *)bytes, len);
		bytes += len + (end != NULL);
		sz -= len + (end != NULL);
	}
	return line;
}

static void
line_drop(struct line *line)
{
	for (int i = 0; i < line->argc; i++)
		free(line->argv[i]);
}

/* ---- an independent reading ---- */

/* The last value of an option, on a line of nothing but options by their full names with values; NULL: unknown. */
static const char *
last_value(const struct line *line, const struct app_option *table, const char *name)
{
	const size_t len = strlen(name);
	const char *value = NULL;

	for (int i = 1; i < line->argc; i++) {
		if (!app_option_is(table, line->argv[i]) || strchr(line->argv[i], '=') == NULL)
			return NULL;
		if (strncmp(line->argv[i] + 2, name, len) == 0 && line->argv[i][2 + len] == '=')
			value = line->argv[i] + 2 + len + 1;
	}
	return value;
}

/* A size by long arithmetic: digits, then a letter. */
static __uint128_t
size_read(const char *text)
{
	static const char letters[] = "kmg";
	__uint128_t number = 0;

	for (; isdigit((unsigned char)*text) && number < (__uint128_t)1 << 64; text++)
		number = 10 * number + (unsigned int)(*text - '0');
	if (*text == '\0')
		return number;

	const char *letter = strchr(letters, tolower((unsigned char)*text));

	FUZZ_CHECK(letter != NULL && text[1] == '\0', "suffix %s was read", text);
	return number << 10 * (letter - letters + 1);
}

static void
check_number(const struct line *line, const struct app_option *table, const char *name, uint64_t value)
{
	const char *text = last_value(line, table, name);

	if (text != NULL && (text[0] != '0' || tolower((unsigned char)text[1]) != 'x'))
		FUZZ_CHECK(size_read(text) == value, "--%s %s was read as %lu", name, text, value);
}

/* ---- the programs ---- */

static void
check_volumes(uint64_t volume_sz, uint64_t volume_cnt)
{
	FUZZ_CHECK(volume_sz >= GROOVE_VOLUME_FOOTPRINT_MIN && volume_sz <= GROOVE_VOLUME_FOOTPRINT_MAX &&
			   (volume_sz & (volume_sz - 1)) == 0 && volume_cnt > 0 &&
			   volume_cnt <= GROOVE_VOLUME_REACH / volume_sz,
		"%lu volumes of %lu", volume_cnt, volume_sz);
}

/* A number of groove-stress, or what stands for one that was not given. */
static uint64_t
given(const struct stress_options *options, uint64_t value, uint64_t otherwise)
{
	return options->name != NULL && value == STRESS_NOT_GIVEN ? otherwise : value;
}

static int
run_stress(struct line *line)
{
	struct stress_options options;
	const int err = stress_options_parse(line->argc, line->argv, &options);

	if (err != GROOVE_SUCCESS || options.help)
		return err;
	/* What is not given for a groove with a name is the groove's. */
	check_volumes(
		given(&options, options.volume_sz, GROOVE_VOLUME_FOOTPRINT), given(&options, options.volume_cnt, 1));
	FUZZ_CHECK(given(&options, options.sz_max, 0) <= STRESS_SZ_MAX && options.seed <= INT64_MAX &&
			   options.slot_cnt > 0 && (options.alloc_cnt == 0) != (options.duration_s == 0),
		"%lu bytes, seed %lu, %lu slots, %lu allocs, %lu s", options.sz_max, options.seed, options.slot_cnt,
		options.alloc_cnt, options.duration_s);
	FUZZ_CHECK(options.driver[0] != '\0' && (options.json_path == NULL || options.json_path[0] != '\0'), "words");
	FUZZ_CHECK(
		options.page >= GROOVE_PAGE_ANY && options.page <= GROOVE_PAGE_GIGANTIC, "page %d", (int)options.page);
	FUZZ_CHECK(stress_inject_name(options.inject) != NULL, "inject %d", (int)options.inject);
	check_number(line, stress_option_table, "seed", options.seed);
	check_number(line, stress_option_table, "sz-max", options.sz_max);
	check_number(line, stress_option_table, "volume-sz", options.volume_sz);
	return err;
}

static int
run_perf(struct line *line)
{
	struct perf_options options;
	const int err = perf_options_parse(line->argc, line->argv, &options);

	if (err != GROOVE_SUCCESS || options.help)
		return err;
	check_volumes(options.volume_sz, options.volume_cnt);
	FUZZ_CHECK(options.reps > 0 && options.rep_ms > 0 && options.fill_s > 0 && options.seed <= INT64_MAX,
		"%lu times %lu ms, %lu s, seed %lu", options.reps, options.rep_ms, options.fill_s, options.seed);
	FUZZ_CHECK(options.serve == NULL || perf_allocator_named(options.serve) != NULL, "serve %s", options.serve);
	check_number(line, perf_option_table, "reps", options.reps);
	check_number(line, perf_option_table, "sz-max", options.sz_max);
	return err;
}

/* What stands before the "--" is EAL's. */
static void
run_split(struct line *line)
{
	const int split = app_eal_argc(line->argc, line->argv);

	FUZZ_CHECK(split > 0 && split <= line->argc, "split at %d of %d", split, line->argc);
	for (int i = 0; i < line->argc; i++)
		FUZZ_CHECK(!app_option_is(stress_option_table, line->argv[i]) || strncmp(line->argv[i], "--", 2) == 0,
			"option %s", line->argv[i]);
}

/* Numbers as the programs print them, and read them again. */
static void
run_text(uint64_t number)
{
	char text[32];
	double rate;

	memcpy(&rate, &number, sizeof(rate));
	app_number_text(number, APP_UNIT_SZ, text, sizeof(text));
	FUZZ_CHECK(size_read(text) == number, "%lu as %s", number, text);
	FUZZ_CHECK(strlen(app_text_count(number).s) >= 1 && strlen(app_text_bytes(number).s) >= 5 &&
			   strlen(app_text_time(number).s) >= 4 && strlen(app_text_rate(rate).s) >= 3,
		"texts of %lu", number);
}

/* ---- the fuzzer ---- */

void
fuzz_setup(void)
{
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t sz)
{
	struct fuzz_input number = {bytes, sz};
	struct line line;
	int err;

	if (sz == 0)
		return 0;
	run_text(fuzz_take(&number, 8));
	line = line_make(bytes + 1, sz - 1);
	run_split(&line);
	complaint_cnt = 0;
	err = bytes[0] % 2 == 0 ? run_stress(&line) : run_perf(&line);
	FUZZ_CHECK(err == GROOVE_SUCCESS || err == GROOVE_ERR_INVAL, "parse: %d", err);
	FUZZ_CHECK(complaint_cnt == (err != GROOVE_SUCCESS), "%u complaints, %d", complaint_cnt, err);
	line_drop(&line);
	return 0;
}

#define TEXT_SEED(seed_name, text)                                                                                     \
	{                                                                                                              \
		seed_name, (const uint8_t *)(text), sizeof(text) - 1                                                   \
	}

const struct fuzz_seed fuzz_seeds[] = {
	TEXT_SEED("stress",
		"0--driver\nmemfd\n--volume-cnt=3\n--volume-sz\n32M\n--page-sz=huge\n--near-cpu\n0\n"
		"--alloc-cnt\n100\n--sz-max\n64K\n--slot-cnt=7\n--seed\n0x10\n--json\n/tmp/x\n--keep-going\n"
		"--inject\nflip"),
	TEXT_SEED("stress_time", "0--duration=10\n--name=x\n--help"),
	TEXT_SEED("perf",
		"1--workload\nchurn,burst\n--allocator=groove,glibc\n--sizes\nmain64k\n--sz-max\n4K\n--reps=3\n"
		"--rep-ms\n10\n--fill-s=2\n--volume-cnt\n2\n--volume-sz=1g\n--seed=1\n--json=a\n--plot=b"),
	TEXT_SEED("perf_serve", "1--serve=groove"),
	TEXT_SEED("sizes", "0--volume-sz=1G\n--sz-max=10240k\n--seed=18446744073709551616"),
	TEXT_SEED("bad", "1--workload=,\n--reps=-1\n--\n-x\n--json="),
};
const size_t fuzz_seed_cnt = sizeof(fuzz_seeds) / sizeof(fuzz_seeds[0]);
