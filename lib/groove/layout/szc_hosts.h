/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef GROOVE_SZC_HOSTS_H
#define GROOVE_SZC_HOSTS_H

/*
 * In whose slots superblocks may lie besides their parent's. The table is made by config/gen_hosts.py, which explains
 * it and refuses to make a bad one.
 */

#include <groove_szc.h>

/* What a class has; but for SLICE, whose superblocks lie in volumes alone. */
struct szc_hosts {
	uint64_t mask[2];   /* classes in whose slots its superblocks may lie, the parent's among them */
	uint16_t way_first; /* of its ways, in szc_ways */
	uint8_t way_cnt;
	uint8_t level; /* log2 of the bytes of a volume for each entry in the level of the table for its superblocks */
};

/* What to do with a free slot of a host: make it a superblock of a class, that itself or one between. */
struct szc_way {
	uint8_t host;
	uint8_t first;
};

extern const struct szc_hosts szc_hosts[GROOVE_DATA_SZC_CNT];

/* The ways of all classes; of each those come first that leave least of the host unused. */
extern const struct szc_way szc_ways[];

#endif /* GROOVE_SZC_HOSTS_H */
