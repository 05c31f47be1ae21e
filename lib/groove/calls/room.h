/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_ROOM_H
#define GROOVE_ROOM_H

/*
 * Room that a join can make where a claim finds none: give back what it caches, return superblocks that are empty, take
 * volumes back that were retired, end a drain. Each costs those calls that come after, so it is done when it helps, and
 * once for each change: what the join did since the last time is looked at, superblock by superblock, without a change
 * of anything; of what others did the news tell (engine/news.h).
 */

#include <stdbool.h>

#include "geometry.h"
#include "shelf.h"

/* Slots of a class were claimed for its shelf: superblocks that were made for them may be in nobody else's use. */
static inline void
room_note_refill(groove_data_t *data, uint64_t szc)
{
	struct groove_room *room = &cache_of(data)->room;

	room->refilled |= 1UL << szc;
	room->refill_cnt++;
}

/* Make room for a class, for an object of an alignment. False: there is none that was not there before. In a look. */
bool room_make(groove_data_t *data, uint64_t align, uint64_t szc);

/* A look found nothing for such an object, with all room made. */
void room_note_none(groove_data_t *data, uint64_t align, uint64_t szc);

/*
 * Whether that is so still: nothing came or became empty anywhere, and this join has neither freed, put nor cached
 * anything, since.
 */
bool room_is_none_still(groove_data_t *data, uint64_t align, uint64_t szc);

#endif /* GROOVE_ROOM_H */
