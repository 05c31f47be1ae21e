/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_COMPLAIN_H
#define APP_COMPLAIN_H

/** @file What a program says when it cannot go on. */

/** The first complaint of this process; empty when there was none. */
const char *app_complaint(void);

/** One line on stderr, after the program's name. */
void app_complain(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/** The same for what is no reason to stop. */
void app_warn(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

#endif /* APP_COMPLAIN_H */
