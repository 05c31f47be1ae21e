/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CHECK_H
#define CHECK_H

/* What must be true after a schedule. Each returns 0, or -1 after saying what is not. */

#include "world.h"

/* What the calls of all threads returned together. */
struct outcome outcomes_sum(void);

/* Free all there is; then all volumes that are left must be empty. freed: kept objects that threads have freed. */
int check_end(unsigned int freed);

/* The kept objects that threads freed must be as many as were freed with success; every refusal must be due. */
int check_all(unsigned int objs, unsigned int full_max, unsigned int freed, unsigned int refused);

#endif /* CHECK_H */
