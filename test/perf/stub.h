/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef PERF_STUB_H
#define PERF_STUB_H

/**
 * @file
 * Allocators that take as long as they are asked to, on a clock of the lcore that calls, and count what they see.
 *
 * They are of the family of rte_malloc, whose calls stub.c has in the place of DPDK's. An lcore's clock stands still
 * between calls, but for what a look at it costs, so a test knows to the nanosecond what a figure must be.
 */

#include <stdbool.h>
#include <stdint.h>

#include <perf.h>

#define STUB_LCORE_MAX	3
#define STUB_SEEN_MAX	(1U << 18) /* calls that are remembered, for each lcore and kind */
#define STUB_FULL_MAX	16
#define STUB_SERIAL_MAX (1U << 19) /* objects of which the arena remembers when they were freed */
#define STUB_SUPERBLOCK 7
#define STUB_HDR	16 /* bytes of a slot that are lost when it is divided */

enum stub_call { STUB_ALLOC, STUB_FREE };

/** What the next jobs should see. Zeros but for what a test sets. */
struct stub_plan {
	unsigned int tile_cnt;		   /**< Tiles that there are. */
	uint64_t warm_ns;		   /**< A call, before the time is taken. */
	uint64_t ns[STUB_LCORE_MAX][2];	   /**< A call while it is. */
	uint64_t cpu_percent;		   /**< Of the time on a CPU. */
	uint64_t look_ns;		   /**< A look at the clock, */
	uint64_t tick_ns;		   /**< and at the one for single calls. */
	uint64_t slow_after;		   /**< After so many calls each takes three times as long; 0: none does. */
	bool arena;			   /**< Objects lie side by side in the order in which they are made, in */
					   /**< slots, but for a gap after every STUB_SUPERBLOCK of them. */
	bool outliers;			   /**< Some calls take 10, 100, 1,000 times as long. */
	uint64_t capacity;		   /**< Bytes that each lcore gets; 0: no end of them. */
	uint64_t rep_ns[2][STUB_FULL_MAX]; /**< By allocator and repetition: instead of ns, in perf_run(). */
};
extern struct stub_plan stub_plan;

/** What an lcore saw in the last job. */
struct stub_lcore {
	uint64_t now_ns;
	bool timed;
	uint64_t begin_ns; /**< When the rounds began that are timed, and ended. */
	uint64_t end_ns;
	uint64_t warm_calls;		    /**< Before that. */
	uint64_t calls[2];		    /**< Meanwhile, by kind, */
	uint64_t ns[2];			    /**< and how long they took together. */
	uint64_t live_cnt;		    /**< Objects. */
	uint64_t live;			    /**< Bytes of objects. */
	uint64_t peak_cnt;		    /**< Most objects at a time. */
	uint64_t frees;			    /**< Objects freed, warm-up and all; of these: */
	uint64_t touched;		    /**< whose first word was written to, */
	uint64_t worked;		    /**< and the last of their first 64 bytes, */
	uint64_t fifo;			    /**< that were made next after the one freed before, */
	uint64_t lifo;			    /**< and that were made next before it. */
	uint64_t full_cnt;		    /**< Allocs without memory, */
	uint64_t full_live[STUB_FULL_MAX];  /**< what was live then, in bytes */
	uint64_t full_objs[STUB_FULL_MAX];  /**< and objects, */
	uint64_t full_freed[STUB_FULL_MAX]; /**< and how many were freed since the one before. */
	uint64_t freed;
	uint64_t serial;		   /**< Objects made. */
	uint64_t arena_used;		   /**< Bytes of the arena. */
	uint64_t freed_last;		   /**< The one of these that was freed last. */
	uint8_t freed_at[STUB_SERIAL_MAX]; /**< By serial number of an arena's object: 1 + how often it was full. */
	uint32_t seen_cnt[2];
	uint32_t sz[STUB_SEEN_MAX];	 /**< Sizes asked for, in their order. */
	uint32_t took[2][STUB_SEEN_MAX]; /**< ns of each call while timed. */
};
extern struct stub_lcore stub_lcores[STUB_LCORE_MAX];

/** What the allocators were asked for since stub_reset(). */
struct stub_seen {
	unsigned int open_cnt;
	struct perf_job open[64]; /**< The jobs that they were opened for. */
	unsigned int close_cnt;
	bool close_all_freed;
	unsigned int job_cnt;
	char order[256];	/**< First letters of the allocators, as jobs came. */
	uint64_t mempool_sz;	/**< Element size of the last rte_mempool that was asked for; there is never one. */
	uint64_t mempool_cnt;	/**< Its elements */
	uint64_t mempool_cache; /**< and its cache. */
};
extern struct stub_seen stub_seen;

/** The allocators: perf_groove as the first, another, and one that makes objects of one size. */
extern const struct perf_allocator stub_peer, stub_fixed;

/** Bytes of the slot of an object of so many. */
uint64_t stub_slot(uint64_t sz);

/** Forget all, and plan nothing. */
void stub_reset(void);

#endif /* PERF_STUB_H */
