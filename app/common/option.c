/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <groove_volume.h>
#include <rte_common.h>

#include "complain.h"
#include "option.h"

#define NAMES_MAX 256

/* ---- options ---- */

bool
app_option_is(const struct app_option *table, const char *word)
{
	if (strncmp(word, "--", 2) != 0)
		return false;

	const size_t len = strcspn(word + 2, "=");

	for (const struct app_option *option = table; option->name != NULL; option++) {
		if (strlen(option->name) == len && memcmp(option->name, word + 2, len) == 0)
			return strcmp(option->name, "help") != 0 && strcmp(option->name, "version") != 0;
	}
	return false;
}

void
app_options_print(const struct app_option *table)
{
	for (; table->name != NULL; table++)
		printf("--%s\n", table->name);
}

/* ---- numbers ---- */

/* What may come after the digits: the largest first, so that a number is printed with the largest that divides it. */
struct suffix {
	const char *text;
	uint64_t factor;
};

static const struct suffix sz_suffixes[] = {{"G", 1UL << 30}, {"M", 1UL << 20}, {"K", 1UL << 10}, {"", 1}, {NULL, 0}};
static const struct suffix s_suffixes[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"", 1}, {NULL, 0}};
static const struct suffix ms_suffixes[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {"", 1}, {NULL, 0}};
static const struct suffix no_suffixes[] = {{"", 1}, {NULL, 0}};

struct unit {
	const char *what;
	const struct suffix *suffixes;
};

static const struct unit units[] = {
	[APP_UNIT_NONE] = {"whole number", no_suffixes},
	[APP_UNIT_SZ] = {"size (K, M, G)", sz_suffixes},
	[APP_UNIT_S] = {"time (s, m, h, d)", s_suffixes},
	[APP_UNIT_MS] = {"time (ms, s, m, h)", ms_suffixes},
};

/* A factor; 0: there is no such suffix. */
static uint64_t
suffix_factor(enum app_unit unit, const char *text)
{
	const struct suffix *suffix = units[unit].suffixes;

	while (suffix->text != NULL && strcasecmp(suffix->text, text) != 0)
		suffix++;
	return suffix->factor;
}

bool
app_number_read(const char *text, enum app_unit unit, uint64_t *value)
{
	const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint64_t factor;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, is_hex ? 16 : 10);
	factor = suffix_factor(unit, end);
	if (errno != 0 || factor == 0 || *value > UINT64_MAX / factor)
		return false;
	*value *= factor;
	return true;
}

const char *
app_number_text(uint64_t number, enum app_unit unit, char *buf, size_t buf_sz)
{
	const struct suffix *suffix = units[unit].suffixes;

	while (suffix->factor > 1 && (number == 0 || number % suffix->factor != 0))
		suffix++;
	snprintf(buf, buf_sz, "%" PRIu64 "%s", number / suffix->factor, suffix->text);
	return buf;
}

/* Read a number, or complain, with its range. */
static int
number_parse(const struct app_option *option, const char *text, uint64_t *number)
{
	char min[32];
	char max[32];
	uint64_t value;

	if (!app_number_read(text, option->unit, &value) || value < option->min || value > option->max) {
		app_complain("--%s %s: must be a %s from %s to %s", option->name, text, units[option->unit].what,
			app_number_text(option->min, option->unit, min, sizeof(min)),
			app_number_text(option->max, option->unit, max, sizeof(max)));
		return GROOVE_ERR_INVAL;
	}
	*number = value;
	return GROOVE_SUCCESS;
}

/* ---- lists of names ---- */

static int
list_complain(const struct app_list *list, const char *word, size_t len)
{
	char names[NAMES_MAX] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < list->cnt && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "", list->name(i));
	app_complain("--%s %.*s: no such name, take one or more of %s", list->option, (int)len, word, names);
	return GROOVE_ERR_INVAL;
}

static int
list_word(const struct app_list *list, const char *word, size_t len)
{
	for (unsigned int i = 0; i < list->cnt; i++) {
		if (strlen(list->name(i)) == len && memcmp(list->name(i), word, len) == 0) {
			list->chosen[i] = true;
			return GROOVE_SUCCESS;
		}
	}
	return list_complain(list, word, len);
}

int
app_list_parse(const struct app_list *list, const char *text)
{
	const char *word = text;

	memset(list->chosen, 0, list->cnt * sizeof(*list->chosen));
	for (;;) {
		const size_t len = strcspn(word, ",");
		const int err = list_word(list, word, len);

		if (err != GROOVE_SUCCESS || word[len] == '\0')
			return err;
		word += len + 1;
	}
}

/* ---- volumes ---- */

int
app_dir_check(const char *driver, const char *dir)
{
	static const char *const without[] = {"memfd", "memzone"};

	for (size_t i = 0; dir != NULL && driver != NULL && i < RTE_DIM(without); i++) {
		if (strcmp(driver, without[i]) == 0) {
			app_complain("--dir %s: driver %s makes no files, leave it out or take --driver file or "
				     "hugetlbfs",
				dir, driver);
			return GROOVE_ERR_INVAL;
		}
	}
	return GROOVE_SUCCESS;
}

int
app_volumes_check(uint64_t volume_sz, uint64_t volume_cnt)
{
	const uint64_t volume_max = GROOVE_VOLUME_REACH / volume_sz;
	char sz[32];

	app_number_text(volume_sz, APP_UNIT_SZ, sz, sizeof(sz));
	if ((volume_sz & (volume_sz - 1)) != 0) {
		app_complain("--volume-sz %s: must be a power of two: 32M, 64M, ... 1G", sz);
		return GROOVE_ERR_INVAL;
	}
	if (volume_cnt > volume_max) {
		app_complain("--volume-cnt %" PRIu64 ": at most %" PRIu64 " of %s, a groove spans 2 TiB", volume_cnt,
			volume_max, sz);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

/* ---- the command line ---- */

/* Values of options, as getopt_long() has them: above what a short option could be. */
#define FIRST 256

/* Print what getopt_long() did not like, '?' or ':', of a word. */
static int
option_complain(int what, const char *word)
{
	if (what == ':')
		app_complain("%s: needs a value, see --help", word);
	else if (optopt >= FIRST)
		app_complain("%s: takes no value", word);
	else
		app_complain("%s: no such option, see --help", word);
	return GROOVE_ERR_INVAL;
}

static int
word_parse(const struct app_option *option, const char *text, const char **word)
{
	if (text[0] == '\0') {
		app_complain("--%s: needs a value that is not empty", option->name);
		return GROOVE_ERR_INVAL;
	}
	*word = text;
	return GROOVE_SUCCESS;
}

static int
option_parse(const struct app_option *option, const char *text, void *options)
{
	void *field = (uint8_t *)options + option->field;

	switch (option->takes) {
	case APP_TAKES_NUMBER:
		return number_parse(option, text, field);
	case APP_TAKES_WORD:
		return word_parse(option, text, field);
	case APP_TAKES_NOTHING:
		*(bool *)field = true;
		return GROOVE_SUCCESS;
	default:
		return option->parse(text, options);
	}
}

/* The table for getopt_long(). */
static void
long_options_make(const struct app_option *table, struct option long_options[APP_OPTION_MAX + 1])
{
	int cnt = 0;

	for (; table[cnt].name != NULL && cnt < APP_OPTION_MAX; cnt++)
		long_options[cnt] = (struct option){
			.name = table[cnt].name,
			.has_arg = table[cnt].takes == APP_TAKES_NOTHING ? no_argument : required_argument,
			.val = FIRST + cnt,
		};
	long_options[cnt] = (struct option){0};
}

static const struct app_option *
option_named(const struct app_option *table, const char *name)
{
	while (table->name != NULL && strcmp(table->name, name) != 0)
		table++;
	return table->name != NULL ? table : NULL;
}

static const struct app_option *
option_of(const struct app_option *table, int val)
{
	return val >= FIRST ? &table[val - FIRST] : option_named(table, val == 'o' ? "output" : "help");
}

/* Short options for getopt_long(): which of them the table has. alone: no other words may stand between. */
static const char *
short_options_of(const struct app_option *table, bool alone)
{
	if (option_named(table, "output") != NULL)
		return alone ? "+:ho:" : ":ho:";
	return alone ? "+:h" : ":h";
}

int
app_options_parse(const struct app_option *table, app_rest_fn rest, int argc, char **argv, void *options)
{
	const char *short_options = short_options_of(table, rest == NULL);
	struct option long_options[APP_OPTION_MAX + 1];
	int val;

	long_options_make(table, long_options);
	optind = 0; /* EAL's parser may have run */
	while ((val = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (val == '?' || val == ':')
			return option_complain(val, argv[optind - 1]);
		if (option_parse(option_of(table, val), optarg, options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (rest != NULL)
		return rest(argc - optind, argv + optind, options);
	if (optind < argc) {
		app_complain("%s: not an option, see --help", argv[optind]);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}
