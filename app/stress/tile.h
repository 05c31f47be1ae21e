/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_TILE_H
#define STRESS_TILE_H

/**
 * @file
 * What the parts of the loop share: a tile at work, and the steps of its turns. Not for users of the loop.
 */

#include "stress_draw.h"
#include "stress_loop.h"

/** A tile at work. Lives on its stack. */
struct stress_tile {
	struct stress *stress;
	groove_data_t *join;
	struct stress_counters *counters;
	struct stress_seat *seat;
	uint32_t seat_idx;
	uint32_t lock; /* of the slots that it works in */
	unsigned int tile;
	struct stress_rng rng;
	uint64_t start_ns;
};

/** What a look at an object found. */
enum stress_health {
	STRESS_GOOD,   /**< As it must be. */
	STRESS_SPOILT, /**< Its bytes are damaged; it can be freed. */
	STRESS_LOST,   /**< Its header is damaged; it cannot be freed. */
};

/** Add to a counter of the own tile. Relaxed: readers want a recent value, no order. */
static inline void
stress_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/** The same for a signed counter. */
static inline void
stress_count_signed(int64_t *counter, int64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/** Show that the tile is alive and outside of groove's calls: others may wait for it. */
static inline void
stress_beat(struct stress_tile *tile)
{
	stress_count(&tile->seat->beats, 1);
}

/** Offset from volume 0. */
static inline uint64_t
stress_off(const struct stress_tile *tile, const void *addr)
{
	return (uint64_t)((const uint8_t *)addr - (const uint8_t *)groove_data_volume0_const(tile->join));
}

/** Address of an offset. */
static inline void *
stress_addr(const struct stress_tile *tile, uint64_t off)
{
	return (uint8_t *)groove_data_volume0(tile->join) + off;
}

/** Say which step a slot is in. Release: before what the step announces, and after what it reports done. */
static inline void
stress_step(struct stress_slot *slot, enum stress_step step)
{
	__atomic_store_n(&slot->step, step, __ATOMIC_RELEASE);
}

/* seats.c */

/** Seats that were ever taken lie below. */
uint64_t stress_seat_top(const struct stress *stress);

/** The holder of a seat. */
enum stress_seat_kind stress_seat_kind(const struct stress_seat *seat);

/** Whether the process of a seat has died. */
bool stress_seat_is_dead(const struct stress *stress, uint64_t idx);

/** Whether the holder of a slot's lock has died. */
bool stress_lock_is_dead(const struct stress *stress, uint32_t lock);

/* finding.c */

/** A finding about the object of a slot. */
struct stress_finding stress_finding_of(
	const struct stress_tile *tile, const struct stress_slot *slot, enum stress_fault fault);

/** Count a finding, report it, and stop the run unless it should go on. */
void stress_found(struct stress_tile *tile, const struct stress_finding *finding);

/* object.c */

/**
 * Bytes of an object that have its pattern, from its start on: whole words. In a build with debug_checks the usable
 * range ends where the object does, so an object shorter than a word has none.
 */
size_t stress_object_range(const void *obj);

/** Put a new random object into an empty slot. False when there is none: no volume left, or a finding. */
bool stress_object_make(struct stress_tile *tile, struct stress_slot *slot);

/** Check the object of a slot, and empty the slot when it is damaged or free_it says so. */
void stress_object_settle(struct stress_tile *tile, struct stress_slot *slot, bool free_it);

/* volumes.c */

int stress_volumes_init(struct stress *stress);
void stress_volumes_fini(struct stress *stress);

/** What is known of an object for which there was no room. Starts as zeros. */
struct stress_full {
	uint64_t added;	    /**< What stress_volumes_seen() returned when it was last tried. */
	bool left;	    /**< Whether there were more to add. */
	unsigned int tries; /**< How often it was tried with these. */
};

/** A number that changes when the groove grows. */
uint64_t stress_volumes_seen(const struct stress *stress);

/**
 * Deal with a groove that said FULL: make sure of it, then add a volume: a random unused one, in a groove that
 * processes share the next that is free.
 *
 * @param added
 *   What stress_volumes_seen() returned before the allocation that found it full.
 * @return
 *   True: try again. False: no volume is left, or it cannot be added; the run is stopped.
 */
bool stress_volumes_grow(struct stress_tile *tile, struct stress_full *full, uint64_t added);

/* inject.c */

/** At the end of a turn: do the damage that was asked for, once, when the run is half over. */
void stress_inject_turn(struct stress_tile *tile, struct stress_slot *slot);

/* tile.c */

/** Set up a tile; `stream` keeps its random draws apart from those of its other lives. */
void stress_tile_init(
	struct stress_tile *tile, struct stress *stress, unsigned int idx, groove_data_t *join, uint64_t stream);

/** Whether the tile has done half of its turns or used half of its time. */
bool stress_half_way(const struct stress_tile *tile);

/** Whether the tile has done 1 / part of its turns or used as much of its time. */
bool stress_part_over(const struct stress_tile *tile, uint64_t part);

/* tile_loop.c */

/** Lock a slot, if nobody has it locked. */
bool stress_slot_lock(const struct stress_tile *tile, struct stress_slot *slot);
void stress_slot_unlock(struct stress_slot *slot);

#endif /* STRESS_TILE_H */
