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
#include "log.h"
#include "region_log.h"
#include "region_state.h"

/* Whether the descriptor that asks still leads to the lock file: another file would say that nobody lives. */
static bool
probe_is_lost(const struct region_self *self)
{
	return !fd_mark_holds(&self->probe, self->probe_fd);
}

/* Whether another description has one of some bytes. What cannot be asked is taken for alive. */
static bool
is_taken(const struct region_self *self, uint32_t first, uint32_t cnt, uint32_t *owner)
{
	if (!probe_is_lost(self))
		return region_lock_is_taken(self->probe_fd, first, cnt, owner);
	REGION_LOG_LIMITED(ERR,
		"descriptor %d of a region was closed by this program, so which processes live is unknown: detach",
		self->probe_fd);
	*owner = first;
	return cnt != 0;
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
	for (struct region_self *self = selves; self != NULL; self = self->next) {
		if (!probe_is_lost(self))
			close(self->probe_fd);
	}
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

static int
lock_failed(const char *what)
{
	REGION_LOG(ERR, "%s: its file system locks nothing: %s: take another directory", what, strerror(errno));
	return GROOVE_ERR_INVAL;
}

/* For people to read: no decision rests on it. */
static void
member_note(struct region_hdr *hdr, uint32_t owner)
{
	struct region_member *member = &hdr->member[owner % REGION_MEMBER_CNT];

	__atomic_store_n(&member->pid, (uint64_t)getpid(), __ATOMIC_RELAXED);
	__atomic_store_n(&member->owner, owner, __ATOMIC_RELAXED);
}

/*
 * Take a number that no process had before, then lock its byte. So a process that is stopped or dies between any two
 * instructions here has nothing of a member that was there before: that one's byte is another. The numbers begin anew
 * after REGION_OWNER_CNT of them: one that a living process still has is passed over.
 */
static int
take_number(struct region_self *self, int fd, struct region_hdr *hdr, const char *what)
{
	for (;;) {
		const uint32_t owner =
			(uint32_t)(__atomic_add_fetch(&hdr->ticket, 1, __ATOMIC_SEQ_CST) % REGION_OWNER_CNT);

		if (owner == REGION_OWNER_NONE)
			continue;
		if (region_lock_set(fd, owner, F_WRLCK)) {
			self->owner = owner;
			member_note(hdr, owner);
			return GROOVE_SUCCESS;
		}
		if (errno != EAGAIN && errno != EACCES)
			return lock_failed(what);
	}
}

/* One that reads only is named nowhere in the region: any byte that nobody has will do, and nothing is written. */
static int
take_reader(struct region_self *self, int fd, const char *what)
{
	for (uint32_t i = 0; i < REGION_READER_CNT; i++) {
		if (region_lock_set(fd, REGION_READER_BYTE + i, F_WRLCK)) {
			self->owner = REGION_READER_BYTE + i;
			return GROOVE_SUCCESS;
		}
		if (errno != EAGAIN && errno != EACCES)
			return lock_failed(what);
	}
	REGION_LOG(ERR, "%s: %u processes read it already: detach one", what, REGION_READER_CNT);
	return GROOVE_ERR_FULL;
}

static int
take(struct region_self *self, int fd, struct region_hdr *hdr, const char *what)
{
	return hdr != NULL ? take_number(self, fd, hdr, what) : take_reader(self, fd, what);
}

void
region_member_unlock(struct region_self *self)
{
	region_lock_drop(&self->lock);
}

/* The lock, held by the address space. */
static int
self_lock(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	struct region_hdr *hdr, const char *what)
{
	const int fd = driver->lock_open(range);
	int err;

	if (fd < 0)
		return fd;
	err = take(self, fd, hdr, what);
	if (err == GROOVE_SUCCESS)
		return region_lock_keep(&self->lock, fd, range, what);
	close(fd);
	return err;
}

int
region_member_look(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range)
{
	self->probe_fd = driver->lock_open(range);
	if (self->probe_fd < 0)
		return self->probe_fd;
	if (!fd_mark_note(&self->probe, self->probe_fd)) {
		REGION_LOG(ERR, "its lock file cannot be looked at: %m");
		close(self->probe_fd);
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

static int
self_open(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	struct region_hdr *hdr, const char *what)
{
	int err = region_member_look(self, driver, range);

	if (err != GROOVE_SUCCESS)
		return err;
	err = self_lock(self, driver, range, hdr, what);
	if (err == GROOVE_SUCCESS)
		selves_add(self);
	else
		close(self->probe_fd);
	return err;
}

int
region_member_enter(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	struct region_hdr *hdr, const char *what)
{
	int err;

	if (fork_guard_get(&self->guard, &self->key) != 0)
		return GROOVE_ERR_INVAL;
	self->pid = getpid();
	selves_hold();
	err = self_open(self, driver, range, hdr, what);
	pthread_mutex_unlock(&selves_lock);
	return err;
}

int
region_member_promote(struct region_self *self, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, struct region_hdr *hdr, const char *what)
{
	struct region_lock reader = self->lock;
	const uint32_t owner = self->owner;
	int err;

	selves_hold();
	err = self_lock(self, driver, range, hdr, what);
	pthread_mutex_unlock(&selves_lock);
	if (err == GROOVE_SUCCESS)
		region_lock_drop(&reader);
	else
		self->owner = owner;
	return err;
}

/* The process number is only for a child on a kernel, an emulator, that does not wipe the guard. */
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
	region_lock_drop(&self->vouch);
	if (!probe_is_lost(self))
		close(self->probe_fd);
}

bool
region_member_is_dead(const struct region_self *self, uint32_t owner)
{
	return owner == REGION_OWNER_NONE || owner >= REGION_OWNER_CNT || !is_taken(self, owner, 1, &owner);
}

uint64_t
region_member_pid(const struct region_hdr *hdr, uint32_t owner)
{
	const struct region_member *member = &hdr->member[owner % REGION_MEMBER_CNT];

	return __atomic_load_n(&member->owner, __ATOMIC_RELAXED) == owner
		       ? __atomic_load_n(&member->pid, __ATOMIC_RELAXED)
		       : 0;
}

bool
region_member_any(int probe_fd, uint32_t *owner)
{
	return region_lock_is_taken(probe_fd, 1, REGION_REBUILD_BYTE - 1, owner);
}

bool
region_member_other(const struct region_self *self, uint32_t *owner)
{
	const uint32_t own = self->owner;

	if (self->lock.map == NULL)
		return is_taken(self, 1, REGION_REBUILD_BYTE - 1, owner);
	return is_taken(self, 1, own - 1, owner) || is_taken(self, own + 1, REGION_REBUILD_BYTE - own - 1, owner);
}

bool
region_member_other_writes(const struct region_self *self, uint32_t *owner)
{
	return is_taken(self, 1, REGION_READER_BYTE - 1, owner);
}

struct member_list {
	uint32_t *owner;
	uint64_t cnt;
	uint64_t max;
};

/* Those with numbers in a range: the kernel names one of them, no matter which. */
static void
list_range(int probe_fd, uint32_t first, uint32_t cnt, struct member_list *list)
{
	uint32_t owner;

	if (list->cnt == list->max || !region_lock_is_taken(probe_fd, first, cnt, &owner))
		return;
	list->owner[list->cnt++] = owner;
	list_range(probe_fd, first, owner - first, list);
	list_range(probe_fd, owner + 1, first + cnt - owner - 1, list);
}

uint64_t
region_member_list(int probe_fd, uint32_t *owner, uint64_t max)
{
	struct member_list list = {.owner = owner, .max = max};

	list_range(probe_fd, 1, REGION_REBUILD_BYTE - 1, &list);
	return list.cnt;
}

/* Lock one byte, up to drop. GROOVE_ERR_AGAIN, silent: another has it; GROOVE_ERR_INVAL, logged: nobody can. */
static int
lock_byte(struct region_lock *lock, uint32_t byte, short type, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what)
{
	const int fd = driver->lock_open(range);
	int err;

	if (fd < 0)
		return fd;
	if (region_lock_set(fd, byte, type))
		return region_lock_keep(lock, fd, range, what);
	/* What all share no other process has. */
	err = type == F_WRLCK && (errno == EAGAIN || errno == EACCES) ? GROOVE_ERR_AGAIN : lock_failed(what);
	close(fd);
	return err;
}

static int
lock_byte_alone(struct region_lock *lock, uint32_t byte, short type, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what)
{
	int err;

	selves_hold();
	err = lock_byte(lock, byte, type, driver, range, what);
	pthread_mutex_unlock(&selves_lock);
	return err;
}

int
region_member_vouch(struct region_self *self, const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	const char *what)
{
	if (self->vouch.map != NULL)
		return GROOVE_SUCCESS;
	return lock_byte_alone(&self->vouch, REGION_VOUCH_BYTE, F_RDLCK, driver, range, what);
}

int
region_member_lock_rebuild(struct region_lock *lock, const groove_volume_driver_t *driver,
	const groove_volume_range_t *range, const char *what)
{
	return lock_byte_alone(lock, REGION_REBUILD_BYTE, F_WRLCK, driver, range, what);
}
