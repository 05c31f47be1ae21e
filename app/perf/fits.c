/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <stdlib.h>

#include "fits.h"

static uint64_t
fits_in(uint64_t room, uint64_t hdr, uint64_t slot)
{
	return room > hdr ? (room - hdr) / slot : 0;
}

uint64_t
perf_fits_slots(const struct perf_freed *freed, uint64_t cnt, uint64_t hdr, uint64_t slot)
{
	uint64_t objs = 0;

	for (uint64_t i = 0; i < cnt; i++)
		objs += fits_in(freed[i].sz, hdr, slot);
	return objs;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t x = ((const struct perf_freed *)a)->addr;
	const uint64_t y = ((const struct perf_freed *)b)->addr;

	return (x > y) - (x < y);
}

/* Whether a slot lies right after another one, and is as large. */
static int
is_next(const struct perf_freed *slot, const struct perf_freed *after)
{
	return after->sz == slot->sz && after->addr == slot->addr + slot->sz;
}

uint64_t
perf_fits_runs(struct perf_freed *freed, uint64_t cnt, uint64_t hdr, uint64_t slot)
{
	uint64_t objs = 0;
	uint64_t first = 0;

	qsort(freed, cnt, sizeof(*freed), compare);
	for (uint64_t i = 0; i < cnt; i++) {
		if (i + 1 < cnt && is_next(&freed[i], &freed[i + 1]))
			continue;
		objs += fits_in((i + 1 - first) * freed[i].sz, hdr, slot);
		first = i + 1;
	}
	return objs;
}
