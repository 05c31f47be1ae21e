/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Whether there is memory where the states of the volumes say so. A file system shows by lseek() where a file has
 * holes; that of hugepages does not, but counts its pages.
 */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region_private.h"
#include "region_state.h"

/* A part of a file without a hole that was seen by the last look. */
struct hole_look {
	int fd;
	uint64_t off;
	uint64_t stop; /* where the first hole is */
};

/*
 * Offset of the first hole in a part of a file; the end of the part when there is none, or that is unknown.
 *
 * The kernel looks at each page up to the first hole, also after the end of the part. What it has looked at is not
 * looked at again: without a hole, n volumes are n looks, not n(n + 1)/2.
 */
static uint64_t
hole_in(struct hole_look *look, uint64_t off, uint64_t sz)
{
	if (off < look->off || off + sz > look->stop) {
		const off_t hole = lseek(look->fd, (off_t)off, SEEK_HOLE);

		look->off = off;
		look->stop = hole < 0 ? off + sz : (uint64_t)hole;
	}
	return look->stop > off + sz ? off + sz : look->stop;
}

bool
region_is_hole(const groove_region_t *region, uint64_t off, uint64_t sz)
{
	const off_t data = lseek(region->range.fd, (off_t)off, SEEK_DATA);

	return data < 0 ? errno == ENXIO : (uint64_t)data >= off + sz;
}

/* The state of a volume as it is now: in a copy of the front it is as it was. */
static uint64_t
state_now(const groove_region_t *region, uint64_t idx)
{
	const uint64_t *word = region_state_word(region, idx);
	const off_t off = (off_t)((uintptr_t)word - (uintptr_t)region->hdr);
	uint64_t state;

	/* After the look at the file, whose system call is complete. In a file that was cut no state has changed. */
	if (region->copied && pread(region->range.fd, &state, sizeof(state), off) == sizeof(state))
		return state;
	return region_state_load(word);
}

/*
 * A volume that had memory when it was looked at, and has not been given back since. What an earlier look has seen of
 * it is that it has no hole.
 */
static bool
volume_has_hole(const groove_region_t *region, struct hole_look *look, uint64_t idx, uint64_t *where)
{
	const uint64_t state = region_state_load(region_state_word(region, idx));
	const uint64_t off = region_volume_off(region, idx);

	if (region_state_kind(state) != REGION_PRESENT)
		return false;
	*where = hole_in(look, off, region->fixed.volume_sz);
	return *where < off + region->fixed.volume_sz && state_now(region, idx) == state;
}

bool
region_has_strays(const groove_region_t *region)
{
	uint64_t most = region->fixed.front_sz;
	struct stat file;

	if (region->range.fd < 0 || fstat(region->range.fd, &file) != 0)
		return false;
	/* After the file: a volume that gets memory is no longer absent then. */
	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		if (region_state_kind(region_state_load(region_state_word(region, i))) != REGION_ABSENT)
			most += region->fixed.volume_sz;
	}
	return (uint64_t)file.st_blocks * 512 > most;
}

/* Bytes that should have memory, and a sum of the states that say so. */
static uint64_t
bytes_due(const groove_region_t *region, uint64_t *sum)
{
	uint64_t bytes = region->fixed.front_sz;

	*sum = 0;
	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		const uint64_t state = region_state_load(region_state_word(region, i));

		*sum += state;
		if (region_state_kind(state) == REGION_PRESENT)
			bytes += region->fixed.volume_sz;
	}
	return bytes;
}

/* Whether the states are those of a sum. */
static bool
states_are(const groove_region_t *region, uint64_t sum)
{
	for (uint64_t i = 0; i < region->fixed.volume_max; i++)
		sum -= state_now(region, i);
	return sum == 0;
}

/* While others grow and shrink nothing can be said. */
static bool
lacks_pages(const groove_region_t *region)
{
	struct stat file;
	uint64_t sum;
	const uint64_t due = bytes_due(region, &sum);

	return fstat(region->range.fd, &file) == 0 && (uint64_t)file.st_blocks * 512 < due && states_are(region, sum);
}

bool
region_has_hole(const groove_region_t *region, uint64_t *where)
{
	const uint64_t front_sz = region->fixed.front_sz;
	struct hole_look look = {.fd = region->range.fd};

	if (region->range.fd < 0)
		return false;
	if (region->fixed.page_sz != (uint64_t)sysconf(_SC_PAGESIZE)) {
		*where = UINT64_MAX;
		return lacks_pages(region);
	}
	*where = hole_in(&look, 0, front_sz);
	if (*where < front_sz)
		return true;
	for (uint64_t i = 0; i < region->fixed.volume_max; i++) {
		if (volume_has_hole(region, &look, i, where))
			return true;
	}
	return false;
}
