/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef VICTIM_H
#define VICTIM_H

/* A process that plays a scenario, and what happens to it there. */

#include "job.h"
#include "scenario.h"

/* One death, or one stop. */
struct stroke {
	struct scenario scenario;
	uint32_t site;
	uint32_t nth;
};

/* What is done to processes. */
struct method {
	const char *command; /* of groove-fault */
	const char *done;    /* "killed" */
	enum point_mode mode;

	/* What follows when the process of a scenario was struck. The groove may be used again afterwards. */
	int (*follow)(struct world *world, const struct job *job, const struct stroke *stroke, pid_t pid);
};

/* Strike at all points of all scenarios that the job is about. */
int method_run(const struct method *method, struct world *world, const struct job *job, struct outcome *outcome);

/* Start a scenario's process, under an order that holds in its operation. */
int victim_start(struct world *world, const struct scenario *scenario, const struct point_order *order, pid_t *pid);

/* Wait until it has ended by itself, well. */
int victim_end(const struct scenario *scenario, pid_t pid);

/* Wait until it has stopped itself. */
int victim_stopped(const struct scenario *scenario, pid_t pid);

#endif /* VICTIM_H */
