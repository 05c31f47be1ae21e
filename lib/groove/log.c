/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "log.h"

#include <time.h>

#include <rte_common.h>

int groove_logtype;
uint32_t groove_log_per_second = 10;

RTE_INIT(groove_log_init)
{
	groove_logtype = rte_log_register_type_and_pick_level("lib.groove", RTE_LOG_NOTICE);
	if (groove_logtype < 0)
		groove_logtype = RTE_LOGTYPE_USER1; /* no memory for a name: messages still come out */
}

bool
groove_log_admit(void)
{
	/* Second in the upper half, messages in it in the lower. Relaxed: it guards nothing but itself. */
	static uint64_t window;

	struct timespec now;
	uint64_t old = __atomic_load_n(&window, __ATOMIC_RELAXED);
	uint64_t next;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);

	const uint64_t second = ((uint64_t)now.tv_sec + 1) << 32;

	do {
		next = (old & ~(uint64_t)UINT32_MAX) == second ? old + 1 : second + 1;
		if ((uint32_t)next > groove_log_per_second)
			return false;
	} while (!__atomic_compare_exchange_n(&window, &old, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}
