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
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <numa.h>
#include <numaif.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

#include "room.h"

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

/* ---- EAL, which may come after us and go before ---- */

/* Address space of EAL, which goes at rte_eal_cleanup(); NULL: nothing of it was used yet. */
static const void *eal_sign;

/* A memzone may be freed, the address space that EAL has it in stays. */
static void
eal_remember(const struct rte_memzone *zone)
{
	__atomic_store_n(&eal_sign, rte_mem_virt2memseg_list(zone->addr)->base_va, __ATOMIC_RELAXED);
}

static bool
eal_is_there(void)
{
	/* Relaxed: the calls of a process that ends EAL are ordered by it. */
	const void *sign = __atomic_load_n(&eal_sign, __ATOMIC_RELAXED);

	return rte_lcore_count() > 0 && (sign == NULL || groove_volume_is_mapped(sign));
}

static bool
memzone_is_gone(const groove_volume_range_t *range)
{
	return !eal_is_there() || !groove_volume_is_mapped(range->base);
}

/* ---- names ---- */

#define NAME_PREFIX "groove."

/* Of a region with a name; false when EAL's names are too short for it. */
static bool
zone_name(char name[RTE_MEMZONE_NAMESIZE], const char *region_name)
{
	return snprintf(name, RTE_MEMZONE_NAMESIZE, NAME_PREFIX "%s", region_name) < RTE_MEMZONE_NAMESIZE;
}

/* Of a region without: EAL's processes may be of several PID namespaces, so it takes a number that none else has. */
static void
zone_name_private(char name[RTE_MEMZONE_NAMESIZE], uint64_t id)
{
	snprintf(name, RTE_MEMZONE_NAMESIZE, "groove_%016" PRIx64, id);
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
		zone_name_private(name, need->request->id);
	return rte_memzone_reserve_aligned(name, need->zone_sz, node, flags, ZONE_ALIGN);
}

/* EAL says ENOMEM for want of memory, and other things for want of memzones and the like. */
static int
zone_explain_other(const struct need *need)
{
	if (rte_errno == EEXIST) {
		MEMZONE_LOG(ERR, "region %s exists: attach or destroy it, or take another name",
			need->request->name != NULL ? need->request->name : "of this random number");
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

/* With --no-huge EAL has neither nodes nor hugepages for its memory. */
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
			groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
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

	if (!eal_is_there()) {
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

/* ---- lock files, by which dead processes are known ---- */

static int
action_unused(const struct rte_mp_msg *msg, const void *peer)
{
	(void)msg;
	(void)peer;
	return 0;
}

/*
 * Whether EAL shares memory with other processes. Asked of EAL: files in its directory may be of others that were
 * started with the same --file-prefix. With --no-huge it shares its files, but no memory.
 */
static bool
eal_shares(void)
{
	static const char action[] = "groove_memzone";
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	bool shares;

	if (!rte_eal_has_hugepages())
		return false;
	pthread_mutex_lock(&lock);
	shares = rte_mp_action_register(action, action_unused) == 0;
	if (shares)
		rte_mp_action_unregister(action);
	pthread_mutex_unlock(&lock);
	return shares;
}

/*
 * The lock file that this process made for a region, which it may remove. Where EAL shares nothing it is a memory file,
 * for the region's descriptors to be opened from.
 */
struct lock_file {
	uint64_t id;
	dev_t dev;
	ino_t ino;
	int fd;	      /* of a memory file; -1: it has a path */
	int maker_fd; /* while the region is being made, below; -1: it is not */
	struct lock_file *next;
};

static pthread_mutex_t lock_files_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list; of this process alone */
static struct lock_file *lock_files;

/* Among the files that EAL's processes share, by the random number of the region. */
static void
lock_path(char path[PATH_MAX], uint64_t id)
{
	snprintf(path, PATH_MAX, "%s/groove.%016" PRIx64 ".lock", rte_eal_get_runtime_dir(), id);
}

/* A new one; a negative number: it is there, or cannot be made. */
static int
lock_file_new(uint64_t id, bool shared)
{
	char path[PATH_MAX];

	if (!shared)
		return memfd_create("groove.lock", MFD_CLOEXEC);
	lock_path(path, id);
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Whether a descriptor leads to it: a program may have closed one, and opened a file of its own with its number. */
static bool
lock_file_is(const struct lock_file *file, int fd)
{
	struct stat stat_buf;

	return fstat(fd, &stat_buf) == 0 && stat_buf.st_dev == file->dev && stat_buf.st_ino == file->ino;
}

static bool
lock_file_add(struct lock_file *file, uint64_t id)
{
	const bool shared = eal_shares();
	const int fd = lock_file_new(id, shared);
	struct stat stat_buf;

	if (fd < 0)
		return false;
	if (fstat(fd, &stat_buf) != 0) {
		close(fd);
		return false;
	}
	*file = (struct lock_file){.id = id, .dev = stat_buf.st_dev, .ino = stat_buf.st_ino, .fd = fd, .maker_fd = -1};
	if (shared) {
		close(fd);
		file->fd = -1;
	}
	pthread_mutex_lock(&lock_files_lock);
	file->next = lock_files;
	lock_files = file;
	pthread_mutex_unlock(&lock_files_lock);
	return true;
}

static int
lock_file_make(uint64_t id)
{
	struct lock_file *file = calloc(1, sizeof(*file));

	if (file != NULL && lock_file_add(file, id))
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR, "cannot make a lock file in %s: %s: let this user write there, and have descriptors left",
		rte_eal_get_runtime_dir(), groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}));
	free(file);
	return GROOVE_ERR_INVAL;
}

/*
 * A memzone has its name from the start, and nothing in it says which process makes it. So the maker has a shared lock
 * of a file of EAL's meanwhile, which the kernel drops when the process dies. It is one that EAL itself never locks: by
 * its lock of "config" EAL knows that the primary lives, and the primary would drop it by closing "config" here.
 * Returns a descriptor that holds the lock; to remove what was half made it is the only one; -1, logged.
 */
static int
makers_lock(int operation, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, PATH_MAX, "%s/hugepage_info", rte_eal_get_runtime_dir());
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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

/*
 * A child of fork that was made meanwhile has the descriptor too, and would keep the lock as long as it lives: so
 * closing it is not enough.
 */
static void
lock_release(int fd)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET}; /* all bytes */

	if (fd < 0)
		return;
	flock(fd, LOCK_UN);
	fcntl(fd, F_OFD_SETLK, &lock);
	close(fd);
}

/* The maker's descriptor, to keep one (fd) or to take it back (-1). */
static int
maker_swap(uint64_t id, int fd)
{
	struct lock_file *file;
	int was = -1;

	pthread_mutex_lock(&lock_files_lock);
	for (file = lock_files; file != NULL && file->id != id; file = file->next)
		;
	if (file != NULL) {
		was = file->maker_fd;
		file->maker_fd = fd;
	}
	pthread_mutex_unlock(&lock_files_lock);
	return was;
}

static void
memzone_made(const groove_volume_range_t *range)
{
	lock_release(maker_swap(range->id, -1));
}

/* Another description of a memory file; -1: there is none. */
static int
lock_file_reopen(uint64_t id)
{
	const struct lock_file *file;
	char path[32];
	int fd = -1;

	pthread_mutex_lock(&lock_files_lock);
	for (file = lock_files; file != NULL && (file->id != id || file->fd < 0); file = file->next)
		;
	if (file != NULL && lock_file_is(file, file->fd)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
		fd = open(path, O_RDWR | O_CLOEXEC);
	} else {
		errno = ENOENT;
	}
	pthread_mutex_unlock(&lock_files_lock);
	return fd;
}

static int
memzone_lock_open(const groove_volume_range_t *range)
{
	char path[PATH_MAX] = "its memory file";
	int fd;

	if (eal_shares()) {
		lock_path(path, range->id);
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	} else {
		fd = lock_file_reopen(range->id);
	}
	if (fd >= 0)
		return fd;
	MEMZONE_LOG(ERR, "cannot open %s: %s: %s", path,
		groove_volume_error_text(errno, (char[GROOVE_VOLUME_ERROR_SZ]){0}),
		errno == ENOENT ? "without it nobody knows which processes live: end them all, and EAL's primary"
				: "run as the user that started EAL's primary, and have descriptors left");
	return GROOVE_ERR_INVAL;
}

/* Forget that this process made it. */
static struct lock_file *
lock_file_take(uint64_t id)
{
	struct lock_file **link = &lock_files;
	struct lock_file *file;

	pthread_mutex_lock(&lock_files_lock);
	while (*link != NULL && (*link)->id != id)
		link = &(*link)->next;
	file = *link;
	if (file != NULL)
		*link = file->next;
	pthread_mutex_unlock(&lock_files_lock);
	return file;
}

/* Its first word says, last of all, that it is made. */
static bool
is_half_made(const groove_volume_range_t *range)
{
	return __atomic_load_n((const uint64_t *)range->base, __ATOMIC_ACQUIRE) == 0;
}

/* Whether a path leads to the file that was made for a region: by this process, or else by what its header says. */
static bool
is_lock_of(const char *path, const struct lock_file *file, const groove_volume_range_t *range)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool same;

	if (fd < 0)
		return false;
	if (file != NULL)
		same = lock_file_is(file, fd);
	else /* the header of what was half made names no file; nobody else has its number */
		same = !memzone_is_gone(range) && (is_half_made(range) || groove_volume_owns(range, fd));
	close(fd);
	return same;
}

/* Only the file of the region goes, whatever has its name. */
static void
lock_file_drop(const groove_volume_range_t *range)
{
	struct lock_file *file = lock_file_take(range->id);
	char path[PATH_MAX];

	if (file != NULL && file->fd >= 0) {
		if (lock_file_is(file, file->fd))
			close(file->fd);
	} else {
		lock_path(path, range->id);
		if (is_lock_of(path, file, range))
			unlink(path);
	}
	free(file);
}

/* ---- a region's life ---- */

/* A private memzone goes with its range. */
static void
range_of(const struct rte_memzone *zone, groove_volume_range_t *range)
{
	eal_remember(zone);
	*range = (groove_volume_range_t){
		.base = zone->addr,
		.sz = zone->len,
		.page_sz = zone->hugepage_sz,
		.fd = -1,
		.priv = zone_is_named(zone) ? NULL : (void *)(uintptr_t)zone,
	};
}

/* A name is for others to find. */
static int
check_shared(const char *name)
{
	if (name == NULL || eal_shares())
		return GROOVE_SUCCESS;
	MEMZONE_LOG(ERR,
		"region %s: with --in-memory, --no-shconf or --no-huge EAL shares no memory, so no process could find "
		"it: start EAL without, leave the name out, or take another driver",
		name);
	return GROOVE_ERR_INVAL;
}

/* ---- names that are removed, and ranges that are opened meanwhile ---- */

/*
 * EAL unmaps what is removed in all its processes. So a process that removes a name has a lock of it alone, and one
 * that has opened it shares that lock until lib/region's own locks keep the range. The lock is of another kind than
 * that of makers, one byte of the same file for each name, or for some names together.
 */

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

/* Lock a name, alone (F_WRLCK) or with others (F_RDLCK). A descriptor; -1, logged. */
static int
name_lock(const char *name, short type)
{
	struct flock lock = name_byte(name, type);
	char path[PATH_MAX];
	int err;
	int fd;

	snprintf(path, PATH_MAX, "%s/hugepage_info", rte_eal_get_runtime_dir());
	fd = open(path, (type == F_WRLCK ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	err = fd < 0 ? errno : name_wait(fd, &lock);
	if (err == 0)
		return fd;
	if (fd >= 0 && err == EAGAIN)
		MEMZONE_LOG(ERR,
			"region %s: another process opens or removes it, and has %s locked: try again, or end a "
			"process "
			"that is stopped in attach or destroy",
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

/* The memzone of a name, whose lock the caller has; NULL: there is none. */
static const struct rte_memzone *
zone_find(const char *name)
{
	char zone_text[RTE_MEMZONE_NAMESIZE];

	return eal_is_there() && zone_name(zone_text, name) ? rte_memzone_lookup(zone_text) : NULL;
}

static int
memzone_open(const char *dir, const char *name, groove_volume_range_t *range)
{
	const struct rte_memzone *zone;
	int fd;

	(void)dir;
	if (zone_find(name) == NULL)
		return GROOVE_ERR_KEY;
	fd = name_lock(name, F_RDLCK);
	if (fd < 0)
		return GROOVE_ERR_AGAIN;
	zone = zone_find(name); /* once more, now that it stays */
	if (zone == NULL) {
		lock_release(fd);
		return GROOVE_ERR_KEY;
	}
	range_of(zone, range);
	range->keep_fd = fd + 1;
	return GROOVE_SUCCESS;
}

static void
memzone_attached(groove_volume_range_t *range)
{
	lock_release(range->keep_fd - 1);
	range->keep_fd = 0;
}

static int
zone_unlink_alone(const char *name, const groove_volume_range_t *range, bool is_maker)
{
	const struct rte_memzone *zone = zone_find(name);

	/* The name, and the address, may be those of a later one. */
	if (zone == NULL || zone->addr != range->base || (!is_maker && groove_volume_id(zone->addr) != range->id))
		return GROOVE_ERR_KEY;
	lock_file_drop(range);
	zone_release(zone);
	return GROOVE_SUCCESS;
}

/*
 * Of two that remove a name at one time one looks when the other is done: then it is gone, or a later one. So each
 * gives up its share of the lock first.
 */
static int
zone_unlink(const char *name, const groove_volume_range_t *range, bool is_maker)
{
	struct flock share = name_byte(name, F_UNLCK);
	int err;
	int fd;

	if (!eal_is_there())
		return GROOVE_ERR_KEY;
	if (range->keep_fd != 0)
		fcntl(range->keep_fd - 1, F_OFD_SETLK, &share);
	fd = name_lock(name, F_WRLCK);
	if (fd < 0)
		return GROOVE_ERR_AGAIN;
	err = zone_unlink_alone(name, range, is_maker);
	lock_release(fd);
	return err;
}

/*
 * A name that a destroyer left when it died, between the mark and the removal, is free. Its memory is only looked at by
 * one that removes names alone: another that removed it meanwhile would have unmapped it.
 */
static void
left_remove(const char *name)
{
	const struct rte_memzone *zone;
	groove_volume_range_t range;
	int fd;

	if (zone_find(name) == NULL)
		return;
	fd = name_lock(name, F_WRLCK);
	if (fd < 0)
		return;
	zone = zone_find(name);
	if (zone != NULL && groove_volume_is_destroyed(zone->addr)) {
		range_of(zone, &range);
		range.id = groove_volume_id(range.base);
		zone_unlink_alone(name, &range, false);
	}
	lock_release(fd);
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
	int maker_fd = -1;

	if (err == GROOVE_SUCCESS)
		err = check_name(request->name);
	if (err == GROOVE_SUCCESS)
		err = check_shared(request->name);
	if (err != GROOVE_SUCCESS)
		return err;
	/* Before it can be found. */
	if (request->name != NULL) {
		maker_fd = makers_lock(LOCK_SH, request->name);
		if (maker_fd < 0)
			return GROOVE_ERR_AGAIN;
	}
	if (request->name != NULL)
		left_remove(request->name);
	zone = rte_eal_has_hugepages() ? reserve_hugepages(&need, &err) : reserve_normal(&need, &err);
	if (zone == NULL) {
		lock_release(maker_fd);
		return err;
	}

	/* EAL zeroes what is freed, not what it is given: memory may be old. */
	memset(zone->addr, 0, front_room(request));
	/* First: what removes it when this process has died finds the lock file by it. */
	groove_volume_id_note(zone->addr, request->id);
	err = lock_file_make(request->id);
	if (err != GROOVE_SUCCESS) {
		zone_release(zone);
		lock_release(maker_fd);
		return err;
	}
	maker_swap(request->id, maker_fd);
	range_of(zone, range);
	range->front_sz = front_room(request);
	range->id = request->id;
	return GROOVE_SUCCESS;
}

/* Of a region with a name the memory stays, until it is destroyed or EAL's processes have ended. */
static void
memzone_close(groove_volume_range_t *range)
{
	memzone_attached(range);
	if (range->priv == NULL)
		return;
	lock_file_drop(range);
	if (!memzone_is_gone(range))
		zone_release(range->priv);
}

static int
memzone_unlink(const char *dir, const char *name, const groove_volume_range_t *range)
{
	const int maker_fd = maker_swap(range->id, -1);
	int err = GROOVE_ERR_AGAIN;
	int fd;

	(void)dir;
	if (maker_fd >= 0) {
		err = zone_unlink(name, range, true);
		lock_release(maker_fd);
		return err;
	}
	if (memzone_is_gone(range) || !is_half_made(range))
		return zone_unlink(name, range, false);
	fd = makers_lock(LOCK_EX, name);
	if (fd < 0)
		return err;
	/* Else it was finished meanwhile. */
	if (is_half_made(range))
		err = zone_unlink(name, range, false);
	lock_release(fd);
	return err;
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
	.made = memzone_made,
	.open = memzone_open,
	.attached = memzone_attached,
	.is_gone = memzone_is_gone,
	.close = memzone_close,
	.lock_open = memzone_lock_open,
	.unlink = memzone_unlink,
	.list = memzone_list,
};

GROOVE_VOLUME_DRIVER(memzone_driver)
