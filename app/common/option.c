/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
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

static const char *
option_name(const struct option *options, int id)
{
	for (const struct option *option = options; option->name != NULL; option++) {
		if (option->val == id)
			return option->name;
	}
	return "?";
}

bool
app_option_is(const struct option *options, const char *word)
{
	if (strncmp(word, "--", 2) != 0)
		return false;

	const size_t len = strcspn(word + 2, "=");

	for (const struct option *option = options; option->name != NULL; option++) {
		if (option->val != APP_OPTION_HELP && option->val != APP_OPTION_VERSION &&
			strlen(option->name) == len && memcmp(option->name, word + 2, len) == 0)
			return true;
	}
	return false;
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

/* A whole number, decimal or 0x, with a suffix of its unit. False: it is none. */
static bool
number_read(const char *text, enum app_unit unit, uint64_t *value)
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

/* Read a number into the program's options, or complain, with its range. */
static int
number_parse(const struct app_number *number, const char *name, const char *text, void *options)
{
	char min[32];
	char max[32];
	uint64_t value;

	if (!number_read(text, number->unit, &value) || value < number->min || value > number->max) {
		app_complain("--%s %s: must be a %s from %s to %s", name, text, units[number->unit].what,
			app_number_text(number->min, number->unit, min, sizeof(min)),
			app_number_text(number->max, number->unit, max, sizeof(max)));
		return GROOVE_ERR_INVAL;
	}
	*(uint64_t *)((uint8_t *)options + number->field) = value;
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

/* Print what getopt_long() did not like, '?' or ':', of a word. */
static int
option_complain(int what, const char *word)
{
	if (what == ':')
		app_complain("%s: needs a value, see --help", word);
	else if (optopt >= APP_OPTION_FIRST)
		app_complain("%s: takes no value", word);
	else
		app_complain("%s: no such option, see --help", word);
	return GROOVE_ERR_INVAL;
}

static int
word_parse(const char *name, const char *text, const char **word)
{
	if (text[0] == '\0') {
		app_complain("--%s: needs a value that is not empty", name);
		return GROOVE_ERR_INVAL;
	}
	*word = text;
	return GROOVE_SUCCESS;
}

static int
option_parse(const struct app_options *set, int id, const char *text, void *options)
{
	for (size_t i = 0; i < set->number_cnt; i++) {
		if (set->numbers[i].id == id)
			return number_parse(&set->numbers[i], option_name(set->long_options, id), text, options);
	}
	for (size_t i = 0; i < set->word_cnt; i++) {
		if (set->words[i].id == id)
			return word_parse(option_name(set->long_options, id), text,
				(const char **)((uint8_t *)options + set->words[i].field));
	}
	for (size_t i = 0; i < set->flag_cnt; i++) {
		if (set->flags[i].id == id) {
			*(bool *)((uint8_t *)options + set->flags[i].field) = true;
			return GROOVE_SUCCESS;
		}
	}
	return set->parse(id, text, options);
}

int
app_options_parse(const struct app_options *set, int argc, char **argv, void *options)
{
	const char *short_options = set->rest != NULL ? ":h" : "+:h";
	int id;

	optind = 0; /* EAL's parser may have run */
	while ((id = getopt_long(argc, argv, short_options, set->long_options, NULL)) != -1) {
		if (id == '?' || id == ':')
			return option_complain(id, argv[optind - 1]);
		if (option_parse(set, id, optarg, options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (set->rest != NULL)
		return set->rest(argc - optind, argv + optind, options);
	if (optind < argc) {
		app_complain("%s: not an option, see --help", argv[optind]);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}
