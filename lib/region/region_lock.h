/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_LOCK_H
#define REGION_LOCK_H

/*
 * Locks on bytes of a region's lock file that live exactly as long as the memory of the process.
 *
 * The kernel drops an OFD lock when nothing refers to its open file description any more. Descriptors are copied into
 * every child, also into those of a bare clone() that runs no handler, and such a child would keep the lock of a dead
 * parent. So no descriptor is kept. What refers to the description is a mapping that is never accessed and that no
 * child inherits (MADV_DONTFORK): it ends with the address space, by death or by exec. That is what has to be known:
 * only what has the address space can act for the process.
 */

#include <stdbool.h>
#include <stdint.h>

#include <groove_volume_driver.h>

#include "region_state.h"

/* Bytes of the lock file, after those of owner numbers. */
#define REGION_READER_BYTE  REGION_OWNER_CNT			     /* first of those of members that only read */
#define REGION_READER_CNT   (1U << 16)				     /* as many of them at one time */
#define REGION_REBUILD_BYTE (REGION_READER_BYTE + REGION_READER_CNT) /* of the one process that rebuilds */
#define REGION_VOUCH_BYTE   (REGION_REBUILD_BYTE + 1)		     /* shared by all that use it (identity.h) */

/* A description that holds locks. */
struct region_lock {
	void *map; /* NULL: none */
	uint64_t sz;
};

/* Lock a byte, F_WRLCK or F_RDLCK, through a new description. False, errno set: another has it, or there is no lock. */
bool region_lock_set(int fd, uint32_t byte, short type);

/* Whether a description other than fd's has one of some bytes: *byte, the first of its. What cannot be asked is taken
 * for yes. */
bool region_lock_is_taken(int fd, uint32_t first, uint32_t cnt, uint32_t *byte);

/* Whether a process has locked a byte. What cannot be asked is taken for no. */
bool region_lock_is_held(int fd, uint32_t byte);

/* Give a description to the address space, and close its descriptor, also on error. GROOVE_SUCCESS; GROOVE_ERR_FULL,
 * logged. */
int region_lock_keep(struct region_lock *lock, int fd, const groove_volume_range_t *range, const char *what);

/* Drop what it holds. */
void region_lock_drop(struct region_lock *lock);

#endif /* REGION_LOCK_H */
