/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_WRAP_H
#define APP_WRAP_H

/** @file Lines that fit into a terminal. */

#include <stdio.h>

#define APP_WRAP_WIDTH 80 /**< Of a terminal that does not say, and of what is none. */

/** Columns of the terminal at a descriptor, as it is now. */
unsigned int app_wrap_width(int fd);

/**
 * Write text, lines longer than width broken at blanks. What follows a break is indented as the line is or, in a line
 * of two columns with two blanks or more between, as the second. A word longer than that stays whole.
 */
void app_wrap(FILE *stream, const char *text, unsigned int width);

#endif /* APP_WRAP_H */
