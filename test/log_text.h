/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef LOG_TEXT_H
#define LOG_TEXT_H

/**
 * @file
 * The words of log lines: whether an error names the thing, the value and the way out.
 */

#include <stdbool.h>

/** From here on keep what the libraries log. */
void log_text_begin(void);

/** Log to stderr again. Answers what was logged since log_text_begin(), until the next call of that. */
const char *log_text_end(void);

/** Whether text is exactly one line, and has each of the words up to a NULL in it; prints the text when not. */
bool log_text_is_line(const char *text, const char *const *words);

/** The same with the words as arguments. */
#define LOG_TEXT_IS_LINE(text, ...) log_text_is_line(text, (const char *const[]){__VA_ARGS__, NULL})

#endif /* LOG_TEXT_H */
