/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_volume.h>

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
		if (strcmp(option->name, "help") != 0 && strlen(option->name) == len &&
			memcmp(option->name, word + 2, len) == 0)
			return true;
	}
	return false;
}

/* ---- numbers ---- */

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

const char *
app_number_text(uint64_t number, bool is_sz, char *buf, size_t buf_sz)
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

/* Read a number into the program's options, or complain, with its range. */
static int
number_parse(const struct app_number *number, const char *name, const char *text, void *options)
{
	char min[32];
	char max[32];
	uint64_t value;

	if (!number_read(text, number->is_sz, &value) || value < number->min || value > number->max) {
		app_complain("--%s %s: must be a %s from %s to %s", name, text,
			number->is_sz ? "size (K, M, G)" : "whole number",
			app_number_text(number->min, number->is_sz, min, sizeof(min)),
			app_number_text(number->max, number->is_sz, max, sizeof(max)));
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
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? "," : "", list->name(i));
	app_complain("--%s %.*s: there is none of that name, take of %s", list->option, (int)len, word, names);
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
app_volumes_check(uint64_t volume_sz, uint64_t volume_cnt)
{
	const uint64_t volume_max = GROOVE_VOLUME_REACH / volume_sz;
	char sz[32];

	app_number_text(volume_sz, true, sz, sizeof(sz));
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
	return set->parse(id, text, options);
}

int
app_options_parse(const struct app_options *set, int argc, char **argv, void *options)
{
	int id;

	optind = 0; /* EAL's parser may have run */
	while ((id = getopt_long(argc, argv, "+:", set->long_options, NULL)) != -1) {
		if (id == '?' || id == ':')
			return option_complain(id, argv[optind - 1]);
		if (option_parse(set, id, optarg, options) != GROOVE_SUCCESS)
			return GROOVE_ERR_INVAL;
	}
	if (optind < argc) {
		app_complain("%s: not an option, see --help", argv[optind]);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}
