/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_TEXT_H
#define APP_TEXT_H

/** @file Numbers as people read them. Each function returns a value that holds its text. */

#include <stdint.h>

#define APP_TEXT_MAX 32

struct app_text {
	char s[APP_TEXT_MAX];
};

/** 1,048,576 */
struct app_text app_text_count(uint64_t count);

/** The same in so many columns, at least 4: 12,345 or 123 M. */
struct app_text app_text_count_in(uint64_t count, unsigned int columns);

/** 409.6 MiB; whole numbers without a fraction. */
struct app_text app_text_bytes(uint64_t bytes);

/** 214.1 k */
struct app_text app_text_rate(double per_s);

/** 0:18, 12:05, 3:00:00 */
struct app_text app_text_time(uint64_t seconds);

#endif /* APP_TEXT_H */
