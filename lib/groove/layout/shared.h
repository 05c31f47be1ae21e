/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SHARED_H
#define GROOVE_SHARED_H

/*
 * Layout of the shared region. Another process, perhaps of a later build, relies on every offset here.
 *
 *     struct groove_shdata                 configuration, epoch, lists, active slots, news
 *     struct groove_record[join_max]       one for each join
 *     struct pool_shared                   the pool of volumes
 *
 * and of the table at the front of each volume, which holds the words and links that a join may still read after their
 * superblock is gone; they are never memory of a user, and stay words and links until the volume leaves the groove.
 */

#include <stdbool.h>

#include <groove_data.h>

#define SHDATA_VERSION (9U + 1000U * GROOVE_DEBUG_CHECKS) /* 1000 more: a debug_checks build, with red zones */

/*
 * A superblock's entry in the table of its volume: the word. Its link and its id lie apart (geometry.h), for words
 * change all the time, and every free reads an id: what others claim and put back should not take the ids out of its
 * CPU cache.
 */
struct groove_sb {
	uint64_t word; /* sb_word.h */
};
#define TABLE_ENTRY_SZ (sizeof(struct groove_sb) + 2 * sizeof(uint32_t)) /* with link and id */
_Static_assert(TABLE_ENTRY_SZ == 16, "the table is 9/1024 of the volume");

/*
 * Bit 63 of the state of a record or a volume makes the number of ones even. So of two states at least two bits differ,
 * and one that a stray bit has made of another is known for damaged: none of these is dead, retired or empty by
 * mistake.
 */
#define STATE_PARITY (1UL << 63)

/* A state with the bit that belongs to the others. */
static inline uint64_t
state_even(uint64_t state)
{
	state &= ~STATE_PARITY;
	return state | (uint64_t)__builtin_parityll(state) << 63;
}

static inline bool
state_is_even(uint64_t state)
{
	return __builtin_parityll(state) == 0;
}

/*
 * State of a record: one word, so that a join and how far it reaches are published together.
 *
 *     63       62          30  29   28        12 11        2 1    0
 *     | parity | incarnation | owned | volume_max | recoverer | kind |
 *
 * owned: the record's word owner names the owner of the join, from before the state turned live until after it turned
 * vacant; else the owner is unknown, and what is in that word means nothing. The programmer's guide, "Whose a record
 * is", has the argument.
 */
enum record_kind {
	RECORD_VACANT,
	RECORD_LIVE,
	RECORD_DEAD,	/* a join found it dead: its recoverer, which alone changes the record from here on */
	RECORD_SETTLED, /* its counters are right: the recoverer may return what it held */
	RECORD_DAMAGED, /* no state at all */
};

static inline enum record_kind
record_kind(uint64_t state)
{
	return state_is_even(state) ? (enum record_kind)(state & 3) : RECORD_DAMAGED;
}

/* Whether it is of a dead join, so that its recoverer alone changes it. */
static inline bool
record_is_dead(uint64_t state)
{
	return record_kind(state) == RECORD_DEAD || record_kind(state) == RECORD_SETTLED;
}

/* Index of the join that recovers a dead one. */
static inline uint64_t
record_recoverer(uint64_t state)
{
	return state >> 2 & (GROOVE_DATA_JOIN_MAX - 1);
}

#define RECORD_OWNED	  (1UL << 29)
#define RECORD_LIFE_SHIFT 30

/* Whether the owner of the join is known. */
static inline bool
record_is_owned(uint64_t state)
{
	return (state & RECORD_OWNED) != 0;
}

/* Volumes that the join can reach. */
static inline uint64_t
record_volume_max(uint64_t state)
{
	return state >> 12 & 0x1ffff;
}

/* The state of the same join, of another kind and with a recoverer. */
static inline uint64_t
record_state_next(uint64_t state, enum record_kind kind, uint64_t recoverer)
{
	return state_even((state & ~0xfffUL) | recoverer << 2 | kind);
}

/* Joins that have had the record. */
static inline uint64_t
record_life(uint64_t state)
{
	return (state & ~STATE_PARITY) >> RECORD_LIFE_SHIFT;
}

/* The state that a join gives a record: of the next incarnation. */
static inline uint64_t
record_state_live(uint64_t before, uint64_t volume_max, bool owned)
{
	return state_even((record_life(before) + 1) << RECORD_LIFE_SHIFT | (owned ? RECORD_OWNED : 0) |
			  volume_max << 12 | RECORD_LIVE);
}

/* The state of a record that is given back. */
static inline uint64_t
record_state_vacant(uint64_t state)
{
	return state_even(state >> RECORD_LIFE_SHIFT << RECORD_LIFE_SHIFT);
}

#define HOLD_MAX 16 /* a join holds a superblock of each level of one volume, twice at most */

/* A join, as others see it. Written by its join only, or by its recoverer when it is dead; but for state. */
struct groove_record {
	uint64_t doing;		 /* intent.h: header of the object that is allocated or freed, or was last */
	uint64_t state;		 /* as above; 0: VACANT, and always was */
	uint64_t epoch;		 /* the epoch in which the join entered the call it is in; 0: in none */
	uint64_t move;		 /* intent.h: slots on the move between a superblock and the join; 0: none */
	uint64_t move_slots;	 /* which */
	uint64_t move_base;	 /* slot_cnt of their class before */
	uint64_t birth;		 /* intent.h: superblock in the making, or on its way back; 0: none */
	uint64_t birth_base;	 /* superblock_cnt of its class before */
	uint64_t hold[HOLD_MAX]; /* hold.h: what the join may hold */
	struct groove_count count[GROOVE_DATA_SZC_CNT];	     /* counter.h: calls, by class */
	struct groove_count count_high[GROOVE_DATA_SZC_CNT]; /* counter.h: what these words cannot hold */
	uint64_t slot_cnt[GROOVE_DATA_SZC_CNT]; /* slots claimed for objects less slots put back: in use or cached */
	uint64_t superblock_cnt[GROOVE_DATA_SZC_CNT]; /* superblocks made less those returned */
	uint64_t owner; /* owner.h: of the join, or of a join that is about to take the record; 0: unknown */
	uint64_t keep;	/* cache_share.h: bytes that the join may cache */
} __attribute__((__aligned__(64)));

#define SHDATA_SZC_PITCH 128 /* classes in a row of slots or lists: rows never share a cache line */
#define LIST_GROUP_CNT	 8   /* concurrency groups that share a list are those with the same remainder */
#define LIST_ASIDE	 8   /* the list of what trim and recovery have looked at */
#define LIST_DRAIN	 9   /* the list of what lies in a volume that is being drained */
#define LIST_CNT	 10
_Static_assert(GROOVE_DATA_SZC_CNT <= SHDATA_SZC_PITCH, "a row has a slot for each class");

#define NEWS_SHIFT 3 /* so many classes, as a power of two, have one count */
#define NEWS_CNT   (SHDATA_SZC_PITCH >> NEWS_SHIFT)

#define NEWS_EMPTIED 32 /* of the superblocks that became empty so many are known */

/*
 * News of one list group, for joins that found nothing (engine/news.h). Counts of events, which wrap.
 */
struct groove_news {
	uint64_t came[NEWS_CNT]; /* by class: what came into circulation */
	uint64_t back;		 /* flush, leave, recovery: all has to be looked at */
	uint64_t emptied;	 /* superblocks that became empty where they are, */
	uint64_t spare[6];
	uint64_t emptied_last[NEWS_EMPTIED]; /* and the last of them: low bits of the count before, block, class */
} __attribute__((__aligned__(64)));

struct groove_shdata {
	uint64_t magic; /* stored last by new, cleared first by delete */
	uint32_t version;
	uint32_t volume_shift; /* log2 of the volume size */
	uint64_t volume_max;
	uint64_t join_max;
	uint64_t footprint;
	uint64_t szc_sum; /* of the size class table that the groove was made with */
	uint64_t drain;	  /* index of the volume that is being drained, plus 1; 0: none (drain.h) */
	uint64_t search;  /* recover.h: whether all must be searched for what a dead join held */

	/* The epoch, from 1 (epoch.h). */
	uint64_t epoch __attribute__((__aligned__(64)));

	/* Lists (list.h, of block of the superblock in the groove) by list group and class; then LIST_ASIDE,
	 * LIST_DRAIN. */
	uint64_t list[LIST_CNT][SHDATA_SZC_PITCH] __attribute__((__aligned__(64)));

	/* Active slots (list.h, of block of the superblock in the groove) by concurrency group and class. */
	uint64_t active[GROOVE_DATA_SZC_CGROUP_MAX][SHDATA_SZC_PITCH] __attribute__((__aligned__(64)));

	struct groove_news news[LIST_GROUP_CNT];

	struct groove_record record[];
};

/*
 * State of a volume. Each change also changes the counter.
 *
 *     63       62                      24 23      3 2    0
 *     | parity | epoch of its retirement | changes | kind |
 */
enum volume_kind {
	VOLUME_OUT,	 /* not in the groove */
	VOLUME_ADDING,	 /* an add is clearing it */
	VOLUME_EMPTY,	 /* in the pool, or on the way in or out */
	VOLUME_USED,	 /* holds a root superblock */
	VOLUME_RETIRED,	 /* empty, on the way out: waits until no join can read it */
	VOLUME_REMOVING, /* a remove is about to hand it to its caller */
	VOLUME_KIND_CNT, /* also what a damaged state has for a kind */
};

struct volume_slot {
	uint64_t state;
	uint32_t next; /* index of the next volume in the pool, plus 1; 0: none */
	uint32_t spare;
};

struct pool_shared {
	uint64_t magic;
	uint64_t volume_max;
	uint64_t volume_sz;
	uint64_t volume_cnt; /* low 32 bits: volumes neither OUT nor ADDING; a counter of changes above */
	uint64_t head __attribute__((__aligned__(64))); /* list.h, of volume index plus 1 */
	struct volume_slot slot[] __attribute__((__aligned__(64)));
};

_Static_assert(sizeof(groove_data_hdr_t) == 16, "first bytes of each slot");
_Static_assert(sizeof(groove_volume_t) == GROOVE_VOLUME_FOOTPRINT, "a volume of the default size");
_Static_assert(offsetof(groove_volume_t, data) == GROOVE_BLOCK_FOOTPRINT, "a block of header");
_Static_assert(sizeof(struct groove_count) == 16, "four in a cache line");
_Static_assert(offsetof(struct groove_record, doing) == 0, "groove_data_doing()");
_Static_assert(offsetof(struct groove_record, hold) == 64, "state and intents have a cache line of their own");
_Static_assert(offsetof(struct groove_record, count) == 192, "what is held has two");
_Static_assert(sizeof(struct groove_record) == 6208, "layout 9");
_Static_assert(GROOVE_DATA_JOIN_MAX == 1024, "10 bits for a recoverer");
_Static_assert(offsetof(struct groove_shdata, epoch) == 64, "the epoch is apart from the configuration");
_Static_assert(offsetof(struct groove_shdata, list) == 128, "layout 9");
_Static_assert(offsetof(struct groove_shdata, active) == 128 + LIST_CNT * SHDATA_SZC_PITCH * 8, "layout 9");
_Static_assert(offsetof(struct groove_news, back) == 128 && sizeof(struct groove_news) == 448, "layout 9");
_Static_assert(offsetof(struct groove_shdata, news) ==
		       offsetof(struct groove_shdata, active) + GROOVE_DATA_SZC_CGROUP_MAX * SHDATA_SZC_PITCH * 8,
	"layout 9");
_Static_assert(offsetof(struct pool_shared, head) == 64 && offsetof(struct pool_shared, slot) == 128, "layout 9");
_Static_assert(sizeof(struct volume_slot) == 16, "layout 9");

static inline enum volume_kind
volume_state_kind(uint64_t state)
{
	return state_is_even(state) ? (enum volume_kind)(state & 7) : VOLUME_KIND_CNT;
}

/* Whether a volume is in use, or its state is damaged: for callers that check everything else too, and often. */
static inline bool
volume_state_looks_used(uint64_t state)
{
	return (state & 7) == VOLUME_USED;
}

#define VOLUME_EPOCH_MASK ((1UL << 39) - 1)

static inline uint64_t
volume_state_epoch(uint64_t state)
{
	return state >> 24 & VOLUME_EPOCH_MASK;
}

#define VOLUME_CHANGES_MASK 0xfffff8UL

/* The state of another kind, one change later. epoch: of a retired one, else 0. */
static inline uint64_t
volume_state_next(uint64_t state, enum volume_kind kind, uint64_t epoch)
{
	return state_even((epoch & VOLUME_EPOCH_MASK) << 24 | ((state + 8) & VOLUME_CHANGES_MASK) | kind);
}

/* Volumes in the groove, from what volume_cnt holds. */
static inline uint64_t
pool_volume_cnt(const struct pool_shared *shared)
{
	return (uint32_t)__atomic_load_n(&shared->volume_cnt, __ATOMIC_RELAXED);
}

#define POOL_ALIGN 64UL

/* Bytes of a pool for so many volumes. */
static inline uint64_t
pool_footprint(uint64_t volume_max)
{
	return (sizeof(struct pool_shared) + volume_max * sizeof(struct volume_slot) + POOL_ALIGN - 1) &
	       ~(POOL_ALIGN - 1);
}

static inline uint64_t
shdata_pool_off(uint64_t join_max)
{
	return sizeof(struct groove_shdata) + join_max * sizeof(struct groove_record);
}

static inline const struct pool_shared *
shdata_pool_const(const struct groove_shdata *shdata)
{
	return (const struct pool_shared *)((const uint8_t *)shdata + shdata_pool_off(shdata->join_max));
}

static inline struct pool_shared *
shdata_pool(struct groove_shdata *shdata)
{
	return (struct pool_shared *)(uintptr_t)shdata_pool_const(shdata);
}

#endif /* GROOVE_SHARED_H */
