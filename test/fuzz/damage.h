/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef DAMAGE_H
#define DAMAGE_H

/**
 * @file
 * A groove in which everything occurs that a groove can have, which is brought back for each input; and the words of it
 * that an input may overwrite.
 *
 * Volumes 0 and 1 are in use, 2 is empty, 3 retired, 4 and 5 are not in the groove: a call that touches these, or
 * writes to them, is killed by the processor. So is one that leaves the shared region or the volumes.
 */

#include <groove.h>

#include "fuzz.h"

#define DAMAGE_VOLUME_SZ  GROOVE_VOLUME_FOOTPRINT_MIN
#define DAMAGE_VOLUME_MAX 6U
#define DAMAGE_VOLUME_IN  4U /* volumes in the groove: the first */
#define DAMAGE_JOIN_MAX	  4U
#define DAMAGE_JOIN_DEAD  1U /* what the join of a dead process has as its index */
#define DAMAGE_OBJ_MAX	  512U
#define DAMAGE_SLOT_MAX	  4096U
#define DAMAGE_SB_MAX	  64U

/** A superblock. */
struct damage_sb {
	uint64_t szc;
	uint64_t block;
};

struct damage_scene {
	uint8_t *shmem;
	uint64_t shmem_sz;
	uint8_t *volume0;
	groove_data_t live; /* a join, which caches slots and has objects */

	/* What there was before any damage. */
	void *obj[DAMAGE_OBJ_MAX];
	uint64_t obj_cnt;
	groove_data_hdr_t *slot[DAMAGE_SLOT_MAX];
	uint64_t slot_cnt;
	struct damage_sb sb[DAMAGE_SB_MAX];
	uint64_t sb_cnt;
};

/** Make the scene. Once. */
void damage_scene_make(struct damage_scene *scene);

/** Bring everything back as it was made. */
void damage_scene_reset(struct damage_scene *scene);

/**
 * Before a call: what is not in the groove can be read, as zeros, only if the damaged pool says that it is in. The rest
 * can be written unless the call may only read.
 */
void damage_scene_guard(const struct damage_scene *scene, bool read_only);

/** Whether the damaged configuration is sound, but that of a groove with more memory than this one has. */
bool damage_is_beyond_memory(const struct damage_scene *scene);

/* ---- edits: numbers as the input has them ---- */

/** What is overwritten; an index follows, in two bytes. */
enum damage_place {
	DAMAGE_CONFIG,	   /* first words of the shared region */
	DAMAGE_LIST,	   /* head of a list: group, class */
	DAMAGE_ACTIVE,	   /* active slot: group, class */
	DAMAGE_RECORD,	   /* state, epoch and busy of a record: record, word */
	DAMAGE_POOL,	   /* first words of the pool */
	DAMAGE_VOLUME,	   /* state, and link, of a volume */
	DAMAGE_SB,	   /* entry of a superblock that is there: word, and id with link */
	DAMAGE_SB_HDR,	   /* header of one: word, and tag */
	DAMAGE_SLOT,	   /* header of a slot that is there: word, and tag */
	DAMAGE_VOLUME_HDR, /* first words of a volume */
	DAMAGE_TABLE,	   /* any word of a table */
	DAMAGE_SHARED,	   /* any word of the shared region */
	DAMAGE_DATA,	   /* any word of a volume in use; three bytes of index */
	DAMAGE_PLACE_CNT,
};

/** What is written. */
enum damage_value {
	DAMAGE_ZERO,
	DAMAGE_ONES,
	DAMAGE_BIT,	/* the old word with a bit changed: its number follows */
	DAMAGE_ADD,	/* the old word and a number of one byte that follows, up or down */
	DAMAGE_SMALL,	/* a number of one byte that follows */
	DAMAGE_LITERAL, /* eight bytes that follow */
	DAMAGE_BYTE,	/* the old word with another byte: which, and what */
	DAMAGE_BLOCK,	/* the low half: the block of a superblock that follows */
	DAMAGE_NEXT,	/* the same, and in the high half a class: follows; an id and a link */
	DAMAGE_PLACE,	/* the word of a superblock: place, and four bytes of free bits follow */
	DAMAGE_TYPE,	/* another type in a header */
	DAMAGE_COPY,	/* another word: place and index follow */
	DAMAGE_VALUE_CNT,
};

/** Overwrite what the input says. */
void damage_edit(struct damage_scene *scene, struct fuzz_input *input);

#endif /* DAMAGE_H */
