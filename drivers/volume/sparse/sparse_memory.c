/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/* Sparse files as they are made and mapped. Their pages are in sparse_populate.c. */

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

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

/* ---- mapping ---- */

/* Address space of some size and alignment, all its own; MAP_FAILED: none. */
static uint8_t *
reserve(uint64_t sz, uint64_t align)
{
	uint8_t *room = mmap(NULL, sz + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t head_sz;

	if (room == MAP_FAILED)
		return room;
	head_sz = -(uintptr_t)room & (align - 1);
	if (head_sz > 0)
		munmap(room, head_sz);
	munmap(room + head_sz + sz, align - head_sz);
	return room + head_sz;
}

/* The same at an address, where nothing may be. A kernel before 4.17 takes the address for a hint. */
static uint8_t *
reserve_at(void *at, uint64_t sz)
{
	uint8_t *room =
		mmap(at, sz, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (room == MAP_FAILED || room == at)
		return room;
	munmap(room, sz);
	errno = EEXIST;
	return MAP_FAILED;
}

int
sparse_map(groove_volume_range_t *range)
{
	const uint64_t align = align_of(range->page_sz);
	uint8_t *room;

	if ((uintptr_t)range->at % align != 0) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range), "address %p: take a multiple of %" PRIu64 " MiB", range->at,
			align >> 20);
		return GROOVE_ERR_INVAL;
	}
	room = range->at != NULL ? reserve_at(range->at, range->sz) : reserve(range->sz, align);
	if (room == MAP_FAILED) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range), "no %" PRIu64 " MiB of address space%s: %s: %s",
			MIB_CEIL(range->sz), range->at != NULL ? " at the address that was asked for" : "",
			SPARSE_ERROR_TEXT(errno),
			range->at != NULL ? "take another address" : "take fewer or smaller volumes");
		return GROOVE_ERR_FULL;
	}
	/* Without access first: after mlockall(MCL_FUTURE) the kernel populates what is mapped and can be read, holes
	 * too. What becomes readable later it leaves as it is. */
	if (mmap(room, range->sz, PROT_NONE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, range->fd, 0) == MAP_FAILED ||
		mprotect(room, range->sz, PROT_READ | PROT_WRITE) != 0) {
		VOLUME_LOG(ERR, SPARSE_DRIVER(range), "cannot map %" PRIu64 " MiB: %s: take fewer or smaller volumes",
			MIB_CEIL(range->sz), SPARSE_ERROR_TEXT(errno));
		munmap(room, range->sz);
		return GROOVE_ERR_FULL;
	}
	range->base = room;
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
		.at = request->at,
	};
	int error = 0;
	int err;

	/* The kernel sends a signal, SIGXFSZ, before it returns this error. */
	if (made.sz > groove_volume_file_sz_max())
		error = EFBIG;
	else if (fchmod(fd, request->mode) != 0 || ftruncate(fd, (off_t)made.sz) != 0)
		error = errno;
	if (error != 0) {
		VOLUME_LOG(ERR, driver, "no file of %" PRIu64 " MiB: %s: take fewer or smaller volumes",
			MIB_CEIL(made.sz), SPARSE_ERROR_TEXT(error));
		close(fd);
		return GROOVE_ERR_FULL;
	}
	err = sparse_map(&made);
	if (err != GROOVE_SUCCESS) {
		close(fd);
		return err;
	}
	*range = made;
	return GROOVE_SUCCESS;
}
