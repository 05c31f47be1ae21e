/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>

/* Print what does not hold in a schedule, and return -1. */
#define EXPECT(cond, ...)                                                                                              \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			printf("  not true: " #cond ": " __VA_ARGS__);                                                 \
			putchar('\n');                                                                                 \
			return -1;                                                                                     \
		}                                                                                                      \
	} while (0)

#endif /* EXPECT_H */
