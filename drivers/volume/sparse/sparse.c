/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Files: made, found, named. Their memory is in sparse_memory.c. */

#include "sparse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FD_PATH_SZ 32

static void
fd_path(char path[FD_PATH_SZ], int fd)
{
	snprintf(path, FD_PATH_SZ, "/proc/self/fd/%d", fd);
}

/* ---- directories: never by a link ---- */

static int
dir_open(const char *dir)
{
	return open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
dir_explain(const char *dir, const char *driver)
{
	VOLUME_LOG(ERR, driver, "no directory %s: %s: %s", dir, SPARSE_ERROR_TEXT(errno),
		errno == EMFILE || errno == ENFILE ? "have descriptors left" : "make it, or name another (no link)");
	return GROOVE_ERR_INVAL;
}

int
sparse_tmpfile(const char *dir, const char *driver)
{
	const int dir_fd = dir_open(dir);
	int fd;

	if (dir_fd < 0)
		return dir_explain(dir, driver);
	fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		VOLUME_LOG(ERR, driver, "cannot make a file without a name in %s: %s: name another directory", dir,
			SPARSE_ERROR_TEXT(errno));
	close(dir_fd);
	return fd >= 0 ? fd : GROOVE_ERR_INVAL;
}

static bool
leads_to(int dir_fd, const char *file, int fd)
{
	struct stat by_name, by_fd;

	return fstatat(dir_fd, file, &by_name, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &by_fd) == 0 &&
	       by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

#define NAME_LOCK_TRIES 1000 /* of a millisecond: nobody has it longer than a look takes, unless stopped there */

/*
 * Whose file a name leads to has the file's lock (flock) while it looks and removes the name; and no name is replaced.
 * So what was looked at is what is removed. The kernel drops the lock of a process that dies. GROOVE_ERR_AGAIN, logged:
 * another has it.
 */
static int
name_lock(int fd, const char *dir, const char *file, const char *driver)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int rc = flock(fd, LOCK_EX | LOCK_NB);

	for (unsigned int i = 0; i < NAME_LOCK_TRIES && rc != 0 && errno == EWOULDBLOCK; i++) {
		nanosleep(&pause, NULL);
		rc = flock(fd, LOCK_EX | LOCK_NB);
	}
	/* Where nothing can be locked: as without. */
	if (rc == 0 || errno != EWOULDBLOCK)
		return GROOVE_SUCCESS;
	VOLUME_LOG(
		ERR, driver, "another process removes the name %s/%s, and is stopped: end it, or try again", dir, file);
	return GROOVE_ERR_AGAIN;
}

/* A name that a destroyer left when it died, between the mark and the removal, is free. */
static bool
is_left(int dir_fd, const char *dir, const char *file, const char *driver)
{
	const int fd = openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool left;

	if (fd < 0)
		return false;
	left = groove_volume_fd_is_destroyed(fd) && name_lock(fd, dir, file, driver) == GROOVE_SUCCESS &&
	       leads_to(dir_fd, file, fd) && unlinkat(dir_fd, file, 0) == 0;
	close(fd);
	return left;
}

/* link() replaces nothing, so of two that make one name only one succeeds. */
static int
link_new(const char *path, int dir_fd, const char *dir, const char *file, const char *driver)
{
	int rc = linkat(AT_FDCWD, path, dir_fd, file, AT_SYMLINK_FOLLOW);

	if (rc != 0 && errno == EEXIST) {
		if (is_left(dir_fd, dir, file, driver))
			return linkat(AT_FDCWD, path, dir_fd, file, AT_SYMLINK_FOLLOW);
		errno = EEXIST;
	}
	return rc;
}

int
sparse_link(int fd, const char *dir, const char *file, bool quiet, const char *driver)
{
	const int dir_fd = dir_open(dir);
	char path[FD_PATH_SZ];
	int err = GROOVE_SUCCESS;

	if (dir_fd < 0)
		return dir_explain(dir, driver);
	fd_path(path, fd);
	if (link_new(path, dir_fd, dir, file, driver) != 0) {
		err = errno == EEXIST ? GROOVE_ERR_KEY : GROOVE_ERR_INVAL;
		if (err == GROOVE_ERR_KEY && !quiet)
			VOLUME_LOG(ERR, driver, "%s/%s exists: attach or destroy it, or take another name: %s", dir,
				file, groove_volume_ctl("destroy", driver, dir, file + strlen(SPARSE_PREFIX)));
		else if (err != GROOVE_ERR_KEY)
			VOLUME_LOG(ERR, driver, "cannot name a file %s/%s: %s: name another directory", dir, file,
				SPARSE_ERROR_TEXT(errno));
	}
	close(dir_fd);
	return err;
}

int
sparse_unlink(int fd, const char *dir, const char *file, const char *driver)
{
	const int dir_fd = dir_open(dir);
	int err;

	if (dir_fd < 0)
		return dir_explain(dir, driver);
	err = name_lock(fd, dir, file, driver);
	if (err != GROOVE_SUCCESS) {
		close(dir_fd);
		return err;
	}
	if (!leads_to(dir_fd, file, fd)) {
		VOLUME_LOG(ERR, driver, "%s/%s is another file than was opened, or gone: list those there are: %s", dir,
			file, groove_volume_ctl("list", driver, dir, NULL));
		err = GROOVE_ERR_KEY;
	} else if (unlinkat(dir_fd, file, 0) != 0) {
		VOLUME_LOG(ERR, driver, "cannot remove %s/%s: %s", dir, file, SPARSE_ERROR_TEXT(errno));
		err = GROOVE_ERR_INVAL;
	}
	flock(fd, LOCK_UN);
	close(dir_fd);
	return err;
}

/* ---- opening ---- */

int
sparse_of_fd(int fd, groove_volume_range_t *range, const char *driver, const char *what)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
		VOLUME_LOG(ERR, driver, "%s is no regular file: name another", what);
		close(fd);
		return GROOVE_ERR_INVAL;
	}
	*range = (groove_volume_range_t){
		.sz = (uint64_t)stat.st_size,
		.page_sz = sparse_page_sz(fd),
		.fd = fd,
		.priv = (void *)(uintptr_t)driver,
	};
	return GROOVE_SUCCESS;
}

/* There is none, which is not the same as that it cannot be looked at. */
static bool
is_absent(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

static const char *
open_way_out(int error)
{
	switch (error) {
	case ELOOP:
		return "links are not followed, name the file";
	case EMFILE:
	case ENFILE:
		return "have descriptors left";
	default:
		return "name another, or change its mode";
	}
}

static int
open_in_dir(int dir_fd, const char *dir, const char *file, groove_volume_range_t *range, const char *driver)
{
	const int fd = openat(dir_fd, file, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const int error = errno;
	char what[512];

	snprintf(what, sizeof(what), "%s/%s", dir, file);
	if (fd >= 0)
		return sparse_of_fd(fd, range, driver, what);
	if (error == ENOENT)
		return GROOVE_ERR_KEY;
	VOLUME_LOG(ERR, driver, "cannot open %s: %s: %s", what, SPARSE_ERROR_TEXT(error), open_way_out(error));
	return GROOVE_ERR_INVAL;
}

int
sparse_open_at(const char *dir, const char *file, groove_volume_range_t *range, const char *driver)
{
	const int dir_fd = dir_open(dir);
	int err;

	if (dir_fd < 0)
		return is_absent(errno) ? GROOVE_ERR_KEY : dir_explain(dir, driver);
	err = open_in_dir(dir_fd, dir, file, range, driver);
	if (err == GROOVE_SUCCESS)
		range->loose_dir = !groove_volume_dir_is_safe(dir_fd);
	close(dir_fd);
	return err;
}

int
sparse_reopen(int fd, const char *driver)
{
	char path[FD_PATH_SZ];
	int own;

	fd_path(path, fd);
	own = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0)
		return own;
	VOLUME_LOG(ERR, driver, "descriptor %d cannot be opened anew: %s: run as the same user, with /proc", fd,
		SPARSE_ERROR_TEXT(errno));
	return GROOVE_ERR_INVAL;
}

int
sparse_lock_open(const groove_volume_range_t *range)
{
	return sparse_reopen(range->fd, SPARSE_DRIVER(range));
}

/* ---- list ---- */

int
sparse_list_dir(const char *dir, const char *driver, groove_region_list_fn fn, void *arg)
{
	const size_t prefix_len = strlen(SPARSE_PREFIX);
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	int err = GROOVE_SUCCESS;

	if (stream == NULL)
		return is_absent(errno) || errno == EACCES ? GROOVE_SUCCESS : dir_explain(dir, driver);
	while (err == GROOVE_SUCCESS && (entry = readdir(stream)) != NULL) {
		if (strncmp(entry->d_name, SPARSE_PREFIX, prefix_len) == 0 && entry->d_name[prefix_len] != '\0')
			err = fn(arg, driver, entry->d_name + prefix_len);
	}
	closedir(stream);
	return err;
}
