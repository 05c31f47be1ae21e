/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define ALLOC_CNT_DEFAULT 1048576UL
#define ALLOC_CNT_MAX	  (1UL << 62)
#define DURATION_MAX	  (100UL * 366 * 24 * 3600)
#define SLOT_CNT_MAX	  (1UL << 28)
#define SZ_MAX_DEFAULT	  (10UL << 20)
#define CPU_MAX		  INT32_MAX
#define SEED_MAX	  INT64_MAX /* as far as integers go in the JSON result */

static_assert(SZ_MAX_DEFAULT <= STRESS_SZ_MAX, "the default must be a size that an object can have");

void
stress_complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, STRESS_PROGRAM ": ");
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

/* ---- which options there are ---- */

enum option_id {
	OPTION_NAME = 256, /* above what a short option could be */
	OPTION_DRIVER,
	OPTION_VOLUME_CNT,
	OPTION_VOLUME_SZ,
	OPTION_PAGE_SZ,
	OPTION_NEAR_CPU,
	OPTION_ALLOC_CNT,
	OPTION_DURATION,
	OPTION_SZ_MAX,
	OPTION_SLOT_CNT,
	OPTION_SEED,
	OPTION_JSON,
	OPTION_KEEP_GOING,
	OPTION_INJECT,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{"name", required_argument, NULL, OPTION_NAME},
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"volume-cnt", required_argument, NULL, OPTION_VOLUME_CNT},
	{"volume-sz", required_argument, NULL, OPTION_VOLUME_SZ},
	{"page-sz", required_argument, NULL, OPTION_PAGE_SZ},
	{"near-cpu", required_argument, NULL, OPTION_NEAR_CPU},
	{"alloc-cnt", required_argument, NULL, OPTION_ALLOC_CNT},
	{"duration", required_argument, NULL, OPTION_DURATION},
	{"sz-max", required_argument, NULL, OPTION_SZ_MAX},
	{"slot-cnt", required_argument, NULL, OPTION_SLOT_CNT},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"json", required_argument, NULL, OPTION_JSON},
	{"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
	{"inject", required_argument, NULL, OPTION_INJECT},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static const char *
option_name(int id)
{
	for (const struct option *option = long_options; option->name != NULL; option++) {
		if (option->val == id)
			return option->name;
	}
	return "?";
}

bool
stress_option_is(const char *word)
{
	if (strncmp(word, "--", 2) != 0)
		return false;

	const size_t len = strcspn(word + 2, "=");

	for (const struct option *option = long_options; option->name != NULL; option++) {
		if (option->val != OPTION_HELP && strlen(option->name) == len &&
			memcmp(option->name, word + 2, len) == 0)
			return true;
	}
	return false;
}

/* ---- numbers ---- */

/* An option that takes a number. A size takes a suffix, and its range is told with one. */
struct number_option {
	enum option_id id;
	size_t field; /* offset in struct stress_options */
	uint64_t min;
	uint64_t max;
	bool is_sz;
};

#define FIELD(name) offsetof(struct stress_options, name)

static const struct number_option number_options[] = {
	{OPTION_VOLUME_CNT, FIELD(volume_cnt), 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, false},
	{OPTION_VOLUME_SZ, FIELD(volume_sz), GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX, true},
	{OPTION_NEAR_CPU, FIELD(near_cpu), 0, CPU_MAX, false},
	{OPTION_ALLOC_CNT, FIELD(alloc_cnt), 1, ALLOC_CNT_MAX, false},
	{OPTION_DURATION, FIELD(duration_s), 1, DURATION_MAX, false},
	{OPTION_SZ_MAX, FIELD(sz_max), 0, STRESS_SZ_MAX, true},
	{OPTION_SLOT_CNT, FIELD(slot_cnt), 1, SLOT_CNT_MAX, false},
	{OPTION_SEED, FIELD(seed), 0, SEED_MAX, false},
};

static const struct number_option *
number_option(int id)
{
	for (size_t i = 0; i < sizeof(number_options) / sizeof(number_options[0]); i++) {
		if ((int)number_options[i].id == id)
			return &number_options[i];
	}
	return NULL;
}

/* Power of two that a suffix stands for; -1: no suffix of ours. */
static int
suffix_shift(const char *suffix)
{
	static const char letters[] = "KMG";

	if (suffix[0] == '\0')
		return 0;
	for (int i = 0; letters[i] != '\0'; i++) {
		if ((suffix[0] == letters[i] || suffix[0] == letters[i] + ('a' - 'A')) && suffix[1] == '\0')
			return 10 * (i + 1);
	}
	return -1;
}

/* A whole number, decimal or 0x, with K, M or G behind it where that is fine. False: it is none. */
static bool
number_read(const char *text, bool is_sz, uint64_t *value)
{
	const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, is_hex ? 16 : 10);

	const int shift = is_sz ? suffix_shift(end) : (end[0] == '\0' ? 0 : -1);

	if (errno != 0 || shift < 0 || *value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

/* A number as a user would type it. */
static const char *
number_text(uint64_t number, bool is_sz, char *buf, size_t buf_sz)
{
	static const char letters[] = "GMK";

	for (int i = 0; is_sz && number > 0 && letters[i] != '\0'; i++) {
		const int shift = 30 - 10 * i;

		if (number % (1UL << shift) == 0) {
			snprintf(buf, buf_sz, "%" PRIu64 "%c", number >> shift, letters[i]);
			return buf;
		}
	}
	snprintf(buf, buf_sz, "%" PRIu64, number);
	return buf;
}

static int
number_parse(const struct number_option *number, const char *text, struct stress_options *options)
{
	char min[32];
	char max[32];
	uint64_t value;

	if (!number_read(text, number->is_sz, &value) || value < number->min || value > number->max) {
		stress_complain("--%s %s: must be a %s from %s to %s", option_name(number->id), text,
			number->is_sz ? "size (K, M, G)" : "whole number",
			number_text(number->min, number->is_sz, min, sizeof(min)),
			number_text(number->max, number->is_sz, max, sizeof(max)));
		return GROOVE_ERR_INVAL;
	}
	*(uint64_t *)((uint8_t *)options + number->field) = value;
	return GROOVE_SUCCESS;
}

/* ---- words ---- */

static const char *const inject_names[] = {
	[STRESS_INJECT_NONE] = "none",
	[STRESS_INJECT_FLIP] = "flip",
	[STRESS_INJECT_HEADER] = "header",
	[STRESS_INJECT_LEAK] = "leak",
	[STRESS_INJECT_DOUBLE_FREE] = "double-free",
};

const char *
stress_inject_name(enum stress_inject inject)
{
	return inject_names[inject];
}

static int
inject_parse(const char *text, enum stress_inject *inject)
{
	for (size_t i = 1; i < sizeof(inject_names) / sizeof(inject_names[0]); i++) {
		if (strcmp(text, inject_names[i]) == 0) {
			*inject = (enum stress_inject)i;
			return GROOVE_SUCCESS;
		}
	}
	stress_complain("--inject %s: must be flip, header, leak or double-free", text);
	return GROOVE_ERR_INVAL;
}

static int
page_parse(const char *text, enum groove_page *page)
{
	if (groove_page_parse(text, page) == GROOVE_SUCCESS)
		return GROOVE_SUCCESS;
	stress_complain("--page-sz %s: must be normal, huge or gigantic", text);
	return GROOVE_ERR_INVAL;
}

/* A word that may not be empty. */
static int
word_parse(int id, const char *text, const char **word)
{
	if (text[0] == '\0') {
		stress_complain("--%s: needs a value that is not empty", option_name(id));
		return GROOVE_ERR_INVAL;
	}
	*word = text;
	return GROOVE_SUCCESS;
}

/* ---- the command line ---- */

static int
option_parse(int id, const char *text, struct stress_options *options)
{
	const struct number_option *number = number_option(id);

	if (number != NULL)
		return number_parse(number, text, options);
	switch (id) {
	case OPTION_NAME:
		return word_parse(id, text, &options->name);
	case OPTION_DRIVER:
		return word_parse(id, text, &options->driver);
	case OPTION_JSON:
		return word_parse(id, text, &options->json_path);
	case OPTION_PAGE_SZ:
		return page_parse(text, &options->page);
	case OPTION_INJECT:
		return inject_parse(text, &options->inject);
	case OPTION_KEEP_GOING:
		options->keep_going = true;
		return GROOVE_SUCCESS;
	default:
		options->help = true;
		return GROOVE_SUCCESS;
	}
}

/* What getopt_long() did not like: '?' or ':'. */
static int
complain_option(int what, const char *word)
{
	if (what == ':')
		stress_complain("%s: needs a value, see --help", word);
	else if (optopt >= OPTION_NAME)
		stress_complain("%s: takes no value", word);
	else
		stress_complain("%s: no such option, see --help", word);
	return GROOVE_ERR_INVAL;
}

/* What no option alone can tell. */
static int
check_together(const struct stress_options *options)
{
	const uint64_t volume_max = GROOVE_VOLUME_REACH / options->volume_sz;
	char sz[32];

	number_text(options->volume_sz, true, sz, sizeof(sz));
	if ((options->volume_sz & (options->volume_sz - 1)) != 0) {
		stress_complain("--volume-sz %s: must be a power of two: 32M, 64M, ... 1G", sz);
		return GROOVE_ERR_INVAL;
	}
	if (options->volume_cnt > volume_max) {
		stress_complain("--volume-cnt %" PRIu64 ": at most %" PRIu64 " of %s, a groove spans 2 TiB",
			options->volume_cnt, volume_max, sz);
		return GROOVE_ERR_INVAL;
	}
	if (options->alloc_cnt > 0 && options->duration_s > 0) {
		stress_complain("--alloc-cnt %" PRIu64 " and --duration %" PRIu64 ": leave one of them out",
			options->alloc_cnt, options->duration_s);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

static int
check_name(const struct stress_options *options)
{
	if (options->name == NULL)
		return GROOVE_SUCCESS;
	stress_complain("--name %s: grooves are private to their process here and have no names, leave --name out",
		options->name);
	return GROOVE_ERR_INVAL;
}

static int
options_check(struct stress_options *options)
{
	int err = check_together(options);

	if (err == GROOVE_SUCCESS)
		err = check_name(options);
	if (options->duration_s == 0 && options->alloc_cnt == 0)
		options->alloc_cnt = ALLOC_CNT_DEFAULT;
	return err;
}

int
stress_options_parse(int argc, char **argv, struct stress_options *options)
{
	int id;

	*options = (struct stress_options){
		.driver = "memzone",
		.volume_cnt = 1,
		.volume_sz = GROOVE_VOLUME_FOOTPRINT,
		.page = GROOVE_PAGE_ANY,
		.near_cpu = STRESS_CPU_NONE,
		.sz_max = SZ_MAX_DEFAULT,
		.slot_cnt = 8192,
	};
	optind = 0; /* EAL's parser may have run */
	while ((id = getopt_long(argc, argv, "+:", long_options, NULL)) != -1) {
		if (id == '?' || id == ':')
			return complain_option(id, argv[optind - 1]);
		if (option_parse(id, optarg, options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (optind < argc) {
		stress_complain("%s: not an option, see --help", argv[optind]);
		return GROOVE_ERR_INVAL;
	}
	return options->help ? GROOVE_SUCCESS : options_check(options);
}
