/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Memory of sparse files: mapped, populated, punched. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>

#include "sparse.h"

#define MIB_CEIL(bytes)	       (((bytes) + (1UL << 20) - 1) >> 20)
#define ROUND_UP(value, align) (((value) + (align)-1) / (align) * (align))

static uint64_t
align_of(uint64_t page_sz)
{
	return page_sz > GROOVE_VOLUME_ROOM_ALIGN ? page_sz : GROOVE_VOLUME_ROOM_ALIGN;
}

uint64_t
sparse_page_sz(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC)
		return (uint64_t)fs.f_bsize;
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Pages of memory that nothing but swap can take back. */
static bool
is_tmpfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* ---- mapping ---- */

int
sparse_map(groove_volume_range_t *range)
{
	const uint64_t align = align_of(range->page_sz);
	uint8_t *room = mmap(NULL, range->sz + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t head_sz;

	if (room == MAP_FAILED) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range),
			"no %" PRIu64 " MiB of address space: %s: take fewer or smaller volumes", MIB_CEIL(range->sz),
			strerror(errno));
		return GROOVE_ERR_FULL;
	}
	head_sz = -(uintptr_t)room & (align - 1);
	if (mmap(room + head_sz, range->sz, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, range->fd,
		    0) == MAP_FAILED) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range), "cannot map %" PRIu64 " MiB: %s: take fewer or smaller volumes",
			MIB_CEIL(range->sz), strerror(errno));
		munmap(room, range->sz + align);
		return GROOVE_ERR_FULL;
	}
	if (head_sz > 0)
		munmap(room, head_sz);
	munmap(room + head_sz + range->sz, align - head_sz);
	range->base = room + head_sz;
	return GROOVE_SUCCESS;
}

void
sparse_close(groove_volume_range_t *range)
{
	if (range->base != NULL)
		munmap(range->base, range->sz);
	close(range->fd);
}

int
sparse_make(const groove_volume_request_t *request, uint64_t page_sz, int fd, groove_volume_range_t *range,
	const char *driver)
{
	const uint64_t front_sz = ROUND_UP(request->front_sz, align_of(page_sz));
	groove_volume_range_t made = {
		.sz = front_sz + request->volume_max * request->volume_sz,
		.front_sz = front_sz,
		.page_sz = page_sz,
		.fd = fd,
		.priv = (void *)(uintptr_t)driver,
	};

	if (fchmod(fd, request->mode) != 0 || ftruncate(fd, (off_t)made.sz) != 0) {
		VOLUME_LOG(ERR, driver, "no file of %" PRIu64 " MiB: %s: take fewer or smaller volumes",
			MIB_CEIL(made.sz), strerror(errno));
		close(fd);
		return GROOVE_ERR_FULL;
	}
	if (sparse_map(&made) != GROOVE_SUCCESS) {
		close(fd);
		return GROOVE_ERR_FULL;
	}
	*range = made;
	return GROOVE_SUCCESS;
}

/* ---- memory ---- */

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

/* In the file first: a file system that is full says so here, and not by a signal later. */
static int
make_pages(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	int rc;

	do
		rc = fallocate(range->fd, 0, (off_t)off, (off_t)sz);
	while (rc != 0 && errno == EINTR);
	while (rc == 0 && madvise((uint8_t *)range->base + off, sz, MADV_POPULATE_WRITE) != 0) {
		if (errno != EINTR && errno != EAGAIN)
			rc = -1;
	}
	return rc;
}

static void
explain(const groove_volume_range_t *range, uint64_t sz, int node, uint64_t free_cnt, int error)
{
	const uint64_t page_sz = range->page_sz;
	char path[128];

	if (page_sz == (uint64_t)sysconf(_SC_PAGESIZE)) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range),
			"no memory for %" PRIu64 " MiB: %s: make room, or take fewer or smaller volumes", MIB_CEIL(sz),
			strerror(error));
		return;
	}
	groove_volume_hugepages_path(path, sizeof(path), page_sz, node, "nr_hugepages");
	VOLUME_LOG(ERR, SPARSE_DRIVER(range),
		"%" PRIu64 " MiB need %" PRIu64 " pages of %" PRIu64 " MiB, %" PRIu64
		" are free, and a cgroup may allow fewer (%s): add to %s, or take fewer or smaller volumes",
		MIB_CEIL(sz), sz / page_sz, page_sz >> 20, free_cnt, strerror(error), path);
}

int
sparse_populate(
	const groove_volume_range_t *range, uint64_t off, uint64_t sz, int node, enum groove_placement placement)
{
	/*
	 * Hugepages of another node are never taken for bound memory. Other pages are, and the caller looks: bound to a
	 * full node the kernel would kill somebody for them.
	 */
	const bool bound = placement == GROOVE_PLACEMENT_BOUND && range->page_sz != (uint64_t)sysconf(_SC_PAGESIZE);
	const int bound_node = placement == GROOVE_PLACEMENT_BOUND ? node : GROOVE_NODE_ANY;
	/* Before it tries: what it gets until it fails is no longer free, and given back later. */
	const uint64_t free_cnt = groove_volume_hugepages(range->page_sz, bound_node, "free_hugepages");
	struct policy policy;
	int error = 0;

	/* The kernel would rather kill somebody than say that there is no memory. */
	if (is_tmpfs(range->fd) && sz > groove_volume_memory_available()) {
		explain(range, sz, bound_node, free_cnt, ENOMEM);
		return GROOVE_ERR_FULL;
	}
	policy = policy_set(node, bound);
	if (make_pages(range, off, sz) != 0)
		error = errno;
	policy_restore(policy);
	if (error == 0)
		return GROOVE_SUCCESS;
	explain(range, sz, bound_node, free_cnt, error);
	return GROOVE_ERR_FULL;
}

void
sparse_punch(const groove_volume_range_t *range, uint64_t off, uint64_t sz)
{
	while (fallocate(range->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)off, (off_t)sz) != 0) {
		if (errno == EINTR)
			continue;
		VOLUME_LOG(ERR, SPARSE_DRIVER(range), "%" PRIu64 " MiB stay in the file: %s: destroy it", MIB_CEIL(sz),
			strerror(errno));
		return;
	}
}

/* ---- which hugepages ---- */

/* What is needed at once; none is tried that cannot be, for it would take all there are, and clear them, to find out.
 */
static bool
has_room(const groove_volume_request_t *request, uint64_t page_sz, struct sparse_lack *lack)
{
	const uint64_t sz = ROUND_UP(request->front_sz, page_sz) + request->volume_cnt * request->volume_sz;
	const uint64_t node_cnt = groove_volume_hugepages(page_sz, groove_volume_node_bound(request), "free_hugepages");
	/* The kernel counts these for all nodes only, and takes any node's for them. */
	const uint64_t all_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "free_hugepages");
	const uint64_t resv_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "resv_hugepages");
	const uint64_t more_cnt = groove_volume_hugepages(page_sz, GROOVE_NODE_ANY, "nr_overcommit_hugepages");

	lack->page_sz = page_sz;
	lack->need_cnt = sz / page_sz;
	lack->free_cnt = all_cnt > resv_cnt ? all_cnt - resv_cnt : 0;
	if (lack->free_cnt > node_cnt)
		lack->free_cnt = node_cnt;
	return lack->need_cnt <= lack->free_cnt + more_cnt;
}

uint64_t
sparse_hugepage(const groove_volume_request_t *request, struct sparse_lack *lack)
{
	static const enum groove_page pages[] = {GROOVE_PAGE_GIGANTIC, GROOVE_PAGE_HUGE};

	*lack = (struct sparse_lack){0};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const uint64_t page_sz = groove_page_sz(pages[i]);

		if (request->page != GROOVE_PAGE_ANY && request->page != pages[i])
			continue;
		if (request->volume_sz % page_sz == 0 && has_room(request, page_sz, lack))
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
	groove_volume_hugepages_path(
		path, sizeof(path), lack->page_sz, groove_volume_node_bound(request), "nr_hugepages");
	VOLUME_LOG(ERR, driver,
		"%" PRIu64 " x %" PRIu64 " MiB of volumes and the shared region need %" PRIu64 " pages of %" PRIu64
		" MiB, %" PRIu64 " are free: add %" PRIu64 " to %s, or take fewer or smaller volumes",
		request->volume_cnt, request->volume_sz >> 20, lack->need_cnt, lack->page_sz >> 20, lack->free_cnt,
		lack->need_cnt - lack->free_cnt, path);
	return GROOVE_ERR_FULL;
}
