/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdarg.h>
#include <stdio.h>

#include "run.h"
#include "screen.h"

uint64_t
stress_run_count_error(struct stress_run *run, int status, const char *line)
{
	struct stress_errors *errors = &run->errors;

	pthread_mutex_lock(&errors->lock);

	const uint64_t before = errors->cnt++;

	if (before == 0)
		snprintf(errors->first, sizeof(errors->first), "%s", line);
	if (errors->status < status)
		errors->status = status;
	pthread_mutex_unlock(&errors->lock);
	return before;
}

void
stress_run_error(struct stress_run *run, int status, const char *fmt, ...)
{
	char line[STRESS_ERROR_MAX];
	char text[STRESS_ERROR_MAX + 16];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	stress_run_count_error(run, status, line);
	snprintf(text, sizeof(text), "error: %s\n", line);
	app_screen_print(text);
}
