/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STALE_H
#define STALE_H

/*
 * Which loads may find the value before the last, by the C11 memory model: those that nothing orders after the last
 * store. The scheduler runs one access after the other, and so would never see what a missing acquire or release does.
 *
 * Each thread has a vector clock, and each word that was stored to in this schedule has the clocks of its last two
 * values (release sequences included) and of those that have read the last one. A load may read the older value unless
 * the last store, or a read of it, happens before the load. The older one is all there is to choose, a loop that waits
 * for a store ends, and a seq_cst load always reads the last. So less is explored than the model allows, and nothing
 * that it forbids.
 */

#include <stdbool.h>
#include <stdint.h>

/* Forget all: a schedule begins. What is in memory happens before all of it. */
void stale_begin(void);

/*
 * A thread has died: all that it did happens before what the others do next. Who finds it dead learns that from the
 * kernel, which no access here stands for.
 */
void stale_death(unsigned int thread);

/* A thread has stored to a word, or (modify) exchanged it; before: what it held. */
void stale_store(unsigned int thread, const void *addr, uint64_t sz, int mo, uint64_t before);
void stale_modify(unsigned int thread, const void *addr, uint64_t sz, int mo, uint64_t before);

/* A thread has read the last value of a word. */
void stale_read(unsigned int thread, const void *addr, int mo);

/* Whether a load of a thread may find the value before the last. */
bool stale_is_possible(unsigned int thread, const void *addr, uint64_t sz, int mo);

/* It does. Returns that value. */
uint64_t stale_take(unsigned int thread, const void *addr, int mo);

#endif /* STALE_H */
