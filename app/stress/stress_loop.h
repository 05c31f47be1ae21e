/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_LOOP_H
#define STRESS_LOOP_H

/**
 * @file
 * The main job: tiles that allocate, fill, check and free objects through shared slots.
 *
 * A turn locks a random slot. An empty slot gets a new object of random size, alignment and tag, filled with a pattern
 * that only it has; a full slot has its object checked, accessors and every byte, and on a coin toss freed. A groove
 * that says FULL, and says so again when every other tile has moved on, gets a random unused volume and the turn goes
 * on.
 *
 * Nothing here is global and nothing calls EAL: a caller brings a join per tile and the threads.
 *
 *     stress_init() or _init_shared();      one thread
 *     stress_loop(), stress_stop();         all tiles at once, each with its own index and join
 *     stress_settle(), stress_inject_late();
 *                                           one thread, the tiles (of all processes) have ended
 *     stress_sweep();                       all tiles at once, or one after the other
 *     stress_find_leaks(), stress_fini();   one thread
 *
 * Processes can share a groove: they share the table of slots (table.h), each with a struct stress of its own. The last
 * one does what comes after the loop.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <groove.h>

#include "table.h"

/** Largest object, bytes: after a header padded to the largest alignment it still has a class. */
#define STRESS_SZ_MAX (GROOVE_DATA_ALLOC_FOOTPRINT_MAX - GROOVE_DATA_ALLOC_ALIGN_MAX)

/** Most slots of a table that is an object, after a seat for each join that the groove can have. */
#define STRESS_SHARED_SLOT_MAX                                                                                         \
	((GROOVE_DATA_ALLOC_FOOTPRINT_MAX - STRESS_ALIGN - sizeof(struct stress_table) -                               \
		 GROOVE_DATA_JOIN_MAX * sizeof(struct stress_seat)) /                                                  \
		sizeof(struct stress_slot))

_Static_assert((STRESS_TAG_TABLE & (STRESS_SLOT_CNT_MAX - 1)) > STRESS_SHARED_SLOT_MAX, "no slot's tag");

/** A deliberate damage, which the run must find. */
enum stress_inject {
	STRESS_INJECT_NONE,
	STRESS_INJECT_FLIP,	   /**< A bit of a live object's pattern. */
	STRESS_INJECT_HEADER,	   /**< A bit of a live object's header. */
	STRESS_INJECT_LEAK,	   /**< A live object that its slot forgets. */
	STRESS_INJECT_DOUBLE_FREE, /**< A second free of an object, when the tiles have ended. */
};

/** Why tiles stop before their turns are over. The first reason stays. */
enum stress_stop {
	STRESS_STOP_NONE,
	STRESS_STOP_INTERRUPTED, /**< The caller asked for it. */
	STRESS_STOP_FINDING,	 /**< Something is wrong, and keep_going is off. */
	STRESS_STOP_NO_VOLUME,	 /**< The groove is full and each volume is in use. */
	STRESS_STOP_NO_MEMORY,	 /**< The groove is full and a volume that is not in use gets no memory. */
	STRESS_STOP_NO_SLOT,	 /**< Each slot is locked by one that died. */
};

/** What to run. */
struct stress_cfg {
	unsigned int tile_cnt; /**< Tiles that will run. */
	uint64_t turn_cnt;     /**< Turns of each tile; 0: no limit. */
	uint64_t duration_ns;  /**< Time of each tile; 0: no limit. */
	uint64_t slot_cnt;     /**< Slots, [1, STRESS_SLOT_CNT_MAX]. */
	uint64_t volume_cnt;   /**< Volumes there can be; in a groove of one's own none is in it yet. */
	uint64_t sz_max;       /**< Largest object, [0, STRESS_SZ_MAX]. */
	uint64_t seed;	       /**< Start of all random draws. */
	bool keep_going;       /**< Count findings, do not stop at the first. */
	enum stress_inject inject;
};

/** What a groove that processes share needs besides. Called by all tiles at once. */
struct stress_shared {
	struct stress_table *table; /**< An object of the groove, with a seat for each join there can be. */
	/** Add a volume. GROOVE_SUCCESS; GROOVE_ERR_AGAIN: others do; GROOVE_ERR_FULL: there is none, or no memory. */
	int (*grow)(void *arg, groove_data_t *join);
	/** Volumes in the groove. */
	uint64_t (*volume_cnt)(void *arg, const groove_data_t *join);
	/** Whether the process of a join has died. */
	bool (*is_dead)(void *arg, uint64_t join_idx);
	void *arg; /**< For these. */
};

/** What a tile did so far. Written by that tile only; others may read while it runs. */
struct stress_counters {
	uint64_t turns;	      /**< Slots locked and dealt with. */
	uint64_t allocs;      /**< Objects allocated. */
	uint64_t frees;	      /**< Objects freed, the final sweep included. */
	uint64_t validations; /**< Old objects checked, the final sweep included. */
	uint64_t full_events; /**< Allocations that met a full groove. */
	uint64_t findings;    /**< Things wrong. */
	uint64_t live_peak;   /**< Most live bytes of all processes together that this tile saw. */
} __attribute__((__aligned__(STRESS_ALIGN)));

/** What all tiles of this process did, and what is live in the groove. */
struct stress_sum {
	struct stress_counters counters; /**< Sums; live_peak is the highest. */
	int64_t live_objs;		 /**< Live objects of all processes. */
	int64_t live_bytes;		 /**< The same in bytes asked for. */
	uint64_t lost;			 /**< Objects so damaged that they cannot be freed, found by any process. */
};

/** What was settled after processes that died. */
struct stress_settled {
	uint64_t slot_cnt; /**< Slots that they had locked. */
	uint64_t obj_cnt;  /**< Objects that were freed for them: on the way between groove and slot. */
};

/** What is wrong. */
enum stress_fault {
	STRESS_FAULT_PATTERN,	  /**< Bytes of a live object changed. */
	STRESS_FAULT_HEADER,	  /**< Header of a live object changed. */
	STRESS_FAULT_ACCESSOR,	  /**< An accessor contradicts what was asked for. */
	STRESS_FAULT_FREE,	  /**< A live object cannot be freed. */
	STRESS_FAULT_ALLOC,	  /**< alloc failed other than with FULL. */
	STRESS_FAULT_ADD,	  /**< A volume cannot be added. */
	STRESS_FAULT_LEAK,	  /**< An object that nobody holds. */
	STRESS_FAULT_DOUBLE_FREE, /**< An object was freed twice. */
	STRESS_FAULT_SLOT,	  /**< What a slot says of its object cannot be. */
};

#define STRESS_BYTES_MAX 16 /**< Bytes that a finding shows. */
#define STRESS_NO_TILE	 UINT32_MAX

/** One thing that is wrong. */
struct stress_finding {
	enum stress_fault fault;
	const char *what;  /**< Which accessor; NULL for other faults. */
	unsigned int tile; /**< The tile that found it, or STRESS_NO_TILE. */
	uint64_t at;	   /**< The place, offset from volume 0. */
	uint64_t obj_off;  /**< The object, offset from volume 0; 0: there is none. */
	uint64_t tag;	   /**< As asked for, likewise size and alignment. */
	uint64_t sz;
	uint64_t align;
	uint64_t expected; /**< Of an accessor. */
	uint64_t found;
	int err;	       /**< What the call returned, for faults of a call. */
	uint64_t byte_off;     /**< Where the bytes below lie, offset from volume 0. */
	unsigned int byte_cnt; /**< How many there are. */
	uint8_t expected_bytes[STRESS_BYTES_MAX];
	uint8_t found_bytes[STRESS_BYTES_MAX];
};

/** Called with each finding, by the tile that made it, while other tiles run. */
typedef void (*stress_finding_fn)(void *arg, const struct stress_finding *finding);

/** A run. The caller owns the memory. */
struct stress {
	struct stress_cfg cfg;
	struct stress_shared shared; /**< Its table is NULL for a groove of one's own. */
	struct stress_table *table;
	struct stress_seat *seats; /**< seat_cnt. */
	uint64_t seat_cnt;
	struct stress_slot *slots;	  /**< slot_cnt. */
	uint64_t salt;			  /**< Of the patterns. */
	uint64_t number;		  /**< This process's among those that came; 0 in a groove of one's own. */
	struct stress_counters *counters; /**< tile_cnt. */
	uint64_t *unused;		  /**< Bit per volume that is not in the groove and that nobody adds. */
	uint64_t volume_claimed;	  /**< Volumes in the groove, and the one that a tile adds just now. */
	uint64_t volume_added;		  /**< Volumes in the groove. */
	uint32_t stop;			  /**< enum stress_stop. */
	bool injected;			  /**< The damage is done; tile 0's, then the caller's. */
	uint64_t injected_off;		  /**< Where, offset from volume 0. */
	uint64_t foreign_cnt;		  /**< Live objects that are none of the table's, from stress_find_leaks(). */
	stress_finding_fn on_finding;
	void *arg; /**< For on_finding. */
};

/**
 * Make a run ready.
 *
 * @return
 *   GROOVE_SUCCESS; GROOVE_ERR_FULL: no memory for the slots.
 */
int stress_init(struct stress *stress, const struct stress_cfg *cfg, stress_finding_fn on_finding, void *arg);

/**
 * The same in a groove that processes share, with its table. The slots and the largest object are the table's.
 */
int stress_init_shared(struct stress *stress, const struct stress_cfg *cfg, const struct stress_shared *shared,
	stress_finding_fn on_finding, void *arg);

/** Free what stress_init() took. The table of a shared groove stays. */
void stress_fini(struct stress *stress);

/**
 * Run one tile until its turns or its time are over or the run is stopped.
 *
 * @param idx
 *   Index of the tile, [0, tile_cnt). All of them run at the same time: one may wait for another to move on.
 * @param join
 *   Its join. Volume i of the run lies at groove_data_volume0() + i * groove_data_volume_sz().
 *   In a groove that processes share its number is that of the tile's seat.
 */
void stress_loop(struct stress *stress, unsigned int idx, groove_data_t *join);

/** Ask the tiles to stop. The first reason stays. Callable from any thread and from a signal handler. */
void stress_stop(struct stress *stress, enum stress_stop why);

/** Why the run was stopped. */
enum stress_stop stress_stopped(const struct stress *stress);

/**
 * Settle the slots that processes had locked when they died, and free the objects that were on their way into or out of
 * them. After groove_data_recover(), in an idle groove that nobody else works in any more.
 *
 * @return
 *   GROOVE_SUCCESS; an error of groove_data_walk() or groove_data_free().
 */
int stress_settle(struct stress *stress, groove_data_t *join, struct stress_settled *settled);

/** Slots that have an object. In a groove that nobody works in. */
uint64_t stress_slots_full(const struct stress *stress);

/** Do the damage that was asked for, if the run ended before it was done. */
void stress_inject_late(struct stress *stress, groove_data_t *join);

/** Check and free the objects of each tile_cnt-th slot: all tiles together empty all slots. */
void stress_sweep(struct stress *stress, unsigned int idx, groove_data_t *join);

/**
 * Look for live objects that no slot holds, after the sweep. Lost ones would show up again. In a groove that processes
 * share those with a tag that none of its slots can have given are somebody else's.
 *
 * @return
 *   GROOVE_SUCCESS, whether there are findings or not; an error of groove_data_walk().
 */
int stress_find_leaks(struct stress *stress, groove_data_t *join);

/** What all tiles did together. Callable while they run. */
struct stress_sum stress_sum(const struct stress *stress);

/** Volumes in the groove; of a shared one, as one of its joins sees them. Callable while tiles run. */
uint64_t stress_volumes_added(const struct stress *stress, const groove_data_t *join);

/** A seat. Owned by the tile that has its number. */
struct stress_seat *stress_seat(struct stress *stress, uint64_t idx);

/** Be seen there, as a process that takes part or a tile in its loop; and no more. */
void stress_seat_take(struct stress_seat *seat, enum stress_seat_kind kind);
void stress_seat_leave(struct stress_seat *seat);

/** Give the seats of dead processes and tiles back. Returns how many this one did; another may do the rest. */
unsigned int stress_seats_clear(struct stress *stress);

/** Living processes that have a seat, but for seat self. */
unsigned int stress_processes(const struct stress *stress, uint64_t self);

#endif /* STRESS_LOOP_H */
