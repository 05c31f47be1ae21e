/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SUPERBLOCK_BIRTH_H
#define GROOVE_SUPERBLOCK_BIRTH_H

/*
 * Memory becomes a superblock. Inside an epoch (epoch.h).
 */

#include "geometry.h"

/* Memory for a superblock: a slot of a host class, or a volume. What it is of is held. */
struct memory {
	uint64_t host;	/* GROOVE_DATA_SZC_VOLUME: a volume */
	uint64_t block; /* of the groove */
	uint64_t idx;	/* of the slot */
};

/*
 * Make a superblock of szc, held, all slots free, of memory, whose hold was the last and ends. GROOVE_SUCCESS, or
 * GROOVE_ERR_CORRUPT, logged.
 */
int superblock_make(groove_data_t *data, uint64_t szc, const struct memory *memory);

#endif /* GROOVE_SUPERBLOCK_BIRTH_H */
