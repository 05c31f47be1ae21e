/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_SCREEN_H
#define APP_SCREEN_H

/** @file Standard output, shared by the live line and everything else. Callable from any thread. */

#include <stdbool.h>

/** Whether it is a terminal, so that a line can be written over. */
bool app_screen_is_live(void);

/** Show a line in the place of the last live line; on a pipe each is a line of its own. */
void app_screen_live(const char *line);

/** Keep the live line as it is. */
void app_screen_live_end(void);

/** Print text, whole lines, in the place of the live line, which comes back when it is next shown. */
void app_screen_print(const char *text);

#endif /* APP_SCREEN_H */
