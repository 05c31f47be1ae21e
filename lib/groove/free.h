/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_FREE_H
#define GROOVE_FREE_H

/*
 * What single and bulk free share. An object that is live keeps its volume in the groove, so only putting slots back
 * needs an epoch.
 */

#include "join.h"

/* A live object that was found where its address says. */
struct free_target {
	groove_data_hdr_t *hdr;
	uint64_t bits;	/* the header's word when it was checked */
	uint64_t block; /* of the superblock */
};

/* Find a live object and check everything about it. GROOVE_SUCCESS; GROOVE_ERR_INVAL or _CORRUPT, logged. */
int free_find(const groove_data_t *data, void *obj, struct free_target *target);

/*
 * Win a live object: its header goes to another word, once. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged, when another was
 * faster.
 */
int free_win(const struct free_target *target, const void *obj, uint64_t word);

/* Free a live object, but for the counters. target: receives what it was. As groove_data_free(). */
int free_uncounted(groove_data_t *data, void *obj, struct free_target *target);

/* Make an object that was won as FREEING live again. */
void free_undo(void *obj);

/* Free an object that was won as FREEING. */
int free_freeing(groove_data_t *data, void *obj);

#endif /* GROOVE_FREE_H */
