/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_PRIVATE_H
#define GROOVE_VOLUME_PRIVATE_H

/*
 * Volumes on the way between the pool, the superblocks that use them, and remove. Inside an epoch. What is taken is
 * held (hold.h).
 */

#include "geometry.h"

/* Pop a volume from the pool; it is held then. False when there is none. */
bool volume_pop(groove_data_t *data, uint64_t *idx);

/* Take a volume out of the pool, for a root superblock; it is held then. False when there is none. */
bool volume_acquire(groove_data_t *data, uint64_t *volume);

/* Put it back. It was the last to be held; this ends it. */
void volume_release(groove_data_t *data, uint64_t volume);

/* Take a volume that was popped out of reach. Ends the hold. */
void volume_retire(groove_data_t *data, uint64_t idx);

/* Find a retired volume; false when there is none. */
bool volume_find_retired(const groove_data_t *data, uint64_t *idx, uint64_t *state);

/* Put retired volumes that nobody has collected back into the pool. */
void volume_unretire(groove_data_t *data);

#endif /* GROOVE_VOLUME_PRIVATE_H */
