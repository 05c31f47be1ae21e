/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_PRIVATE_H
#define REGION_PRIVATE_H

/* A region as this process has it. Shared by the files of lib/region. */

#include "guard.h"
#include "identity.h"
#include "region_hdr.h"
#include "region_member.h"

struct groove_region {
	const groove_volume_driver_t *driver;
	groove_volume_range_t range;
	struct fd_mark file;	   /* what its descriptor leads to */
	struct region_hdr *hdr;	   /* at the start of the range */
	struct region_fixed fixed; /* a copy: what others write into the shared one does no harm here */
	struct region_self self;
	struct region_guard guard; /* of the holes; of a region that may be torn anything may be read */
	bool readonly;		   /* mapped for reading only */
	bool torn;		   /* it may be torn, and is read-only */
	bool copied;		   /* hdr is a copy of the front, that nobody changes (inspect.c) */
	const void *dma;	   /* address space of EAL, which knows the region; NULL: it does not */
	bool dumped;		   /* volumes are in core dumps */
	groove_region_t *next;	   /* of those that this process has: region_registry.h */
};

/* Bytes from the start of the range to a volume. */
static inline uint64_t
region_volume_off(const groove_region_t *region, uint64_t idx)
{
	return region->fixed.front_sz + idx * region->fixed.volume_sz;
}

static inline uint64_t *
region_state_word(const groove_region_t *region, uint64_t idx)
{
	return &region_hdr_states(region->hdr)[idx];
}

/* A region of a driver, zeros but for that. NULL, logged: no heap. */
groove_region_t *region_alloc(const groove_volume_driver_t *driver);

/* Whether a name can be one. GROOVE_ERR_INVAL, logged. */
int region_check_name(const char *name);

/* Whether flags are known. Logs when not. */
bool region_check_flags(uint64_t flags);

/* Whether a driver can map a region at an address; NULL: anywhere. GROOVE_SUCCESS; GROOVE_ERR_INVAL, logged. */
int region_check_at(const groove_volume_driver_t *driver, const void *at);

/* The driver of a name. GROOVE_ERR_KEY, logged: none. */
int region_find_driver(const char *name, const groove_volume_driver_t **driver);

/* A region's identity as this library has it. False, logged, when there is none, or it has more than that. */
bool region_id_complete(const groove_region_id_t *id, groove_region_id_t *full, const char *call);

/*
 * Whether a region was destroyed, asked by a process that attaches and has locked its byte. An intent to destroy it
 * that is not decided yet is taken back (destroy.c).
 */
bool region_is_destroyed(struct region_hdr *hdr);

/* Its mark, asked by a process that only looks and has locked its byte: 0; REGION_DESTROYED; else an intent. */
uint64_t region_destroy_mark(const struct region_hdr *hdr);

/* Note what the descriptor of its range leads to. */
void region_file_note(groove_region_t *region);

/* Whether the descriptor leads elsewhere by now, so that nothing may be done by it. Logs, naming the call, if so. */
bool region_file_is_lost(const groove_region_t *region, const char *call);

/* Whether its memory went with EAL. */
static inline bool
region_is_gone(const groove_region_t *region)
{
	return region->driver->is_gone != NULL && region->driver->is_gone(&region->range);
}

/* Whether a call may go on: a region, of this process, that is still there. Logs, naming the call, when not. */
bool region_is_live(const groove_region_t *region, const char *call);

/* The same of a call that changes something: nor is the region read-only. */
bool region_is_writable(const groove_region_t *region, const char *call);

/* Whether all joins of this process have left. GROOVE_SUCCESS; GROOVE_ERR_AGAIN, logged, with their indices. */
int region_check_left(const groove_region_t *region, const char *call);

/*
 * Have the first bytes of the range survive the machine, where they can. What has no name goes with its processes.
 */
int region_sync_part(const groove_region_t *region, uint64_t sz);

/*
 * Vouch for the region, and note that this process may change it from here on, also on disk. GROOVE_SUCCESS;
 * GROOVE_ERR_INVAL or FULL, logged.
 */
int region_mark_in_use(groove_region_t *region, const char *what);

/* Guard the holes of a region that is mapped and not torn. */
void region_guard_holes(groove_region_t *region);

/* Leave all of a region out of core dumps. */
void region_dump_nothing(const groove_region_t *region);

/* Leave a volume out of core dumps, or not, as the program wants them: it has memory, or is about to have none. */
void region_dump_volume(const groove_region_t *region, uint64_t idx, bool has_memory);

/* Whether a part of the range has no memory anywhere, by what the file system says. */
bool region_is_hole(const groove_region_t *region, uint64_t off, uint64_t sz);

/* Whether there is more memory than the states say: somebody made the kernel fill holes. False: it is unknown. */
bool region_has_strays(const groove_region_t *region);

/*
 * Whether the front, or a volume that should have memory, has a hole: somebody punched it, or cut the file. where
 * receives its offset in the range; UINT64_MAX: it is unknown where.
 */
bool region_has_hole(const groove_region_t *region, uint64_t *where);

/*
 * Have memory for a part of the range, placed as the region was made, which is checked page by page where the kernel
 * says it. What was there before stays. GROOVE_SUCCESS; GROOVE_ERR_FULL, logged, some of it may be there then.
 */
int region_populate(const groove_region_t *region, uint64_t off, uint64_t sz);

/* For groove_data_recover(): arg is the region. A join whose owner is unknown is never dead. */
int region_join_is_dead(void *arg, uint64_t join_idx);

/*
 * Open by name, for a use: by one driver, or by the first that knows the name and may serve. As groove_region_attach().
 */
int region_open_named(const groove_region_id_t *id, enum identity_use use, const groove_volume_driver_t **driver,
	groove_volume_range_t *range);

/* Called with the node that a page lies on; below 0: the kernel does not say. */
typedef void (*region_page_fn)(void *arg, int node);

/* Ask of each page that has a part of some memory where it lies. */
void region_each_page(const void *addr, uint64_t sz, uint64_t page_sz, region_page_fn fn, void *arg);

#endif /* REGION_PRIVATE_H */
