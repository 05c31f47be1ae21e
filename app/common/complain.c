/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "complain.h"
#include "plain.h"
#include "wrap.h"

#define TEXT_SZ 1024

/* A program complains of what came first; the rest follows from it. */
static char first[TEXT_SZ];

const char *
app_complaint(void)
{
	return first;
}

static void
say(const char *text)
{
	char line[TEXT_SZ + 64];

	snprintf(line, sizeof(line), "%s: %s\n", program_invocation_short_name, text);
	app_plain(line);
	if (isatty(STDERR_FILENO))
		app_wrap(stderr, line, app_wrap_width(STDERR_FILENO));
	else
		fputs(line, stderr);
}

void
app_complain(const char *fmt, ...)
{
	char text[TEXT_SZ];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (first[0] == '\0')
		snprintf(first, sizeof(first), "%s", text);
	say(text);
}

void
app_warn(const char *fmt, ...)
{
	char text[TEXT_SZ];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say(text);
}
