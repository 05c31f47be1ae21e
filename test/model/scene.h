/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SCENE_H
#define SCENE_H

/* What scenarios of more than one file have: states to start from, what threads do, and checks. */

#include "world.h"

/* ---- states to start from: 0, or -1 when they cannot be made ---- */

/* Two volumes, and nothing in them. */
int setup_empty(void);

/* One full superblock. */
int setup_full(void);

/* Two full superblocks, none of them active. */
int setup_two_full(void);

/* The same with a free slot in each, so that both are listed. */
int setup_listed(void);

/* A superblock with one object in it. */
int setup_nearly_empty(void);

/* The same one level deeper. */
int setup_nested(void);

/*
 * No room but a free slot of NESTED: two objects of INNER fit there.
 * With one of them in it, the fourth kept.
 */
int setup_host(void);
int setup_host_used(void);

/* Two volumes, and one object. */
int setup_two_volumes(void);

/* Two superblocks, of which one is listed and has one object, the third kept. */
int setup_removable(void);

/* Objects of a class that joins cache. */
int setup_cached(void);

/*
 * Shelves of two slots, and a full superblock of three times as many objects that each of two threads frees half of.
 * The third free of each spills.
 */
#define SHELF_SLOTS 2U
#define SHELF_FREES (SHELF_SLOTS + 1U)

int shelves_shorten(void);

/* A full superblock with more objects than the threads free. */
int setup_spill(void);

/* No more than the threads free: the last spill empties it. */
int setup_spill_all(void);

/* ---- what threads do: the number at the end is that of the thread ---- */

void alloc_0(void);
void alloc_1(void);
void alloc_2(void);
void alloc_nested_0(void);
void alloc_nested_1(void);
void alloc_inner_0(void);
void alloc_inner_1(void);

/* Free the object in the host, and trim. */
void free_host_0(void);
void free_host_1(void);

/* Free the first kept object. */
void free_same_0(void);
void free_1(void);
void free_2(void);

void trim_0(void);
void trim_1(void);
void trim_2(void);

void remove_0(void);
void remove_1(void);
void remove_twice_1(void);

/* Each thread's first alloc claims, each free of a kept object caches and spills. */
void cached_0(void);
void alloc_cached_1(void);
void bulk_cached_0(void);

void spill_0(void);
void spill_1(void);
void spill_flush_0(void);
void spill_flush_1(void);

/* Recover from the deaths so far. */
void recover_1(void);
void recover_2(void);

/* ---- checks, as those of check.h ---- */

int check_free_same(void);
int check_alloc_may_fail(void);
int check_free_remove(void);
int check_shrink_free(void);

/* Two that want a slot may both get FULL while the third holds the memory. */
int check_two_or_full(void);

#endif /* SCENE_H */
