/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver file: a file groove.NAME in a directory of any file system that has files without a name (O_TMPFILE)
 * and holes. On disk it outlives the machine's start, if all processes had detached before.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sparse.h"

#define DRIVER	 "file"
#define DIR_ROOT "/var/lib/groove" /* of root */
#define DIR_USER "/.local/state"   /* in the home of a user, if XDG_STATE_HOME says nothing else */

/* ---- the directory: the user's own, so that nobody else plants a file under a name, or cuts one ---- */

static const char *
home_of_user(void)
{
	const char *home = secure_getenv("HOME");
	const struct passwd *user;

	if (home != NULL && home[0] == '/')
		return home;
	user = getpwuid(geteuid());
	return user != NULL ? user->pw_dir : NULL;
}

/* The default directory, or the one that was named. False: there is none. */
static bool
dir_find(const char *dir, char path[PATH_MAX])
{
	const char *state = secure_getenv("XDG_STATE_HOME");
	const char *home;
	int len = -1;

	if (dir != NULL) {
		len = snprintf(path, PATH_MAX, "%s", dir);
	} else if (geteuid() == 0) {
		len = snprintf(path, PATH_MAX, DIR_ROOT);
	} else if (state != NULL && state[0] == '/') {
		len = snprintf(path, PATH_MAX, "%s/groove", state);
	} else {
		home = home_of_user();
		if (home != NULL && home[0] == '/')
			len = snprintf(path, PATH_MAX, "%s" DIR_USER "/groove", home);
	}
	return len > 0 && len < PATH_MAX;
}

/* The same, logged. */
static bool
dir_of(const char *dir, char path[PATH_MAX])
{
	if (dir_find(dir, path))
		return true;
	VOLUME_LOG(
		ERR, DRIVER, "user %u has no directory for files: set XDG_STATE_HOME, or name a directory", geteuid());
	return false;
}

/* Make the default directory, with all that leads to it, for its user alone. */
static int
dir_make(const char *dir, char path[PATH_MAX])
{
	if (!dir_of(dir, path))
		return GROOVE_ERR_INVAL;
	if (dir != NULL)
		return GROOVE_SUCCESS;
	for (char *end = strchr(path + 1, '/');; end = strchr(end + 1, '/')) {
		int rc;

		if (end != NULL)
			*end = '\0';
		rc = mkdir(path, 0700);
		if (rc != 0 && errno != EEXIST) {
			VOLUME_LOG(ERR, DRIVER, "cannot make directory %s: %s: make it, or name another", path,
				SPARSE_ERROR_TEXT(errno));
			return GROOVE_ERR_INVAL;
		}
		if (end == NULL)
			return GROOVE_SUCCESS;
		*end = '/';
	}
}

static void
file_name(char file[SPARSE_FILE_SZ], const char *name)
{
	snprintf(file, SPARSE_FILE_SZ, SPARSE_PREFIX "%s", name);
}

static int
check_pages(uint64_t page_sz, const char *what)
{
	if (page_sz == (uint64_t)sysconf(_SC_PAGESIZE))
		return GROOVE_SUCCESS;
	VOLUME_LOG(ERR, DRIVER, "%s has hugepages: take driver hugetlbfs, or another directory", what);
	return GROOVE_ERR_INVAL;
}

static int
file_create(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	char dir[PATH_MAX];
	int fd;

	if (request->page != GROOVE_PAGE_ANY && request->page != GROOVE_PAGE_NORMAL) {
		VOLUME_LOG(ERR, DRIVER, "has normal pages only: take those, or driver hugetlbfs or memfd");
		return GROOVE_ERR_INVAL;
	}
	if (dir_make(request->dir, dir) != GROOVE_SUCCESS)
		return GROOVE_ERR_INVAL;
	fd = sparse_tmpfile(dir, DRIVER);
	if (fd < 0)
		return fd;
	if (check_pages(sparse_page_sz(fd), dir) != GROOVE_SUCCESS) {
		close(fd);
		return GROOVE_ERR_INVAL;
	}
	return sparse_make(request, sparse_page_sz(fd), fd, range, DRIVER);
}

/* A name that was given survives the machine as well. */
static void
dir_sync(const char *dir)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		VOLUME_LOG(WARNING, DRIVER, "%s is not written to disk: %s: the name may be gone after power loss", dir,
			SPARSE_ERROR_TEXT(errno));
	if (fd >= 0)
		close(fd);
}

static int
file_publish(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	char dir[PATH_MAX], file[SPARSE_FILE_SZ];
	int err;

	if (!dir_of(request->dir, dir))
		return GROOVE_ERR_INVAL;
	file_name(file, request->name);
	err = sparse_link(range->fd, dir, file, request->if_new, DRIVER);
	if (err == GROOVE_SUCCESS)
		dir_sync(dir);
	return err;
}

static int
file_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	char path[PATH_MAX], file[SPARSE_FILE_SZ];
	int err;

	if (!dir_find(dir, path))
		return GROOVE_ERR_KEY;
	file_name(file, name);
	err = sparse_open_at(path, file, range, DRIVER);
	if (err == GROOVE_SUCCESS && check_pages(range->page_sz, path) != GROOVE_SUCCESS) {
		sparse_close(range);
		return GROOVE_ERR_INVAL;
	}
	return err;
}

static int
file_open_fd(int fd, groove_volume_range_t *range)
{
	const int own = sparse_reopen(fd, DRIVER);

	return own >= 0 ? sparse_of_fd(own, range, DRIVER, "the descriptor") : own;
}

static int
file_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	char path[PATH_MAX], file[SPARSE_FILE_SZ];

	if (!dir_of(dir, path))
		return GROOVE_ERR_INVAL;
	file_name(file, name);
	return sparse_unlink(range->fd, path, file, DRIVER);
}

/* Holes have nothing to write. */
static int
file_sync(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	if (msync((uint8_t *)range->base + off, sz, MS_SYNC) == 0)
		return GROOVE_SUCCESS;
	VOLUME_LOG(ERR, DRIVER, "not written to disk: %s: it may be torn when the machine goes down",
		SPARSE_ERROR_TEXT(errno));
	return GROOVE_ERR_INVAL;
}

/* What lies on hugepages is driver hugetlbfs's. */
static bool
dir_is_mine(const char *dir)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool is_mine = fd >= 0 && sparse_page_sz(fd) == (uint64_t)sysconf(_SC_PAGESIZE);

	if (fd >= 0)
		close(fd);
	return is_mine;
}

static int
file_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	char path[PATH_MAX];

	return dir_find(dir, path) && dir_is_mine(path) ? sparse_list_dir(path, DRIVER, fn, arg) : GROOVE_SUCCESS;
}

groove_volume_driver_t volume_driver_file = {
	.name = DRIVER,
	.create = file_create,
	.publish = file_publish,
	.open = file_open,
	.open_fd = file_open_fd,
	.map = sparse_map,
	.close = sparse_close,
	.populate = sparse_populate,
	.punch = sparse_punch,
	.sync = file_sync,
	.lock_open = sparse_lock_open,
	.unlink = file_unlink,
	.list = file_list,
};
