/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_OPTIONS_H
#define STRESS_OPTIONS_H

/** @file The options of groove-stress, those after the "--" of EAL's arguments. */

#include <stdbool.h>
#include <stdint.h>

#include <groove_region.h>

#include "complain.h"
#include "option.h"
#include "stress_loop.h"

/** A number that was not given; in a groove that processes share it is the groove's. */
#define STRESS_NOT_GIVEN UINT64_MAX

struct stress_options {
	const char *name;    /**< Of the groove; NULL: private. */
	const char *driver;  /**< Volume driver. */
	const char *dir;     /**< Directory of its files; NULL: the driver's. */
	bool trust_owner;    /**< Others may change the groove of that name. */
	uint64_t volume_cnt; /**< Or STRESS_NOT_GIVEN, as the next. */
	uint64_t volume_sz;  /**< Bytes. */
	enum groove_page page;
	uint64_t near_cpu;		 /**< STRESS_NOT_GIVEN: the main lcore's. */
	enum groove_placement placement; /**< On that CPU's node. */
	bool placement_given;		 /**< Else it is the groove's, as a number that was not given. */
	uint64_t alloc_cnt;		 /**< Allocations per tile; 0: until the time is over. */
	uint64_t duration_s;		 /**< 0: until the turns are over. */
	uint64_t sz_max;		 /**< Bytes; or STRESS_NOT_GIVEN, as the next. */
	uint64_t slot_cnt;
	uint64_t seed;
	const char *json_path; /**< NULL: none. */
	bool keep_going;
	enum stress_inject inject;
	bool help;
	bool version;
	bool allow_interrupt; /**< A signal that ends the run is no failure. */
};

/**
 * Read the options.
 *
 * @param argv
 *   The program's name (or EAL's "--" in its place) and the options after it.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong, and what would be right.
 */
int stress_options_parse(int argc, char **argv, struct stress_options *options);

/** Have the default for each number that was not given. */
void stress_options_default(struct stress_options *options);

/** What getopt_long() takes. */
extern const struct app_option stress_option_table[];

/** Name of a damage as the option takes it. */
const char *stress_inject_name(enum stress_inject inject);

/** Print what the program does and takes, on stdout. */
void stress_usage(const char *program);

#endif /* STRESS_OPTIONS_H */
