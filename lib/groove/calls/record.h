/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_RECORD_H
#define GROOVE_RECORD_H

/*
 * A join's record in the shared region: taken vacant, given back.
 */

#include "owner.h"

/* Take a vacant record, and publish in it how many volumes the join reaches. NULL when there is none. */
struct groove_record *record_take(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner);

/* Give a record up, which only the caller changes: that of its own join, or of a dead one it has recovered. */
void record_give(struct groove_record *record);

/* Swap an owner's word, or its mark, for another, if it is there still. */
void owner_replace(struct groove_record *record, uint64_t word, uint64_t by);

/* A join leaves the dead joins that it recovers: the next to recover becomes their recoverer. */
void record_resign(struct groove_shdata *shdata, uint64_t join_max, uint64_t join_idx);

#endif /* GROOVE_RECORD_H */
