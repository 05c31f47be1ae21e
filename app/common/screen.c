/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdio.h>
#include <unistd.h>

#include "screen.h"
#include "wrap.h"

/* There is one standard output, and so one cursor. Guarded by the lock of stdout. */
static bool live_line;

/* Of a line that leaves the cursor in it, as the terminal is now: it may have been resized. */
static int
live_width(void)
{
	return (int)app_wrap_width(STDOUT_FILENO) - 1;
}

bool
app_screen_is_live(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

void
app_screen_live(const char *line)
{
	flockfile(stdout);
	if (app_screen_is_live()) {
		const int width = live_width();

		printf("\r%-*.*s", width, width, line);
		live_line = true;
	} else {
		printf("%s\n", line);
	}
	fflush(stdout);
	funlockfile(stdout);
}

void
app_screen_live_end(void)
{
	flockfile(stdout);
	if (live_line)
		putchar('\n');
	live_line = false;
	fflush(stdout);
	funlockfile(stdout);
}

void
app_screen_print(const char *text)
{
	flockfile(stdout);
	if (live_line)
		printf("\r%*s\r", live_width(), "");
	live_line = false;
	fputs(text, stdout);
	fflush(stdout);
	funlockfile(stdout);
}
