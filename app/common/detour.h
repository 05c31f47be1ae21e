/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_DETOUR_H
#define APP_DETOUR_H

/** @file Standard output and standard error on a detour while others write there. One thread. */

#include <stdbool.h>
#include <stddef.h>

struct app_detour {
	int out; /**< Standard output as it was; -1: not on a detour. */
	int err; /**< Standard error, likewise. */
	int log; /**< Memory file with what goes to standard error; -1: none. */
};

#define APP_DETOUR_NONE                                                                                                \
	{                                                                                                              \
		-1, -1, -1                                                                                             \
	}

/** Drop what goes to standard output and, if asked, keep what goes to standard error. Does what it can. */
void app_detour_begin(struct app_detour *detour, bool keep_err);

/** First line that was kept and is not to be passed over (NULL: any), without its end; empty: none. Returns line. */
const char *app_detour_line(
	const struct app_detour *detour, bool (*pass_over)(const char *line), char *line, size_t line_sz);

/** Put both back, and show what was kept if asked. */
void app_detour_end(struct app_detour *detour, bool show);

#endif /* APP_DETOUR_H */
