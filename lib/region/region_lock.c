/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include "region_lock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region_log.h"

bool
region_lock_set(int fd, uint32_t byte, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool
region_lock_is_taken(int fd, uint32_t first, uint32_t cnt, uint32_t *byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = cnt};

	*byte = first;
	if (cnt == 0)
		return false;
	if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
		return true;
	if (lock.l_type == F_UNLCK)
		return false;
	if (lock.l_start > (off_t)first)
		*byte = (uint32_t)lock.l_start;
	return true;
}

bool
region_lock_is_held(int fd, uint32_t byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Hugepages are mapped as a whole. Those of a lock file apart from the memory are the machine's. */
static uint64_t
map_sz(const groove_volume_range_t *range)
{
	return range->fd >= 0 ? range->page_sz : (uint64_t)sysconf(_SC_PAGESIZE);
}

int
region_lock_keep(struct region_lock *lock, int fd, const groove_volume_range_t *range, const char *what)
{
	const uint64_t sz = map_sz(range);
	void *map = mmap(NULL, sz, PROT_NONE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (map != MAP_FAILED && madvise(map, sz, MADV_DONTFORK) == 0) {
		close(fd);
		*lock = (struct region_lock){.map = map, .sz = sz};
		return GROOVE_SUCCESS;
	}
	REGION_LOG(
		ERR, "%s: its lock file cannot be mapped: %m; raise the limits of address space and of mappings", what);
	if (map != MAP_FAILED)
		munmap(map, sz);
	close(fd);
	return GROOVE_ERR_FULL;
}

void
region_lock_drop(struct region_lock *lock)
{
	if (lock->map != NULL)
		munmap(lock->map, lock->sz);
	lock->map = NULL;
}
