/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_FULL_H
#define GROOVE_FULL_H

/*
 * What a join remembers of classes that had nothing. A look for memory that is short begins with the news; a claim of a
 * class that finds nothing in the look notes what had come by then of this class and of all larger ones, as what serves
 * a claim is a slot of its class, or memory for a superblock, which are slots of larger classes and volumes. As long as
 * that is the same the class has nothing, and a claim is answered by a comparison. So is each part of it
 * (enum full_kind): what one class has not got others that look there as well need not look for again.
 *
 * A claim that takes all there is finds more than one that leaves the reserve and what is being drained, so each has
 * its own notes.
 */

#include <stdbool.h>

#include "geometry.h"
#include "shelf.h"

/* Begin a look: read the news of a class and of all larger ones. */
void full_look_begin(groove_data_t *data, uint64_t szc);

/* Whether anything came of a class, or a larger one, since the look began. */
bool full_has_news(const groove_data_t *data, uint64_t szc);

static inline void
full_look_end(groove_data_t *data)
{
	cache_of(data)->full.looks = false;
}

/* What a note says that is made now. What is available of a class depends on that class alone. */
static inline uint64_t
full_stamp(const struct groove_full *full, enum full_kind kind, uint64_t szc)
{
	return (kind == FULL_THERE ? full->came_there[szc >> NEWS_SHIFT] : full->came[szc >> NEWS_SHIFT]) + 1;
}

/* Whether an earlier look found nothing of a class, and nothing came since. In a look. */
static inline bool
full_is_noted(const groove_data_t *data, enum full_kind kind, uint64_t szc)
{
	const struct groove_cache *cache = cache_of(data);
	const struct groove_full *full = &cache->full;

	return full->full[cache->takes_all][kind][szc] == full_stamp(full, kind, szc);
}

/* The same, whatever a claim may take. */
static inline bool
full_is_noted_wholly(const groove_data_t *data, uint64_t szc)
{
	const struct groove_full *full = &cache_of(data)->full;

	return full->full[1][FULL_ANY][szc] == full_stamp(full, FULL_ANY, szc);
}

static inline bool
full_is_known(const groove_data_t *data, enum full_kind kind, uint64_t szc)
{
	return __builtin_expect(cache_of(data)->full.looks, 0) && full_is_noted(data, kind, szc);
}

/* A claim of a class found nothing. Of use in a look. */
static inline void
full_note(groove_data_t *data, enum full_kind kind, uint64_t szc)
{
	struct groove_cache *cache = cache_of(data);

	if (cache->full.looks)
		cache->full.full[cache->takes_all][kind][szc] = full_stamp(&cache->full, kind, szc);
}

/* Whether a class had nothing beyond the reserve when it was claimed from last. */
static inline bool
full_was_said(const groove_data_t *data, uint64_t szc)
{
	return __builtin_expect(cache_of(data)->full.full[0][FULL_ANY][szc] != 0, 0);
}

/* Whether it is known, in a look or not, that a class has nothing beyond the reserve. */
bool full_is_remembered(groove_data_t *data, uint64_t szc);

#endif /* GROOVE_FULL_H */
