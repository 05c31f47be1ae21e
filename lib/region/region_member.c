/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_member.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "region_log.h"
#include "region_state.h"

#define REBUILD_BYTE GROOVE_REGION_MEMBER_MAX /* behind those of the members */

/* ---- bytes ---- */

static struct flock
byte_of(uint32_t idx, short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = idx, .l_len = 1};
}

static bool
byte_set(int fd, uint32_t idx, short type)
{
	struct flock byte = byte_of(idx, type);

	return fcntl(fd, F_OFD_SETLK, &byte) == 0;
}

/* Whether a description other than fd's has the byte. What cannot be asked is taken for alive. */
static bool
byte_is_taken(int fd, uint32_t idx)
{
	struct flock byte = byte_of(idx, F_WRLCK);

	return fcntl(fd, F_OFD_GETLK, &byte) != 0 || byte.l_type != F_UNLCK;
}

/* ---- fork: the child's copies of the descriptors would keep the locks of a dead parent ---- */

static pthread_mutex_t selves_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct region_self *selves;

static void
fork_before(void)
{
	pthread_mutex_lock(&selves_lock);
}

static void
fork_parent(void)
{
	pthread_mutex_unlock(&selves_lock);
}

static void
self_close(struct region_self *self)
{
	close(self->lock_fd);
	close(self->probe_fd);
	self->lock_fd = -1;
	self->probe_fd = -1;
}

static void
fork_child(void)
{
	for (struct region_self *self = selves; self != NULL; self = self->next)
		self_close(self);
	selves = NULL;
	pthread_mutex_unlock(&selves_lock);
}

static void
fork_watch(void)
{
	pthread_atfork(fork_before, fork_parent, fork_child);
}

static void
selves_add(struct region_self *self)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&selves_lock);
	self->next = selves;
	selves = self;
	pthread_mutex_unlock(&selves_lock);
}

static void
selves_remove(struct region_self *self)
{
	struct region_self **link = &selves;

	pthread_mutex_lock(&selves_lock);
	while (*link != NULL && *link != self)
		link = &(*link)->next;
	if (*link != NULL)
		*link = self->next;
	pthread_mutex_unlock(&selves_lock);
}

/* ---- members ---- */

static int
self_open(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	self->lock_fd = driver->lock_open(range);
	if (self->lock_fd < 0)
		return self->lock_fd;
	self->probe_fd = driver->lock_open(range);
	if (self->probe_fd < 0) {
		close(self->lock_fd);
		return self->probe_fd;
	}
	return GROOVE_SUCCESS;
}

/*
 * Take the first byte that nobody has; the last, for who is named nowhere in the region: with the byte of a dead
 * member, whose joins are still to be recovered, that one would seem to live.
 */
static int
take(struct region_self *self, bool readonly, const char *what)
{
	for (uint32_t n = 0; n < GROOVE_REGION_MEMBER_MAX; n++) {
		const uint32_t i = readonly ? GROOVE_REGION_MEMBER_MAX - 1 - n : n;

		if (!byte_set(self->lock_fd, i, F_WRLCK)) {
			if (errno == EAGAIN || errno == EACCES)
				continue;
			REGION_LOG(ERR, "%s: its file system locks nothing: %s: take another directory", what,
				strerror(errno));
			return GROOVE_ERR_INVAL;
		}
		self->owner = region_owner(i, 0);
		return GROOVE_SUCCESS;
	}
	REGION_LOG(ERR, "%s: %d processes are attached already: detach one", what, GROOVE_REGION_MEMBER_MAX);
	return GROOVE_ERR_FULL;
}

void
region_member_announce(struct region_self *self, struct region_hdr *hdr)
{
	const uint32_t idx = region_owner_idx(self->owner);
	struct region_member *member = &hdr->member[idx];

	/* Whoever had it may have died in the midst of a join. Before the generation: see region_join.c. */
	__atomic_store_n(&member->joining, 0, __ATOMIC_SEQ_CST);
	self->owner = region_owner(idx, __atomic_add_fetch(&member->gen, 1, __ATOMIC_SEQ_CST));
	__atomic_store_n(&member->pid, (uint64_t)getpid(), __ATOMIC_RELAXED);
}

void
region_member_unlock(const struct region_self *self)
{
	byte_set(self->lock_fd, region_owner_idx(self->owner), F_UNLCK);
}

int
region_member_enter(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	bool readonly, const char *what)
{
	int err = self_open(self, driver, range);

	if (err != GROOVE_SUCCESS)
		return err;
	err = take(self, readonly, what);
	if (err != GROOVE_SUCCESS) {
		self_close(self);
		return err;
	}
	self->pid = getpid();
	selves_add(self);
	return GROOVE_SUCCESS;
}

bool
region_member_is_self(const struct region_self *self)
{
	return self->pid == getpid();
}

void
region_member_leave(struct region_self *self)
{
	if (!region_member_is_self(self))
		return;
	selves_remove(self);
	self_close(self);
}

bool
region_member_is_dead(const struct region_self *self, struct region_hdr *hdr, uint32_t owner)
{
	const uint32_t idx = region_owner_idx(owner);

	if (idx >= GROOVE_REGION_MEMBER_MAX)
		return true;

	const uint64_t gen = __atomic_load_n(&hdr->member[idx].gen, __ATOMIC_SEQ_CST);

	/* Another who has the byte since then took it after that one died. */
	return region_owner(idx, gen) != owner || !byte_is_taken(self->probe_fd, idx);
}

bool
region_member_other(int probe_fd, uint32_t *idx)
{
	struct flock bytes = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = GROOVE_REGION_MEMBER_MAX};

	if (fcntl(probe_fd, F_OFD_GETLK, &bytes) == 0 && bytes.l_type == F_UNLCK)
		return false;
	*idx = (uint32_t)bytes.l_start % GROOVE_REGION_MEMBER_MAX;
	return true;
}

bool
region_member_lock_rebuild(const struct region_self *self)
{
	return byte_set(self->lock_fd, REBUILD_BYTE, F_WRLCK);
}

void
region_member_unlock_rebuild(const struct region_self *self)
{
	byte_set(self->lock_fd, REBUILD_BYTE, F_UNLCK);
}
