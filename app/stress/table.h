/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_TABLE_H
#define STRESS_TABLE_H

/**
 * @file
 * The slot table: what all processes that work in one groove share. Its memory is the caller's: the heap for a groove
 * that one process has for itself, an object of the groove for one that processes share. It holds no pointers:
 *
 *     | struct stress_table | struct stress_seat x seat_cnt | struct stress_slot x slot_cnt |
 *
 * A slot belongs to the tile that has its lock: the number of the tile's seat plus 1, and how many tiles had that seat
 * before. In a groove that processes share a seat is that of a join and has its number. So the lock of a process that
 * died is known, and what it did there can be settled (settle.c): the slot says which step it was in, and the tag of
 * the object that it held.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRESS_ALIGN 128 /**< Two cache lines: the adjacent-line prefetcher does not couple neighbours either. */

/** What a tag says: low bits the slot, the others how many objects the slot had, this one included. */
#define STRESS_TAG_SLOT_BITS 28
#define STRESS_SLOT_CNT_MAX  (1UL << STRESS_TAG_SLOT_BITS)

/** Tag of a table that is an object: "stresstb". None of a slot, of which such a table has fewer. */
#define STRESS_TAG_TABLE 0x7374726573737462UL

/** The holder of a seat. */
enum stress_seat_kind {
	STRESS_SEAT_VACANT,
	STRESS_SEAT_PROCESS, /**< A process that takes part; its tiles have seats of their own. */
	STRESS_SEAT_TILE,    /**< A tile in its loop. */
};

/**
 * What others may see of one that works here. Written by that one only, but for state when it is dead; sums over all
 * seats hold after it left.
 */
struct stress_seat {
	uint64_t state;	    /**< Kind, enum stress_seat_kind, in 2 bits; above, how many took it so far. */
	uint64_t beats;	    /**< Changes while a tile is alive and outside of groove's calls. */
	int64_t live_objs;  /**< Allocated less freed; below zero when it frees what others allocated. */
	int64_t live_bytes; /**< The same in bytes asked for. */
	uint64_t lost;	    /**< Objects so damaged that they cannot be freed. */
} __attribute__((__aligned__(STRESS_ALIGN)));

/** Kind of a seat's state. */
static inline enum stress_seat_kind
stress_seat_kind_of(uint64_t state)
{
	return (enum stress_seat_kind)(state & 3);
}

#define STRESS_LOCK_SEAT_BITS 11 /**< A lock's low bits: the number of the seat, plus 1. */

/** Lock of the tile that has a seat. */
static inline uint32_t
stress_seat_lock(uint64_t seat_idx, uint64_t state)
{
	return (uint32_t)(state >> 2) << STRESS_LOCK_SEAT_BITS | (uint32_t)(seat_idx + 1);
}

/** What is being done in a slot. Stored with release before the call of groove that it announces. */
enum stress_step {
	STRESS_STEP_EMPTY,   /**< It has no object. */
	STRESS_STEP_MAKING,  /**< An object with its tag is allocated, or about to be. */
	STRESS_STEP_FULL,    /**< It has an object, checked and filled. */
	STRESS_STEP_FREEING, /**< Its object is freed, or about to be. */
};

/** A place for one object. Its fields belong to the tile that locked it. */
struct stress_slot {
	uint32_t lock;	   /**< 0, or stress_seat_lock() of the tile that works here. */
	uint32_t step;	   /**< enum stress_step. */
	uint64_t off;	   /**< Object, offset from volume 0; 0: none (a volume's header is there). */
	uint64_t hdr_off;  /**< Its header, likewise. */
	uint64_t hdr_bits; /**< What its header said when it was new; it stays so while the object lives. */
	uint64_t tag;	   /**< Of the object, or of the last one. */
	uint64_t sz;	   /**< As asked for, likewise the alignment. */
	uint64_t align;
} __attribute__((__aligned__(STRESS_ALIGN)));

/** The table. */
struct stress_table {
	uint64_t magic;	      /**< Of this layout. */
	uint64_t slot_cnt;    /**< Slots, [1, STRESS_SLOT_CNT_MAX]. */
	uint64_t sz_max;      /**< Largest object, bytes. */
	uint64_t salt;	      /**< Distinguishes patterns of this table from others with the same tags. */
	uint64_t seat_cnt;    /**< Seats. */
	uint64_t seat_top;    /**< No seat from here on was ever taken. */
	uint64_t process_cnt; /**< Processes that came so far. */
	uint64_t grow_cnt;    /**< Turns at growing the groove that were taken so far. */
} __attribute__((__aligned__(STRESS_ALIGN)));

/** Bytes of a table. */
uint64_t stress_table_sz(uint64_t slot_cnt, uint64_t seat_cnt);

/** Make a table of empty slots and vacant seats. mem is aligned to STRESS_ALIGN. Returns it. */
struct stress_table *stress_table_new(void *mem, uint64_t slot_cnt, uint64_t seat_cnt, uint64_t sz_max, uint64_t seed);

/** Whether memory of sz bytes holds a table of this layout that fits in there. */
bool stress_table_is_sound(const struct stress_table *table, uint64_t sz);

/** Its seats and slots. */
struct stress_seat *stress_table_seats(struct stress_table *table);
struct stress_slot *stress_table_slots(struct stress_table *table);

/** Slot that a tag names. */
static inline uint64_t
stress_tag_slot(uint64_t tag)
{
	return tag & (STRESS_SLOT_CNT_MAX - 1);
}

/** Which object of its slot a tag names, from 1. */
static inline uint64_t
stress_tag_seq(uint64_t tag)
{
	return tag >> STRESS_TAG_SLOT_BITS;
}

/** Tag of the next object of a slot. */
static inline uint64_t
stress_tag_next(uint64_t tag, uint64_t slot_idx)
{
	return (stress_tag_seq(tag) + 1) << STRESS_TAG_SLOT_BITS | slot_idx;
}

#endif /* STRESS_TABLE_H */
