/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SEAT_H
#define SEAT_H

/**
 * @file
 * Where an allocator runs: in this process, or in a child that has its malloc. The child is this program again, with
 * the library preloaded and the hidden option --serve; it gets jobs and gives results over a socket.
 */

#include <sys/types.h>

#include "perf.h"

struct perf_seat {
	const struct perf_allocator *allocator;
	pid_t pid; /**< Of the child; 0: this process. */
	int fd;	   /**< To the child. */
	bool all_freed;
	uint64_t fixed_sz; /**< Bytes of each object of the jobs that it was opened for; 0: sizes vary. */
	uint32_t pool;	   /**< Of these jobs. */
};

/** Whether an allocator can run here; if not, why and what to install is printed. */
bool perf_seat_possible(const struct perf_allocator *allocator);

/** Make an allocator ready for jobs like this one. GROOVE_SUCCESS, or an error, printed; nothing is kept then. */
int perf_seat_open(struct perf_seat *seat, const struct perf_allocator *allocator, const struct perf_job *job);

/** Whether an allocator that was made ready can do jobs with objects like those of this one. */
bool perf_seat_fits(const struct perf_seat *seat, const struct perf_job *job);

/** Run a job. What goes wrong is in the result. */
void perf_seat_run(struct perf_seat *seat, const struct perf_job *job, struct perf_result *result);

/** Give everything back. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, printed: the allocator lost something. */
int perf_seat_close(struct perf_seat *seat);

/* child.c */

int perf_child_start(struct perf_seat *seat);
void perf_child_run(struct perf_seat *seat, const struct perf_job *job, struct perf_result *result);
void perf_child_end(struct perf_seat *seat);

/** Be the child: do jobs until the parent closes the socket. Returns the exit status. */
int perf_child_serve(const struct perf_allocator *allocator);

/* library.c */

/** The first library of an allocator that the dynamic loader finds where programs' libraries are. NULL: none. */
const char *perf_library_of(const struct perf_allocator *allocator);

#endif /* SEAT_H */
