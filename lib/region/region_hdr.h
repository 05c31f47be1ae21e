/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_HDR_H
#define REGION_HDR_H

/*
 * Layout of the front of a region, which all processes share and a later build relies on:
 *
 *     struct region_hdr              what the region is, which processes are attached
 *     uint64_t states[volume_max]    of each volume (region_state.h)
 *     shared region of the groove    at fixed.shdata_off
 *
 * What is fixed was written before the region could be found, and is guarded by a sum. The rest is atomic words.
 */

#include <stdbool.h>
#include <stddef.h>

#include <groove_volume_driver.h>

#define REGION_MAGIC   0x67726f6f76726567UL /* "groovreg" */
#define REGION_VERSION 2U

#define REGION_MEMBER_CNT 256U
#define REGION_DESTROYED  2UL

/* One of the processes that had owner numbers with this remainder; for people to read. Locks say which process lives.
 */
struct region_member {
	uint64_t owner;
	uint64_t pid;
	uint64_t spare[6];
};

struct region_fixed {
	uint32_t version;
	uint32_t hdr_sz;     /* sizeof(struct region_hdr) */
	uint64_t layout_sum; /* of offsets and sizes here and in the core */
	uint64_t id;	     /* random, never 0 */
	uint64_t page_sz;
	uint64_t volume_sz;
	uint64_t volume_max;
	uint64_t join_max;
	uint64_t shdata_off;
	uint64_t shdata_sz;
	uint64_t front_sz;
	uint64_t sz; /* of the whole range */
	int64_t node;
	char driver[16];
	char name[GROOVE_REGION_NAME_MAX + 8];
	uint64_t placement; /* enum groove_placement, never the default */
};

/* A file, unlike all copies of it: struct region_hdr says of which its content is. */
struct region_file {
	uint64_t dev;
	uint64_t ino; /* 0: unknown, and equal to none */
	uint64_t birth;
};

struct region_hdr {
	uint64_t magic; /* stored last by create */
	uint64_t sum;	/* of fixed */
	struct region_fixed fixed;

	/* Clean when equal: attach moves the first on, the last to detach lets the second follow. */
	uint64_t attach_seq __attribute__((__aligned__(64)));
	uint64_t clean_seq;
	uint64_t boot;		 /* the start of the machine since when it is in use; 0: unknown, or being rebuilt */
	uint64_t destroyed;	 /* destroy.c; REGION_DESTROYED: the name is gone, or about to go */
	uint64_t ticket;	 /* counts the processes that attached: their owner numbers */
	struct region_file file; /* that was in use; with a driver that has none, its lock file */

	uint64_t root[GROOVE_REGION_ROOT_CNT] __attribute__((__aligned__(64))); /* the application's */

	/* Volumes that create added and grow has not given out: [low, high 32 bits). */
	uint64_t fresh __attribute__((__aligned__(64)));
	uint64_t limit; /* most volumes that grow makes it have; 0: as many as there can be */

	struct region_member member[REGION_MEMBER_CNT] __attribute__((__aligned__(64)));
	uint64_t words[];
};

_Static_assert(sizeof(struct region_member) == 64, "a cache line");
_Static_assert(sizeof(struct region_fixed) == 176, "layout 2");
_Static_assert(GROOVE_PLACEMENT_BOUND == 1 && GROOVE_PLACEMENT_PREFERRED == 2, "layout 2");
_Static_assert(offsetof(struct region_hdr, attach_seq) == 192, "layout 2");
_Static_assert(offsetof(struct region_hdr, root) == 256, "layout 2");
_Static_assert(offsetof(struct region_hdr, member) == 384, "layout 2");

static inline uint64_t *
region_hdr_states(struct region_hdr *hdr)
{
	return hdr->words;
}

/* Where the shared region of the groove begins, bytes from the start of the header. */
uint64_t region_hdr_shdata_off(uint64_t volume_max);

/* Sum that guards what is fixed. */
uint64_t region_hdr_sum(const struct region_fixed *fixed);

/* Sum of the layout that this library was built with. */
uint64_t region_hdr_layout_sum(void);

/* A random number, never 0. */
uint64_t region_hdr_random(void);

/* What is fixed of a region that is to be made. */
void region_hdr_fill(struct region_fixed *fixed, const groove_volume_request_t *request,
	const groove_volume_range_t *range, const groove_data_cfg_t *cfg, const char *driver);

/*
 * Copy the first sz bytes of a range, without touching what may not be there. GROOVE_SUCCESS; GROOVE_ERR_EMPTY: it has
 * fewer; GROOVE_ERR_INVAL: it cannot be read. Both logged, naming what.
 */
int region_hdr_read(const groove_volume_range_t *range, void *mem, uint64_t sz, const char *what);

/*
 * Whether a header describes a region that this library can attach, in a file of range->sz bytes. Logs, naming what,
 * when not. GROOVE_SUCCESS; GROOVE_ERR_AGAIN, INVAL, CORRUPT as groove_region_attach().
 */
int region_hdr_check(
	const struct region_hdr *hdr, const groove_volume_range_t *range, const char *driver, const char *what);

/* What the groove of a region was made with. */
groove_data_cfg_t region_hdr_data_cfg(const struct region_fixed *fixed);

struct groove_shdata;

/* Whether a groove is the one that a header describes. GROOVE_SUCCESS; GROOVE_ERR_CORRUPT, logged. */
int region_hdr_check_config(struct groove_shdata *shdata, const struct region_fixed *fixed, const char *what);

/* The same of the groove after a mapped header, and whether the states of its volumes are states. */
int region_hdr_check_groove(struct region_hdr *hdr, const struct region_fixed *fixed, const char *what);

#endif /* REGION_HDR_H */
