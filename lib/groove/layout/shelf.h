/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SHELF_H
#define GROOVE_SHELF_H

/*
 * What a join has for itself, in memory of its own process: a shelf of slots for each class of up to 64 KiB, and what
 * it has found out about memory that is short. Nobody else reads it.
 */

#include "counter.h"
#include "hdr.h"

#define CACHE_SZC_CNT	64    /* classes that are cached: slots of up to GROOVE_DATA_CACHE_SLOT_SZ */
#define CACHE_SLOT_MAX	512UL /* slots of a class that are cached */
#define CACHE_AGE_SLOTS 128U  /* slots that move from one look whether a class is idle to the next */

/* The slots of a shelf: the address of each | its index in the superblock. */
struct cache_slots {
	uint64_t bottom; /* 0 */
	uint64_t slot[CACHE_SLOT_MAX];
	uint64_t spare[7]; /* of whole cache lines */
};

/* How much of a class is cached: its cap grows and ends as cache_cap.h says. */
struct cache_class {
	uint16_t cap;	     /* slots that may be cached now; 0: none, the shelf is cache_slots none */
	uint16_t usual;	     /* what each slow step lets it grow to */
	uint16_t most;	     /* what bursts let it grow to */
	bool out;	     /* whether the last slow step put slots back */
	uint64_t step_calls; /* calls by then */
	uint64_t seen;	     /* calls by the last look whether the class is idle */
};

/* Freed slots that wait before they are used again, in a build with debug_checks. */
struct quarantine {
	uint32_t first; /* index of the oldest */
	uint32_t cnt;
	uint32_t cap;
	groove_data_hdr_t *slot[CACHE_SLOT_MAX / 2];
};

#define ROOM_PUTS 64 /* superblocks that are remembered to look at */

/* What a look for memory of a class can have found nothing of (engine/full.h). */
enum full_kind {
	FULL_THERE, /* free slots of the class that there are */
	FULL_OWN,   /* nor could a superblock be made in a slot of its parent's, or a volume */
	FULL_ANY,   /* nor in a slot of any other class */
	FULL_KIND_CNT,
};

/* What a look that found nothing had seen, in sums: the news, plus 1, and what the join itself did. */
struct full_said {
	uint64_t news;
	uint64_t own;
};

/* What the join knows of memory that is short: by the news (engine/news.h) when it looked last. */
struct groove_full {
	/* When this look began: what came of the classes from i << NEWS_SHIFT on, and of the first 1 << NEWS_SHIFT of
	 * these alone. */
	uint64_t came[NEWS_CNT + 1];
	uint64_t came_there[NEWS_CNT];
	/* That, plus 1, of the look that found nothing of the class; 0: none did. First those that leave the reserve.
	 */
	uint64_t full[2][FULL_KIND_CNT][SHDATA_SZC_PITCH];
	bool looks;				    /* whether came is of a look that goes on */
	struct full_said said[2][SHDATA_SZC_PITCH]; /* of those that had no room for an object (calls/room.h), of
						     * alignments up to a cache line and above; 0: none */
	struct {
		uint64_t came; /* of the classes that the result depends on, when it was worked out */
		uint32_t asks; /* times that it is still believed, if that is the same */
		bool is_reached;
	} reserve[2]; /* what reserve.h answered; indices as those of full */
};

/*
 * What the join knows of room that it could make (calls/room.h). What it has seen is so since the last time that it was
 * informed that there is none.
 */
struct groove_room {
	uint64_t put[ROOM_PUTS];	    /* superblocks that it has put slots into, last: block, class */
	uint64_t put_cnt;		    /* so many times */
	uint64_t put_seen;		    /* what it has looked at of these, */
	uint64_t refill_cnt;		    /* times that it has claimed slots for a shelf, */
	uint64_t refill_seen;		    /* looked at of these, */
	uint64_t refilled;		    /* bits of the classes of the others, */
	uint64_t emptied[LIST_GROUP_CNT];   /* of the superblocks that others left empty, */
	uint64_t waits;			    /* bits of groups of which the next of these was not written down yet, */
	uint64_t frees[CACHE_SZC_CNT];	    /* and of its own frees, */
	uint64_t frees_word[CACHE_SZC_CNT]; /* with the word that counts them */
	uint64_t back;			    /* news it has seen */
	uint64_t volumes;
	uint64_t szc[2];    /* classes of which giving back what is cached, and what is empty, makes room, */
	uint64_t szc_most;  /* and up to which class */
	uint64_t passed;    /* calls that found nothing since the last time that all was given back; */
	uint64_t pass_most; /* all is, after so many */
};

struct groove_cache {
	struct groove_shelf shelf[SHDATA_SZC_PITCH]; /* for any 7 bits of a header */
	struct cache_class class[CACHE_SZC_CNT];
	uint64_t none[2];	/* the shelf of a class that is not cached: the bottom, and no slot */
	uint64_t kept;		/* bytes of all caps */
	uint64_t most;		/* what they may be */
	uint64_t share_refused; /* bytes of all caps that the share had no room for, */
	uint64_t share_asks;	/* and how many times it is taken to have none still */
	bool over;		/* whether they are more than the share is by now */
	uint32_t moved;		/* slots that slow steps moved, and these, since the last look at a class */
	uint32_t cursor;	/* class whose idleness is looked at next */
	uint32_t reserve_asks;	/* times that the reserve is taken for reached (reserve.h) */
	bool takes_all;		/* whether a claim also takes of the reserve, and of what is being drained */
	bool spills;		/* whether what is put was cached: flush lets others know, if not all of it (news.h) */
	struct groove_full full;
	struct groove_room room;
#if GROOVE_DEBUG_CHECKS
	struct quarantine quarantine[CACHE_SZC_CNT];
#endif
	struct cache_slots slots[CACHE_SZC_CNT]; /* last: only classes that are cached touch theirs */
};

static inline struct groove_cache *
cache_of(const groove_data_t *data)
{
	return (struct groove_cache *)data->shelf;
}

/* Slots that a shelf has room for with a cap: in a build with debug_checks half of them are in quarantine. */
static inline uint32_t
cap_room(uint32_t cap)
{
	return GROOVE_DEBUG_CHECKS ? cap - cap / 2 : cap;
}

/* Slots that the shelf of a class has room for. */
static inline uint32_t
shelf_room(const groove_data_t *data, uint64_t szc)
{
	return cap_room(cache_of(data)->class[szc].cap);
}

/* The oldest slot of the shelf of a class that can be cached. */
static inline uint64_t *
shelf_bottom(const groove_data_t *data, uint64_t szc)
{
	return data->shelf[szc].limit - shelf_room(data, szc);
}

/* Slots on it. */
static inline uint32_t
shelf_cnt(const groove_data_t *data, uint64_t szc)
{
	return (uint32_t)(data->shelf[szc].top - shelf_bottom(data, szc));
}

/* Calls of a class by this join: it differs from what it was if there were any. */
static inline uint64_t
cache_calls(const groove_data_t *data, uint64_t szc)
{
	return counter_read(data->record, szc, GROOVE_COUNT_ALLOC).calls +
	       counter_read(data->record, szc, GROOVE_COUNT_FREE).calls;
}

/* Put a slot whose header says cached into a shelf that has room. */
static inline void
cache_push(struct groove_shelf *shelf, const groove_data_hdr_t *hdr, uint64_t idx)
{
	*shelf->top++ = (uint64_t)(uintptr_t)hdr | idx;
}

#endif /* GROOVE_SHELF_H */
