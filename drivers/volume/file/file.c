/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver file: a file groove.NAME in a directory of any file system that has files without a name (O_TMPFILE)
 * and holes. On disk it outlives the machine's start, if all processes had detached before.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sparse.h"

#define DRIVER	    "file"
#define DIR_DEFAULT "/var/tmp" /* there on each system, and kept over starts */

static const char *
dir_of(const char *dir)
{
	return dir != NULL ? dir : DIR_DEFAULT;
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
	int fd;

	if (request->page != GROOVE_PAGE_ANY && request->page != GROOVE_PAGE_NORMAL) {
		VOLUME_LOG(ERR, DRIVER, "has normal pages only: take those, or driver hugetlbfs or memfd");
		return GROOVE_ERR_INVAL;
	}
	fd = sparse_tmpfile(dir_of(request->dir), DRIVER);
	if (fd < 0)
		return fd;
	if (check_pages(sparse_page_sz(fd), dir_of(request->dir)) != GROOVE_SUCCESS) {
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
	const char *dir = dir_of(request->dir);
	char file[SPARSE_FILE_SZ];
	int err;

	file_name(file, request->name);
	err = sparse_link(range->fd, dir, file, DRIVER);
	if (err == GROOVE_SUCCESS)
		dir_sync(dir);
	return err;
}

static int
file_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	char file[SPARSE_FILE_SZ];
	int err;

	file_name(file, name);
	err = sparse_open_at(dir_of(dir), file, range, DRIVER);
	if (err == GROOVE_SUCCESS && check_pages(range->page_sz, dir_of(dir)) != GROOVE_SUCCESS) {
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
	char file[SPARSE_FILE_SZ];

	file_name(file, name);
	return sparse_unlink(range->fd, dir_of(dir), file, DRIVER);
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
	return dir_is_mine(dir_of(dir)) ? sparse_list_dir(dir_of(dir), DRIVER, fn, arg) : GROOVE_SUCCESS;
}

static groove_volume_driver_t file_driver = {
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

GROOVE_VOLUME_DRIVER(file_driver)
