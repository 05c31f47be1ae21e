/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_PROGRESS_H
#define STRESS_PROGRESS_H

/**
 * @file
 * The live line: a thread, not a tile, that reads their counters twice a second, on a pipe every 5 s. Where
 * processes share the groove it also looks after those that died, twice a second.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "run.h"

struct stress_progress {
	struct stress_run *run;
	pthread_t thread;
	pthread_mutex_t lock; /**< Guards `over`. */
	pthread_cond_t wake;
	bool over;
	uint64_t last_ns; /**< When the last line was made, and how many turns there were. */
	uint64_t last_turns;
};

/** Start to show how far a run is. Until the end run->share.join is the thread's. Returns GROOVE_SUCCESS, or
 * GROOVE_ERR_FULL: no thread, the run goes on without. */
int stress_progress_start(struct stress_progress *progress, struct stress_run *run);

/** Show the last state and end. */
void stress_progress_end(struct stress_progress *progress);

#endif /* STRESS_PROGRESS_H */
