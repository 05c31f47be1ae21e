/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_ADOPT_H
#define GROOVE_ADOPT_H

/*
 * When dead joins have all records, a join takes over one of these.
 */

#include "owner.h"

/* Which joins are dead, by index: for groove_data_recover(). */
struct join_dead {
	groove_data_dead_fn fn;
	void *arg;
};

/* What a record was before it was adopted. */
struct adopted {
	uint64_t state;
	uint64_t owner;
};

/* Take over the record of a dead join. With an owner, its word shows which process is dead. NULL: none is. */
struct groove_record *record_adopt(struct groove_shdata *shdata, uint64_t volume_max, const struct join_owner *owner,
	const struct join_dead *dead, struct adopted *was);

/* Keep a record that was adopted. */
void record_adopted(struct groove_record *record);

/* Have it be what it was, before anything in it was changed. */
void record_unadopt(struct groove_record *record, const struct adopted *was);

#endif /* GROOVE_ADOPT_H */
