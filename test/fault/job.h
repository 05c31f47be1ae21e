/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef JOB_H
#define JOB_H

/* What groove-fault is asked to do, and what it found. */

#include "world.h"

struct job {
	bool help;
	bool version;
	bool list;
	bool reap;	      /* matrix: others walk to what the dead one made, and free it, before recovery */
	uint64_t kills;	      /* matrix, stop: at a point in a state, at most, 0: no limit; soak: in all */
	uint64_t states;      /* matrix, stop: of a point, at most; 0: no limit */
	uint64_t seconds;     /* soak: at least */
	uint64_t turns;	      /* stop: of each other process */
	uint64_t volume_sz;   /* bytes */
	uint64_t seed;	      /* soak */
	uint64_t site;	      /* matrix, stop: only at this one; 0: all */
	uint64_t nth;	      /* and when it is reached this time */
	uint64_t meddle_at;   /* and with another meddling at this point; 0: at several */
	uint64_t meddle_step; /* at each so manieth */
	const char *scenario; /* matrix, stop: only in this one; NULL: all */
	const char *json_path;
};

struct outcome {
	uint64_t points; /* distinct ones that were reached, and killed or stopped at */
	uint64_t missed; /* that were reached only */
	uint64_t states; /* pairs of a point and a state */
	uint64_t kills;	 /* or stops */
	uint64_t failures;
};

/* Each returns TEST_SUCCESS when it could be run to its end, whatever the outcome. */
int matrix_run(struct world *world, const struct job *job, struct outcome *outcome);
int soak_run(struct world *world, const struct job *job, struct outcome *outcome);
int stop_run(struct world *world, const struct job *job, struct outcome *outcome);

#endif /* JOB_H */
