/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_RUN_H
#define STRESS_RUN_H

/**
 * @file
 * One run of the program: its memory, its loop, its end, and what came of it. The parts of the program share it.
 */

#include <pthread.h>
#include <stdio.h>

#include <jansson.h>

#include <groove_region.h>

#include "options.h"
#include "share.h"
#include "stress_loop.h"

#define STRESS_EXIT_PASS     0
#define STRESS_EXIT_CANNOT   1 /**< Not run, or not to the end: memory ran out and the like. */
#define STRESS_EXIT_MISMATCH 2 /**< Memory or groove did not do what they must. */

#define STRESS_ERROR_MAX 256

/** What came of the checks of the whole groove. */
enum stress_verify {
	STRESS_VERIFY_NOT_DONE,
	STRESS_VERIFY_PASS,
	STRESS_VERIFY_FAIL,
};

/** The memory of a run, as it was found. */
struct stress_memory {
	uint64_t volume_cnt;  /**< Volumes that have memory. */
	uint64_t volume_used; /**< Volumes in the groove. */
	int node;	      /**< As groove_region_node(). */
};

/** What went wrong in a run. */
struct stress_errors {
	pthread_mutex_t lock; /**< Guards all below: tiles find errors at the same time. */
	uint64_t cnt;
	int status;		      /**< Exit status so far. */
	char first[STRESS_ERROR_MAX]; /**< One line. */
};

struct stress_run {
	struct stress_options options;
	groove_region_t *region;
	struct stress_share share; /**< In a groove with a name. */
	unsigned int tile_cnt;
	int *pinned; /**< Of each tile: 1, or not. */
	struct stress stress;
	uint64_t start_ns;	     /**< Of the loop. */
	uint64_t elapsed_ns;	     /**< Of the loop, without set-up and end. */
	struct stress_sum looped;    /**< What all tiles had done when the loop ended. */
	struct stress_sum sum;	     /**< And at the end of the run. */
	struct stress_memory memory; /**< When the loop began, then when it ended. */
	bool interrupted;
	enum stress_verify verify;
	struct stress_errors errors;
};

/* run.c */

/** Print the job, reserve memory and make the run ready. Returns GROOVE_SUCCESS, or an error of which the reason was
 * printed. */
int stress_run_open(struct stress_run *run, const struct stress_options *options);

/** Whether other processes work in the same groove, or may. */
static inline bool
stress_run_is_shared(const struct stress_run *run)
{
	return run->options.name != NULL;
}

/** Volumes in the groove. */
static inline uint64_t
stress_run_volumes(const struct stress_run *run)
{
	return stress_volumes_added(&run->stress, &run->share.join);
}

/** Run the loop on all tiles, with the live line. */
void stress_run_loop(struct stress_run *run);

/** Run a function on all tiles, each with a join of its own. */
typedef void (*stress_join_fn)(struct stress *stress, unsigned int idx, groove_data_t *join);
void stress_run_tiles(struct stress_run *run, stress_join_fn fn);

/** Join the groove. NULL, and an error, when that cannot be. */
groove_data_t *stress_run_join(struct stress_run *run, groove_data_t *ljoin, uint64_t cgroup_hint);
void stress_run_leave(struct stress_run *run, groove_data_t *join);

/** Give everything back. */
void stress_run_close(struct stress_run *run);

/* run_cfg.c */

/** What the region of a run should be. GROOVE_SUCCESS; GROOVE_ERR_KEY, printed: no such CPU. */
int stress_run_cfg(const struct stress_run *run, const struct stress_options *options, groove_region_cfg_t *cfg);

/* ending.c */

/** After the loop: verify, free all, verify, account for every object, take the groove apart. Of a groove that other
 * processes go on to work in nothing: the last of them does. */
void stress_run_end(struct stress_run *run);

/* errors.c */

/** Count an error that is no finding, and print it. The highest status stays. Callable by all tiles at once. */
void stress_run_error(struct stress_run *run, int status, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

/** Count an error, and keep the first. Returns how many there were before. */
uint64_t stress_run_count_error(struct stress_run *run, int status, const char *line);

/* finding_text.c */

/** Count a finding of the tiles and print what it is, where, and what it looks like. For stress_init(): arg is the run.
 */
void stress_show_finding(void *arg, const struct stress_finding *finding);

/* summary.c */

/** Print what is about to run, before its memory is reserved: that may take a while. */
void stress_show_job(const struct stress_run *run);

/** Print where it is about to run. */
void stress_show_place(const struct stress_run *run);

/** Print what the tiles did. */
void stress_show_summary(const struct stress_run *run);

/* json.c */

/** What the run did, for machines; the caller's. */
json_t *stress_json(const struct stress_run *run);

#endif /* STRESS_RUN_H */
