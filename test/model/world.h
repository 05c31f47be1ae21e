/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef WORLD_H
#define WORLD_H

/*
 * What the scenarios of groove-interleave have in common: a small groove with a join for each thread and one for setup
 * and checks, the calls that threads make in it, and what came of them.
 *
 * Three classes are used, in volumes of 32 MiB: LARGE has 3 slots in a volume of its own, NESTED has superblocks in the
 * slots of LARGE, CACHED is the largest class that joins cache.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <groove.h>
#include <shared.h>
#include <shelf.h>

#include "expect.h"
#include "schedule.h"

#define VOLUMES	    2U
#define JOINS	    (SCHEDULE_THREAD_MAX + 1U)
#define JOINS_MAX   (JOINS + 1U)	/* one may come */
#define CHECKER	    SCHEDULE_THREAD_MAX /* the join of setup and check */
#define LARGE_SZ    (10UL << 20)
#define LARGE_SZC   (groove_data_szc(LARGE_SZ + GROOVE_DATA_HDR_FOOTPRINT))
#define CACHED_SZC  (CACHE_SZC_CNT - 1UL)
#define OBJ_MAX	    8U
#define LARGE_SLOTS 3U
#define KEPT_TAG    100U /* of objects that are there before the threads start */

/* Which accesses are points. */
enum watch {
	WATCH_SHARED,  /* what the threads of a scenario share: heads and slots of its classes, epochs, pool, volumes */
	WATCH_RECORDS, /* and all that joins write down: it matters where they die */
	WATCH_RECOVERY, /* and what they hold; but of the tables only the entries that scenarios use */
};

/* What a thread has got, and what its calls returned. */
struct outcome {
	void *obj[OBJ_MAX];
	unsigned int obj_cnt;
	unsigned int full_cnt;
	unsigned int freed_cnt;
	unsigned int refused_cnt;
	unsigned int wrong_cnt; /* refused, but not by the code that is due; walked, and not what is there */
	const void *walked;	/* the last object */
	unsigned int anchor_cnt;
	groove_volume_t *removed;
};

struct world {
	void *shmem;
	uint64_t shmem_sz;
	uint8_t *volume0;
	groove_data_t join[JOINS];
	uint64_t nested_szc;
	uint64_t nested_sz;
	uint64_t nested_slots;
	uint64_t inner_szc; /* a class of which two slots fit in a slot of NESTED, and whose own parent is LARGE */
	uint64_t inner_sz;
	uint64_t cached_sz;
	unsigned int cached_slots; /* in a superblock of CACHED */
	uint64_t sibling_szc[2];   /* two classes with superblocks in slots of the same class */
	uint64_t sibling_sz[2];
	void *passing;	/* allocated by setup, freed by a thread in any case */
	void *kept[64]; /* allocated by setup */
	unsigned int kept_cnt;
	enum watch watch;
};

extern struct world world;
extern struct outcome outcomes[SCHEDULE_THREAD_MAX];

/* ---- in setup ---- */

/* A groove with the first volumes added, and a join for each thread and the checks. */
int world_make(uint64_t volumes);

/* The same with more records, up to JOINS_MAX. */
int world_make_joins(uint64_t volumes, uint64_t join_max);

/* Objects that are there before the threads start. */
int keep(uint64_t sz, unsigned int cnt);

/* Free a kept object in setup. */
void drop(unsigned int idx);

/* Watch the header of a kept object, and the id of the superblock that it is in. */
void watch_kept_id(unsigned int idx);

/* Watch the word of the superblock that a kept object is in, and the headers of its slots. */
void watch_kept(unsigned int idx);

/* Watch the active slots, or the lists, of a class; of those of groups the ones that a join here may fill. */
void watch_slots(uint64_t szc);
void watch_lists(uint64_t szc);

/* ---- what threads do: each notes in its outcome what it got and what calls returned ---- */

void do_alloc(unsigned int thread, uint64_t sz);

/* Free a kept object. It stays in kept, so that others may try as well; check knows by freed_cnt. */
void do_free(unsigned int thread, unsigned int idx);
void do_trim(unsigned int thread);
void do_remove(unsigned int thread);
void do_add(unsigned int thread, unsigned int volume);

/* A bulk free of more than there is room for cached: some objects are freed at once, one is won and put later. */
void do_bulk(unsigned int thread, const unsigned int *idx, unsigned int cnt);

#endif /* WORLD_H */
