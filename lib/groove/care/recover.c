/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Recovery: return what dead joins left, while others work. The programmer's guide, "Recovery", has the argument.
 *
 * 1. Become the recoverer of each dead join, by a swap of its record's state: from here on only the recoverer changes
 * the record and the slots that the dead join cached (recover_dead.c).
 * 2. Count what it cached, and settle its counters: they say what it had done, less what it had only begun
 *    (recover_count.c).
 * 3. Return the slots that it cached (recover_cached.c).
 * 4. Look at all that it had named as in its hands: return what nobody has any more (recover_held.c).
 * 5. Give back its record.
 *
 * A recoverer may die in its turn: its own recoverer goes on with what it held and with those that it was the recoverer
 * of. A living join that has the same thing in its hands makes recovery leave it for the next time, and all else is
 * returned.
 */

#include <groove_data.h>

#include <inttypes.h>

#include "config.h"
#include "join_handle.h"
#include "log.h"
#include "news.h"
#include "pool.h"
#include "record.h"
#include "recovery.h"

/* Return what all dead joins held that this join recovers. */
static void
return_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;

	for (uint64_t i = 0; i < data->join_max; i++)
		if (is_recoverer(data, state_of(data, i), RECORD_SETTLED))
			recover_write_off(record_of(data, i));
	recover_each(recovery, recover_superblock);
	for (uint64_t i = 0; i < data->join_max; i++) {
		/* Volumes last: one that has a superblock half returned is not empty until that is gone. */
		if (!is_recoverer(data, state_of(data, i), RECORD_SETTLED) ||
			!recover_names(recovery, record_of(data, i), true) ||
			!recover_names(recovery, record_of(data, i), false))
			continue;
		recover_record_give(data, i);
		recovery->report->join_cnt++;
	}
	pool_recount(&data->pool);
}

void
recover_own(groove_data_t *data)
{
	struct recover_report report = {0};
	struct recovery recovery = {.data = data, .report = &report, .own = true};

	recover_settle_one(&recovery, data->join_idx);
	recover_names_forget(data);
	recover_each(&recovery, recover_superblock_own);
	news_any(data);
}

/* Whether the shared region can be trusted as far as it must be, and this join reaches all volumes. */
static int
check_reach(const groove_data_t *data)
{
	if (!config_is_sound(data)) {
		GROOVE_LOG(ERR, "recover: damaged configuration at %p\n", (const void *)data->shdata);
		return GROOVE_ERR_CORRUPT;
	}

	const uint64_t top = pool_volume_top(pool_shared(&data->pool));

	if (top <= data->pool.volume_max)
		return GROOVE_SUCCESS;
	GROOVE_LOG(ERR,
		"recover: volume %" PRIu64 " is beyond the join's volume_max %" PRIu64 ": join with a larger one\n",
		top - 1, data->pool.volume_max);
	return GROOVE_ERR_INVAL;
}

/* Whether this join is the recoverer of any other, or a search for what one had is due. */
static bool
has_work(const groove_data_t *data)
{
	return recover_dead_cnt(data, RECORD_DEAD) != 0 || recover_dead_cnt(data, RECORD_SETTLED) != 0 ||
	       /* Acquire pairs with the release of the join that made it due. */
	       (__atomic_load_n(&data->shdata->search, __ATOMIC_ACQUIRE) & SEARCH_DUE) != 0;
}

int
recover(groove_data_t *data, groove_data_dead_fn dead, void *arg, struct recover_report *report)
{
	struct recovery recovery = {.data = data, .report = report};
	bool any, searched;
	int err;

	*report = (struct recover_report){0};
	if (!join_check(data, "recover"))
		return GROOVE_ERR_INVAL;
	err = check_reach(data);
	if (err != GROOVE_SUCCESS)
		return err;
	recover_claim_dead(data, dead, arg);
	while (recover_claim_inherited(data))
		;
	any = has_work(data);
	recover_settle_all(&recovery);
	if (dead == NULL || recover_dead_cnt(data, RECORD_SETTLED) != 0)
		return_all(&recovery);
	searched = recover_search(&recovery);
	/* Else nothing was there to come back: those that found nothing need not look again. */
	if (any || report->slot_cnt != 0)
		news_any(data);
	record_resign(data->shdata, data->join_max, data->join_idx); /* so that any other may go on with what is left */
	if (recovery.damaged || recover_any_damaged(data))
		return GROOVE_ERR_CORRUPT;
	return recover_dead_are_left(data) || !searched ? GROOVE_ERR_AGAIN : GROOVE_SUCCESS;
}

int
groove_data_recover(groove_data_t *data, groove_data_dead_fn dead, void *arg)
{
	struct recover_report report;

	return recover(data, dead, arg, &report);
}
