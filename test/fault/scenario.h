/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SCENARIO_H
#define SCENARIO_H

/*
 * What a process does when it is killed, or stopped, and in which state the groove is then: an operation and what was
 * done before it.
 */

#include "actor.h"

/* What the process is when it begins. */
enum scenario_begin {
	BEGIN_JOINED,
	BEGIN_ATTACHED,
	BEGIN_OUTSIDE,
};

struct scenario {
	const char *name;
	uint64_t volumes; /* in the groove at first, empty */

	/* What another join does first; may be NULL. */
	int (*other)(struct actor *other);

	/* What the process does first, after it has joined; NULL: nothing. */
	int (*prepare)(struct actor *actor);

	/* What it is killed in. */
	int (*operate)(struct actor *actor);

	/* What is put right when it was killed, by another join; may be NULL. */
	int (*mend)(struct actor *other);

	/* A scenario in which another was killed before, and not recovered; may be NULL. */
	const char *earlier;
	unsigned int earlier_part; /* how far that one came, of EARLIER_PARTS */

	/*
	 * What another join does while the process is paused in its operation, at the so manieth point that it comes
	 * to. The scenario is played with a pause at each point, the first and the last time. NULL: nothing.
	 */
	int (*meddle)(struct actor *other);
	uint64_t meddle_at;

	enum scenario_begin begin;
	bool empty;    /* the others have no objects at first */
	bool rebuilds; /* the groove is made anew: the others have left, and the next process does it again */
};

#define EARLIER_PARTS 6U
#define SCENARIO_MAX  200U

/* The operations of those that recover, and that join. */
int scenario_recover(struct actor *actor);
int scenario_join(struct actor *actor);

/* All of them, up to one without a name. */
extern const struct scenario scenarios[SCENARIO_MAX];

/* Whether a scenario makes or frees objects, and no more. */
bool scenario_is_of_objects(const struct scenario *scenario);

/* NULL: there is none. */
const struct scenario *scenario_find(const char *name);

#endif /* SCENARIO_H */
