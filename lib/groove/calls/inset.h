/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_INSET_H
#define GROOVE_INSET_H

/*
 * Objects of a larger alignment than alloc has: each lies in an object that is aligned to 512 and larger by what that
 * may cost (groove_data_hdr.h).
 */

#include "alloc.h"
#include "hdr.h"

/* Whether an alignment is one that only insets have. */
static inline bool
inset_is_align(uint64_t align)
{
	return align > GROOVE_DATA_ALLOC_ALIGN_MAX && align <= GROOVE_DATA_INSET_ALIGN_MAX &&
	       (align & (align - 1)) == 0;
}

/* A request of objects with insets: of what they lie in, but for the alignment, which is as their headers have it. */
static inline struct alloc_request
inset_request(uint64_t align, uint64_t sz)
{
	struct alloc_request request =
		alloc_request(GROOVE_DATA_ALLOC_ALIGN_MAX, sz + align - GROOVE_DATA_ALLOC_ALIGN_MAX);

	request.align = hdr_inset_code(align);
	return request;
}

/*
 * Make a slot that this join holds, and that says cached, an object with an inset; bits: the header's word, less the
 * blocks that it lies further back. Returns the inset. Nobody sees the object before it is whole, by one store.
 */
void *inset_make(void *slot, uint64_t bits, uint64_t tag);

#endif /* GROOVE_INSET_H */
