/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_JOIN_H
#define GROOVE_JOIN_H

/*
 * Join and leave.
 */

#include "adopt.h"

/*
 * groove_data_join() of an owner (NULL: unknown) that takes over a dead join's record when none is vacant, as
 * groove_data_join_recover() does; dead NULL: it does not. Where it did, *was has a state: what the dead join left is
 * to be put right before anything else (join_recover.h).
 */
groove_data_t *join_make(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead, struct adopted *was);

#endif /* GROOVE_JOIN_H */
