/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_PRIVATE_H
#define GROOVE_VOLUME_PRIVATE_H

/*
 * Volumes in use, and the upkeep that alloc does before it says FULL. Made inside an epoch.
 */

#include "join.h"

/* Take a volume out of the pool, for a root superblock; it is held then (hold.h). False when there is none. */
bool volume_acquire(groove_data_t *data, uint64_t *volume);

/* Put it back. It was the last to be held; this ends it. */
void volume_release(groove_data_t *data, uint64_t volume);

/* Return all empty superblocks of all classes, and empty volumes, to where they came from. */
void trim_all(groove_data_t *data);

/* Put retired volumes that nobody has collected back into the pool. */
void volume_unretire(groove_data_t *data);

#endif /* GROOVE_VOLUME_PRIVATE_H */
