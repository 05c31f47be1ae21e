/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HEAP_FIXTURE_H
#define HEAP_FIXTURE_H

/** @file What the tests of heaps have in common. */

#include <groove_heap.h>

#include "test.h"

/** A private heap of up to four volumes of 32 MiB on normal pages, without a caretaker. */
static inline groove_heap_cfg_t
heap_small_cfg(uint64_t join_max)
{
	const uint64_t volume_sz = 32UL << 20;

	return (groove_heap_cfg_t){
		.cfg_sz = sizeof(groove_heap_cfg_t),
		.page = GROOVE_PAGE_NORMAL,
		.volume_sz = volume_sz,
		.max_sz = 4 * volume_sz,
		.join_max = join_max,
		.care = GROOVE_HEAP_CARE_CALLS,
	};
}

/** Such a heap, with a limit of two volumes; NULL: it could not be opened. */
static inline groove_heap_t *
heap_small(uint64_t join_max)
{
	groove_heap_cfg_t cfg = heap_small_cfg(join_max);
	groove_heap_t *heap = NULL;

	cfg.limit_sz = cfg.max_sz / 2;
	return groove_heap_open(&cfg, &heap) == GROOVE_SUCCESS ? heap : NULL;
}

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
