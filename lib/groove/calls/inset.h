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

/* Whether an alignment is one that only insets have. */
static inline bool
inset_is_align(uint64_t align)
{
	return align > GROOVE_DATA_ALLOC_ALIGN_MAX && align <= GROOVE_DATA_INSET_ALIGN_MAX &&
	       (align & (align - 1)) == 0;
}

/* Bytes of the object, aligned to GROOVE_DATA_ALLOC_ALIGN_MAX, that one of sz bytes lies in. */
static inline uint64_t
inset_outer_sz(uint64_t align, uint64_t sz)
{
	return sz + align - GROOVE_DATA_ALLOC_ALIGN_MAX;
}

/*
 * Make an object that was just allocated so one with an inset. Returns the inset. When the caller dies in it, the
 * object is live, as it was or with its inset.
 */
void *inset_make(void *outer, uint64_t align);

#endif /* GROOVE_INSET_H */
