/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HOOKS_PLAIN_H
#define HOOKS_PLAIN_H

/**
 * @file
 * Code that gcc compiles with -fsanitize=thread calls a function at each access to memory. A program that has functions
 * of its own for that, and not ThreadSanitizer's, links hooks_plain.c for what is no atomic, and writes those for
 * atomics.
 */

#include <stdint.h>

/** Called before plain writes; the program has it. Reads and calls are not told. */
void hooks_write(void *addr, uint64_t sz);

#endif /* HOOKS_PLAIN_H */
