/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef WORLD_H
#define WORLD_H

/*
 * A groove in a region of its own, the processes in it, and what is asked of it when all of them are at rest.
 *
 * The process of the program itself makes the region and is an actor, too: it recovers and looks. Hands are processes
 * that it gives orders. All of them have the region mapped for themselves.
 */

#include <sys/types.h>

#include "account.h"
#include "actor.h"
#include "point.h"

#define WORLD_VOLUME_MAX  6UL
#define WORLD_VOLUMES_MAX 3UL /* volumes that are in the groove at first */
#define WORLD_JOIN_MAX	  16UL
#define HAND_MAX	  3U

/* In memory that all processes share, none of it of the groove. */
struct board {
	struct slot slot[SLOT_CNT];
	struct points points;
	uint64_t alloc_cnt[GROOVE_DATA_SZC_CNT]; /* objects made by hands */
	uint64_t turn_cnt[HAND_MAX];		 /* turns that each hand has made in its life */
	uint64_t number;			 /* of the last process */
	uint64_t go_on;				 /* hands at work go on until this is 0 */
	uint64_t recover_ns_max;
};

/* An order to a hand. It replies when it is done. */
enum hand_order {
	HAND_JOIN,
	HAND_LEAVE,
	HAND_TURNS,  /* so many */
	HAND_SWEEPS, /* so many, with an object of each class by turns */
	HAND_WORK,   /* replies at once, and makes turns until board.go_on is 0; not 0: it recovers, shrinks and grows,
			too */
	HAND_LOOK,   /* nothing */
};

struct hand_answer {
	uint64_t join_idx;
	uint64_t at_hand; /* slots on its shelves */
};

struct hand {
	pid_t pid; /* 0: none */
	int to;
	int from;
	unsigned int idx;
	struct hand_answer answer; /* the last */
};

struct world {
	struct actor main;
	struct board *board;
	void *fronts[WORLD_VOLUMES_MAX + 1]; /* the front with so many volumes in the groove and nobody in it */
	uint64_t front_sz;
	struct hand hands[HAND_MAX];
	unsigned int hand_cnt;

	/* Of the last look. */
	struct account account;
	struct account full;   /* of the last look before the groove was emptied */
	uint64_t lost_objects; /* live ones in no slot, and slots whose object is not live */
	uint64_t settled;      /* slots that the dead had locked */
	int verify;

	/* Of the whole run. */
	uint64_t lost_bytes_sum;
	uint64_t lost_objects_sum;
	uint64_t bad_looks;
	uint64_t reaped;   /* objects of the dead that were freed before recovery */
	uint64_t left_cnt; /* recoveries that had to leave something */
	uint64_t looks;
	bool verify_failed;
};

/* Make the region with volumes of so many bytes, start so many hands, and attach all. */
int world_make(struct world *world, unsigned int hand_cnt, uint64_t volume_sz);
void world_end(struct world *world);

/* Make the groove anew, with so many empty volumes and no objects, and have the main actor and all hands join. */
int world_reset(struct world *world, uint64_t volumes);

/* Have the main actor and all hands join, as they do at first. */
int world_join(struct world *world);

/* Have all that have joined leave. */
int world_leave(struct world *world);

/* Fill in an actor of a process that was just forked: its number, the slots. */
void world_actor(struct world *world, struct actor *actor);

/* Forget a hand that is dead. */
void hand_close(struct hand *hand);

/* Start a hand, in place of one that is dead. */
int hand_start(struct world *world, unsigned int idx);

/* Tell a hand. */
int hand_order(const struct hand *hand, enum hand_order order, uint64_t arg);

/* Give an order to a hand, and wait for its answer. */
int hand_tell(struct hand *hand, enum hand_order order, uint64_t arg);

/* The same for all there are; they work at the same time. */
int hands_tell(struct world *world, enum hand_order order, uint64_t arg);

/* Let all hands work until they are to rest. Each has begun. */
int hands_work(struct world *world);

/* Let hands that work end, and wait for them. */
int hands_rest(struct world *world);

/* Wait for a child that was killed. */
int child_killed(pid_t pid);

/*
 * Recover what dead processes left, again as long as others have some of it in their hands. How long it took goes to
 * board.recover_ns_max.
 */
int actor_recover(struct actor *actor, struct board *board);

/*
 * All are at rest: settle the slots that dead processes had locked, verify, and account for every byte and object.
 * TEST_FAILED, after saying what, when anything is lost.
 */
int world_look(struct world *world);

/* All objects freed and all caches flushed: look again. Nothing but free memory is left. */
int world_empty(struct world *world);

#endif /* WORLD_H */
