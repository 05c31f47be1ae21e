/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_CARE_H
#define HEAP_CARE_H

/*
 * The caretaker: one thread of the process, which looks after its heaps. The lock that it holds during a round is of
 * this process alone, and is taken by open, close and fork besides.
 */

#include "heap.h"

/* Have the process's caretaker look after a heap. False, logged: there is no thread to be had. */
bool heap_care_begin(struct heap *heap);

/* Have it look after the heap no more; it is in no round with it then. Also of one that it does not look after. */
void heap_care_end(struct heap *heap);

/* Keep the caretaker from beginning a round, for what needs an idle heap; and no longer. */
void heap_care_pause(void);
void heap_care_resume(void);

#endif /* HEAP_CARE_H */
