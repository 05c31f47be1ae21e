/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_VERIFY_MARKS_H
#define GROOVE_VERIFY_MARKS_H

/*
 * For verify: which superblocks the active slots and lists of an idle groove lead to, marked in a copy of each table.
 */

#include "geometry.h"

enum mark {
	MARK_IN_SLOT = 1,
	MARK_IN_LIST = 2,
	MARK_MET = 4, /* in the walk of the headers */
};

struct marks {
	const groove_data_t *data;
	uint8_t **volume;  /* a byte for each entry of its table; NULL: not being checked */
	uint64_t step_max; /* steps until lists must have ended */
};

/* Make marks for the volumes [first, last]. GROOVE_ERR_AGAIN, logged: no memory. */
int marks_open(struct marks *marks, const groove_data_t *data, uint64_t first, uint64_t last);

void marks_close(struct marks *marks);

/* Walk all active slots and lists, and mark what they lead to. GROOVE_ERR_CORRUPT, logged. */
int mark_all(struct marks *marks);

/* The mark of a superblock whose block is in range; NULL when its volume is not being checked. */
uint8_t *mark_of(const struct marks *marks, uint64_t szc, uint64_t block);

/* Log damage of a superblock. GROOVE_ERR_CORRUPT. */
int mark_damage(const groove_data_t *data, uint64_t szc, uint64_t block, const char *what);

#endif /* GROOVE_VERIFY_MARKS_H */
