/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ACTOR_H
#define ACTOR_H

/*
 * A process at work in a groove. All objects lie in slots that the processes share: a slot's lock says which actor is
 * working on it, and an object's tag says which slot it is for, and which object of that slot it is. So what a process
 * was doing when it died can be settled: the objects of the slots that it had locked are found by their tags.
 */

#include <groove_region.h>

#include "test.h"

#define SLOT_CNT	4096UL
#define SLOT_TURNS	256UL /* slots that turns put objects into: the first; of all they free */
#define SLOT_LARGE_STEP 32UL  /* every so many of them may have objects above 64 KiB */
#define BULK_MAX	128UL

struct slot {
	uint64_t lock; /* actor_id() of the actor that works on it; 0: none */
	uint64_t off;  /* of its object, bytes from volume 0; 0: none */
	uint64_t seq;  /* of its last object */
};

struct actor {
	groove_data_t join;
	groove_region_t *region;
	int fd; /* of the region, to attach it by */
	struct slot *slots;
	uint64_t number;     /* of the process: no other has had it */
	uint64_t seed;	     /* of its draws */
	uint64_t *alloc_cnt; /* by class that they need, objects that it made; may be NULL */
	uint64_t turn_cnt;
	bool joined;
	bool keeps; /* in its turns it also recovers, and volumes go and come */
};

/* ---- slots and tags ---- */

static inline uint64_t
actor_id(const struct actor *actor)
{
	return actor->number << 16 | (groove_data_join_idx(&actor->join) + 1);
}

static inline uint64_t
slot_tag(uint64_t slot, uint64_t seq)
{
	return slot << 40 | (seq & ((1UL << 40) - 1));
}

static inline uint64_t
tag_slot(uint64_t tag)
{
	return tag >> 40;
}

/* The object in a slot, as this actor has it mapped. */
static inline void *
slot_obj(const struct actor *actor, uint64_t slot)
{
	return (uint8_t *)groove_region_volume0(actor->region) + actor->slots[slot].off;
}

/* Write a pattern at both ends of an object's usable bytes, that only its tag makes. */
void object_mark(void *obj, uint64_t tag);

bool object_is_marked(const void *obj, uint64_t tag);

/* ---- coming and going ---- */

/* Attach the region and watch it. */
int actor_attach(struct actor *actor);

int actor_join(struct actor *actor, uint64_t cgroup_hint);
int actor_leave(struct actor *actor);

/* Slots that the actor has cached, by its own shelves and quarantines. */
uint64_t actor_at_hand(const struct actor *actor);

/* ---- work. TEST_SUCCESS, also when there was no room; TEST_FAILED when anything is wrong ---- */

/* A slot that another works on, or that is full or empty already, stays as it is. */
int actor_alloc(struct actor *actor, uint64_t slot, uint64_t align, uint64_t sz);
int actor_free(struct actor *actor, uint64_t slot);

/* The same with n slots, all of them or none. */
int actor_alloc_bulk(struct actor *actor, uint64_t slot, uint64_t n, uint64_t sz);
int actor_free_bulk(struct actor *actor, uint64_t slot, uint64_t n);

/* A bulk free of n objects with one that is none after them: nothing is freed. */
int actor_free_bulk_badly(struct actor *actor, uint64_t slot, uint64_t n);

#if GROOVE_DEBUG_CHECKS
/* A free of n objects of which the last was written past, one alone or in bulk, is refused; then that is put right. */
int actor_free_overrun(struct actor *actor, uint64_t slot, uint64_t n);

/* Put the red zone of the object in a slot right, of a process that died before it did. */
void actor_mend(const struct actor *actor, uint64_t slot);
#endif

/* So many random steps. */
int actor_turns(struct actor *actor, uint64_t cnt);

/* Make an object of a class and free it, growing the groove if need be. */
int actor_sweep(struct actor *actor, uint64_t szc);

/* Bytes of a slot that an object aligned to 16 does not have: the header, and red zones in a build that has them. */
#define OVERHEAD (GROOVE_DATA_HDR_FOOTPRINT + 2 * GROOVE_DATA_RED_ZONE)

/* Largest object of a class, with an alignment of 16. */
static inline uint64_t
szc_sz(uint64_t szc)
{
	const uint64_t footprint = groove_data_szc_cfg[szc].obj_footprint;

	return (footprint < GROOVE_DATA_ALLOC_FOOTPRINT_MAX ? footprint : GROOVE_DATA_ALLOC_FOOTPRINT_MAX) - OVERHEAD;
}

#endif /* ACTOR_H */
