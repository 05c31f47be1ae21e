/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_TEXT_H
#define STRESS_TEXT_H

/** @file Numbers as people read them. Each answer is a value that holds its text. */

#include <stdint.h>

#define STRESS_TEXT_MAX 32

struct stress_text {
	char s[STRESS_TEXT_MAX];
};

/** 1,048,576 */
struct stress_text stress_text_count(uint64_t count);

/** 409.6 MiB; whole numbers without a fraction. */
struct stress_text stress_text_bytes(uint64_t bytes);

/** 214.1 k */
struct stress_text stress_text_rate(double per_s);

/** 0:18, 12:05, 3:00:00 */
struct stress_text stress_text_time(uint64_t seconds);

#endif /* STRESS_TEXT_H */
