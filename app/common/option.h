/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_OPTION_H
#define APP_OPTION_H

/** @file Long options, numbers and sizes as users type them. What is wrong is told in one line on stderr. */

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Values of long options start here: above what a short option could be. */
#define APP_OPTION_FIRST 256

/** Largest --seed: as far as integers go in a JSON result. */
#define APP_SEED_MAX INT64_MAX

/** An option that takes a number. A size takes a suffix, and its range is told with one. */
struct app_number {
	int id;	      /**< Value of the long option. */
	size_t field; /**< Offset of an uint64_t in the program's options. */
	uint64_t min;
	uint64_t max;
	bool is_sz;
};

/** The number with an id; NULL: there is none. */
const struct app_number *app_number_find(const struct app_number *numbers, size_t cnt, int id);

/** Read a number into the program's options. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed, with the range. */
int app_number_parse(const struct app_number *number, const char *name, const char *text, void *options);

/** A number as a user would type it, into buf. Answers buf. */
const char *app_number_text(uint64_t number, bool is_sz, char *buf, size_t buf_sz);

/** Keep a word that may not be empty. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
int app_word_parse(const char *name, const char *text, const char **word);

/** Name of a long option. */
const char *app_option_name(const struct option *options, int id);

/** Whether a word, as "--seed" or "--seed=1", is one of the options, other than --help. */
bool app_option_is(const struct option *options, const char *word);

/** Print what getopt_long() did not like, '?' or ':', of a word. Answers GROOVE_ERR_INVAL. */
int app_option_complain(int what, const char *word);

#endif /* APP_OPTION_H */
