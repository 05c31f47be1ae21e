/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HOOKS_H
#define HOOKS_H

/**
 * @file
 * Code that gcc compiles with -fsanitize=thread calls a function at each access to memory. A program that links these,
 * and not ThreadSanitizer, hears of each access by the two functions below, which it has.
 *
 * hooks_plain.c is for plain accesses, hooks_atomic.c for atomic ones: it makes them, in an order at least as strong,
 * as the caller leaves them to us. hooks_mem.c is for memset, memcpy and memmove, to which the linker's --wrap must
 * lead.
 */

#include <stdint.h>

/** What an atomic access does. */
enum hooks_op {
	HOOKS_LOAD,
	HOOKS_STORE,
	HOOKS_MODIFY, /**< Read-modify-write; also one that finds another value than it expects. */
	HOOKS_MISS,   /**< Of hooks_made(): a read-modify-write that found another value than it expected. */
};

/** Called before plain writes. Reads and calls are not reported. site: where in the program, the same each time. */
void hooks_write(void *addr, uint64_t sz, const void *site);

/** Called before atomic accesses. mo: memory order, as of __ATOMIC_ACQUIRE. */
void hooks_atomic(void *addr, uint64_t sz, enum hooks_op op, int mo, const void *site);

/**
 * Called after an atomic access; before: what the word held. Returns what a load finds. A program need not have it: the
 * one of hooks_atomic.c finds what is there.
 */
uint64_t hooks_made(const void *addr, uint64_t sz, enum hooks_op op, int mo, uint64_t before);

#endif /* HOOKS_H */
