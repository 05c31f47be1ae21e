/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Counts that are read while a join counts, and notes what their words have no bits for. */

#include <counter.h>
#include <stats.h>

#include "check.h"
#include "scenarios.h"
#include "scene.h"

#define COUNTED_SZ   1000U
#define COUNTED_SZC  (groove_data_szc(COUNTED_SZ + GROOVE_DATA_HDR_FOOTPRINT))
#define COUNTED_CNT  5U		 /* allocs, and notes: with the last the first word has gone round */
#define COUNTED_MANY (1UL << 20) /* calls from one note to the next */

static uint64_t turns;	/* that thread 0 has made */
static uint64_t before; /* allocs before the first */

/* All slots that thread 0 takes are cached by it. */
static int
setup_counted(void)
{
	groove_data_t *join = &world.join[0];
	void *objs[COUNTED_CNT];

	if (world_make(1) != 0)
		return -1;
	EXPECT(groove_data_alloc_bulk(join, 0, COUNTED_SZ, NULL, objs, COUNTED_CNT) == GROOVE_SUCCESS, "alloc");
	EXPECT(groove_data_free_bulk(join, objs, COUNTED_CNT) == GROOVE_SUCCESS, "free");
	for (unsigned int dir = 0; dir < 2; dir++)
		counter_set(join->record, COUNTED_SZC, dir, (struct counter_total){COUNTED_MANY, 0});
	turns = 0;
	before = COUNTED_MANY;
	schedule_watch_nothing();
	schedule_watch(&join->record->count[COUNTED_SZC].calls[GROOVE_COUNT_ALLOC], 8);
	schedule_watch(&join->record->count_high[COUNTED_SZC].calls[GROOVE_COUNT_ALLOC], 8);
	schedule_undo(&turns, sizeof(turns));
	return 0;
}

/* Each alloc is the first after so many calls. As many frees are counted, so no object more. */
static void
count_0(void)
{
	struct groove_record *record = world.join[0].record;

	for (unsigned int i = 0; i < COUNTED_CNT; i++) {
		do_alloc(0, COUNTED_SZ);
		schedule_write(&record->count[COUNTED_SZC], sizeof(record->count[0]));
		schedule_write(&record->count_high[COUNTED_SZC], sizeof(record->count_high[0]));
		for (unsigned int dir = 0; dir < 2; dir++)
			record->count[COUNTED_SZC].calls[dir] += COUNTED_MANY - 1;
		counter_note(record, COUNTED_SZC, GROOVE_COUNT_FREE);
		schedule_write(&turns, sizeof(turns));
		turns++;
	}
}

/* No alloc that was counted before is missing, and none is counted that has not begun. */
static void
read_1(void)
{
	static groove_data_stats_t stats;
	const uint64_t least = before + turns * COUNTED_MANY;

	groove_data_stats(&world.join[1], &stats);
	outcomes[1].wrong_cnt += stats.szc[COUNTED_SZC].alloc_cnt < least ||
				 stats.szc[COUNTED_SZC].alloc_cnt > before + turns * COUNTED_MANY + 1;
}

static int
check_counted(void)
{
	return check_all(COUNTED_CNT, 0, 0, 0);
}

/* ---- what live objects take at least ---- */

static const uint64_t least_sz[] = {1000, 3000};

#define LEAST_CNT (sizeof(least_sz) / sizeof(least_sz[0]))

static int
setup_least(void)
{
	groove_data_t *join = &world.join[0];

	if (world_make(1) != 0)
		return -1;
	schedule_watch_nothing();
	for (unsigned int i = 0; i < LEAST_CNT; i++) {
		const uint64_t szc = groove_data_szc(least_sz[i] + GROOVE_DATA_HDR_FOOTPRINT);
		void *obj = groove_data_alloc(join, 0, least_sz[i], 0, NULL);

		EXPECT(obj != NULL && groove_data_free(join, obj) == GROOVE_SUCCESS, "a slot that is cached");
		schedule_watch(&join->record->count[szc], sizeof(join->record->count[szc]));
	}
	return 0;
}

/* One object at a time is live, of one class and of another. */
static void
churn_0(void)
{
	for (unsigned int i = 0; i < 2 * LEAST_CNT; i++) {
		void *obj = groove_data_alloc(&world.join[0], 0, least_sz[i % LEAST_CNT], 0, NULL);

		outcomes[0].wrong_cnt += obj == NULL || groove_data_free(&world.join[0], obj) != GROOVE_SUCCESS;
	}
}

/* So no more than the larger one takes. */
static void
least_1(void)
{
	const uint64_t szc = groove_data_szc(least_sz[LEAST_CNT - 1] + GROOVE_DATA_HDR_FOOTPRINT);

	outcomes[1].wrong_cnt += stats_slot_bytes_least(&world.join[1]) > groove_data_szc_cfg[szc].obj_footprint;
}

static int
check_least(void)
{
	EXPECT(stats_slot_bytes_least(&world.join[1]) == 0, "nothing is live");
	return check_all(0, 0, 0, 0);
}

const struct scenario count_scenarios[] = {
	{"count-note", 2, setup_counted, {count_0, read_1}, check_counted},
	{"count-least", 2, setup_least, {churn_0, least_1}, check_least},
	{0},
};
