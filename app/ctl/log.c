/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* The libraries' log on standard error, of which the first error is kept: the result for machines says it. */

#include <stdio.h>
#include <string.h>

#include <rte_log.h>

#include "ctl.h"
#include "plain.h"

static char error[CTL_LINE_SZ];
static bool muted;

static ssize_t
log_write(void *cookie, const char *text, size_t len)
{
	const size_t line_len = strcspn(text, "\n") < len ? strcspn(text, "\n") : len;

	char part[CTL_LINE_SZ];

	(void)cookie;
	if (muted)
		return (ssize_t)len;
	if (error[0] == '\0' && rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR)
		snprintf(error, sizeof(error), "%.*s", (int)line_len, text);
	for (size_t done = 0; done < len; done += sizeof(part) - 1) {
		snprintf(part, sizeof(part), "%.*s", (int)(len - done), text + done);
		app_plain(part);
		fputs(part, stderr);
	}
	return (ssize_t)len;
}

void
ctl_log_open(void)
{
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = log_write});

	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 0);
	rte_openlog_stream(stream);
}

void
ctl_log_mute(bool mute)
{
	muted = mute;
}

const char *
ctl_log_error(void)
{
	return error;
}
