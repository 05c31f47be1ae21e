/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SCHEDULE_H
#define SCHEDULE_H

/*
 * A deterministic scheduler that runs the real code of lib/groove in every interleaving of a few threads up to a
 * bounded number of preemptions (iterative context bounding: Musuvathi and Qadeer, PLDI 2007).
 *
 * The library is compiled with -fsanitize=thread, but linked with hooks.c instead of ThreadSanitizer's runtime: so each
 * atomic access calls here before it is made. That is a point, where the scheduler may switch. Threads are coroutines
 * of one thread, so the schedule alone decides what happens, and a failure is repeated by its schedule. What this
 * explores is sequentially consistent, but for one load in each schedule that may find an older value, if that is asked
 * for; what is weaker still is left to ThreadSanitizer, to arm64 and to the argument in the programmer's guide.
 */

#include <stdbool.h>
#include <stdint.h>

#include "hooks.h"

#define SCHEDULE_THREAD_MAX 3

/* What to explore. */
struct scenario {
	const char *name;
	unsigned int thread_cnt;
	/* Make the state from which each schedule starts. Runs once. 0 or -1. */
	int (*setup)(void);
	/* What each thread does. */
	void (*thread[SCHEDULE_THREAD_MAX])(void);
	/* Whether a schedule ended well: 0; else -1 after saying why. Runs after each, and may go on using the state.
	 */
	int (*check)(void);
};

/* What an exploration did. */
struct schedule_result {
	uint64_t schedules;
	uint64_t points;	  /* of the longest schedule */
	unsigned int preemptions; /* bound */
};

/* Have a function called before each schedule. */
void schedule_at_begin(void (*begin)(void));

/*
 * From here on explore one share of so many, counted from 1: of the schedules with two preemptions and more (of those
 * with one, if there are no others) each cnt-th by the sum of the points of the first two. All shares together have all
 * schedules.
 */
void schedule_share(uint32_t share, uint32_t cnt);

/*
 * Explore all schedules with up to a number of preemptions. 0; -1 when one ended badly, after printing its schedule:
 * "thread@point" for each switch that was not the end of a thread.
 */
int schedule_explore(const struct scenario *scenario, unsigned int preemptions, struct schedule_result *result);

/*
 * The same, with a death in each schedule: at each point, once, the thread that runs there never runs on; the others
 * do. check is asked in place of the scenario's, with the thread that died.
 */
int schedule_explore_deaths(const struct scenario *scenario, unsigned int preemptions, int (*check)(unsigned int dead),
	struct schedule_result *result);

/*
 * The first thread dies at each of its points, and the others run after that with up to a number of preemptions. With
 * second: no preemptions, but the thread that runs next dies as well, at each of its points.
 */
int schedule_explore_after(const struct scenario *scenario, unsigned int preemptions, bool second,
	int (*check)(unsigned int dead), struct schedule_result *result);

/* From here on also explore schedules in which one load finds the value before the last, where it may (stale.h). */
void schedule_stale(void);

/* Whether a thread has died in the schedule that runs, or ran last. */
bool schedule_is_dead(unsigned int thread);

/* Run one schedule, as it was printed. 0; -1 when it ends badly; -2 when the text is none. */
int schedule_replay(const struct scenario *scenario, const char *schedule, int (*check)(unsigned int dead));

/*
 * Called in setup: accesses to these bytes are points. What is not watched cannot be a place to switch, so memory that
 * no other thread of the scenario looks at is left out to keep the number of schedules down.
 */
void schedule_watch(const void *addr, uint64_t sz);

/* Called in setup: forget what is watched so far, to watch less and go deeper. */
void schedule_watch_nothing(void);

/* Called in setup: changes of these bytes by the instrumented code are undone before each schedule. */
void schedule_undo(const void *addr, uint64_t sz);

/* Called by threads: from here on any atomic access to these bytes is an error. */
void schedule_forbid(const void *addr, uint64_t sz);

/* Called by hooks.c before each atomic access, and before each write, atomic or plain. */
void schedule_point(const void *addr);
void schedule_write(const void *addr, uint64_t sz);

/* Called by hooks.c after each atomic access, with what the word held before. Returns what a load finds. */
uint64_t schedule_made(const void *addr, uint64_t sz, enum hooks_op op, int mo, uint64_t before);

#endif /* SCHEDULE_H */
