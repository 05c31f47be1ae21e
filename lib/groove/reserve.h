/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RESERVE_H
#define GROOVE_RESERVE_H

/*
 * While there are objects of the largest size, the last slots for such are kept for them. A slot that has become the
 * superblock of a smaller class comes back only when all in it has been freed, so a few would soon be none, and the
 * next large object the first to fail, with a third of the memory free in pieces.
 */

#include <stdbool.h>

#include "geometry.h"

#define SZC_LARGEST                                                                                                    \
	(GROOVE_DATA_SZC_SLICE - 1) /* its slots hold the largest objects, and superblocks of other classes */

/*
 * Whether no more free slots of the largest class are left than are kept, unless the join takes of the reserve. A hint,
 * worked out now and then. Inside an epoch.
 */
bool reserve_is_reached(const groove_data_t *data);

#endif /* GROOVE_RESERVE_H */
