/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Destroy, and how an attach and a destroy at the same time end.
 *
 *              destroy, a number of its own      nobody is attached
 *     none (0) --------------------------> intent ------------------> REGION_DESTROYED, then the name goes
 *        ^                                   | |
 *        +---- destroy: somebody is attached-+ |
 *        +---- attach: goes on ----------------+
 *
 * Destroy writes its intent before it looks at the locks; attach takes its lock before it looks for an intent. So of
 * two at the same time either destroy sees the lock, or attach sees the intent and takes it back; and each arrow is one
 * compare-and-swap, so that an intent which was taken back decides nothing any more. A destroyer that is stopped, or
 * died, keeps nobody from attaching or destroying: before REGION_DESTROYED the next attach takes its intent back, and
 * from then on the next destroy ends what it began.
 */

#include <inttypes.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region_log.h"
#include "region_private.h"
#include "region_state.h"

/* No two are the same, so that one which was taken back is not taken for another. */
static uint64_t
intent_make(struct region_hdr *hdr)
{
	return __atomic_add_fetch(&hdr->ticket, 1, __ATOMIC_SEQ_CST) << 2 | 1;
}

/* Sequentially consistent throughout, and a read-modify-write also where a load would do: it stands between a system
 * call that locks or looks and what was read or written before. */
static bool
mark_swap(struct region_hdr *hdr, uint64_t *mark, uint64_t next)
{
	return __atomic_compare_exchange_n(&hdr->destroyed, mark, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool
region_is_destroyed(struct region_hdr *hdr)
{
	uint64_t mark = __atomic_fetch_add(&hdr->destroyed, 0, __ATOMIC_SEQ_CST);

	while (mark != 0 && mark != REGION_DESTROYED) {
		if (mark_swap(hdr, &mark, 0))
			return false;
	}
	return mark == REGION_DESTROYED;
}

/* It is the kernel's lock on the list of locks that orders this after the look of a destroyer that did not see ours. */
uint64_t
region_destroy_mark(const struct region_hdr *hdr)
{
	return __atomic_load_n(&hdr->destroyed, __ATOMIC_SEQ_CST);
}

/* Decide that nobody attaches any more; unless a living process is attached. */
static int
decide(struct region_hdr *hdr, int probe_fd, const char *name)
{
	const uint64_t intent = intent_make(hdr);
	uint64_t mark = __atomic_load_n(&hdr->destroyed, __ATOMIC_SEQ_CST);
	uint32_t owner;

	do {
		if (mark == REGION_DESTROYED)
			return GROOVE_SUCCESS;
	} while (!mark_swap(hdr, &mark, intent)); /* one of another destroyer, dead or alive, is replaced */
	mark = intent;
	if (region_member_any(probe_fd, &owner)) {
		mark_swap(hdr, &mark, 0);
		REGION_LOG(ERR,
			"region %s is in use, by member %" PRIu32 ", process %" PRIu64 ": detach it there first", name,
			owner, region_member_pid(hdr, owner));
		return GROOVE_ERR_AGAIN;
	}
	if (mark_swap(hdr, &mark, REGION_DESTROYED) || mark == REGION_DESTROYED)
		return GROOVE_SUCCESS;
	REGION_LOG(ERR, "region %s: another process attaches or destroys it at this moment: try again", name);
	return GROOVE_ERR_AGAIN;
}

/* ---- what lies there ---- */

enum kind {
	KIND_REGION,	/* also a damaged one */
	KIND_HALF_MADE, /* nobody can have attached it */
	KIND_FOREIGN,	/* the name leads to a file of somebody's; or a library that this one is not knows its locks */
};

/* Of the first bytes of a range. What has a wrong sum is a damaged region, unless its layout is another. */
static enum kind
kind_of(const struct region_hdr *hdr, size_t sz)
{
	if (sz == 0 || (sz >= sizeof(hdr->magic) && hdr->magic == 0))
		return KIND_HALF_MADE;
	if (sz < sizeof(hdr->magic) || hdr->magic != REGION_MAGIC)
		return KIND_FOREIGN;
	if (sz < offsetof(struct region_hdr, attach_seq))
		return KIND_REGION;
	if (hdr->fixed.version != REGION_VERSION)
		return KIND_FOREIGN;
	if (hdr->sum != region_hdr_sum(&hdr->fixed))
		return KIND_REGION;
	return hdr->fixed.hdr_sz == sizeof(*hdr) && hdr->fixed.layout_sum == region_hdr_layout_sum() ? KIND_REGION
												     : KIND_FOREIGN;
}

static enum kind
kind_in(const groove_volume_range_t *range)
{
	struct region_hdr hdr = {0};
	ssize_t sz;

	if (range->base != NULL)
		return kind_of(range->base, sizeof(hdr));
	sz = pread(range->fd, &hdr, sizeof(hdr), 0);
	return sz >= 0 ? kind_of(&hdr, (size_t)sz) : KIND_FOREIGN;
}

/* The header of an open range that is a region. */
static struct region_hdr *
hdr_map(const groove_volume_range_t *range)
{
	if (range->base != NULL)
		return range->base;
	/* Not every file system writes but to mapped memory. A page that holds the magic is there. */
	return mmap(NULL, range->page_sz, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, range->fd, 0);
}

static void
hdr_unmap(const groove_volume_range_t *range, struct region_hdr *hdr)
{
	if (range->base == NULL)
		munmap(hdr, range->page_sz);
}

static int
decide_mapped(const groove_volume_driver_t *driver, const groove_volume_range_t *range, const char *name)
{
	struct region_hdr *hdr = hdr_map(range);
	int err;
	int fd;

	if (hdr == MAP_FAILED) {
		REGION_LOG(ERR, "region %s: its header cannot be mapped: %m; nothing was destroyed", name);
		return GROOVE_ERR_FULL;
	}
	fd = driver->lock_open(range);
	err = fd < 0 ? fd : decide(hdr, fd, name);
	if (fd >= 0)
		close(fd);
	hdr_unmap(range, hdr);
	return err;
}

static int
decide_open(const groove_volume_driver_t *driver, const groove_volume_range_t *range, const char *name)
{
	switch (kind_in(range)) {
	case KIND_REGION:
		return decide_mapped(driver, range, name);
	case KIND_HALF_MADE:
		return GROOVE_SUCCESS;
	default:
		REGION_LOG(ERR,
			"%s of driver %s is no region, or one of a library with another layout: nothing was "
			"destroyed; name another, use that library, or remove it where it lies",
			name, driver->name);
		return GROOVE_ERR_INVAL;
	}
}

int
groove_region_destroy(const groove_region_id_t *id)
{
	const groove_volume_driver_t *driver;
	groove_volume_range_t range = {.fd = -1};
	groove_region_id_t full;
	int err;

	if (!region_id_complete(id, &full, "groove_region_destroy"))
		return GROOVE_ERR_INVAL;
	err = region_open_named(&full, IDENTITY_DESTROY, &driver, &range);
	if (err != GROOVE_SUCCESS)
		return err;
	err = decide_open(driver, &range, full.name);
	if (err == GROOVE_SUCCESS)
		err = driver->unlink(full.dir, full.name, &range);
	driver->close(&range);
	return err;
}
