/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Volume driver memzone: memory of EAL, one memzone for a whole region, since separate ones do not lie side by side.
 *
 * All volumes have memory from the start, and keep it: a groove here grows and shrinks within, and no page goes back to
 * the operating system before the region is destroyed. Secondary processes find the region by its name.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

#include "room.h"

RTE_LOG_REGISTER(memzone_logtype, volume.memzone, NOTICE)

/* Largest first: the order of GROOVE_PAGE_ANY. */
static const struct hugepage hugepages[] = {
	{
		.page = GROOVE_PAGE_GIGANTIC,
		.sz = 1UL << 30,
		.zone_flag = RTE_MEMZONE_1GB,
		.text = "1 GiB",
		.too_few = "take --page-sz huge, or fewer or smaller volumes",
		.too_short = "take fewer or smaller volumes",
	},
	{
		.page = GROOVE_PAGE_HUGE,
		.sz = 2UL << 20,
		.zone_flag = RTE_MEMZONE_2MB,
		.text = "2 MiB",
		.too_few = "take fewer or smaller volumes",
		.too_short = "take --page-sz gigantic, or fewer or smaller volumes",
	},
};

static uint64_t
front_room(const groove_volume_request_t *request)
{
	return RTE_ALIGN_CEIL(request->front_sz, ZONE_ALIGN);
}

/* ---- names ---- */

#define NAME_PREFIX "groove."

/* Of a region with a name; false when EAL's names are too short for it. */
static bool
zone_name(char name[RTE_MEMZONE_NAMESIZE], const char *region_name)
{
	return snprintf(name, RTE_MEMZONE_NAMESIZE, NAME_PREFIX "%s", region_name) < RTE_MEMZONE_NAMESIZE;
}

static void
zone_name_private(char name[RTE_MEMZONE_NAMESIZE])
{
	static unsigned int zone_cnt;

	/* Relaxed: only has to be another number each time. */
	snprintf(name, RTE_MEMZONE_NAMESIZE, "groove_%d_%u", (int)getpid(),
		__atomic_fetch_add(&zone_cnt, 1, __ATOMIC_RELAXED));
}

static bool
zone_is_named(const struct rte_memzone *zone)
{
	return strncmp(zone->name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0;
}

/* ---- memory ---- */

static const struct rte_memzone *
zone_reserve(const struct need *need, int node, unsigned int flags)
{
	char name[RTE_MEMZONE_NAMESIZE];

	if (need->request->name == NULL || !zone_name(name, need->request->name))
		zone_name_private(name);
	return rte_memzone_reserve_aligned(name, need->zone_sz, node, flags, ZONE_ALIGN);
}

/* EAL says ENOMEM for want of memory, and other things for want of memzones and the like. */
static int
zone_explain_other(const struct need *need)
{
	if (rte_errno == EEXIST) {
		MEMZONE_LOG(ERR, "region %s exists: attach or destroy it, or take another name", need->request->name);
		return GROOVE_ERR_KEY;
	}
	MEMZONE_LOG(ERR, "EAL reserves no memzone: %s (%d): free some, or use fewer regions", rte_strerror(rte_errno),
		rte_errno);
	return GROOVE_ERR_FULL;
}

static bool
wanted(const groove_volume_request_t *request, const struct hugepage *hugepage)
{
	if (request->page != GROOVE_PAGE_ANY)
		return request->page == hugepage->page;
	return room_stretch(hugepage->sz, groove_volume_node_bound(request)) > 0;
}

static const struct rte_memzone *
zone_try_on(const struct need *need, const struct hugepage *hugepage, int node)
{
	if (room_hopeless(need, hugepage, node)) {
		rte_errno = ENOMEM;
		return NULL;
	}
	return zone_reserve(need, node, hugepage->zone_flag);
}

/* EAL has no memzone on two nodes: one that is preferred lies elsewhere as a whole when it does not fit. */
static const struct rte_memzone *
zone_try(const struct need *need, const struct hugepage *hugepage)
{
	const int bound = groove_volume_node_bound(need->request);
	const struct rte_memzone *zone = zone_try_on(need, hugepage, need->request->node);

	if (zone == NULL && rte_errno == ENOMEM && need->request->node != bound)
		zone = zone_try_on(need, hugepage, bound);
	return zone;
}

static const struct rte_memzone *
reserve_hugepages(const struct need *need, int *err)
{
	const struct hugepage *nearest = NULL;

	for (size_t i = 0; i < RTE_DIM(hugepages); i++) {
		const struct hugepage *hugepage = &hugepages[i];
		const struct rte_memzone *zone;

		if (!wanted(need->request, hugepage))
			continue;
		zone = zone_try(need, hugepage);
		if (zone != NULL)
			return zone;
		if (rte_errno != ENOMEM) {
			*err = zone_explain_other(need);
			return NULL;
		}
		if (nearest == NULL || room_missing(need, hugepage) < room_missing(need, nearest))
			nearest = hugepage;
	}
	*err = room_explain_hugepage(need, nearest != NULL ? nearest : &hugepages[0]);
	return NULL;
}

/* Prefer a node for memory. Where that is forbidden the default policy counts: lib/region looks where pages lie. */
static void
prefer_node(const struct rte_memzone *zone, int node)
{
	struct bitmask *nodes;

	if (node == GROOVE_NODE_ANY || numa_available() < 0)
		return;
	nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(nodes, (unsigned int)node);
	mbind(zone->addr, zone->len, MPOL_PREFERRED, nodes->maskp, nodes->size, MPOL_MF_MOVE);
	numa_free_nodemask(nodes);
}

static void
zone_release(const struct rte_memzone *zone)
{
	if (!rte_eal_has_hugepages())
		mbind(zone->addr, zone->len, MPOL_DEFAULT, NULL, 0, 0);
	rte_memzone_free(zone);
}

/* With --no-huge EAL has neither nodes nor pages behind its memory. */
static const struct rte_memzone *
reserve_normal(const struct need *need, int *err)
{
	const struct rte_memzone *zone;

	*err = room_check_normal(need);
	if (*err != GROOVE_SUCCESS)
		return NULL;
	zone = zone_reserve(need, need->request->node, 0);
	if (zone == NULL) {
		*err = rte_errno == ENOMEM ? room_explain_normal(need) : zone_explain_other(need);
		return NULL;
	}

	prefer_node(zone, need->request->node);
	if (madvise(zone->addr, zone->len, MADV_POPULATE_WRITE) != 0) {
		MEMZONE_LOG(ERR, "no pages for %zu MiB: %s: take fewer or smaller volumes", zone->len >> 20,
			strerror(errno));
		zone_release(zone);
		*err = GROOVE_ERR_FULL;
		return NULL;
	}
	return zone;
}

/* Whether EAL was started so that there can be such pages. */
static int
check_setup(const groove_volume_request_t *request)
{
	const bool normal = request->page == GROOVE_PAGE_NORMAL;

	if (rte_lcore_count() == 0) {
		MEMZONE_LOG(ERR, "needs EAL: call rte_eal_init() first, or take another driver");
		return GROOVE_ERR_INVAL;
	}
	if (normal && rte_eal_has_hugepages()) {
		MEMZONE_LOG(ERR,
			"EAL has hugepages only: start it with --no-huge -m MEGABYTES, or without --page-sz normal");
		return GROOVE_ERR_INVAL;
	}
	if (request->page != GROOVE_PAGE_ANY && !normal && !rte_eal_has_hugepages()) {
		MEMZONE_LOG(ERR, "EAL was started with --no-huge: leave that out, or take --page-sz normal");
		return GROOVE_ERR_INVAL;
	}
	return GROOVE_SUCCESS;
}

static int
check_name(const char *name)
{
	char unused[RTE_MEMZONE_NAMESIZE];

	if (name == NULL || zone_name(unused, name))
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR, "name %s: EAL has room for %zu bytes, take a shorter one", name,
		RTE_MEMZONE_NAMESIZE - sizeof(NAME_PREFIX));
	return GROOVE_ERR_INVAL;
}

/* ---- locks that tell who is dead ---- */

/* Where EAL shares nothing there is one process: a memory file for each region, until its memory is given back. */
struct lock_file {
	const void *base;
	int fd;
	struct lock_file *next;
};

static pthread_mutex_t lock_files_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct lock_file *lock_files;

static struct lock_file *
lock_file_make(const void *base)
{
	struct lock_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return NULL;
	file->base = base;
	file->fd = memfd_create("groove.lock", MFD_CLOEXEC);
	file->next = lock_files;
	lock_files = file;
	return file;
}

/* Another description of the region's memory file, or a negative number. */
static int
lock_file_open(const void *base)
{
	struct lock_file *file;
	char path[32];
	int fd = -1;

	pthread_mutex_lock(&lock_files_lock);
	for (file = lock_files; file != NULL && file->base != base; file = file->next)
		;
	if (file == NULL)
		file = lock_file_make(base);
	if (file != NULL) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	pthread_mutex_unlock(&lock_files_lock);
	return fd;
}

static void
lock_file_drop(const void *base)
{
	struct lock_file **link = &lock_files;

	pthread_mutex_lock(&lock_files_lock);
	while (*link != NULL && (*link)->base != base)
		link = &(*link)->next;
	if (*link != NULL) {
		struct lock_file *file = *link;

		*link = file->next;
		close(file->fd);
		free(file);
	}
	pthread_mutex_unlock(&lock_files_lock);
}

/* Among the files that EAL's processes share, by the region's address, which is the same in all of them. */
static bool
lock_path(char path[PATH_MAX], const void *base)
{
	snprintf(path, PATH_MAX, "%s/config", rte_eal_get_runtime_dir());
	if (access(path, F_OK) != 0)
		return false;
	snprintf(path, PATH_MAX, "%s/groove.%" PRIxPTR ".lock", rte_eal_get_runtime_dir(), (uintptr_t)base);
	return true;
}

static int
memzone_lock_open(const groove_volume_range_t *range)
{
	char path[PATH_MAX] = "a memory file";
	const int fd = lock_path(path, range->base) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
						    : lock_file_open(range->base);

	if (fd >= 0)
		return fd;
	MEMZONE_LOG(ERR, "cannot open %s: %s: run as the user that started EAL's primary", path,
		groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
	return GROOVE_ERR_INVAL;
}

static void
lock_drop(const void *base)
{
	char path[PATH_MAX];

	if (lock_path(path, base))
		unlink(path);
	else
		lock_file_drop(base);
}

/* ---- a region's life ---- */

/* A private memzone goes with its range. */
static void
range_of(const struct rte_memzone *zone, groove_volume_range_t *range)
{
	*range = (groove_volume_range_t){
		.base = zone->addr,
		.sz = zone->len,
		.page_sz = zone->hugepage_sz,
		.fd = -1,
		.priv = zone_is_named(zone) ? NULL : (void *)(uintptr_t)zone,
	};
}

static int
memzone_create(const groove_volume_request_t *request, groove_volume_range_t *range)
{
	const struct need need = {
		.request = request,
		.zone_sz = front_room(request) + request->volume_max * request->volume_sz,
	};
	const struct rte_memzone *zone;
	int err = check_setup(request);

	if (err == GROOVE_SUCCESS)
		err = check_name(request->name);
	if (err != GROOVE_SUCCESS)
		return err;
	zone = rte_eal_has_hugepages() ? reserve_hugepages(&need, &err) : reserve_normal(&need, &err);
	if (zone == NULL)
		return err;

	/* EAL zeroes what is freed, not what it is given: memory may be old. */
	memset(zone->addr, 0, front_room(request));
	range_of(zone, range);
	range->front_sz = front_room(request);
	return GROOVE_SUCCESS;
}

static bool
eal_is_there(void)
{
	return rte_lcore_count() > 0;
}

static int
memzone_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	char zone_text[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *zone;

	(void)dir;
	if (!eal_is_there() || !zone_name(zone_text, name))
		return GROOVE_ERR_KEY;
	zone = rte_memzone_lookup(zone_text);
	if (zone == NULL)
		return GROOVE_ERR_KEY;
	range_of(zone, range);
	return GROOVE_SUCCESS;
}

/* Of a region with a name the memory stays, until it is destroyed or EAL's processes have ended. */
static void
memzone_close(groove_volume_range_t *range)
{
	if (range->priv == NULL)
		return;
	lock_drop(range->base);
	zone_release(range->priv);
}

static int
memzone_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	char zone_text[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *zone;

	(void)dir;
	zone = zone_name(zone_text, name) ? rte_memzone_lookup(zone_text) : NULL;
	if (zone == NULL || zone->addr != range->base)
		return GROOVE_ERR_KEY;
	lock_drop(range->base);
	zone_release(zone);
	return GROOVE_SUCCESS;
}

/* How many zones EAL can hold is set when a program starts, so the list grows as it is filled. */
struct listing {
	char (*names)[RTE_MEMZONE_NAMESIZE];
	size_t cnt;
	size_t cap;
	bool full;
};

static bool
listing_grow(struct listing *listing)
{
	const size_t cap = listing->cap != 0 ? 2 * listing->cap : 64;
	void *names = reallocarray(listing->names, cap, sizeof(*listing->names));

	if (names == NULL) {
		listing->full = true;
		return false;
	}
	listing->names = names;
	listing->cap = cap;
	return true;
}

static void
listing_add(const struct rte_memzone *zone, void *arg)
{
	struct listing *listing = arg;

	if (listing->full || !zone_is_named(zone) || (listing->cnt == listing->cap && !listing_grow(listing)))
		return;
	snprintf(listing->names[listing->cnt++], sizeof(*listing->names), "%s", zone->name + strlen(NAME_PREFIX));
}

/* EAL holds its lock while it walks, so what is called back for each comes after. */
static int
memzone_list(const char *dir, groove_region_list_fn fn, void *arg)
{
	struct listing listing = {0};
	int err = GROOVE_SUCCESS;

	(void)dir;
	if (!eal_is_there())
		return GROOVE_SUCCESS;
	rte_memzone_walk(listing_add, &listing);
	if (listing.full) {
		MEMZONE_LOG(ERR, "no heap for the names of more than %zu memzones", listing.cnt);
		err = GROOVE_ERR_FULL;
	}
	for (size_t i = 0; err == GROOVE_SUCCESS && i < listing.cnt; i++)
		err = fn(arg, "memzone", listing.names[i]);
	free(listing.names);
	return err;
}

static groove_volume_driver_t memzone_driver = {
	.name = "memzone",
	.create = memzone_create,
	.open = memzone_open,
	.close = memzone_close,
	.lock_open = memzone_lock_open,
	.unlink = memzone_unlink,
	.list = memzone_list,
};

GROOVE_VOLUME_DRIVER(memzone_driver)
