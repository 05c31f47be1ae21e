/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "detour.h"

/* Returns a second descriptor of where fd went, or -1: it still goes there. */
static int
turn_off(int fd, int target)
{
	const int before = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (before >= 0)
		dup2(target, fd);
	return before;
}

static void
turn_back(int fd, int before)
{
	if (before < 0)
		return;
	dup2(before, fd);
	close(before);
}

void
app_detour_begin(struct app_detour *detour, bool keep_err)
{
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	fflush(stdout);
	if (nowhere >= 0) {
		detour->out = turn_off(STDOUT_FILENO, nowhere);
		close(nowhere);
	}
	detour->log = keep_err ? memfd_create("stderr", MFD_CLOEXEC) : -1;
	if (detour->log >= 0)
		detour->err = turn_off(STDERR_FILENO, detour->log);
}

const char *
app_detour_line(const struct app_detour *detour, bool (*pass_over)(const char *line), char *line, size_t line_sz)
{
	off_t at = 0;
	ssize_t len;

	while (detour->log >= 0 && (len = pread(detour->log, line, line_sz - 1, at)) > 0) {
		line[len] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (pass_over == NULL || !pass_over(line))
			return line;
		at += (off_t)strlen(line) + 1;
	}
	line[0] = '\0';
	return line;
}

static void
show_log(int log)
{
	char part[1024];
	off_t at = 0;
	ssize_t len;

	while ((len = pread(log, part, sizeof(part), at)) > 0) {
		fwrite(part, 1, (size_t)len, stderr);
		at += len;
	}
}

void
app_detour_end(struct app_detour *detour, bool show)
{
	fflush(stdout); /* what was written meanwhile is not to be seen later */
	turn_back(STDOUT_FILENO, detour->out);
	turn_back(STDERR_FILENO, detour->err);
	if (detour->log < 0)
		return;
	if (show)
		show_log(detour->log);
	close(detour->log);
}
