/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "verify_marks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "list.h"
#include "log.h"
#include "pool.h"
#include "sb_word.h"

int
mark_damage(const groove_data_t *data, uint64_t szc, uint64_t block, const char *what)
{
	GROOVE_LOG(ERR, "superblock of class %" PRIu64 " in volume %" PRIu64 " at offset %#" PRIx64 ": %s\n", szc,
		block_volume(data, block), block_in_volume(data, block) * GROOVE_BLOCK_FOOTPRINT, what);
	return GROOVE_ERR_CORRUPT;
}

uint8_t *
mark_of(const struct marks *marks, uint64_t szc, uint64_t block)
{
	const uint64_t volume = block_volume(marks->data, block);
	const uint64_t entry = (uint64_t)(sb_entry(marks->data, szc, block) - volume_table(marks->data, volume));

	return marks->volume[volume] != NULL ? &marks->volume[volume][entry] : NULL;
}

/* Check a superblock that a slot or list leads to, and mark it. */
static int
mark_place(struct marks *marks, uint64_t szc, uint64_t block, enum mark mark)
{
	const groove_data_t *data = marks->data;
	const enum sb_place place = mark == MARK_IN_SLOT ? SB_ACTIVE : SB_LISTED;

	if (!pool_uses_block(data, block))
		return mark_damage(data, szc, block, "a slot or list leads out of the volumes in use");

	const struct groove_sb *sb = sb_entry(data, szc, block);
	uint8_t *seen = mark_of(marks, szc, block);

	if (!sb_is(data, sb, szc, block))
		return mark_damage(data, szc, block, "in a slot or list, but there is none, or one of another class");
	if (sb_word_place(sb->word) != place)
		return mark_damage(data, szc, block,
			mark == MARK_IN_SLOT ? "in a slot, its word says otherwise"
					     : "in a list, its word says otherwise");
	if (seen == NULL)
		return GROOVE_SUCCESS;
	if ((*seen & (MARK_IN_SLOT | MARK_IN_LIST)) != 0)
		return mark_damage(data, szc, block, "twice in slots or lists");
	*seen |= (uint8_t)mark;
	return GROOVE_SUCCESS;
}

static int
mark_chain(struct marks *marks, uint64_t szc, uint64_t block)
{
	const groove_data_t *data = marks->data;

	for (; block != 0; block = *entry_link(data, sb_entry(data, szc, block))) {
		if (marks->step_max-- == 0)
			return mark_damage(data, szc, block, "in a list without end");

		const int err = mark_place(marks, szc, block, MARK_IN_LIST);

		if (err != GROOVE_SUCCESS)
			return err;
	}
	return GROOVE_SUCCESS;
}

/* Groups of a class: beyond them, and for classes that are not in use, there must be nothing. */
static uint64_t
group_cnt(const groove_data_t *data, uint64_t szc)
{
	return szc < GROOVE_DATA_SZC_CNT && szc_in_use(data, szc) ? groove_data_szc_cfg[szc].cgroup_mask + 1UL : 0;
}

/* Whether a class has a slot or list of a group, or one of the lists that are not of a group. */
static bool
head_exists(const groove_data_t *data, uint64_t group, uint64_t szc, enum mark mark)
{
	const uint64_t cnt = group_cnt(data, szc);

	return group < cnt || (cnt > 0 && mark == MARK_IN_LIST && group >= LIST_GROUP_CNT);
}

/* What a slot or the head of a list leads to. */
static int
mark_head(struct marks *marks, uint64_t group, uint64_t szc, uint64_t head, enum mark mark)
{
	const uint64_t block = list_head_first(head);

	if (block == 0)
		return GROOVE_SUCCESS;
	if (!head_exists(marks->data, group, szc, mark)) {
		GROOVE_LOG(ERR, "%s of class %" PRIu64 " and group %" PRIu64 ", which do not exist, is in use\n",
			mark == MARK_IN_SLOT ? "active slot" : "list", szc, group);
		return GROOVE_ERR_CORRUPT;
	}
	return mark == MARK_IN_SLOT ? mark_place(marks, szc, block, mark) : mark_chain(marks, szc, block);
}

int
mark_all(struct marks *marks)
{
	const struct groove_shdata *shdata = marks->data->shdata;
	int err = GROOVE_SUCCESS;

	for (uint64_t szc = 0; err == GROOVE_SUCCESS && szc < SHDATA_SZC_PITCH; szc++) {
		for (uint64_t group = 0; err == GROOVE_SUCCESS && group < GROOVE_DATA_SZC_CGROUP_MAX; group++)
			err = mark_head(marks, group, szc, shdata->active[group][szc], MARK_IN_SLOT);
		for (uint64_t group = 0; err == GROOVE_SUCCESS && group < LIST_CNT; group++)
			err = mark_head(marks, group, szc, shdata->list[group][szc], MARK_IN_LIST);
	}
	return err;
}

void
marks_close(struct marks *marks)
{
	for (uint64_t i = 0; marks->volume != NULL && i < marks->data->pool.volume_max; i++)
		free(marks->volume[i]);
	free(marks->volume);
}

int
marks_open(struct marks *marks, const groove_data_t *data, uint64_t first, uint64_t last)
{
	const uint64_t entries = table_cnt(data->volume_shift);
	bool complete = true;

	*marks = (struct marks){.data = data};
	marks->volume = calloc(data->pool.volume_max, sizeof(*marks->volume));
	complete = marks->volume != NULL;
	for (uint64_t i = 0; complete && i < data->pool.volume_max; i++) {
		if (!pool_in_groove(&data->pool, i))
			continue;
		marks->step_max += entries;
		if (i < first || i > last)
			continue;
		marks->volume[i] = calloc(entries, 1);
		complete = marks->volume[i] != NULL;
	}
	if (complete)
		return GROOVE_SUCCESS;
	GROOVE_LOG(ERR, "verify: no memory for the marks of %" PRIu64 " superblocks\n", marks->step_max);
	marks_close(marks);
	return GROOVE_ERR_AGAIN;
}
