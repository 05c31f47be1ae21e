/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RESERVE_H
#define GROOVE_RESERVE_H

/*
 * While there are objects of the largest size, the last slots for such are kept for them. A slot that has become the
 * superblock of a smaller class comes back only when all in it has been freed, so a few would soon be none, and the
 * next large object the first to fail, with a third of the memory free in pieces. Superblocks of very few objects are
 * soon empty, so half as many are kept from these.
 *
 * A join that takes all there is takes of these as well. But where large objects come and go, more will come: it leaves
 * one for every four that are live, though no more than were freed so far, to superblocks that are soon empty.
 */

#include <stdbool.h>

#include "geometry.h"

#define SZC_LARGEST                                                                                                    \
	(GROOVE_DATA_SZC_SLICE - 1) /* its slots hold the largest objects, and superblocks of other classes */
#define RESERVE_SZC 115UL	    /* from this class on objects need slots of the largest class, or most of a slice */

/*
 * Whether a superblock of szc has to leave what free slots of the largest class are left. A hint, worked out now and
 * then. Inside an epoch.
 */
bool reserve_is_reached(const groove_data_t *data, uint64_t szc);

#endif /* GROOVE_RESERVE_H */
