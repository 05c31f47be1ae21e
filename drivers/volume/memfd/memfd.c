/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver memfd: memory in no file system, of hugepages or normal ones, that is there as long as a process has
 * it. Others get it as a descriptor, or find it by its name among the descriptors of the processes that they may look
 * into.
 *
 * A memory file that is sealed is finished: nobody can make it shorter, so nothing in it faults for that.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sparse.h"

#define DRIVER	     "memfd"
#define SEALS	     (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define PROC_PATH_SZ 288 /* "/proc/PID/fd/N" and more */
#define CLAIM_TRIES  1000

/* What the kernel shows of a memory file: the name after it, then " (deleted)". */
#define LINK_PREFIX "/memfd:" SPARSE_PREFIX
#define LINK_SUFFIX " (deleted)"

static bool
is_sealed(int fd)
{
	const int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

/* ---- finding them: each descriptor of each process ---- */

/* A memory file of somebody's; path opens it. 0 goes on, anything else ends the search. */
typedef int (*memfd_fn)(void *arg, const char *path, const char *name);

/* Whether a link is that of a region with a name, which it is cut to. */
static bool
link_name(const char *path, char name[PROC_PATH_SZ])
{
	char link[PROC_PATH_SZ];
	const ssize_t len = readlink(path, link, sizeof(link) - 1);
	const size_t prefix_len = strlen(LINK_PREFIX), suffix_len = strlen(LINK_SUFFIX);

	if (len <= (ssize_t)(prefix_len + suffix_len))
		return false;
	link[len] = '\0';
	if (strncmp(link, LINK_PREFIX, prefix_len) != 0 || strcmp(link + len - suffix_len, LINK_SUFFIX) != 0)
		return false;
	link[(size_t)len - suffix_len] = '\0';
	snprintf(name, PROC_PATH_SZ, "%s", link + prefix_len);
	return true;
}

/* Not that there is none to be seen: it cannot be looked. */
static bool
is_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static int
each_fd(const char *pid, memfd_fn fn, void *arg)
{
	char path[PROC_PATH_SZ], name[PROC_PATH_SZ];
	const struct dirent *entry;
	int result = 0;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	fds = opendir(path);
	if (fds == NULL)
		return is_lack(errno) ? -errno : 0;
	while (result == 0 && (entry = readdir(fds)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%.16s/fd/%.16s", pid, entry->d_name);
		if (link_name(path, name))
			result = fn(arg, path, name);
	}
	closedir(fds);
	return result;
}

/* What fn returned to end the search; 0: it went through; below 0: an errno, it could not. */
static int
each_memfd(memfd_fn fn, void *arg)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	int result = 0;

	if (proc == NULL)
		return -errno;
	while (result == 0 && (entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			result = each_fd(entry->d_name, fn, arg);
	}
	closedir(proc);
	return result;
}

static int
search_failed(int error)
{
	VOLUME_LOG(ERR, DRIVER, "cannot look for memory files in /proc: %s: %s", SPARSE_ERROR_TEXT(error),
		is_lack(error) ? "have descriptors left" : "mount it, or hand over a descriptor");
	return GROOVE_ERR_INVAL;
}

struct search {
	const char *name;
	int fd;
	int loose_fd; /* that others could change: taken only when there is no other */
};

static int
take_named(void *arg, const char *path, const char *name)
{
	struct search *search = arg;
	int fd;

	if (strcmp(name, search->name) != 0)
		return 0;
	fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return is_lack(errno) ? -errno : 0;
	/* One that was destroyed is there as long as somebody has it, but its name is free. */
	if (!is_sealed(fd) || groove_volume_fd_is_destroyed(fd)) {
		close(fd);
		return 0;
	}
	if (groove_volume_fd_is_safe(fd)) {
		search->fd = fd;
		return 1;
	}
	if (search->loose_fd < 0)
		search->loose_fd = fd;
	else
		close(fd);
	return 0;
}

/* A descriptor of a region of that name; GROOVE_ERR_KEY, silent: none; GROOVE_ERR_INVAL, logged: unknown. */
static int
find_named(const char *name, bool safe_only)
{
	struct search search = {.name = name, .fd = -1, .loose_fd = -1};
	const int result = each_memfd(take_named, &search);

	if (search.loose_fd >= 0 && (result != 0 || safe_only))
		close(search.loose_fd);
	if (result < 0)
		return search_failed(-result);
	if (result > 0)
		return search.fd;
	return search.loose_fd >= 0 && !safe_only ? search.loose_fd : GROOVE_ERR_KEY;
}

static int
memfd_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	const int fd = find_named(name, false);

	(void)dir;
	return fd >= 0 ? sparse_of_fd(fd, range, DRIVER, name) : fd;
}

static int
memfd_open_fd(int fd, groove_volume_range_t *range)
{
	const int own = sparse_reopen(fd, DRIVER);

	if (own < 0)
		return own;
	if (is_sealed(own))
		return sparse_of_fd(own, range, DRIVER, "the descriptor");
	VOLUME_LOG(ERR, DRIVER, "descriptor %d is half made or foreign, for it is not sealed: hand over another", fd);
	close(own);
	return GROOVE_ERR_INVAL;
}

/* ---- create ---- */

/*
 * Memory files have no directory that would let one of two makers of a name win. An abstract socket address is such a
 * name: the process that binds it may look whether the name is taken, and take it. Goes with the process at the latest.
 * The name is one of a user, for nobody sees the memory files of another, but root.
 */
static socklen_t
claim_address(struct sockaddr_un *address, const char *name)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)snprintf(address->sun_path + 1,
										 sizeof(address->sun_path) - 1,
										 "groove.memfd.%u.%s", geteuid(), name);
}

/* A socket that holds the address; below 0: an errno. */
static int
name_claim(const char *name)
{
	struct sockaddr_un address;
	const socklen_t len = claim_address(&address, name);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, len) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* Another process that makes the name has it for a moment only. */
static int
name_claim_soon(const char *name)
{
	int claim = name_claim(name);

	for (unsigned int i = 0; i < CLAIM_TRIES && claim == -EADDRINUSE; i++) {
		sched_yield();
		claim = name_claim(name);
	}
	return claim;
}

static int
name_taken(const char *name, bool quiet)
{
	if (!quiet)
		VOLUME_LOG(ERR, DRIVER, "region %s exists: attach or destroy it, or take another name: %s", name,
			groove_volume_ctl("destroy", DRIVER, NULL, name));
	return GROOVE_ERR_KEY;
}

/* Why a name cannot be claimed, which does not mean that there is such a region. */
static int
claim_failed(const char *name, int error, bool quiet)
{
	struct sockaddr_un address;

	claim_address(&address, name);
	if (error == EADDRINUSE && quiet)
		return GROOVE_ERR_AGAIN;
	if (error == EADDRINUSE) {
		VOLUME_LOG(ERR, DRIVER,
			"another process has the address @%s: it is making region %s, or keeps it from being made: try "
			"again, or take another name",
			address.sun_path + 1, name);
		return GROOVE_ERR_AGAIN;
	}
	VOLUME_LOG(ERR, DRIVER, "region %s cannot be named, for want of a socket @%s: %s: %s", name,
		address.sun_path + 1, SPARSE_ERROR_TEXT(error),
		is_lack(error) ? "have descriptors left" : "take driver file or hugetlbfs, or no name");
	return GROOVE_ERR_INVAL;
}

/* Bytes of the pages to take; 0, logged: there are none. */
static uint64_t
choose_page(const groove_volume_request_t *request, int *err)
{
	struct sparse_lack lack;
	uint64_t page_sz = 0;

	if (request->page != GROOVE_PAGE_NORMAL)
		page_sz = sparse_hugepage(request, NULL, &lack);
	if (page_sz == 0 && (request->page == GROOVE_PAGE_NORMAL || request->page == GROOVE_PAGE_ANY))
		page_sz = (uint64_t)sysconf(_SC_PAGESIZE);
	if (page_sz == 0)
		*err = sparse_explain(request, &lack, DRIVER);
	return page_sz;
}

static int
memfd_create_file(const groove_volume_request_t *request, uint64_t page_sz)
{
	const unsigned int huge = page_sz == (uint64_t)sysconf(_SC_PAGESIZE)
					  ? 0
					  : MFD_HUGETLB | (unsigned int)__builtin_ctzl(page_sz) << MFD_HUGE_SHIFT;
	char file[SPARSE_FILE_SZ];
	int fd;

	snprintf(file, sizeof(file), SPARSE_PREFIX "%s", request->name != NULL ? request->name : "");
	fd = memfd_create(file, MFD_CLOEXEC | MFD_ALLOW_SEALING | huge);
	if (fd < 0)
		VOLUME_LOG(ERR, DRIVER, "no memory file of %s pages: %s: take driver hugetlbfs or file",
			groove_page_name(page_sz), SPARSE_ERROR_TEXT(errno));
	return fd;
}

static int
memfd_make(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	int err = GROOVE_ERR_INVAL;
	const uint64_t page_sz = choose_page(request, &err);
	const int fd = page_sz != 0 ? memfd_create_file(request, page_sz) : -1;

	return fd >= 0 ? sparse_make(request, page_sz, fd, range, DRIVER) : err;
}

static int
seal(const groove_volume_range_t *range)
{
	if (fcntl(range->fd, F_ADD_SEALS, SEALS) == 0)
		return GROOVE_SUCCESS;
	VOLUME_LOG(ERR, DRIVER, "cannot seal a memory file: %s: take driver file", SPARSE_ERROR_TEXT(errno));
	return GROOVE_ERR_INVAL;
}

/* Without a name there is nobody to keep out, and nothing to wait for. */
static int
memfd_create_range(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	int err = memfd_make(request, range);

	if (err != GROOVE_SUCCESS || request->name != NULL)
		return err;
	err = seal(range);
	if (err != GROOVE_SUCCESS)
		sparse_close(range);
	return err;
}

/* What others planted under the name is not in the way: it is not what is attached by it. */
static int
check_free(const char *name, bool quiet)
{
	const int other = find_named(name, true);

	if (other < 0)
		return other == GROOVE_ERR_KEY ? GROOVE_SUCCESS : other;
	close(other);
	return name_taken(name, quiet);
}

static int
memfd_publish(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	const int claim = name_claim_soon(request->name);
	int err = check_free(request->name, request->if_new);

	if (claim < 0)
		return err == GROOVE_SUCCESS ? claim_failed(request->name, -claim, request->if_new) : err;
	if (err == GROOVE_SUCCESS)
		err = seal(range);
	close(claim);
	return err;
}

/* What marks a region destroyed has taken its name away. */
static int
memfd_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	(void)dir;
	(void)name;
	(void)range;
	return GROOVE_SUCCESS;
}

/* ---- list ---- */

#define LIST_MAX 256

/* Several processes have one file, which is listed once. */
struct listing {
	groove_region_list_fn fn;
	void *arg;
	int result; /* of fn */
	unsigned int cnt;
	ino_t seen[LIST_MAX];
};

static bool
is_new(struct listing *listing, const char *path)
{
	struct stat stat_buf;

	if (stat(path, &stat_buf) != 0)
		return false;
	for (unsigned int i = 0; i < listing->cnt; i++) {
		if (listing->seen[i] == stat_buf.st_ino)
			return false;
	}
	if (listing->cnt < LIST_MAX)
		listing->seen[listing->cnt++] = stat_buf.st_ino;
	return true;
}

static int
list_one(void *arg, const char *path, const char *name)
{
	struct listing *listing = arg;
	struct search search = {.name = name, .fd = -1, .loose_fd = -1};
	int result;

	if (!is_new(listing, path))
		return 0;
	result = take_named(&search, path, name);
	if (result < 0)
		return result;
	if (search.fd < 0 && search.loose_fd < 0)
		return 0;
	close(search.fd >= 0 ? search.fd : search.loose_fd);
	listing->result = listing->fn(listing->arg, DRIVER, name);
	return listing->result != 0;
}

static int
memfd_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	struct listing listing = {.fn = fn, .arg = arg};
	const int result = each_memfd(list_one, &listing);

	(void)dir;
	return result < 0 ? search_failed(-result) : listing.result;
}

groove_volume_driver_t volume_driver_memfd = {
	.name = DRIVER,
	.create = memfd_create_range,
	.publish = memfd_publish,
	.open = memfd_open,
	.open_fd = memfd_open_fd,
	.map = sparse_map,
	.close = sparse_close,
	.populate = sparse_populate,
	.punch = sparse_punch,
	.lock_open = sparse_lock_open,
	.unlink = memfd_unlink,
	.list = memfd_list,
};
