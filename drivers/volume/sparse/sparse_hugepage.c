/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Which hugepages a region of a sparse file gets. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sparse.h"

#define ROUND_UP(value, align) (((value) + (align)-1) / (align) * (align))

/* ---- asked of the kernel, the way it will be used ---- */

static bool
has_limit(__rlimit_resource_t resource)
{
	struct rlimit limit;

	return getrlimit(resource, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

/* A file without a name on a hugetlbfs, or in memory. */
static int
trial_open(const char *dir, uint64_t page_sz)
{
	if (dir != NULL)
		return open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return memfd_create(
		"groove-trial", MFD_CLOEXEC | MFD_HUGETLB | (unsigned int)__builtin_ctzl(page_sz) << MFD_HUGE_SHIFT);
}

/*
 * Whether so many bytes of hugepages can be reserved: of the pool, of those that a mount has for itself (min_size=), up
 * to its size, with what the kernel may overcommit. A reservation takes no page and clears none; it ends with the file.
 * True, too, where something else than pages lacks: making the region says what.
 */
static bool
can_be_reserved(const char *dir, uint64_t page_sz, uint64_t sz)
{
	bool can = true;
	void *mem;
	int fd;

	if (sz > groove_volume_file_sz_max() || has_limit(RLIMIT_AS))
		return true;
	fd = trial_open(dir, page_sz);
	if (fd < 0)
		return errno != ENODEV && errno != EINVAL;
	if (ftruncate(fd, (off_t)sz) == 0) {
		mem = mmap(NULL, sz, PROT_NONE, MAP_SHARED, fd, 0);
		can = mem != MAP_FAILED || errno != ENOMEM;
		if (mem != MAP_FAILED)
			munmap(mem, sz);
	}
	close(fd);
	return can;
}

/* ---- counts, for what a reservation does not show, and for the line that says what lacks ---- */

/* Pages that a mount may still have (size=); UINT64_MAX: any. */
static uint64_t
mount_allows(const char *dir)
{
	struct statfs fs;

	if (dir == NULL || statfs(dir, &fs) != 0 || (int64_t)fs.f_blocks <= 0)
		return UINT64_MAX;
	return fs.f_bavail;
}

/* A reservation is of no node: those of one must have the pages free. */
static bool
node_has(const groove_volume_request_t *request, uint64_t page_sz, uint64_t need_cnt)
{
	const int node = groove_volume_node_bound(request);

	return node == GROOVE_NODE_ANY ||
	       need_cnt <= groove_volume_hugepages(page_sz, node, "free_hugepages") +
				   groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "nr_overcommit_hugepages");
}

/* What is needed at once; none is tried that cannot be, for it would take all there are, and clear them, to find out.
 */
static bool
has_room(const groove_volume_request_t *request, const char *dir, uint64_t page_sz, struct sparse_lack *lack)
{
	const uint64_t sz = ROUND_UP(request->front_sz, page_sz) + request->volume_cnt * request->volume_sz;
	const uint64_t need_cnt = sz / page_sz;
	const uint64_t group_cnt = groove_volume_hugepages_allowed(page_sz, lack->where, sizeof(lack->where));

	lack->page_sz = page_sz;
	lack->need_cnt = need_cnt;
	lack->free_cnt = group_cnt;
	if (need_cnt > group_cnt)
		return false;
	if (can_be_reserved(dir, page_sz, sz) && node_has(request, page_sz, need_cnt))
		return true;
	lack->free_cnt = mount_allows(dir);
	snprintf(lack->where, sizeof(lack->where), "%s", dir != NULL ? dir : "");
	if (need_cnt > lack->free_cnt)
		return false;
	lack->free_cnt = groove_volume_hugepages_free(page_sz, groove_volume_node_bound(request));
	lack->where[0] = '\0';
	return false;
}

uint64_t
sparse_hugepage(const groove_volume_request_t *request, const char *dir, struct sparse_lack *lack)
{
	static const enum groove_page pages[] = {GROOVE_PAGE_GIGANTIC, GROOVE_PAGE_HUGE};

	*lack = (struct sparse_lack){0};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const uint64_t page_sz = groove_page_sz(pages[i]);

		if (request->page != GROOVE_PAGE_ANY && request->page != pages[i])
			continue;
		if (request->volume_sz % page_sz == 0 && has_room(request, dir, page_sz, lack))
			return page_sz;
	}
	return 0;
}

int
sparse_explain(const groove_volume_request_t *request, const struct sparse_lack *lack, const char *driver)
{
	char path[128];

	if (lack->page_sz == 0) {
		VOLUME_LOG(ERR, driver,
			"a volume of %" PRIu64 " MiB is not whole pages of 1 GiB: take volumes of 1 GiB, or huge pages",
			request->volume_sz >> 20);
		return GROOVE_ERR_INVAL;
	}
	if (lack->where[0] != '\0') {
		VOLUME_LOG(ERR, driver,
			"%" PRIu64 " x %" PRIu64 " MiB of volumes and the shared region need %" PRIu64
			" pages of %" PRIu64 " MiB, %s allows %" PRIu64
			": raise that limit, or take fewer or smaller volumes",
			request->volume_cnt, request->volume_sz >> 20, lack->need_cnt, lack->page_sz >> 20, lack->where,
			lack->free_cnt);
		return GROOVE_ERR_FULL;
	}
	groove_volume_hugepages_path(
		path, sizeof(path), lack->page_sz, groove_volume_node_bound(request), "nr_hugepages");
	VOLUME_LOG(ERR, driver,
		"%" PRIu64 " x %" PRIu64 " MiB of volumes and the shared region need %" PRIu64 " pages of %" PRIu64
		" MiB, %" PRIu64 " are free: add %" PRIu64 " to %s, or take fewer or smaller volumes",
		request->volume_cnt, request->volume_sz >> 20, lack->need_cnt, lack->page_sz >> 20, lack->free_cnt,
		lack->need_cnt > lack->free_cnt ? lack->need_cnt - lack->free_cnt : 1, path);
	return GROOVE_ERR_FULL;
}
