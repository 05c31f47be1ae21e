/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_SHARE_ROOT_H
#define STRESS_SHARE_ROOT_H

/** @file Which region a run shares, and its root words: share.h. */

#include "options.h"

#define STRESS_ROOT_TABLE 7 /**< Handle of the slot table. */
#define STRESS_ROOT_MADE  6 /**< 1: this program made the groove. */

static inline groove_region_id_t
stress_share_id(const struct stress_options *options)
{
	return (groove_region_id_t){
		.driver = options->driver,
		.name = options->name,
		.dir = options->dir,
		.flags = options->trust_owner ? GROOVE_REGION_TRUST : 0,
	};
}

#endif /* STRESS_SHARE_ROOT_H */
