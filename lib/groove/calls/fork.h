/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_FORK_H
#define GROOVE_FORK_H

/*
 * A word that the kernel clears in a child of fork, so that a join which was copied by fork notices.
 */

#include <stdint.h>

/*
 * The process's guard word, and what it reads as until the next fork.
 * Lock-free, callable from any thread. 0; -1 when the kernel has no page for it.
 */
int fork_guard_get(const uint64_t **guard, uint64_t *key);

/*
 * A guard word of one join, and what it reads as until it is given back, or the next fork; never again after that. Not
 * for several threads at one time. NULL: the kernel has no page for it.
 */
uint64_t *fork_word_take(uint64_t *key);
void fork_word_give(uint64_t *word);

#endif /* GROOVE_FORK_H */
