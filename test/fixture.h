/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef FIXTURE_H
#define FIXTURE_H

/**
 * @file
 * A groove for a test, objects with patterns in them, and what the design says an object must look like.
 */

#include <stdbool.h>

#include <groove.h>
#include <rte_common.h>

#include "test.h"

#define VOLUME_SZ_MIN GROOVE_VOLUME_FOOTPRINT_MIN

/* ---- a groove in memory of the test's own ---- */

struct fixture {
	groove_data_cfg_t cfg;
	void *shmem;
	uint64_t shmem_sz;
	uint8_t *volume0;
	uint64_t volumes_sz; /* bytes at volume0 */
	groove_data_t data;  /* a join, with cgroup hint 0 */
};

/** Make a groove with room for volume_max volumes, none of them added, and join it. */
int fixture_make(struct fixture *fix, uint64_t volume_sz, uint64_t volume_max);

/** Address of a volume. */
uint8_t *fixture_volume(const struct fixture *fix, uint64_t idx);

/** Add cnt volumes from index idx on. */
int fixture_add(struct fixture *fix, uint64_t idx, uint64_t cnt);

/** Make another join. */
int fixture_join(const struct fixture *fix, groove_data_t *data, uint64_t cgroup_hint);

/**
 * The epilogue of each test, when all objects were freed and all joins but the fixture's left: the state verifies, no
 * object is live, every volume can be removed, and the groove can be left and deleted.
 */
int fixture_end(struct fixture *fix);

/** Give the memory back, whatever state it is in. fixture_end() does. */
void fixture_unmap(struct fixture *fix);

/** Remove all volumes of an idle groove; expects cnt of them, each once. */
int fixture_remove_all(struct fixture *fix, uint64_t cnt);

/* ---- a copy of the state, to show that a bad call changed nothing ---- */

struct snapshot {
	uint8_t *shmem;
	uint8_t *heads;
	uint64_t head_sz;
	groove_data_t data;
};

/** Keep the shared region, the first head_sz bytes of each volume, and the join. */
int snapshot_take(struct snapshot *snap, const struct fixture *fix, uint64_t head_sz);

/** Whether all of it is as it was. */
bool snapshot_same(const struct snapshot *snap, const struct fixture *fix);

void snapshot_drop(struct snapshot *snap);

/* ---- what the design says ---- */

/**
 * Fewest bytes in front of an object and after it: the header in front, and red zones of 16 bytes on both sides in a
 * build with debug_checks.
 */
#define EXPECT_FRONT (GROOVE_DEBUG_CHECKS ? 32UL : 16UL)
#define EXPECT_BACK  (GROOVE_DEBUG_CHECKS ? 16UL : 0UL)

/** Class of objects of a size, with the default alignment. */
static inline uint64_t
expect_szc(uint64_t sz)
{
	return groove_data_szc(EXPECT_FRONT + sz + EXPECT_BACK);
}

/** Largest size with the default alignment that an object in a slot of a class can have. */
static inline uint64_t
expect_szc_room(uint64_t szc)
{
	return RTE_MIN((uint64_t)groove_data_szc_cfg[szc].obj_footprint, GROOVE_DATA_ALLOC_FOOTPRINT_MAX) -
	       EXPECT_FRONT - EXPECT_BACK;
}

/** Bytes of the tightest slot for an object, by a search of the class table; 0 when there is none so large. */
uint64_t expect_slot_sz(uint64_t align, uint64_t sz);

/** Bytes from the start of a slot to an object in it. */
uint64_t expect_obj_off(uint64_t align);

/** Largest size that an object of an alignment can have. */
uint64_t expect_sz_max(uint64_t align);

/**
 * Check every accessor of a live object against what it was asked for, and its place against the design: in a slot up
 * to four times as large as the tightest.
 */
int object_check(const void *obj, uint64_t align, uint64_t sz, uint64_t tag);

/* ---- patterns ---- */

/** Fill the whole usable range of an object with a pattern that only this seed makes. */
void object_fill(void *obj, uint64_t seed);

/** Whether the usable range still has that pattern. */
bool object_intact(const void *obj, uint64_t seed);

/* ---- where objects lie ---- */

/** Bytes of a slot. */
struct span {
	uintptr_t start;
	uintptr_t stop;
};

/* Allocate n objects of a size, with tags from 0. */
int objects_alloc(groove_data_t *data, void **objs, uint64_t sz, uint64_t n);

/* Free n objects. */
int objects_free(groove_data_t *data, void *const *objs, uint64_t n);

/** Slot of a live object. */
struct span object_span(const void *obj);

/** Whether no two of n spans overlap, nor share a cache line. Sorts them. */
bool spans_disjoint(struct span *spans, uint64_t n);

/** Bytes of the slots that all joins cache; UINT64_MAX when stats fails. */
uint64_t fixture_cached_bytes(const groove_data_t *data);

#endif /* FIXTURE_H */
