/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

struct app_text
app_text_count(uint64_t count)
{
	struct app_text digits;
	struct app_text text;
	const int len = snprintf(digits.s, sizeof(digits.s), "%" PRIu64, count);
	size_t out = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text.s[out++] = ',';
		text.s[out++] = digits.s[i];
	}
	text.s[out] = '\0';
	return text;
}

struct app_text
app_text_count_in(uint64_t count, unsigned int columns)
{
	static const char letters[] = "kMGTPE";
	struct app_text text = app_text_count(count);

	for (size_t i = 0; strlen(text.s) > columns && i < sizeof(letters) - 1; i++) {
		const struct app_text digits = app_text_count(count /= 1000);

		snprintf(text.s, sizeof(text.s), "%.*s%c", (int)sizeof(text.s) - 2, digits.s, letters[i]);
	}
	return text;
}

struct app_text
app_text_bytes(uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	const size_t last = sizeof(units) / sizeof(units[0]) - 1;
	struct app_text text;
	size_t unit = 0;

	while (unit < last && bytes >> (10 * (unit + 1)) > 0)
		unit++;

	const uint64_t scale = 1UL << (10 * unit);

	snprintf(text.s, sizeof(text.s), "%.*f %s", bytes % scale != 0, (double)bytes / (double)scale, units[unit]);
	return text;
}

struct app_text
app_text_rate(double per_s)
{
	struct app_text text;

	if (per_s >= 1e6)
		snprintf(text.s, sizeof(text.s), "%.2f M", per_s / 1e6);
	else if (per_s >= 1e3)
		snprintf(text.s, sizeof(text.s), "%.1f k", per_s / 1e3);
	else
		snprintf(text.s, sizeof(text.s), "%.1f", per_s);
	return text;
}

struct app_text
app_text_time(uint64_t seconds)
{
	struct app_text text;

	if (seconds >= 3600)
		snprintf(text.s, sizeof(text.s), "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600,
			seconds / 60 % 60, seconds % 60);
	else
		snprintf(text.s, sizeof(text.s), "%" PRIu64 ":%02" PRIu64, seconds / 60, seconds % 60);
	return text;
}
