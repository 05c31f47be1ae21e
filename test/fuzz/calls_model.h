/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef CALLS_MODEL_H
#define CALLS_MODEL_H

/**
 * @file
 * What a groove must be, known from the calls made on it alone: which objects are live, where, and what is in them.
 * Knows nothing of the library but the table of size classes and its public header.
 */

#include <groove.h>

#include "fuzz.h"

#define MODEL_OBJ_MAX 512U

/** A live object. */
struct model_obj {
	uint8_t *obj;
	uint64_t align; /* as asked for */
	uint64_t sz;
	uint64_t tag;
};

/** Live objects by ascending address, and sums. */
struct model {
	uint8_t *volume0;
	uint64_t volume_sz;
	uint64_t volume_max;
	uint64_t volumes; /* a bit for each that is in the groove */
	struct model_obj live[MODEL_OBJ_MAX];
	uint64_t cnt;
	uint64_t alloc_cnt;
	uint64_t free_cnt;
	uint64_t next_tag;
};

/** Whether there is room for n more objects. */
bool model_has_room(const struct model *model, uint64_t n);

/**
 * An object was allocated: check its alignment, slot, accessors, that it is in a volume and on no cache line of another
 * object's, and fill both ends of what is its own.
 */
void model_add(struct model *model, void *obj, uint64_t align, uint64_t sz, uint64_t tag);

/** Check the accessors and both ends of an object. */
void model_check(const struct model *model, uint64_t rank);

/** Check that an object is live and as it was filled, and forget it: to be freed. Returns it. */
void *model_take(struct model *model, uint64_t rank);

/** Rank of the object at an address; model->cnt when there is none. */
uint64_t model_find(const struct model *model, const void *obj);

/** Whether a volume holds a byte of an object. */
bool model_uses_volume(const struct model *model, uint64_t volume);

/** Check the counts of a groove. */
void model_check_stats(const struct model *model, const groove_data_stats_t *stats);

#endif /* CALLS_MODEL_H */
