/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_JOIN_RECOVER_H
#define GROOVE_JOIN_RECOVER_H

/*
 * A join that takes over the record of a dead one when none is vacant, and puts right what that one left.
 */

#include "adopt.h"

/*
 * groove_data_join() of an owner (NULL: unknown) that takes over a dead join's record when none is vacant, as
 * groove_data_join_recover() does; dead NULL: it does not.
 */
groove_data_t *join_owned(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead);

#endif /* GROOVE_JOIN_RECOVER_H */
