/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ZONE_RESERVE_H
#define ZONE_RESERVE_H

/* Memory for a region: on which pages of EAL, on which node. Private to the memzone driver. */

#include <rte_memzone.h>

#include "room.h"

/* Whether EAL was started so that there can be such pages: GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
int zone_check_setup(const groove_volume_request_t *request);

/* A memzone for a region; NULL, logged, with the error. */
const struct rte_memzone *zone_make(const struct need *need, int *err);

/* Give it back to EAL. */
void zone_release(const struct rte_memzone *zone);

#endif /* ZONE_RESERVE_H */
