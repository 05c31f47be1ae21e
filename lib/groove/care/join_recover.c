/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "join_recover.h"

#include "join.h"
#include "recover.h"

groove_data_t *
join_owned(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	const struct join_owner *owner, const struct join_dead *dead)
{
	struct recover_report report;
	struct adopted was = {0};

	if (join_make(ljoin, shdata, volume0, volume_max, cgroup_hint, owner, dead, &was) == NULL)
		return NULL;
	if (dead == NULL || was.state == 0) /* none was adopted */
		return ljoin;
	recover_own(ljoin);
	recover(ljoin, dead->fn, dead->arg, &report); /* what is left, the next recovery finds */
	return ljoin;
}

groove_data_t *
groove_data_join_recover(groove_data_t *ljoin, void *shdata, void *volume0, uint64_t volume_max, uint64_t cgroup_hint,
	groove_data_dead_fn dead, void *arg)
{
	const struct join_dead asked = {.fn = dead, .arg = arg};

	return join_owned(ljoin, shdata, volume0, volume_max, cgroup_hint, NULL, dead != NULL ? &asked : NULL);
}
