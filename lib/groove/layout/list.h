/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_LIST_H
#define GROOVE_LIST_H

/*
 * Head of a lock-free list (Treiber's stack): what the first element is, and a tag that each change of the head
 * increments. The tag has 32 bits, so a compare-and-swap with an old value fails unless exactly 2^32 changes came
 * between the load and the swap (P5).
 *
 * 0 stands for no element. Active slots are heads too: of at most one element.
 */

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t
list_head_first(uint64_t head)
{
	return (uint32_t)head;
}

/* The head with another first element, one change later. */
static inline uint64_t
list_head_next(uint64_t head, uint32_t first)
{
	return ((head >> 32) + 1) << 32 | first;
}

/*
 * Replace the first element if the head is still as it was read.
 *
 * acq_rel: releases the links and words of what becomes reachable to the joins that load the head with acquire, and
 * acquires them of what is taken away. On failure *head receives what is there now.
 */
static inline bool
list_head_swap(uint64_t *shared, uint64_t *head, uint32_t first)
{
	return __atomic_compare_exchange_n(
		shared, head, list_head_next(*head, first), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif /* GROOVE_LIST_H */
