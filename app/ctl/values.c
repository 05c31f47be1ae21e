/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "options.h"

#define BOUND_SZ 32

/* A bound of a range, or the whole of it; an empty one is the default. */
static bool
bound_read(const char *text, size_t len, enum app_unit unit, uint64_t *value)
{
	char word[BOUND_SZ];

	if (len == 0)
		return true;
	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	return app_number_read(word, unit, value);
}

/* N, N..M, N.. or ..M */
static int
range_parse(const char *option, const char *text, enum app_unit unit, uint64_t max, struct ctl_range *range)
{
	const char *dots = strstr(text, "..");
	const char *last = dots != NULL ? dots + 2 : text;
	struct ctl_range read = {0, max};
	char most[BOUND_SZ];

	if (text[0] != '\0' && strcmp(text, "..") != 0 &&
		bound_read(text, dots != NULL ? (size_t)(dots - text) : strlen(text), unit, &read.min) &&
		bound_read(last, strlen(last), unit, &read.max) && read.min <= read.max && read.max <= max) {
		*range = read;
		return GROOVE_SUCCESS;
	}
	app_complain("--%s %s: must be a number or a range of them, N..M, N.. or ..M, from 0 to %s", option, text,
		app_number_text(max, unit, most, sizeof(most)));
	return GROOVE_ERR_INVAL;
}

int
ctl_tag_parse(const char *text, void *options)
{
	return range_parse("tag", text, APP_UNIT_NONE, UINT64_MAX, &((struct ctl_options *)options)->tag);
}

int
ctl_sz_parse(const char *text, void *options)
{
	return range_parse(
		"sz", text, APP_UNIT_SZ, GROOVE_DATA_ALLOC_FOOTPRINT_MAX, &((struct ctl_options *)options)->sz);
}

int
ctl_szc_parse(const char *text, void *options)
{
	return range_parse(
		"class", text, APP_UNIT_NONE, GROOVE_DATA_SZC_CNT - 1, &((struct ctl_options *)options)->szc);
}

int
ctl_page_parse(const char *text, void *options)
{
	if (groove_page_parse(text, &((struct ctl_options *)options)->page) == GROOVE_SUCCESS)
		return GROOVE_SUCCESS;
	app_complain("--page-sz %s: must be normal, huge or gigantic", text);
	return GROOVE_ERR_INVAL;
}
