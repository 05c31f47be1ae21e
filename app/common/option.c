/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <groove_base.h>

#include "complain.h"
#include "option.h"

/* ---- options ---- */

const char *
app_option_name(const struct option *options, int id)
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

int
app_option_complain(int what, const char *word)
{
	if (what == ':')
		app_complain("%s: needs a value, see --help", word);
	else if (optopt >= APP_OPTION_FIRST)
		app_complain("%s: takes no value", word);
	else
		app_complain("%s: no such option, see --help", word);
	return GROOVE_ERR_INVAL;
}

int
app_word_parse(const char *name, const char *text, const char **word)
{
	if (text[0] == '\0') {
		app_complain("--%s: needs a value that is not empty", name);
		return GROOVE_ERR_INVAL;
	}
	*word = text;
	return GROOVE_SUCCESS;
}

/* ---- numbers ---- */

const struct app_number *
app_number_find(const struct app_number *numbers, size_t cnt, int id)
{
	for (size_t i = 0; i < cnt; i++) {
		if (numbers[i].id == id)
			return &numbers[i];
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

int
app_number_parse(const struct app_number *number, const char *name, const char *text, void *options)
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
