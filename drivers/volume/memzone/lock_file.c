/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>

#include "memzone_eal.h"
#include "memzone_log.h"
#include "zone.h"

/* The lock file that this process made for a region, which it may remove. */
struct lock_file {
	uint64_t id;
	dev_t dev;
	ino_t ino;
	int fd;	      /* of a memory file; -1: it has a path */
	int maker_fd; /* while the region is being made; -1: it is not */
	struct lock_file *next;
};

static pthread_mutex_t lock_files_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct lock_file *lock_files;

/* Among the files that EAL's processes share, by the random number of the region. */
static void
lock_path(char path[PATH_MAX], uint64_t id)
{
	snprintf(path, PATH_MAX, "%s/groove.%016" PRIx64 ".lock", rte_eal_get_runtime_dir(), id);
}

/* A new one; a negative number: it is there, or cannot be made. */
static int
lock_file_new(uint64_t id, bool shared)
{
	char path[PATH_MAX];

	if (!shared)
		return memfd_create("groove.lock", MFD_CLOEXEC);
	lock_path(path, id);
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Whether a descriptor leads to it: a program may have closed one, and opened a file of its own with its number. */
static bool
lock_file_is(const struct lock_file *file, int fd)
{
	struct stat stat_buf;

	return fstat(fd, &stat_buf) == 0 && stat_buf.st_dev == file->dev && stat_buf.st_ino == file->ino;
}

static bool
lock_file_add(struct lock_file *file, uint64_t id)
{
	const bool shared = memzone_eal_shares();
	const int fd = lock_file_new(id, shared);
	struct stat stat_buf;

	if (fd < 0)
		return false;
	if (fstat(fd, &stat_buf) != 0) {
		close(fd);
		return false;
	}
	*file = (struct lock_file){.id = id, .dev = stat_buf.st_dev, .ino = stat_buf.st_ino, .fd = fd, .maker_fd = -1};
	if (shared) {
		close(fd);
		file->fd = -1;
	}
	pthread_mutex_lock(&lock_files_lock);
	file->next = lock_files;
	lock_files = file;
	pthread_mutex_unlock(&lock_files_lock);
	return true;
}

int
lock_file_make(uint64_t id)
{
	struct lock_file *file = calloc(1, sizeof(*file));

	if (file != NULL && lock_file_add(file, id))
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR, "cannot make a lock file in %s: %s: let this user write there, and have descriptors left",
		rte_eal_get_runtime_dir(), groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
	free(file);
	return GROOVE_ERR_INVAL;
}

int
lock_file_maker(uint64_t id, int fd)
{
	struct lock_file *file;
	int was = -1;

	pthread_mutex_lock(&lock_files_lock);
	for (file = lock_files; file != NULL && file->id != id; file = file->next)
		;
	if (file != NULL) {
		was = file->maker_fd;
		file->maker_fd = fd;
	}
	pthread_mutex_unlock(&lock_files_lock);
	return was;
}

/* Another description of a memory file; -1: there is none. */
static int
lock_file_reopen(uint64_t id)
{
	const struct lock_file *file;
	char path[32];
	int fd = -1;

	pthread_mutex_lock(&lock_files_lock);
	for (file = lock_files; file != NULL && (file->id != id || file->fd < 0); file = file->next)
		;
	if (file != NULL && lock_file_is(file, file->fd)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
		fd = open(path, O_RDWR | O_CLOEXEC);
	} else {
		errno = ENOENT;
	}
	pthread_mutex_unlock(&lock_files_lock);
	return fd;
}

int
lock_file_open(const groove_volume_range_t *range)
{
	char path[PATH_MAX] = "its memory file";
	int fd;

	if (memzone_eal_shares()) {
		lock_path(path, range->id);
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	} else {
		fd = lock_file_reopen(range->id);
	}
	if (fd >= 0)
		return fd;
	MEMZONE_LOG(ERR, "cannot open %s: %s: %s", path,
		groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}),
		errno == ENOENT ? "without it nobody knows which processes live: end them all, and EAL's primary"
				: "run as the user that started EAL's primary, and have descriptors left");
	return GROOVE_ERR_INVAL;
}

/* Forget that this process made it. */
static struct lock_file *
lock_file_take(uint64_t id)
{
	struct lock_file **link = &lock_files;
	struct lock_file *file;

	pthread_mutex_lock(&lock_files_lock);
	while (*link != NULL && (*link)->id != id)
		link = &(*link)->next;
	file = *link;
	if (file != NULL)
		*link = file->next;
	pthread_mutex_unlock(&lock_files_lock);
	return file;
}

/* Whether a path leads to the file that was made for a region: by this process, or else by what its header says. */
static bool
is_lock_of(const char *path, const struct lock_file *file, const groove_volume_range_t *range)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool same;

	if (fd < 0)
		return false;
	if (file != NULL)
		same = lock_file_is(file, fd);
	else /* the header of what was half made names no file; nobody else has its number */
		same = !zone_is_gone(range) && (zone_is_half_made(range) || groove_volume_owns(range, fd));
	close(fd);
	return same;
}

void
lock_file_drop(const groove_volume_range_t *range)
{
	struct lock_file *file = lock_file_take(range->id);
	char path[PATH_MAX];

	if (file != NULL && file->fd >= 0) {
		if (lock_file_is(file, file->fd))
			close(file->fd);
	} else {
		lock_path(path, range->id);
		if (is_lock_of(path, file, range))
			unlink(path);
	}
	free(file);
}
