/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef ROOM_H
#define ROOM_H

/*
 * How much memory EAL and the kernel have, and the log lines that say what is missing and what to do about it.
 * Private to the memzone driver.
 */

#include <stdbool.h>

#include <groove_volume_driver.h>

/* Alignment of the memzones, whatever the pages are: EAL finds nothing that is aligned to 1 GiB. */
#define ZONE_ALIGN (2UL << 20)

/* Hugepages that EAL can have. */
struct hugepage {
	enum groove_page page;
	uint64_t sz;
	unsigned int zone_flag; /* Of rte_memzone_reserve(). */
	const char *text;
	const char *too_few;   /* What to do instead of reserving more. */
	const char *too_short; /* What to do when EAL's longest stretch is too short. */
};

/* What a region needs of EAL. */
struct need {
	const groove_volume_request_t *request;
	uint64_t zone_sz; /* Bytes of its memzone. */
};

/* Bytes of the longest stretch of pages that EAL was started with; 0: it was started without such pages. */
uint64_t room_stretch(uint64_t page_sz, int node);

/* Bytes of free hugepages that are missing; UINT64_MAX when EAL could not use them for want of a stretch. */
uint64_t room_missing(const struct need *need, const struct hugepage *hugepage);

/* Whether EAL need not try on a node, or any: it would take all free pages, and clear them, before it gives up. */
bool room_hopeless(const struct need *need, const struct hugepage *hugepage, int node);

/* Say why EAL gave no memzone of these hugepages. Returns the error for it. */
int room_explain_hugepage(const struct need *need, const struct hugepage *hugepage);

/* Say why EAL, started with --no-huge, gave no memzone. Returns the error for it. */
int room_explain_normal(const struct need *need);

/* With --no-huge: GROOVE_SUCCESS; GROOVE_ERR_FULL, logged, when the machine has not the memory to populate it all. */
int room_check_normal(const struct need *need);

#endif /* ROOM_H */
