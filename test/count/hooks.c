/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Each write is reported to the counter. */

#include "hooks.h"
#include "count.h"

void
hooks_write(void *addr, uint64_t sz, const void *site)
{
	(void)sz;
	(void)site;
	count_write(addr, COUNT_STORE);
}

void
hooks_atomic(void *addr, uint64_t sz, enum hooks_op op, int mo, const void *site)
{
	(void)sz;
	(void)site;
	if (op != HOOKS_LOAD)
		count_write(addr, op == HOOKS_MODIFY || mo == __ATOMIC_SEQ_CST ? COUNT_ATOMIC : COUNT_STORE);
}
