/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_OPTION_H
#define APP_OPTION_H

/** @file Long options, numbers and sizes as users type them. What is wrong is reported in one line on stderr. */

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Values of long options start here: above what a short option could be. */
#define APP_OPTION_FIRST 256

/** Values of --help, which -h is short for, and --version. */
#define APP_OPTION_HELP	   'h'
#define APP_OPTION_VERSION 'V'

/** What a number may have after its digits. */
enum app_unit {
	APP_UNIT_NONE,
	APP_UNIT_SZ, /**< K, M or G. */
	APP_UNIT_S,  /**< Seconds; s, m, h or d. */
	APP_UNIT_MS, /**< Milliseconds; ms, s, m or h. */
};

/** Largest --seed: as far as integers go in a JSON result. */
#define APP_SEED_MAX INT64_MAX

/** An option that takes a number. Its range is printed with a unit where there is one. */
struct app_number {
	int id;	      /**< Value of the long option. */
	size_t field; /**< Offset of an uint64_t in the program's options. */
	uint64_t min;
	uint64_t max;
	enum app_unit unit;
};

/** An option that takes a word that may not be empty. */
struct app_word {
	int id;	      /**< Value of the long option. */
	size_t field; /**< Offset of a const char * in the program's options. */
};

/** An option that takes nothing. */
struct app_flag {
	int id;	      /**< Value of the long option. */
	size_t field; /**< Offset of a bool in the program's options, which becomes true. */
};

/** The options of a program. */
struct app_options {
	const struct option *long_options; /**< What getopt_long() takes. */
	const struct app_number *numbers;
	size_t number_cnt;
	const struct app_word *words;
	size_t word_cnt;
	const struct app_flag *flags;
	size_t flag_cnt;
	/** Read one of the others. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. NULL: there is none. */
	int (*parse)(int id, const char *text, void *options);
	/** Read the words that are no options, which may stand between them. The same. NULL: there is none. */
	int (*rest)(int argc, char **argv, void *options);
};

/**
 * Read options.
 *
 * @param argv
 *   The program's name (or EAL's "--" in its place) and the options after it.
 * @param options
 *   The program's own struct, with the defaults.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong, and what would be right.
 */
int app_options_parse(const struct app_options *set, int argc, char **argv, void *options);

/** Names that a list may have, and where the choice goes. */
struct app_list {
	const char *option; /**< Name of the option, for complaints. */
	const char *(*name)(unsigned int idx);
	unsigned int cnt;
	bool *chosen; /**< cnt. */
};

/** Read a list of names with commas between. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed, with the names. */
int app_list_parse(const struct app_list *list, const char *text);

/** Whether a volume driver takes a directory (either NULL: not given). GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
int app_dir_check(const char *driver, const char *dir);

/** Whether there can be so many volumes of so many bytes. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
int app_volumes_check(uint64_t volume_sz, uint64_t volume_cnt);

/** A number as a user would type it, into buf. Returns buf. */
const char *app_number_text(uint64_t number, enum app_unit unit, char *buf, size_t buf_sz);

/** Whether a word, as "--seed" or "--seed=1", is one of the options, other than --help and --version. */
bool app_option_is(const struct option *options, const char *word);

#endif /* APP_OPTION_H */
