/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_MEMBER_H
#define REGION_MEMBER_H

/*
 * Which processes are attached, and which of them are dead. A process has a number in the region, its owner number,
 * that no process had before it. It holds the byte of that number in the lock file as long as its memory lives
 * (region_lock.h), and asks through another description, to which the first one's locks are
 * another's. The child of a fork is no member, whatever its process number: it reads zeros where the parent has a
 * random number (lib/groove/calls/fork.h).
 */

#include <stdbool.h>

#include <sys/types.h>

#include "fd_mark.h"
#include "region_hdr.h"
#include "region_lock.h"

/* This process, as a member of a region. */
struct region_self {
	struct region_lock lock;  /* holds the byte */
	struct region_lock vouch; /* holds the byte of all that use the region */
	int probe_fd;		  /* asks, and holds nothing */
	struct fd_mark probe;	  /* what that leads to */
	uint32_t owner;
	pid_t pid;
	const uint64_t *guard; /* reads as key in the process that attached, and in no other */
	uint64_t key;
	struct region_self *next;
};

/*
 * Become a member, with a number of its own, which is taken from the header; hdr NULL: one that only reads, and has
 * none. GROOVE_SUCCESS; GROOVE_ERR_FULL or INVAL, logged. self stays where it is until leave.
 */
int region_member_enter(struct region_self *self, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, struct region_hdr *hdr, const char *what);

/* Give a member that only read a number: it writes from here on. As enter; on error it is what it was. */
int region_member_promote(struct region_self *self, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, struct region_hdr *hdr, const char *what);

/* Vouch that the region is whole, up to leave (identity.h). GROOVE_SUCCESS; a negative code, logged. */
int region_member_vouch(struct region_self *self, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what);

/* Be able to look for members, and none. The descriptor is the caller's to close. GROOVE_SUCCESS; INVAL, logged. */
int region_member_look(
	struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range);

/* Be no member any more, but able to look for others. */
void region_member_unlock(struct region_self *self);

/* Stop being one. In a child of fork nothing. */
void region_member_leave(struct region_self *self);

/* Whether an owner has died, or left, or is none that can be. */
bool region_member_is_dead(const struct region_self *self, uint32_t owner);

/* What a process called itself in its PID namespace, for people to read; 0: not known. */
uint64_t region_member_pid(const struct region_hdr *hdr, uint32_t owner);

/* Whether a member lives. Its number. */
bool region_member_any(int probe_fd, uint32_t *owner);

/* Whether another member lives than this process. Its number. */
bool region_member_other(const struct region_self *self, uint32_t *owner);

/* Whether another member lives that may write. Its number. For one that has unlocked its byte. */
bool region_member_other_writes(const struct region_self *self, uint32_t *owner);

/* Whether a number is of a member that only reads. */
static inline bool
region_member_reads(uint32_t owner)
{
	return owner >= REGION_READER_BYTE;
}

/* The numbers of living members, so many at most. Returns how many. */
uint64_t region_member_list(int probe_fd, uint32_t *owner, uint64_t max);

/* Whether this is the process that became a member, not a child of it. */
bool region_member_is_self(const struct region_self *self);

/* Be the one process that rebuilds the region. GROOVE_SUCCESS; GROOVE_ERR_AGAIN: another is; INVAL, FULL, logged. */
int region_member_lock_rebuild(struct region_lock *lock, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what);

#endif /* REGION_MEMBER_H */
