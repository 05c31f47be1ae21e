/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef MP_OPS_H
#define MP_OPS_H

#include "mp_pool.h"

#define MP_OPS_NAME "groove"

/* The pool of a mempool; NULL: it is none of this driver, or has no elements yet. */
struct mp_pool *mp_of(const struct rte_mempool *mp);

#endif /* MP_OPS_H */
