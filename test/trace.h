/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef TRACE_H
#define TRACE_H

/*
 * A child that is stopped at one of its system calls, between trace_mark() and the next trace_mark().
 * It has not made the call that it is stopped at. One thread of it is traced, the first.
 */

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

/* Fork a child that is traced, which ends with what fn(arg) returns. -1: it cannot be. */
pid_t trace_start(int (*fn)(void *arg), void *arg);

/* In the child, around what it may be stopped in. */
void trace_mark(void);

/* System calls, by their numbers. */
struct trace_calls {
	uint16_t *nr;
	uint64_t cnt;
	uint64_t max;
};

/* Run the child to the second mark. Keeps which calls it makes, as far as there is room. */
void trace_list(pid_t pid, struct trace_calls *calls);

/*
 * Run the child up to its so manieth call of a number between the marks, from 0. True: it is stopped there. False: it
 * has come to the second mark and waits there, or has ended.
 */
bool trace_to_call(pid_t pid, uint16_t nr, uint64_t nth);

/* Run the child on, through the mark to its end. Its status, as of waitpid(). */
int trace_end(pid_t pid);

/* Kill it, and wait for it. */
void trace_kill(pid_t pid);

#endif /* TRACE_H */
