/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_FIXTURE_H
#define HEAP_FIXTURE_H

/** @file What the tests of heaps have in common. */

#include <groove_heap.h>

#include "test.h"

/** Free all objects of a chain, each of which begins with the address of the one before. */
static inline int
heap_chain_free(groove_heap_t *heap, void **last)
{
	while (last != NULL) {
		void **before = *last;

		TEST_ASSERT_SUCCESS(groove_heap_free(heap, last), "free");
		last = before;
	}
	return TEST_SUCCESS;
}

/** Verify a heap, and close it. */
static inline int
heap_end(groove_heap_t *heap)
{
	TEST_ASSERT_SUCCESS(groove_heap_verify(heap), "verify");
	groove_heap_close(heap);
	return TEST_SUCCESS;
}

#endif /* HEAP_FIXTURE_H */
