/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef APP_OPTION_H
#define APP_OPTION_H

/** @file Long options, numbers and sizes as users type them. What is wrong is reported in one line on stderr. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a number may have after its digits. */
enum app_unit {
	APP_UNIT_NONE,
	APP_UNIT_SZ, /**< K, M or G. */
	APP_UNIT_S,  /**< Seconds; s, m, h or d. */
	APP_UNIT_MS, /**< Milliseconds; ms, s, m or h. */
};

/** Largest --seed: as far as integers go in a JSON result. */
#define APP_SEED_MAX INT64_MAX

/** What an option takes, and what it does with it. */
enum app_takes {
	APP_TAKES_TEXT,	   /**< Any, read by a function of the program. */
	APP_TAKES_WORD,	   /**< One that is not empty: a const char *. */
	APP_TAKES_NUMBER,  /**< From min to max: an uint64_t. */
	APP_TAKES_NOTHING, /**< A bool becomes true. */
};

/** An option. A program has a table of them, which ends with APP_OPTIONS_END. -h is short for "help", -o for "output".
 */
struct app_option {
	const char *name; /**< Without the dashes. */
	enum app_takes takes;
	size_t field;	    /**< Where it goes: offset in the program's options. Not of a text. */
	uint64_t min;	    /**< Of a number. */
	uint64_t max;	    /**< Of a number. */
	enum app_unit unit; /**< Of a number: the range is printed with it, too. */
	/** Read a text. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
	int (*parse)(const char *text, void *options);
};

/** Rows of a table. What an option takes is in the struct in which the program has its options: field is an offset. */
#define APP_TEXT(name, parse)                                                                                          \
	{                                                                                                              \
		name, APP_TAKES_TEXT, 0, 0, 0, APP_UNIT_NONE, parse                                                    \
	}
#define APP_WORD(name, field)                                                                                          \
	{                                                                                                              \
		name, APP_TAKES_WORD, field, 0, 0, APP_UNIT_NONE, NULL                                                 \
	}
#define APP_NUMBER(name, field, min, max, unit)                                                                        \
	{                                                                                                              \
		name, APP_TAKES_NUMBER, field, min, max, unit, NULL                                                    \
	}
#define APP_FLAG(name, field)                                                                                          \
	{                                                                                                              \
		name, APP_TAKES_NOTHING, field, 0, 0, APP_UNIT_NONE, NULL                                              \
	}
/* How many volumes of a groove there are, and how large. */
#define APP_VOLUMES(cnt_field, sz_field)                                                                               \
	APP_NUMBER("volume-cnt", cnt_field, 1, GROOVE_VOLUME_REACH / GROOVE_VOLUME_FOOTPRINT_MIN, APP_UNIT_NONE),      \
		APP_VOLUME_SZ(sz_field)
#define APP_VOLUME_SZ(field)                                                                                           \
	APP_NUMBER("volume-sz", field, GROOVE_VOLUME_FOOTPRINT_MIN, GROOVE_VOLUME_FOOTPRINT_MAX, APP_UNIT_SZ)
#define APP_OPTIONS_END                                                                                                \
	{                                                                                                              \
		NULL, APP_TAKES_NOTHING, 0, 0, 0, APP_UNIT_NONE, NULL                                                  \
	}

/** Most options in a table. */
#define APP_OPTION_MAX 32

/** Read the words that are no options, which may stand between them. GROOVE_SUCCESS; GROOVE_ERR_INVAL, printed. */
typedef int (*app_rest_fn)(int argc, char **argv, void *options);

/**
 * Read options.
 *
 * @param rest
 *   Reads the words that are no options. NULL: there may be none.
 * @param argv
 *   The program's name (or EAL's "--" in its place) and the options after it.
 * @param options
 *   The program's own struct, with the defaults.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong, and what would be right.
 */
int app_options_parse(const struct app_option *table, app_rest_fn rest, int argc, char **argv, void *options);

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

/** Read a whole number, decimal or 0x, with a suffix of its unit. False, silent: it is none. */
bool app_number_read(const char *text, enum app_unit unit, uint64_t *value);

/** A number as a user would type it, into buf. Returns buf. */
const char *app_number_text(uint64_t number, enum app_unit unit, char *buf, size_t buf_sz);

/** The word, alone on the command line, by which a program prints its options, for what is made of them. */
#define APP_OPTIONS_LIST "--list-options"

/** Print the options of a table, one a line. */
void app_options_print(const struct app_option *table);

/** Whether a word, as "--seed" or "--seed=1", is one of the options, other than --help and --version. */
bool app_option_is(const struct app_option *table, const char *word);

#endif /* APP_OPTION_H */
