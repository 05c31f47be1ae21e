/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef REGION_STATE_H
#define REGION_STATE_H

/*
 * The state of a volume's memory, one word:
 *
 *     kind 3 bits | owner number of a member 29 | generation of the volume 32
 *
 * A member is named while it works on the volume (region_member.h). The generation moves on with each change, so that a
 * word that was read and compared again stands for the same state all the time between. Whether the groove uses the
 * volume is the core's to say; what follows from both is the table in the programmer's guide, "Regions".
 *
 *              grow            done
 *     ABSENT ---------> GROWING ----> PRESENT        GROWING -----> ABSENT    when there is no memory
 *        ^                 ^             | |
 *        |                 +-------------+ |         a volume with memory, not in the groove
 *        +---- SHRINKING <-----------------+
 */

#include <stdbool.h>
#include <stdint.h>

enum region_kind {
	REGION_ABSENT,	  /* no memory */
	REGION_GROWING,	  /* a member gets memory for it and adds it to the groove */
	REGION_PRESENT,	  /* has memory */
	REGION_SHRINKING, /* out of the groove, a member gives its memory back */
	REGION_KIND_CNT,
};

#define REGION_OWNER_CNT  (1U << 29) /* owner numbers that there are */
#define REGION_OWNER_NONE 0U

static inline enum region_kind
region_state_kind(uint64_t state)
{
	return (enum region_kind)(state & 7);
}

static inline uint32_t
region_state_owner(uint64_t state)
{
	return (uint32_t)(state >> 3) & (REGION_OWNER_CNT - 1);
}

static inline uint32_t
region_state_gen(uint64_t state)
{
	return (uint32_t)(state >> 32);
}

/* Whether a member works on it. */
static inline bool
region_state_is_held(uint64_t state)
{
	return region_state_kind(state) == REGION_GROWING || region_state_kind(state) == REGION_SHRINKING;
}

/* The state after another; owner 0 where nobody works on it. */
static inline uint64_t
region_state_next(uint64_t state, enum region_kind kind, uint32_t owner)
{
	return ((state & ~0xffffffffUL) + (1UL << 32)) | (uint64_t)owner << 3 | kind;
}

/* Acquire pairs with region_state_swap(): a process that sees a volume with memory sees the memory. */
static inline uint64_t
region_state_load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Change a state if it is still as it was read. Release pairs with region_state_load(). */
static inline bool
region_state_swap(uint64_t *word, uint64_t state, enum region_kind kind, uint32_t owner)
{
	return __atomic_compare_exchange_n(
		word, &state, region_state_next(state, kind, owner), false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

#endif /* REGION_STATE_H */
