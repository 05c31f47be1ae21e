/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_MEMBER_H
#define REGION_MEMBER_H

/*
 * Who is attached, and who of them is dead. A process holds an OFD lock on the byte of its index: the kernel drops it
 * when the last descriptor of the open file description is closed, at the latest by death. So the description is the
 * process's own (never one that was handed over), closed by exec, and closed in a child of fork; and it is asked from a
 * second one, to which the first one's locks are another's.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "region_hdr.h"

/* This process, as a member of a region. */
struct region_self {
	int lock_fd;  /* holds the byte */
	int probe_fd; /* asks */
	uint32_t owner;
	pid_t pid; /* whose it is: not a child's */
	struct region_self *next;
};

/*
 * Become a member, of whom the header says nothing yet, or (readonly) before a rebuild never. GROOVE_SUCCESS;
 * GROOVE_ERR_FULL or INVAL, logged. self stays where it is until leave.
 */
int region_member_enter(struct region_self *self, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, bool readonly, const char *what);

/* Say so in the header: from here on words may name this process. */
void region_member_announce(struct region_self *self, struct region_hdr *hdr);

/* Be no member any more, but able to look for others. */
void region_member_unlock(const struct region_self *self);

/* Stop being one. In a child of fork nothing. */
void region_member_leave(struct region_self *self);

/* Whether an owner has died, or left, or is none that can be. */
bool region_member_is_dead(const struct region_self *self, struct region_hdr *hdr, uint32_t owner);

/* Whether a member lives that did not lock through this description. Its index. */
bool region_member_other(int probe_fd, uint32_t *idx);

/* Whether this is the process that became a member, not a child of it. */
bool region_member_is_self(const struct region_self *self);

/* Be the one process that rebuilds the region; false: another is. */
bool region_member_lock_rebuild(const struct region_self *self);
void region_member_unlock_rebuild(const struct region_self *self);

#endif /* REGION_MEMBER_H */
