/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_log.h"

#include <stdint.h>
#include <time.h>

#define LINES_PER_S 10U

RTE_LOG_REGISTER(mp_logtype, mempool.groove, NOTICE)

bool
mp_log_admit(void)
{
	static uint64_t second_and_lines; /* seconds, then lines in the lowest byte */
	struct timespec now;
	uint64_t before, after;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* Relaxed: it orders nothing. */
	before = __atomic_load_n(&second_and_lines, __ATOMIC_RELAXED);
	after = (uint64_t)now.tv_sec << 8;
	if (before >> 8 == after >> 8)
		after = before + 1;
	if ((after & UINT8_MAX) >= LINES_PER_S)
		return false;
	return __atomic_compare_exchange_n(
		&second_and_lines, &before, after, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
