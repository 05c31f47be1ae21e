/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

/** @file The command line of groove-ctl: what commands.c says that there is, as the user gave it. */

#include <stdbool.h>

#include <groove_region.h>

#include "option.h"

/** What is to be done. */
enum ctl_command {
	CTL_LIST,
	CTL_INFO,
	CTL_STATS,
	CTL_WALK,
	CTL_MAP,
	CTL_EXPORT,
	CTL_VERIFY,
	CTL_RECOVER,
	CTL_REBUILD,
	CTL_CREATE,
	CTL_GROW,
	CTL_SHRINK,
	CTL_DRAIN,
	CTL_DESTROY,
	CTL_COMMAND_CNT,
};

/** What it ends with. */
enum ctl_exit {
	CTL_EXIT_OK,
	CTL_EXIT_ERROR,	  /**< A wrong argument, no such region, no memory, or it may not be opened. */
	CTL_EXIT_DAMAGED, /**< The region is torn or damaged. */
	CTL_EXIT_IN_USE,  /**< Not now: other processes have it, or are at it. */
};

/** Numbers from min to max. */
struct ctl_range {
	uint64_t min;
	uint64_t max;
};

struct ctl_options {
	enum ctl_command command;
	const char *name;   /**< NULL: none, or all. */
	const char *driver; /**< NULL: of all. */
	const char *dir;    /**< NULL: each driver's default. */
	const char *eal;    /**< EAL's arguments, each after a space; NULL: none. */
	bool json;
	bool trust_owner; /**< Also what other users have, or may write to. */
	bool help;
	bool version;
	/* verify */
	bool force;
	uint64_t thread_cnt; /**< 0: one for each CPU. */
	/* walk */
	struct ctl_range tag;
	struct ctl_range sz;
	struct ctl_range szc;
	uint64_t limit; /**< Objects; 0: all. */
	/* map */
	const char *output; /**< NULL: not given. */
	/* create, grow, shrink, drain */
	uint64_t volume;     /**< Index; CTL_VOLUME_NONE: not given. */
	uint64_t volume_cnt; /**< 0: not given. */
	uint64_t volume_max; /**< 0: not given. */
	uint64_t volume_sz;  /**< 0: not given. */
	uint64_t join_max;   /**< 0: not given. */
	uint64_t node;	     /**< CTL_NODE_ANY: not given. */
	enum groove_page page;
	bool end;
};

#define CTL_VOLUME_NONE UINT64_MAX
#define CTL_NODE_ANY	UINT64_MAX

/** Options of all commands together, which may not stand among EAL's. */
const struct app_option *ctl_option_table(void);

/**
 * Read the command line.
 *
 * @param first
 *   Index of the word before the program's own: its name, or the "--" after EAL's arguments.
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_INVAL: one line on stderr says what is wrong.
 */
int ctl_options_parse(int argc, char **argv, int first, struct ctl_options *options);

/** Which region the options name. */
static inline groove_region_id_t
ctl_id(const struct ctl_options *options)
{
	return (groove_region_id_t){
		.driver = options->driver,
		.name = options->name,
		.dir = options->dir,
		.flags = options->trust_owner ? GROOVE_REGION_TRUST : 0,
	};
}

/** Print what the program does. */
void ctl_usage(const char *program);

#endif /* CTL_OPTIONS_H */
