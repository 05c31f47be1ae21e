/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "count.h"

#include <stddef.h>
#include <string.h>

#include <shared.h>

#define LATER_MAX 1024 /* writes to volumes in one call; what is beyond is no header of an object of this call */

struct range {
	uintptr_t begin;
	uintptr_t size;
};

struct later {
	uintptr_t addr;
	enum count_write kind;
};

/* The count of a thread. */
struct counter {
	bool on;
	struct count_tally *call; /* of the call that the thread is in; NULL: in none */
	struct range region;
	struct range record;
	struct range volumes;
	struct count_tally tally[COUNT_CALL_CNT];
	uint32_t later_cnt;
	struct later later[LATER_MAX]; /* writes of this call to volumes: which object it handles is known at its end */
};

static __thread struct counter counter;

static bool
is_in(const struct range *range, uintptr_t addr)
{
	return addr - range->begin < range->size;
}

/* ---- on and off ---- */

void
count_begin(const groove_data_t *join)
{
	const uint8_t *volume0 = groove_data_volume0_const(join);
	const uint8_t *volume1 = groove_data_volume1_const(join);

	memset(&counter, 0, sizeof(counter));
	counter.region = (struct range){(uintptr_t)join->shdata, join->shdata->footprint};
	counter.record = (struct range){(uintptr_t)join->record, sizeof(*join->record)};
	counter.volumes = (struct range){(uintptr_t)volume0, (uintptr_t)(volume1 - volume0)};
	counter.on = true;
}

const struct count_tally *
count_end(void)
{
	counter.on = false;
	return counter.tally;
}

/* ---- writes ---- */

static void
tally_other(struct count_tally *tally, enum count_write kind)
{
	if (kind == COUNT_ATOMIC)
		tally->shared++;
	else
		tally->stores++;
}

static void
tally_region(struct count_tally *tally, uintptr_t addr, enum count_write kind)
{
	const bool own = is_in(&counter.record, addr);

	if (own && kind == COUNT_ATOMIC)
		tally->record++;
	if (!own || kind == COUNT_ATOMIC)
		tally_other(tally, kind);
}

void
count_write(const volatile void *at, enum count_write kind)
{
	const uintptr_t addr = (uintptr_t)at;
	struct count_tally *tally = counter.call;

	if (tally == NULL)
		return;
	if (is_in(&counter.region, addr)) {
		tally->seen++;
		tally_region(tally, addr, kind);
	} else if (is_in(&counter.volumes, addr)) {
		tally->seen++;
		if (counter.later_cnt < LATER_MAX)
			counter.later[counter.later_cnt++] = (struct later){addr, kind};
		else
			tally_other(tally, kind);
	}
}

/* ---- calls ---- */

void
count_enter(enum count_call call)
{
	if (!counter.on)
		return;
	counter.later_cnt = 0;
	counter.call = &counter.tally[call];
}

/* Objects of the default alignment have their headers right before them. */
static bool
is_header(uintptr_t addr, void *const *objs, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		const struct range header = {(uintptr_t)objs[i] - GROOVE_DATA_HDR_FOOTPRINT, GROOVE_DATA_HDR_FOOTPRINT};

		if (is_in(&header, addr))
			return true;
	}
	return false;
}

void
count_leave(void *const *objs, uint64_t n)
{
	struct count_tally *tally = counter.call;

	if (tally == NULL)
		return;
	counter.call = NULL;
	tally->calls += n;
	for (uint32_t i = 0; i < counter.later_cnt; i++) {
		const struct later *later = &counter.later[i];

		if (!is_header(later->addr, objs, n))
			tally_other(tally, later->kind);
		else if (later->kind == COUNT_ATOMIC)
			tally->header++;
	}
}
