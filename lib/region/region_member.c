/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_member.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fork.h"
#include "region_log.h"
#include "region_state.h"

#define REBUILD_BYTE GROOVE_REGION_MEMBER_MAX /* after those of the members */

/* Whether another description than fd's has the byte. What cannot be asked is taken for alive. */
static bool
byte_is_taken(int fd, uint32_t idx)
{
	return region_lock_is_taken(fd, idx, 1, &idx);
}

/* ---- fork: a child closes what it got; it never had a lock ---- */

/* Guards the list, and the moment in which a descriptor has a lock. Of this process alone. */
static pthread_mutex_t selves_lock = PTHREAD_MUTEX_INITIALIZER;
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
fork_child(void)
{
	for (struct region_self *self = selves; self != NULL; self = self->next)
		close(self->probe_fd);
	selves = NULL;
	pthread_mutex_unlock(&selves_lock);
}

static void
fork_watch(void)
{
	pthread_atfork(fork_before, fork_parent, fork_child);
}

/* Fork waits from here to selves_unlock(). */
static void
selves_hold(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&selves_lock);
}

static void
selves_add(struct region_self *self)
{
	self->next = selves;
	selves = self;
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

/*
 * Take the first byte that nobody has; the last, for who is named nowhere in the region: with the byte of a dead
 * member, whose joins are still to be recovered, that one would seem to live.
 */
static int
take(struct region_self *self, int fd, bool readonly, const char *what)
{
	for (uint32_t n = 0; n < GROOVE_REGION_MEMBER_MAX; n++) {
		const uint32_t i = readonly ? GROOVE_REGION_MEMBER_MAX - 1 - n : n;

		if (!region_lock_set(fd, i, F_WRLCK)) {
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
region_member_unlock(struct region_self *self)
{
	region_lock_drop(&self->lock);
}

/* The lock, held by the address space. */
static int
self_lock(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	bool readonly, const char *what)
{
	const int fd = driver->lock_open(range);
	int err;

	if (fd < 0)
		return fd;
	err = take(self, fd, readonly, what);
	if (err == GROOVE_SUCCESS)
		return region_lock_keep(&self->lock, fd, range, what);
	close(fd);
	return err;
}

static int
self_open(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	bool readonly, const char *what)
{
	int err;

	self->probe_fd = driver->lock_open(range);
	if (self->probe_fd < 0)
		return self->probe_fd;
	err = self_lock(self, driver, range, readonly, what);
	if (err == GROOVE_SUCCESS)
		selves_add(self);
	else
		close(self->probe_fd);
	return err;
}

int
region_member_enter(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	bool readonly, const char *what)
{
	int err;

	if (fork_guard_get(&self->guard, &self->key) != 0)
		return GROOVE_ERR_INVAL;
	self->pid = getpid();
	selves_hold();
	err = self_open(self, driver, range, readonly, what);
	pthread_mutex_unlock(&selves_lock);
	return err;
}

/* The process number tells nothing but a child whose kernel, an emulator, does not wipe the guard. */
bool
region_member_is_self(const struct region_self *self)
{
	return self->guard != NULL && __atomic_load_n(self->guard, __ATOMIC_RELAXED) == self->key &&
	       self->pid == getpid();
}

void
region_member_leave(struct region_self *self)
{
	if (!region_member_is_self(self))
		return;
	selves_remove(self);
	region_lock_drop(&self->lock);
	close(self->probe_fd);
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
region_member_any(int probe_fd, uint32_t *idx)
{
	return region_lock_is_taken(probe_fd, 0, GROOVE_REGION_MEMBER_MAX, idx);
}

bool
region_member_other(const struct region_self *self, uint32_t *idx)
{
	const uint32_t own = region_owner_idx(self->owner);

	if (self->lock.map == NULL)
		return region_member_any(self->probe_fd, idx);
	return region_lock_is_taken(self->probe_fd, 0, own, idx) ||
	       region_lock_is_taken(self->probe_fd, own + 1, GROOVE_REGION_MEMBER_MAX - own - 1, idx);
}

static int
lock_rebuild(struct region_lock *lock, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	const char *what)
{
	const int fd = driver->lock_open(range);

	if (fd < 0)
		return fd;
	if (region_lock_set(fd, REBUILD_BYTE, F_WRLCK))
		return region_lock_keep(lock, fd, range, what);
	close(fd);
	return GROOVE_ERR_AGAIN;
}

int
region_member_lock_rebuild(struct region_lock *lock, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what)
{
	int err;

	selves_hold();
	err = lock_rebuild(lock, driver, range, what);
	pthread_mutex_unlock(&selves_lock);
	return err;
}
