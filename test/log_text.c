/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <string.h>

#include <rte_log.h>

#include "log_text.h"

static char text[4096];
static FILE *stream;

void
log_text_begin(void)
{
	memset(text, 0, sizeof(text));
	stream = fmemopen(text, sizeof(text) - 1, "w");
	if (stream != NULL)
		rte_openlog_stream(stream);
}

const char *
log_text_end(void)
{
	if (stream != NULL) {
		rte_openlog_stream(NULL);
		fclose(stream);
		stream = NULL;
	}
	return text;
}

bool
log_text_is_line(const char *logged, const char *const *words)
{
	const char *end = strchr(logged, '\n');
	bool good = end != NULL && end[1] == '\0';

	if (!good)
		fprintf(stderr, "not one line was logged but \"%s\"\n", logged);
	for (; *words != NULL; words++) {
		if (strstr(logged, *words) == NULL) {
			fprintf(stderr, "no \"%s\" in \"%s\"\n", *words, logged);
			good = false;
		}
	}
	return good;
}
