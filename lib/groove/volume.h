/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VOLUME_PRIVATE_H
#define GROOVE_VOLUME_PRIVATE_H

/*
 * Upkeep that alloc does before it says FULL. Made inside an epoch.
 */

#include "join.h"

/* Return all empty superblocks of all classes, and empty volumes, to where they came from. */
void trim_all(groove_data_t *data);

/* Put retired volumes that nobody has collected back into the pool. */
void volume_unretire(groove_data_t *data);

#endif /* GROOVE_VOLUME_PRIVATE_H */
