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
 * Nothing here is global and nothing calls EAL: a caller brings the memory of the slots, a join per tile and the
 * threads.
 *
 *     stress_init();                        one thread
 *     stress_loop(), stress_stop();         all tiles at once, each with its own index and join
 *     stress_inject_late();                 one thread, the tiles have ended
 *     stress_sweep();                       all tiles at once, or one after the other
 *     stress_find_leaks(), stress_fini();   one thread
 *
 * Slots hold offsets from volume 0, so processes with different mappings can share them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <groove.h>

#define STRESS_ALIGN 128 /**< Two cache lines: the adjacent-line prefetcher does not couple neighbours either. */

/** Largest object, bytes: behind a header padded to the largest alignment it still has a class. */
#define STRESS_SZ_MAX (GROOVE_DATA_ALLOC_FOOTPRINT_MAX - GROOVE_DATA_ALLOC_ALIGN_MAX)

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
};

/** What to run. */
struct stress_cfg {
	unsigned int tile_cnt; /**< Tiles that will run. */
	uint64_t turn_cnt;     /**< Turns of each tile; 0: no limit. */
	uint64_t duration_ns;  /**< Time of each tile; 0: no limit. */
	uint64_t slot_cnt;     /**< Slots, [1, 2^32]. */
	uint64_t volume_cnt;   /**< Volumes of which none is in the groove yet. */
	uint64_t sz_max;       /**< Largest object, [0, STRESS_SZ_MAX]. */
	uint64_t seed;	       /**< Start of all random draws. */
	bool keep_going;       /**< Count findings, do not stop at the first. */
	enum stress_inject inject;
};

/** A place for one object. Its fields belong to the tile that locked it. */
struct stress_slot {
	uint32_t lock;	   /**< 0, or the tile that works here, plus 1. */
	uint64_t off;	   /**< Object, offset from volume 0; 0: none (a volume's header is there). */
	uint64_t hdr_off;  /**< Its header, likewise. */
	uint64_t hdr_bits; /**< What its header said when it was new; it stays so while the object lives. */
	uint64_t tag;	   /**< As asked for. */
	uint64_t sz;
	uint64_t align;
} __attribute__((__aligned__(STRESS_ALIGN)));

/** What a tile did so far. Written by that tile only; others may read while it runs. */
struct stress_counters {
	uint64_t turns;	      /**< Slots locked and dealt with. */
	uint64_t allocs;      /**< Objects allocated. */
	uint64_t frees;	      /**< Objects freed, the final sweep included. */
	uint64_t validations; /**< Old objects checked, the final sweep included. */
	uint64_t full_events; /**< Allocations that met a full groove. */
	uint64_t findings;    /**< Things wrong. */
	uint64_t lost;	      /**< Objects so damaged that they cannot be freed. */
	int64_t live_objs;    /**< Allocated less freed; below zero when it frees what others allocated. */
	int64_t live_bytes;   /**< The same in bytes asked for. */
	uint64_t live_peak;   /**< Most live bytes of all tiles together that this tile saw. */
	uint64_t beats;	      /**< Changes while the tile is alive and outside of groove's calls. */
	bool over;	      /**< Its loop has ended. */
} __attribute__((__aligned__(STRESS_ALIGN)));

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
};

#define STRESS_BYTES_MAX 16 /**< Bytes that a finding shows. */
#define STRESS_NO_TILE	 UINT32_MAX

/** One thing that is wrong. */
struct stress_finding {
	enum stress_fault fault;
	const char *what;  /**< Which accessor; NULL for other faults. */
	unsigned int tile; /**< Who found it, or STRESS_NO_TILE. */
	uint64_t at;	   /**< The place, offset from volume 0. */
	uint64_t obj_off;  /**< The object, offset from volume 0; 0: there is none. */
	uint64_t tag;	   /**< As asked for, likewise size and alignment. */
	uint64_t sz;
	uint64_t align;
	uint64_t expected; /**< Of an accessor. */
	uint64_t found;
	int err;	       /**< What the call answered, for faults of a call. */
	uint64_t byte_off;     /**< Where the bytes below lie, offset from volume 0. */
	unsigned int byte_cnt; /**< How many there are. */
	uint8_t expected_bytes[STRESS_BYTES_MAX];
	uint8_t found_bytes[STRESS_BYTES_MAX];
};

/** Told of each finding, by the tile that made it, while other tiles run. */
typedef void (*stress_finding_fn)(void *arg, const struct stress_finding *finding);

/** A run. The caller owns the memory. */
struct stress {
	struct stress_cfg cfg;
	struct stress_slot *slots;	  /**< slot_cnt. */
	struct stress_counters *counters; /**< tile_cnt. */
	uint64_t *unused;		  /**< Bit per volume that is not in the groove and that nobody adds. */
	uint64_t volume_claimed;	  /**< Volumes in the groove, and the one that a tile adds just now. */
	uint64_t volume_added;		  /**< Volumes in the groove. */
	uint32_t stop;			  /**< enum stress_stop. */
	bool injected;			  /**< The damage is done; tile 0's, then the caller's. */
	uint64_t injected_off;		  /**< Where, offset from volume 0. */
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

/** Free what stress_init() took. */
void stress_fini(struct stress *stress);

/**
 * Run one tile until its turns or its time are over or the run is stopped.
 *
 * @param idx
 *   Index of the tile, [0, tile_cnt). All of them run at the same time: one may wait for another to move on.
 * @param join
 *   Its join. Volume i of the run lies at groove_data_volume0() + i * groove_data_volume_sz().
 */
void stress_loop(struct stress *stress, unsigned int idx, groove_data_t *join);

/** Ask the tiles to stop. The first reason stays. Callable from any thread and from a signal handler. */
void stress_stop(struct stress *stress, enum stress_stop why);

/** Why the run was stopped. */
enum stress_stop stress_stopped(const struct stress *stress);

/** Do the damage that was asked for, if the run ended before it was done. */
void stress_inject_late(struct stress *stress, groove_data_t *join);

/** Check and free the objects of each tile_cnt-th slot: all tiles together empty all slots. */
void stress_sweep(struct stress *stress, unsigned int idx, groove_data_t *join);

/**
 * Look for live objects that no slot holds, after the sweep. Lost ones would show up again.
 *
 * @return
 *   GROOVE_SUCCESS, whether there are findings or not; an error of groove_data_walk().
 */
int stress_find_leaks(struct stress *stress, groove_data_t *join);

/** What all tiles did together; live_peak is the highest. Callable while they run. */
struct stress_counters stress_sum(const struct stress *stress);

/** Volumes in the groove. Callable while tiles run. */
uint64_t stress_volumes_added(const struct stress *stress);

#endif /* STRESS_LOOP_H */
