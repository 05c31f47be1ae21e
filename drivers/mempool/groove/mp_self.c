/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "mp_self.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "mp_cache.h"
#include "mp_log.h"
#include "mp_stranger.h"

#define FILE_NAME   "groove_mempool.lock"
#define NUMBER_MASK (INT64_MAX / 2) /* an offset in a file, without MEMBER_RECOVERED */

static struct self nobody; /* before the first call */
struct self *self_page = &nobody;

static pthread_mutex_t self_lock = PTHREAD_MUTEX_INITIALIZER; /* of this process alone: guards what is below */
static int probe_fd = -1; /* asks which processes live, and has no lock; a child of fork may use it too */
static dev_t probe_dev;
static ino_t probe_ino;

/* ---- fork: a child finds the lock free ---- */

static void
fork_before(void)
{
	pthread_mutex_lock(&self_lock);
}

static void
fork_after(void)
{
	pthread_mutex_unlock(&self_lock);
}

static int fork_err = ENOSYS;

/* Before any call, as another thread may fork in the midst of the first one. */
RTE_INIT(mempool_fork_init)
{
	fork_err = pthread_atfork(fork_before, fork_after, fork_after);
}

/* ---- the file ---- */

static bool
probe_is_whole(void)
{
	struct stat now;

	return probe_fd >= 0 && fstat(probe_fd, &now) == 0 && now.st_dev == probe_dev && now.st_ino == probe_ino;
}

/*
 * Open the file. An EAL that shares nothing has no directory; then a memory file does, which this process has and its
 * children.
 */
static int
file_open(void)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/" FILE_NAME, rte_eal_get_runtime_dir());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 && errno == ENOENT ? memfd_create(FILE_NAME, MFD_CLOEXEC) : fd;
}

/* Have a descriptor to ask by. */
static int
probe_open(void)
{
	struct stat now;
	int fd;

	if (probe_fd >= 0 && probe_is_whole())
		return 0;
	fd = file_open();
	if (fd < 0 || fstat(fd, &now) != 0) {
		const int err = errno;

		MP_LOG_LIMITED(ERR,
			"cannot open " FILE_NAME " in %s: %s: let this user write there, and have "
			"descriptors left",
			rte_eal_get_runtime_dir(), strerror(err));
		if (fd >= 0)
			close(fd);
		return -err;
	}
	probe_fd = fd;
	probe_dev = now.st_dev;
	probe_ino = now.st_ino;
	return 0;
}

/* A description of its own, which may have locks. */
static int
description_open(void)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", probe_fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Whether another description has the byte of a number; what cannot be asked is taken for alive. */
static bool
number_is_dead(void *arg, uint64_t number)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)number, .l_len = 1};

	RTE_SET_USED(arg);
	return probe_is_whole() && fcntl(probe_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

/* ---- a number ---- */

static uint64_t
number_draw(void)
{
	uint64_t number = 0;

	while (number == 0) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return 0;
		number &= NUMBER_MASK;
	}
	return number;
}

/*
 * Lock the byte of a new number through a description of its own, which only a mapping refers to that no child gets
 * (MADV_DONTFORK): so the lock ends with this address space, and not before. Returns the number; 0, errno set.
 */
static uint64_t
number_lock(void)
{
	const size_t sz = (size_t)sysconf(_SC_PAGESIZE);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	const int fd = description_open();
	void *map;

	if (fd < 0)
		return 0;
	lock.l_start = (off_t)number_draw();
	map = lock.l_start != 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0
		      ? mmap(NULL, sz, PROT_NONE, MAP_SHARED | MAP_NORESERVE, fd, 0)
		      : MAP_FAILED;
	close(fd);
	if (map == MAP_FAILED)
		return 0;
	if (madvise(map, sz, MADV_DONTFORK) == 0)
		return (uint64_t)lock.l_start;
	munmap(map, sz);
	return 0;
}

/* The page, which fork wipes. */
static int
page_map(void)
{
	void *page = mmap(NULL, sizeof(*self_page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	if (madvise(page, sizeof(*self_page), MADV_WIPEONFORK) != 0 || fork_err != 0) {
		munmap(page, sizeof(*self_page));
		return -ENOSYS;
	}
	/* Release: with the acquire in self_number(). */
	__atomic_store_n(&self_page, page, __ATOMIC_RELEASE);
	return 0;
}

/* Be a process with a number. 0, or a negative errno, logged. */
static int
self_begin(void)
{
	int err = probe_open();
	uint64_t number;

	if (err == 0 && self_page == &nobody)
		err = page_map();
	if (err != 0 || self_page->number != 0)
		return err;
	number = number_lock();
	/* Relaxed: the number alone says all. */
	__atomic_store_n(&self_page->number, number, __ATOMIC_RELAXED);
	if (number != 0)
		return 0;
	err = errno != 0 ? -errno : -EAGAIN;
	MP_LOG_LIMITED(ERR, "cannot lock " FILE_NAME ": %s: have descriptors and mappings left", strerror(-err));
	return err;
}

/* ---- pools ---- */

int
self_note_file(struct mp_pool *pool)
{
	int err;

	pthread_mutex_lock(&self_lock);
	err = self_begin();
	pool->lock_dev = probe_dev;
	pool->lock_ino = probe_ino;
	pthread_mutex_unlock(&self_lock);
	return err;
}

/* Whether the file is the one by which the pool's members know each other: by another, all of them would look dead. */
static int
check_file(const struct mp_pool *pool)
{
	if (pool->lock_dev == probe_dev && pool->lock_ino == probe_ino)
		return 0;
	MP_LOG_LIMITED(ERR,
		FILE_NAME " in %s is not the file that this pool was made with: it was removed, and nobody "
			  "knows which processes live: end them all, and EAL's primary",
		rte_eal_get_runtime_dir());
	return -ESTALE;
}

static int
view_locked(const struct mp_pool *pool, struct member_view *view)
{
	int err = self_begin();

	if (err == 0)
		err = check_file(pool);
	*view = (struct member_view){
		.number = self_page->number,
		.is_dead = number_is_dead,
		.gone = mp_cache_drop,
		.arg = pool->mempool,
	};
	return err;
}

/* Ask which processes are dead, for a pool. 0, or a negative errno, logged. */
static int
self_view(const struct mp_pool *pool, struct member_view *view)
{
	int err;

	pthread_mutex_lock(&self_lock);
	err = view_locked(pool, view);
	pthread_mutex_unlock(&self_lock);
	return err;
}

/* The lcores that EAL was started with, those of services too: of a process that shares memory these are all. */
static void
own_lcores(uint64_t lcores[])
{
	memset(lcores, 0, sizeof(((struct member *)NULL)->lcores));
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		if (rte_eal_lcore_role(lcore) != ROLE_OFF)
			lcores[lcore / 64] |= 1UL << lcore % 64;
	}
}

/* Ask for a place. 0: all are taken; a negative errno: there is no asking, logged. */
static int
enter_once(struct mp_pool *pool)
{
	uint64_t lcores[RTE_DIM(((struct member *)NULL)->lcores)];
	struct member_view view;
	int place;

	own_lcores(lcores);
	pthread_mutex_lock(&self_lock);
	place = view_locked(pool, &view);
	if (place == 0)
		place = member_enter(pool, &view, lcores);
	pthread_mutex_unlock(&self_lock);
	return place;
}

uint8_t
self_enter(struct mp_pool *pool)
{
	int place = enter_once(pool);

	/* The dead may have all places. */
	if (place == 0 && self_recover(pool) > 0)
		place = enter_once(pool);
	if (place == 0)
		MP_LOG_LIMITED(ERR, "%u processes use this pool already: end one", MEMBER_CNT - 1);
	return place > 0 ? (uint8_t)place : 0;
}

/* ---- recovery ---- */

int
self_lock_strangers(const struct mp_pool *pool)
{
	/* No process has this number. */
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
	struct member_view view;
	int fd;

	if (self_view(pool, &view) != 0)
		return -1;
	fd = description_open();
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void
self_unlock_strangers(int fd)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	/* A child of fork may have the description as well: closing alone would leave it the lock. */
	fcntl(fd, F_OFD_SETLK, &lock);
	close(fd);
}

/* One that is stopped in its put is not waited for. */
static unsigned int
recover_stranger(struct mp_pool *pool)
{
	const int fd = stranger_is_named(pool) ? self_lock_strangers(pool) : -1;
	unsigned int cnt;

	if (fd < 0)
		return 0;
	cnt = stranger_settle(pool);
	self_unlock_strangers(fd);
	return cnt;
}

int
self_recover(struct mp_pool *pool)
{
	struct member_view view;
	const int err = self_view(pool, &view);

	return err != 0 ? err : (int)(member_recover(pool, &view) + recover_stranger(pool));
}
