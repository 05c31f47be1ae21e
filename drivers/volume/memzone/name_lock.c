/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "name_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>

#include <groove_volume_driver.h>

#include "memzone_log.h"

/* Open the file that is locked. */
static int
eal_file_open(char path[PATH_MAX], int flags)
{
	snprintf(path, PATH_MAX, "%s/hugepage_info", rte_eal_get_runtime_dir());
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

int
makers_lock(int operation, const char *name)
{
	char path[PATH_MAX];
	const int fd = eal_file_open(path, O_RDONLY);

	if (fd >= 0 && flock(fd, operation | LOCK_NB) == 0)
		return fd;
	if (fd >= 0 && errno == EWOULDBLOCK)
		MEMZONE_LOG(ERR, "region %s: a process that lives is making it, or another: try again", name);
	else
		MEMZONE_LOG(ERR, "region %s: cannot lock %s: %s: let this user read it, and have descriptors left",
			name, path, groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
	if (fd >= 0)
		close(fd);
	return -1;
}

#define NAME_TRIES 1000 /* of a millisecond: no process takes longer, but one that is stopped there */

static struct flock
name_byte(const char *name, short type)
{
	uint32_t hash = 0;

	for (; *name != '\0'; name++)
		hash = hash * 31 + (uint8_t)*name;
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = hash, .l_len = 1};
}

/* Wait for the lock of a name. 0, or errno. */
static int
name_wait(int fd, struct flock *lock)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned int i = 0; i < NAME_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, lock) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES)
			return errno;
		nanosleep(&pause, NULL);
	}
	return EAGAIN;
}

int
name_lock(const char *name, short type)
{
	struct flock lock = name_byte(name, type);
	char path[PATH_MAX];
	const int fd = eal_file_open(path, type == F_WRLCK ? O_RDWR : O_RDONLY);
	const int err = fd < 0 ? errno : name_wait(fd, &lock);

	if (err == 0)
		return fd;
	if (fd >= 0 && err == EAGAIN)
		MEMZONE_LOG(ERR,
			"region %s: another process opens or removes it, and has %s locked: try again, or end a "
			"process that is stopped in attach or destroy",
			name, path);
	else
		MEMZONE_LOG(ERR,
			"region %s: cannot lock %s: %s: run as the user that started EAL's primary, and have "
			"descriptors left",
			name, path, groove_volume_error_text(err, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
	if (fd >= 0)
		close(fd);
	return -1;
}

void
name_unlock(const char *name, int fd)
{
	struct flock share = name_byte(name, F_UNLCK);

	fcntl(fd, F_OFD_SETLK, &share);
}

/*
 * A child of fork that was made meanwhile has the descriptor too, and would keep the lock as long as it lives: so
 * closing it is not enough.
 */
void
lock_release(int fd)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET}; /* all bytes */

	if (fd < 0)
		return;
	flock(fd, LOCK_UN);
	fcntl(fd, F_OFD_SETLK, &lock);
	close(fd);
}
