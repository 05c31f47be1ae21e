/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef COUNT_H
#define COUNT_H

/**
 * @file
 * What calls of groove write to memory that other joins may read.
 *
 * hooks.c reports each write of instrumented code. It counts when the thread is in a call, and when it goes to the
 * shared region or to a volume. Each thread counts for itself: counting must not bring about what it looks for.
 */

#include <stdbool.h>
#include <stdint.h>

#include <groove.h>

/** Kinds of calls. */
enum count_call {
	COUNT_ALLOC,
	COUNT_FREE,
	COUNT_CALL_CNT,
};

/** What calls of one kind did. */
struct count_tally {
	uint64_t calls;	 /**< Objects allocated or freed: one of a bulk is a call. */
	uint64_t header; /**< Atomics on the headers of the call's objects, */
	uint64_t shared; /**< and on any other shared memory; */
	uint64_t record; /**< of these, on the join's own record. */
	uint64_t stores; /**< Other stores, but those to the headers of the call's objects and to the own record. */
	uint64_t seen;	 /**< Writes of any kind to shared memory: 0 when the code is not instrumented. */
};

/** Kinds of writes. */
enum count_write {
	COUNT_ATOMIC, /**< A read-modify-write, also one that fails, or a sequentially consistent store. */
	COUNT_STORE,
};

/** Count for the calling thread, which has this join, from zero. */
void count_begin(const groove_data_t *join);

/** Count no more. Returns the tally of each kind of call; the caller is done with it before the next count_begin(). */
const struct count_tally *count_end(void);

/** The calling thread enters a call. */
void count_enter(enum count_call call);

/** It leaves it, with n objects that the call made or freed. */
void count_leave(void *const *objs, uint64_t n);

/** It is about to write. */
void count_write(const volatile void *at, enum count_write kind);

#endif /* COUNT_H */
