/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * What a dead join had held whose record was taken over (adopt.h): its names are gone with the record, so all is
 * searched for it.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "epoch.h"
#include "hold.h"
#include "log.h"
#include "recovery.h"
#include "superblock_trim.h"

static void
search_become_due(groove_data_t *data)
{
	uint64_t search = __atomic_load_n(&data->shdata->search, __ATOMIC_RELAXED);

	/* Release: the join that ends the search has seen what the dead join left. */
	while (!__atomic_compare_exchange_n(
		&data->shdata->search, &search, (search | SEARCH_DUE) + 2, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

void
recover_names_forget(groove_data_t *data)
{
	struct groove_record *record = data->record;
	uint64_t names = 0;

	for (uint64_t h = 0; h < HOLD_MAX; h++)
		names |= record->hold[h];
	if (names == 0)
		return;
	search_become_due(data); /* first: it is due also when this join dies here */
	for (uint64_t h = HOLD_MAX; h-- > 0;)
		__atomic_store_n(&record->hold[h], 0, __ATOMIC_RELEASE);
}

/* Entries of superblocks that are listed by their words. */
struct listing {
	struct listed {
		uint64_t entry;
		uint64_t word;
	} * listed; /* NULL: they are counted alone */
	uint64_t cnt;
	uint64_t room;
};

static void
listing_add(struct recovery *recovery, struct superblock *found)
{
	struct listing *listing = recovery->listing;

	if (sb_word_place(found->word) != SB_LISTED)
		return;
	if (listing->cnt < listing->room)
		listing->listed[listing->cnt] =
			(struct listed){.entry = entry_number(recovery->data, found->sb), .word = found->word};
	listing->cnt++;
}

/* Look again at one that was listed, unless its word has changed: then a join has taken it out of a list since. */
static void
listing_search(struct recovery *recovery, const struct listed *listed)
{
	groove_data_t *data = recovery->data;
	const uint64_t volume = listed->entry / table_cnt(data->volume_shift);
	bool same;

	epoch_enter(data);
	same = recover_volume_in_use(data, volume) &&
	       __atomic_load_n(&volume_table(data, volume)[listed->entry % table_cnt(data->volume_shift)].word,
		       __ATOMIC_ACQUIRE) == listed->word;
	epoch_leave(data);
	if (same && !recover_name(recovery, hold_name_entry(listed->entry)))
		recovery->left = true;
}

/* Take each superblock out of its list once, and put it back: that changes its word. */
static void
lists_touch(groove_data_t *data)
{
	for (uint64_t szc = 0; szc < GROOVE_DATA_SZC_CNT; szc++) {
		if (!szc_in_use(data, szc))
			continue;
		epoch_enter(data);
		superblock_trim(data, szc);
		epoch_leave(data);
	}
}

/* Find those that are listed and in no list: of all that are listed, what can be touched by no join. */
static void
search_lists(struct recovery *recovery)
{
	struct listing listing = {0};

	recovery->listing = &listing;
	recover_each(recovery, listing_add);
	listing.room = listing.cnt + listing.cnt / 8 + 64; /* others go on */
	listing.cnt = 0;
	listing.listed = calloc(listing.room, sizeof(*listing.listed));
	if (listing.listed == NULL) {
		GROOVE_LOG(ERR, "recover: no memory to search with: %" PRIu64 " bytes; make room, call again\n",
			listing.room * sizeof(*listing.listed));
		recovery->left = true;
		recovery->listing = NULL;
		return;
	}
	recover_each(recovery, listing_add);
	if (listing.cnt > listing.room) {
		recovery->left = true;
		listing.cnt = listing.room;
	}
	lists_touch(recovery->data);
	for (uint64_t i = 0; i < listing.cnt; i++)
		listing_search(recovery, &listing.listed[i]);
	free(listing.listed);
	recovery->listing = NULL;
}

/* As recover_superblock(), also what is active and in no slot. */
static void
superblock_search_all(struct recovery *recovery, struct superblock *found)
{
	const groove_data_t *data = recovery->data;

	if (sb_word_place(found->word) == SB_ACTIVE && !superblock_in_slot(data, found->szc, found->block) &&
		recover_name_once(recovery, hold_name_entry(entry_number(data, found->sb))) != FINDING_DONE)
		recovery->left = true;
	else
		recover_superblock(recovery, found);
}

/* From the inside out: what lies in another superblock is recovered before that. */
#define SEARCH_PASSES 16

static bool
search_all(struct recovery *recovery)
{
	groove_data_t *data = recovery->data;

	for (int i = 0; i < SEARCH_PASSES; i++) {
		recovery->left = false;
		recover_each(recovery, superblock_search_all);
		search_lists(recovery);
		for (uint64_t v = 0; v < data->pool.volume_max; v++)
			if (!recover_name(recovery, hold_name_volumes(v, 1)))
				recovery->left = true;
		if (!recovery->left)
			return true;
	}
	return false;
}

bool
recover_search(struct recovery *recovery)
{
	uint64_t *word = &recovery->data->shdata->search;
	uint64_t due = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	if ((due & SEARCH_DUE) == 0)
		return true;
	/* Fails when it has become due again since. */
	return search_all(recovery) &&
	       __atomic_compare_exchange_n(word, &due, due & ~SEARCH_DUE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
