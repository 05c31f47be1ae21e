/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef IDENTITY_H
#define IDENTITY_H

/*
 * What a region is: of which start of the machine, in which file, and of which user. Every decision of this kind is
 * made here, by what cannot be two. What is unknown equals nothing. Which process is alive is decided in
 * region_member.h.
 *
 * The memory of a region that is in use is whole when it is still the memory that its users wrote: the same file, in
 * the same start of the machine. There are two proofs. A living process that uses the region vouches for it: it holds a
 * lock on the file, and a lock is of one file in one start of the machine, whatever containers call that start. Without
 * one the header is compared: the boot id and the file that were noted while it was in use. A region that is not in use
 * is whole anywhere, and so is a copy of it.
 */

#include "region_hdr.h"
#include "region_lock.h"

/* Whether the memory of a region is the memory that its users wrote. */
enum identity {
	IDENTITY_WHOLE,
	IDENTITY_OTHER_START, /* in use when the machine went down */
	IDENTITY_NO_START,    /* in use, and then or now the start of the machine was unknown; or being rebuilt */
	IDENTITY_COPY,	      /* of one that was in use */
};

/* Which start of the machine this is; 0: unknown. */
uint64_t identity_boot(void);

/* Note, in a header, which file it is and, unless its users go on, which start. Before the count of attachments moves
 * on. */
void identity_note(struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range);

/* Note the lock file of a range that has no file. GROOVE_SUCCESS; a negative code, logged. */
int identity_note_lock(
	struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range);

/* Whether the memory is whole. Of a process that attaches, after it locked its byte, or a first look without. */
enum identity identity_of(
	struct region_hdr *hdr, const groove_volume_driver_t *driver, const groove_volume_range_t *range);

/* Why it is not, for a log line. */
const char *identity_text(enum identity identity);

/* What is asked of a region's owner. */
enum identity_use {
	IDENTITY_ATTACH,
	IDENTITY_DESTROY, /* others may write it: it goes anyway */
	IDENTITY_LOOK,	  /* anybody's: a copy is looked at, and nothing is believed */
};

/*
 * Whether an open range may be used: it and its directory belong to the user of this process or to root, and nobody
 * else may change them; or flags trust it (GROOVE_REGION_TRUST), which is logged. GROOVE_SUCCESS; GROOVE_ERR_INVAL,
 * logged.
 */
int identity_check_owner(const groove_volume_driver_t *driver, const groove_volume_range_t *range,
	enum identity_use use, uint64_t flags, const char *what);

#endif /* IDENTITY_H */
