/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Handles: offset in the volumes, in units of 16 bytes, 37 bits | generation of the volume 11 | check of both and of
 * the region 16. Never 0: the check is not.
 */

#include "region_private.h"
#include "region_state.h"

#define UNIT	  16UL
#define OFF_BITS  37
#define GEN_BITS  11
#define BODY_BITS (OFF_BITS + GEN_BITS)

_Static_assert(GROOVE_VOLUME_REACH / UNIT == 1UL << OFF_BITS, "each object has a handle");

/* splitmix64's mixer: each bit of the body and of the id counts. */
static uint64_t
check_of(const groove_region_t *region, uint64_t body)
{
	uint64_t mix = body ^ region->fixed.id;

	mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9UL;
	mix = (mix ^ mix >> 27) * 0x94d049bb133111ebUL;
	mix = (mix ^ mix >> 31) >> 48;
	return mix != 0 ? mix : 1;
}

/* Where an offset has a volume with memory: its generation. */
static bool
generation_of(const groove_region_t *region, uint64_t off, uint64_t *gen)
{
	uint64_t state;

	if (off >= region->fixed.volume_max * region->fixed.volume_sz)
		return false;
	state = region_state_load(region_state_word(region, off / region->fixed.volume_sz));
	switch (region_state_kind(state)) {
	case REGION_PRESENT:
		*gen = region_state_gen(state);
		break;
	case REGION_GROWING: /* may be in the groove already: the generation it is about to have */
		*gen = region_state_gen(state) + 1UL;
		break;
	default:
		return false;
	}
	*gen &= (1UL << GEN_BITS) - 1;
	return true;
}

uint64_t
groove_region_handle(const groove_region_t *region, const void *obj)
{
	const uint64_t off = (uintptr_t)obj - (uintptr_t)groove_region_volume0(region);
	uint64_t gen;
	uint64_t body;

	if (off % UNIT != 0 || !generation_of(region, off, &gen))
		return 0;
	body = off / UNIT | gen << OFF_BITS;
	return body | check_of(region, body) << BODY_BITS;
}

void *
groove_region_pointer(const groove_region_t *region, uint64_t handle)
{
	const uint64_t body = handle & ((1UL << BODY_BITS) - 1);
	const uint64_t off = (body & ((1UL << OFF_BITS) - 1)) * UNIT;
	uint64_t gen;

	if (handle >> BODY_BITS != check_of(region, body) || !generation_of(region, off, &gen) ||
		gen != body >> OFF_BITS)
		return NULL;
	return (uint8_t *)groove_region_volume0(region) + off;
}
