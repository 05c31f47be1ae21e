/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver hugetlbfs: a file groove.NAME on a mounted hugetlbfs, of 2 MiB or 1 GiB pages. It stays when all
 * processes have ended, until it is destroyed or the machine goes down.
 */

#include <errno.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sparse.h"

#define DRIVER	"hugetlbfs"
#define PATH_SZ 256

/* ---- where hugetlbfs is mounted ---- */

/* Bytes of the pages of a directory; 0 when it is on no hugetlbfs. */
static uint64_t
dir_page_sz(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC ? (uint64_t)fs.f_bsize : 0;
}

/* Called with each directory. 0 goes on, anything else ends it. */
typedef int (*dir_fn)(void *arg, const char *dir);

/* Go through one directory, or all mounts of hugetlbfs. Returns what fn did last; 0 without any; -1, logged: unknown.
 */
static int
each_dir(const char *dir, dir_fn fn, void *arg)
{
	struct mntent entry;
	char line[1024];
	FILE *mounts;
	int result = 0;

	if (dir != NULL)
		return fn(arg, dir);
	mounts = setmntent("/proc/self/mounts", "re");
	if (mounts == NULL) {
		VOLUME_LOG(
			ERR, DRIVER, "cannot read /proc/self/mounts: %s: name a directory", SPARSE_ERROR_TEXT(errno));
		return -1;
	}
	while (result == 0 && getmntent_r(mounts, &entry, line, sizeof(line)) != NULL) {
		if (strcmp(entry.mnt_type, "hugetlbfs") == 0)
			result = fn(arg, entry.mnt_dir);
	}
	endmntent(mounts);
	return result;
}

/* ---- by name ---- */

/* A file, looked for in each directory. */
struct search {
	char file[SPARSE_FILE_SZ];
	groove_volume_range_t *range;
	int err;
};

static void
file_name(char file[SPARSE_FILE_SZ], const char *name)
{
	snprintf(file, SPARSE_FILE_SZ, SPARSE_PREFIX "%s", name);
}

static bool
is_safe(const groove_volume_range_t *range)
{
	return groove_volume_fd_is_safe(range->fd) && !range->loose_dir;
}

/* One that others could change is taken only when no directory has another. */
static int
open_in(void *arg, const char *dir)
{
	struct search *search = arg;
	groove_volume_range_t range;
	int err;

	if (dir_page_sz(dir) == 0)
		return 0;
	err = sparse_open_at(dir, search->file, &range, DRIVER);
	if (err != GROOVE_SUCCESS) {
		search->err = search->err == GROOVE_ERR_KEY ? err : search->err;
		return 0;
	}
	if (search->err == GROOVE_SUCCESS && !is_safe(&range)) {
		sparse_close(&range);
		return 0;
	}
	if (search->err == GROOVE_SUCCESS)
		sparse_close(search->range);
	*search->range = range;
	search->err = GROOVE_SUCCESS;
	return is_safe(&range);
}

static int
hugetlbfs_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	struct search search = {.range = range, .err = GROOVE_ERR_KEY};

	file_name(search.file, name);
	return each_dir(dir, open_in, &search) >= 0 ? search.err : GROOVE_ERR_INVAL;
}

static int
hugetlbfs_open_fd(int fd, groove_volume_range_t *range)
{
	const int own = sparse_reopen(fd, DRIVER);

	return own >= 0 ? sparse_of_fd(own, range, DRIVER, "the descriptor") : own;
}

/* Whether a directory is of the file system that a file is on. */
static bool
has_file(const char *dir, int fd)
{
	struct stat by_dir, by_fd;

	return stat(dir, &by_dir) == 0 && fstat(fd, &by_fd) == 0 && by_dir.st_dev == by_fd.st_dev;
}

static int
unlink_in(void *arg, const char *dir)
{
	struct search *search = arg;

	if (!has_file(dir, search->range->fd))
		return 0;
	search->err = sparse_unlink(search->range->fd, dir, search->file, DRIVER);
	return search->err != GROOVE_ERR_KEY;
}

static int
hugetlbfs_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	groove_volume_range_t copy = *range;
	struct search search = {.range = &copy, .err = GROOVE_ERR_KEY};

	file_name(search.file, name);
	return each_dir(dir, unlink_in, &search) >= 0 ? search.err : GROOVE_ERR_INVAL;
}

struct listing {
	groove_region_list_fn fn;
	void *arg;
	const char *only; /* directory that was asked for; NULL: all */
	const char *dir;  /* that is listed now */
	char file[SPARSE_FILE_SZ];
};

/* 1 ends the search: a directory before the one that is listed has the file; -1: none has. */
static int
find_before(void *arg, const char *dir)
{
	const struct listing *listing = arg;
	char path[PATH_SZ + SPARSE_FILE_SZ];

	if (strcmp(dir, listing->dir) == 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", dir, listing->file);
	return dir_page_sz(dir) != 0 && access(path, F_OK) == 0;
}

/* A name that several directories have is listed once: by name alone one of them is opened. */
static int
list_first(void *arg, const char *driver, const char *name)
{
	struct listing *listing = arg;

	file_name(listing->file, name);
	return each_dir(listing->only, find_before, listing) == 1 ? 0 : listing->fn(listing->arg, driver, name);
}

static int
list_in(void *arg, const char *dir)
{
	struct listing *listing = arg;

	listing->dir = dir;
	return dir_page_sz(dir) != 0 ? sparse_list_dir(dir, DRIVER, list_first, listing) : 0;
}

static int
hugetlbfs_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	struct listing listing = {.fn = fn, .arg = arg, .only = dir};

	return each_dir(dir, list_in, &listing);
}

/* ---- create ---- */

/* Where to make a file. */
struct spot {
	const groove_volume_request_t *request;
	char dir[PATH_SZ];
	uint64_t page_sz; /* 0: nowhere */
	struct sparse_lack lack;
	unsigned int dir_cnt; /* with such pages, with room or without */
};

/* A directory serves when it has the pages asked for; of those with room the one of the largest pages. */
static int
consider(void *arg, const char *dir)
{
	struct spot *spot = arg;
	groove_volume_request_t request = *spot->request;
	const uint64_t page_sz = dir_page_sz(dir);

	if (page_sz == 0 || (request.page != GROOVE_PAGE_ANY && groove_page_sz(request.page) != page_sz) ||
		page_sz <= spot->page_sz || strlen(dir) >= PATH_SZ)
		return 0;
	if (groove_page_parse(groove_page_name(page_sz), &request.page) != GROOVE_SUCCESS)
		return 0;
	spot->dir_cnt++;
	if (sparse_hugepage(&request, dir, &spot->lack) == 0)
		return 0;
	spot->page_sz = page_sz;
	snprintf(spot->dir, PATH_SZ, "%s", dir);
	return 0;
}

static int
spot_find(struct spot *spot)
{
	const groove_volume_request_t *request = spot->request;
	const uint64_t page_sz = request->page != GROOVE_PAGE_ANY ? groove_page_sz(request->page) : 2UL << 20;

	if (request->page == GROOVE_PAGE_NORMAL) {
		VOLUME_LOG(ERR, DRIVER, "has no normal pages: take huge or gigantic ones, or driver memfd or file");
		return GROOVE_ERR_INVAL;
	}
	if (each_dir(request->dir, consider, spot) < 0)
		return GROOVE_ERR_INVAL;
	if (spot->page_sz != 0)
		return GROOVE_SUCCESS;
	if (spot->dir_cnt > 0)
		return sparse_explain(request, &spot->lack, DRIVER);
	VOLUME_LOG(ERR, DRIVER, "%s%s no hugetlbfs of %s pages: mount -t hugetlbfs -o pagesize=%s none DIR",
		request->dir != NULL ? request->dir : "there", request->dir != NULL ? " is on" : " is",
		request->page == GROOVE_PAGE_ANY ? "any" : groove_page_name(page_sz),
		page_sz > 2UL << 20 ? "1G" : "2M");
	return GROOVE_ERR_INVAL;
}

/* A name is to be found in one directory only, though the kernel sees to that in each alone. */
static int
check_absent(const groove_volume_request_t *request)
{
	groove_volume_range_t range;
	bool in_the_way;
	int err;

	if (request->name == NULL)
		return GROOVE_SUCCESS;
	err = hugetlbfs_open(request->dir, request->name, &range);
	if (err == GROOVE_ERR_KEY)
		return GROOVE_SUCCESS;
	if (err != GROOVE_SUCCESS)
		return err;
	in_the_way = is_safe(&range) && !groove_volume_fd_is_destroyed(range.fd);
	sparse_close(&range);
	/* Of others only one in the same directory is in the way, and link() says so. */
	if (!in_the_way)
		return GROOVE_SUCCESS;
	VOLUME_LOG(ERR, DRIVER, "region %s exists: attach or destroy it, or take another name: %s", request->name,
		groove_volume_ctl("destroy", DRIVER, request->dir, request->name));
	return GROOVE_ERR_KEY;
}

static int
hugetlbfs_create(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	struct spot spot = {.request = request};
	int err = check_absent(request);
	int fd;

	if (err == GROOVE_SUCCESS)
		err = spot_find(&spot);
	if (err != GROOVE_SUCCESS)
		return err;
	fd = sparse_tmpfile(spot.dir, DRIVER);
	return fd >= 0 ? sparse_make(request, spot.page_sz, fd, range, DRIVER) : fd;
}

/* The directory is found again: the first of the file system that the file is on. */
struct link_job {
	const groove_volume_range_t *range;
	char file[SPARSE_FILE_SZ];
	bool quiet; /* that the name is taken is not logged */
	int err;
};

static int
link_in(void *arg, const char *dir)
{
	struct link_job *job = arg;

	if (!has_file(dir, job->range->fd))
		return 0;
	job->err = sparse_link(job->range->fd, dir, job->file, job->quiet, DRIVER);
	return 1;
}

static int
hugetlbfs_publish(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	struct link_job job = {.range = range, .quiet = request->if_new, .err = GROOVE_ERR_INVAL};

	file_name(job.file, request->name);
	each_dir(request->dir, link_in, &job);
	return job.err;
}

groove_volume_driver_t volume_driver_hugetlbfs = {
	.name = DRIVER,
	.create = hugetlbfs_create,
	.publish = hugetlbfs_publish,
	.open = hugetlbfs_open,
	.open_fd = hugetlbfs_open_fd,
	.map = sparse_map,
	.close = sparse_close,
	.populate = sparse_populate,
	.punch = sparse_punch,
	.lock_open = sparse_lock_open,
	.unlink = hugetlbfs_unlink,
	.list = hugetlbfs_list,
};
