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

/* Files opened later would get the free numbers, and the result would be written into them. */
static void
fill(int fd)
{
	/* For the other direction, so that its use is an error. open() answers the lowest free number: this one. */
	if (fcntl(fd, F_GETFD) < 0)
		open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void
app_streams_open(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	fill(STDIN_FILENO);
	fill(STDOUT_FILENO);
	fill(STDERR_FILENO);
	sigaction(SIGPIPE, &ignore, NULL);
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
