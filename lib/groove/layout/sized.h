/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SIZED_H
#define GROOVE_SIZED_H

/*
 * Configurations that begin with their size, a size_t, so that a later library can add fields at their end.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Have a configuration that a program gave in full, of full_sz bytes. What its size does not reach is zeros; a size of
 * 0 stands for first_sz. False, logged, naming what: the size is none, or what this library does not know is not zero.
 */
bool sized_copy(void *full, size_t full_sz, size_t first_sz, const void *given, const char *what);

#endif /* GROOVE_SIZED_H */
