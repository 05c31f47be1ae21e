/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef SLOTS_H
#define SLOTS_H

/**
 * @file
 * A worker's slots, each with an object of a random size as in the main job. Slots and sizes are drawn apart from the
 * calls; sizes beforehand, so that little but the calls is timed.
 */

#include "calls.h"

#define SLOTS_CNT   8192
#define SLOTS_ROUND 1024UL /**< Turns of a round. */

struct slots {
	void *objs[SLOTS_CNT];
	uint32_t szs[SLOTS_CNT]; /**< Sizes to come, over and over. */
	uint64_t next;		 /**< The next of these. */
};

/** Size of an object as in the main job, at least PERF_SZ_MIN. */
static inline uint64_t
slots_draw_sz(struct stress_rng *rng, uint64_t sz_max)
{
	const uint64_t sz = stress_draw_sz(rng, sz_max);

	return sz > PERF_SZ_MIN ? sz : PERF_SZ_MIN;
}

static inline uint64_t
slots_next_sz(struct slots *slots)
{
	return slots->szs[slots->next++ % SLOTS_CNT];
}

static inline void **
slots_draw(struct slots *slots, struct stress_rng *rng)
{
	return &slots->objs[stress_draw(rng) % SLOTS_CNT];
}

/** Get the slots and fill them all. */
static inline uint64_t
slots_fill(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct slots *slots = perf_room(sizeof(*slots));

	worker->mem = slots;
	if (slots == NULL)
		return perf_no_memory(worker, sizeof(*slots));
	for (unsigned int i = 0; i < SLOTS_CNT; i++)
		slots->szs[i] = (uint32_t)slots_draw_sz(&worker->rng, worker->scene->job->sz_max);
	for (unsigned int i = 0; i < SLOTS_CNT; i++) {
		const uint64_t sz = slots_draw_sz(&worker->rng, worker->scene->job->sz_max);

		slots->objs[i] = calls->alloc(worker, sz);
		if (slots->objs[i] == NULL)
			return perf_no_memory(worker, sz);
		perf_touch(slots->objs[i], i);
	}
	return SLOTS_CNT;
}

/** Free all objects, and give the slots back. */
static inline uint64_t
slots_empty(struct perf_worker *worker, const struct perf_calls *calls)
{
	struct slots *slots = worker->mem;

	for (unsigned int i = 0; slots != NULL && i < SLOTS_CNT; i++) {
		if (slots->objs[i] != NULL)
			calls->free(worker, slots->objs[i]);
	}
	perf_room_back(slots, sizeof(*slots));
	worker->mem = NULL;
	return SLOTS_CNT;
}

#endif /* SLOTS_H */
