/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef POINT_H
#define POINT_H

/*
 * Points: the places in the library at which it writes shared memory or makes an atomic access to it. The compiler
 * finds them (test/hooks.h); a point is known by where in the program the call before the access returns to. A call
 * that sets or copies memory is two, one before and one in the middle.
 *
 * A process counts how often it comes to each, or ends or stops itself when it comes to one of them for the n-th time.
 * Only what it does to the memory that it watches counts. Of one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define POINT_MAX 4096U /* more than there are */

struct point {
	uint32_t site;	  /* bytes from the start of the program; 0: none */
	uint64_t first;	  /* which of all points of the last count it was, from 1, the first time */
	uint64_t last;	  /* and the last */
	uint32_t hits;	  /* times that a process came here in the last count */
	uint32_t states;  /* in which it was reached, and was to be struck at */
	uint64_t strokes; /* times that a process was killed here, or stopped */
};

/* In memory that all processes share. Only one of them counts at a time. */
struct points {
	struct point point[POINT_MAX]; /* by site */
	uint64_t events;	       /* of the last count, at all points */
};

enum point_mode {
	POINT_PASS,  /* nothing happens */
	POINT_COUNT, /* each is counted */
	POINT_DIE,   /* SIGKILL */
	POINT_STOP,  /* SIGSTOP; goes on after SIGCONT */
};

/* What a process should do at which point. */
struct point_order {
	enum point_mode mode;
	uint32_t site; /* 0: any */
	uint64_t nth;  /* time that it is reached, from 1 */

	/* First it stops itself at the so manieth point that it comes to; only from there on do points count. 0: not.
	 */
	uint64_t pause_at;
};

/* Watch accesses to these bytes. */
void point_watch(const void *addr, uint64_t sz);

/* From now on watch what is mapped with this size, in place of anything else. */
void point_watch_map(uint64_t sz);

/* Obey an order from now on. A count begins with no hits. */
void point_obey(struct points *points, const struct point_order *order);

/* The point of a site; NULL when it was never reached. */
struct point *point_find(struct points *points, uint32_t site);

/* Forget the last count. */
void point_forget(struct points *points);

#endif /* POINT_H */
