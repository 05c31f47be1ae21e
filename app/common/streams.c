/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "complain.h"
#include "streams.h"
#include "wrap.h"

#define LINE_SZ 2048 /* a longer one is broken there */

/* Files opened later would get the free numbers, and the result would be written into them. */
static void
fill(int fd)
{
	/* For the other direction, so that its use is an error. open() returns the lowest free number: this one. */
	if (fcntl(fd, F_GETFD) < 0)
		open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* ---- a terminal ---- */

/* Lines that are being written to a terminal. There is one standard output. Guarded by the lock of the stream. */
static struct {
	FILE *stream; /* as it was */
	char line[LINE_SZ];
	size_t len;
} terminal;

static void
line_end(void)
{
	terminal.line[terminal.len] = '\0';
	app_wrap(terminal.stream, terminal.line, app_wrap_width(STDOUT_FILENO));
	terminal.len = 0;
}

/* Break lines that are wider than the terminal. A live line, which starts at its first column anew, has its width. */
static ssize_t
terminal_write(void *cookie, const char *text, size_t sz)
{
	(void)cookie;
	for (size_t i = 0; i < sz; i++) {
		if (terminal.len == LINE_SZ - 1)
			line_end();
		terminal.line[terminal.len++] = text[i];
		if (text[i] == '\n')
			line_end();
	}
	if (terminal.len > 0 && terminal.line[0] == '\r') {
		fwrite(terminal.line, 1, terminal.len, terminal.stream);
		terminal.len = 0;
	}
	return fflush(terminal.stream) == 0 ? (ssize_t)sz : 0;
}

static void
terminal_open(void)
{
	const cookie_io_functions_t calls = {.write = terminal_write};
	FILE *stream = fopencookie(NULL, "w", calls);

	if (stream == NULL)
		return;
	terminal.stream = stdout;
	stdout = stream;
}

/* ---- all ---- */

void
app_streams_open(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	fill(STDIN_FILENO);
	fill(STDOUT_FILENO);
	fill(STDERR_FILENO);
	sigaction(SIGPIPE, &ignore, NULL);
	if (isatty(STDOUT_FILENO))
		terminal_open();
	setvbuf(stdout, NULL, _IOLBF, 0);
}

int
app_streams_close(int status)
{
	const int failed = fflush(stdout);

	if (failed == 0 && !ferror(stdout))
		return status;
	app_complain("standard output: cannot be written in full, the result is lost; give it a file or a reader");
	return status == EXIT_SUCCESS ? EXIT_FAILURE : status;
}
