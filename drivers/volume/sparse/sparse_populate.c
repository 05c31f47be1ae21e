/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Pages of sparse files: made before they are used, and given back.
 *
 * A page is made by fallocate(), where a full file system is an error, and then mapped. What no system call says is
 * asked before: beyond what the machine or a memory cgroup has left the kernel kills a process.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>

#include "sparse.h"

#define MIB		(1UL << 20)
#define MIB_CEIL(bytes) (((bytes) + MIB - 1) / MIB)

#define STEP_SZ	 (64 * MIB) /* memory is asked for anew: others take some, too */
#define PIECE_SZ (8 * MIB)  /* made with signals blocked: some milliseconds */
#define TRY_MAX	 100U	    /* times that a piece is tried, when something that cannot be blocked interrupts it */

static bool
has_normal_pages(const groove_volume_range_t *range)
{
	return range->page_sz == (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Pages of memory that nothing but swap can take back. */
static bool
is_tmpfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* ---- where pages lie ---- */

/* Of the calling thread, while it makes pages. */
struct policy {
	int mode;
	struct bitmask *nodes;
};

static struct policy
policy_set(int node, bool bound)
{
	struct policy old = {.nodes = NULL};
	struct bitmask *wanted;

	if (node == GROOVE_NODE_ANY || numa_available() < 0)
		return old;
	wanted = numa_allocate_nodemask();
	old.nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(wanted, (unsigned int)node);
	if (get_mempolicy(&old.mode, old.nodes->maskp, old.nodes->size + 1, NULL, 0) != 0 ||
		set_mempolicy(bound ? MPOL_BIND : MPOL_PREFERRED, wanted->maskp, wanted->size + 1) != 0) {
		numa_free_nodemask(old.nodes);
		old.nodes = NULL;
	}
	numa_free_nodemask(wanted);
	return old;
}

static void
policy_restore(struct policy old)
{
	if (old.nodes == NULL)
		return;
	set_mempolicy(old.mode, old.nodes->maskp, old.nodes->size + 1);
	numa_free_nodemask(old.nodes);
}

/* ---- what is missing ---- */

/* Bytes of holes in a part of a file of normal pages. */
static uint64_t
missing_in(int fd, uint64_t off, uint64_t sz)
{
	const uint64_t end = off + sz;
	uint64_t missing = 0;

	while (off < end) {
		const off_t hole = lseek(fd, (off_t)off, SEEK_HOLE);
		off_t data;

		if (hole < 0 || (uint64_t)hole >= end)
			return missing + (hole < 0 ? end - off : 0);
		data = lseek(fd, hole, SEEK_DATA);
		off = data < 0 || (uint64_t)data > end ? end : (uint64_t)data;
		missing += off - (uint64_t)hole;
	}
	return missing;
}

/* With the kernel's own for so many pages: tables of them, and counts that it takes in advance. */
static uint64_t
with_overhead(uint64_t sz)
{
	return sz > 0 ? sz + sz / 128 + MIB : 0;
}

/* Whether there is memory for the holes in a part of a range; says what lacks when there is not. */
static bool
has_memory(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	const uint64_t missing = missing_in(range->fd, off, sz);
	char where[GROOVE_VOLUME_WHERE_SZ];
	uint64_t available;

	if (missing == 0)
		return true;
	available = groove_volume_memory_available(where, sizeof(where));
	if (with_overhead(missing) <= available)
		return true;
	VOLUME_LOG(ERR, SPARSE_DRIVER(range),
		"no memory for %" PRIu64 " MiB: %s has %" PRIu64 " MiB left: %s, or take fewer or smaller volumes",
		MIB_CEIL(missing), where, available / MIB, where[0] == '/' ? "raise that limit" : "make room");
	return false;
}

/* ---- pages ---- */

/* Have each page of a part mapped that has its memory already; for kernels before 5.14. Others may be using it. */
static void
touch(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	for (uint64_t at = off; at < off + sz; at += range->page_sz)
		/* Relaxed: it changes nothing. */
		__atomic_fetch_or((uint64_t *)((uint8_t *)range->base + at), 0, __ATOMIC_RELAXED);
}

/* 0 or an errno. */
static int
map_pages(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	for (unsigned int i = 0; i < TRY_MAX; i++) {
		if (madvise((uint8_t *)range->base + off, sz, MADV_POPULATE_WRITE) == 0)
			return 0;
		if (errno == EINVAL) {
			touch(range, off, sz);
			return 0;
		}
		if (errno != EINTR && errno != EAGAIN)
			return errno;
	}
	return EINTR;
}

/*
 * fallocate(), with signals waiting for its end: a kernel before 6.6 gives back all that a call has made in memory when
 * one comes, so that a timer that is faster than the call would keep it from ever ending. 0 or an errno.
 */
static int
allocate(const groove_volume_range_t *range, int mode, uint64_t off, uint64_t sz)
{
	sigset_t all, old;
	int error = EINTR;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (unsigned int i = 0; error == EINTR && i < TRY_MAX; i++)
		error = fallocate(range->fd, mode, (off_t)off, (off_t)sz) == 0 ? 0 : errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

/* In the file first: a file system that is full says so here, and not by a signal later. */
static int
make_pieces(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	const uint64_t piece_sz = range->page_sz > PIECE_SZ ? range->page_sz : PIECE_SZ;
	int error = 0;

	for (uint64_t done = 0; error == 0 && done < sz; done += piece_sz) {
		const uint64_t part_sz = sz - done < piece_sz ? sz - done : piece_sz;

		error = allocate(range, 0, off + done, part_sz);
		if (error == 0)
			error = map_pages(range, off + done, part_sz);
	}
	return error;
}

/* ---- errors ---- */

/* What a file system that is full has left; of memory files it says nothing. */
static void
full_text(int fd, char *text, size_t text_sz)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_blocks > 0)
		snprintf(text, text_sz, "its file system has %" PRIu64 " MiB left",
			(uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize / MIB);
	else
		snprintf(text, text_sz, "the kernel commits no more (vm.overcommit_memory)");
}

static void
explain_normal(const groove_volume_range_t *range, uint64_t sz, int error)
{
	char text[GROOVE_VOLUME_ERROR_SZ];

	if (error == ENOSPC)
		full_text(range->fd, text, sizeof(text));
	else
		groove_volume_error_text(error, text);
	VOLUME_LOG(ERR, SPARSE_DRIVER(range),
		"no memory for %" PRIu64 " MiB: %s: make room, or take fewer or smaller volumes", MIB_CEIL(sz), text);
}

static void
explain_hugepages(const groove_volume_range_t *range, uint64_t sz, int node, uint64_t free_cnt, int error)
{
	const uint64_t page_sz = range->page_sz;
	char path[128];

	groove_volume_hugepages_path(path, sizeof(path), page_sz, node, "nr_hugepages");
	VOLUME_LOG(ERR, SPARSE_DRIVER(range),
		"%" PRIu64 " MiB need %" PRIu64 " pages of %" PRIu64 " MiB, %" PRIu64
		" are free, and a cgroup may allow fewer (%s): add to %s, or take fewer or smaller volumes",
		MIB_CEIL(sz), sz / page_sz, page_sz / MIB, free_cnt, strerror(error), path);
}

/* ---- all of a part ---- */

/*
 * Whether a file system has blocks for the holes in a part of a range, its reserve included. More than that cannot be
 * had, and to find out by trying would fill the disk first, which others write to as well.
 */
static bool
has_blocks(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	struct statfs fs;

	if (fstatfs(range->fd, &fs) != 0 || fs.f_blocks == 0)
		return true;
	return missing_in(range->fd, off, sz) / (uint64_t)fs.f_bsize <= (uint64_t)fs.f_bfree;
}

static int
populate_normal(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	const bool in_memory = is_tmpfs(range->fd);
	int error = 0;

	if (in_memory && !has_memory(range, off, sz))
		return GROOVE_ERR_FULL;
	if (!in_memory && !has_blocks(range, off, sz)) {
		explain_normal(range, sz, ENOSPC);
		return GROOVE_ERR_FULL;
	}
	/* On disk in one: so it lies together. */
	if (!in_memory)
		error = allocate(range, 0, off, sz);
	for (uint64_t done = 0; error == 0 && done < sz; done += STEP_SZ) {
		const uint64_t step_sz = sz - done < STEP_SZ ? sz - done : STEP_SZ;

		if (in_memory && done > 0 && !has_memory(range, off + done, step_sz))
			return GROOVE_ERR_FULL;
		error = make_pieces(range, off + done, step_sz);
	}
	if (error == 0)
		return GROOVE_SUCCESS;
	explain_normal(range, sz, error);
	return GROOVE_ERR_FULL;
}

static int
populate_hugepages(const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node)
{
	/* Before it tries: what it gets until it fails is no longer free, and given back later. */
	const uint64_t free_cnt = groove_volume_hugepages(range->page_sz, node, "free_hugepages");
	const int error = make_pieces(range, off, sz);

	if (error == 0)
		return GROOVE_SUCCESS;
	explain_hugepages(range, sz, node, free_cnt, error);
	return GROOVE_ERR_FULL;
}

int
sparse_populate(
	const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement)
{
	const bool normal = has_normal_pages(range);
	/*
	 * Hugepages of another node are never taken for bound memory. Other pages are, and the caller looks: bound to a
	 * full node the kernel would kill somebody for them.
	 */
	const bool bound = placement == GROOVE_PLACEMENT_BOUND;
	const struct policy policy = policy_set(node, bound && !normal);
	int err;

	if (normal)
		err = populate_normal(range, off, sz);
	else
		err = populate_hugepages(range, off, sz, bound ? node : GROOVE_NODE_ANY);
	policy_restore(policy);
	return err;
}

void
sparse_punch(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	const int error = allocate(range, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, sz);

	if (error != 0)
		VOLUME_LOG(ERR, SPARSE_DRIVER(range),
			"%" PRIu64 " MiB stay in the file: %s: groove-ctl destroy gives them back", MIB_CEIL(sz),
			strerror(error));
}
