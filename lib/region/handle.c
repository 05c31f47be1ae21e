/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

/*
 * Handles: of 64 bits, those above 48 are a check, and the 48 below say
 *
 *     | low bits of the volume's generation | offset in the volumes, in units of 16 bytes |
 *                                            as many bits as the region's volumes need
 *
 * To the check, a mix of these bits and the region's random number, the high bits of the generation are added. So the
 * handles of one place are different for all generations that differ by less than 2 to the number of bits that are left
 * by the offset, of all 64: of a region of 2 TiB, 27 bits; of one of up to 64 GiB the 32 that a generation has.
 */

#include "region_private.h"
#include "region_state.h"

#define UNIT	   16UL
#define BODY_BITS  48
#define CHECK_MASK 0xffffUL

_Static_assert(GROOVE_VOLUME_REACH / UNIT == 1UL << 37, "a body has 11 bits of the generation at least");

/* splitmix64's mixer: each bit of the body and of the id counts. */
static uint64_t
mix_of(const groove_region_t *region, uint64_t body)
{
	uint64_t mix = body ^ region->fixed.id;

	mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9UL;
	mix = (mix ^ mix >> 27) * 0x94d049bb133111ebUL;
	return (mix ^ mix >> 31) >> BODY_BITS;
}

/* Bits that the offset of any object of the region needs. */
static unsigned int
off_bits(const groove_region_t *region)
{
	return 64U - (unsigned int)__builtin_clzll(region->fixed.volume_max * region->fixed.volume_sz / UNIT - 1);
}

static uint64_t
handle_of(const groove_region_t *region, uint64_t off, uint32_t gen)
{
	const unsigned int bits = off_bits(region);
	const unsigned int gen_bits = BODY_BITS - bits;
	const uint64_t body = off / UNIT | (gen & ((1UL << gen_bits) - 1)) << bits;
	const uint64_t check = (mix_of(region, body) + ((uint64_t)gen >> gen_bits)) & CHECK_MASK;

	return body | check << BODY_BITS;
}

/* Where an offset has a volume with memory: its generation. */
static bool
generation_of(const groove_region_t *region, uint64_t off, uint32_t *gen)
{
	uint64_t state;

	/* At 0 there is the header of a volume. So no handle is 0. */
	if (off == 0 || off % UNIT != 0 || off >= region->fixed.volume_max * region->fixed.volume_sz)
		return false;
	state = region_state_load(region_state_word(region, off / region->fixed.volume_sz));
	switch (region_state_kind(state)) {
	case REGION_PRESENT:
		*gen = region_state_gen(state);
		return true;
	case REGION_GROWING: /* may be in the groove already: the generation it is about to have */
		*gen = region_state_gen(state) + 1U;
		return true;
	default:
		return false;
	}
}

uint64_t
groove_region_handle(const groove_region_t *region, const void *obj)
{
	const uint64_t off = (uintptr_t)obj - (uintptr_t)groove_region_volume0(region);
	uint32_t gen;

	return generation_of(region, off, &gen) ? handle_of(region, off, gen) : 0;
}

void *
groove_region_pointer(const groove_region_t *region, uint64_t handle)
{
	const uint64_t off = (handle & ((1UL << off_bits(region)) - 1)) * UNIT;
	uint32_t gen;

	if (!generation_of(region, off, &gen) || handle != handle_of(region, off, gen))
		return NULL;
	return (uint8_t *)groove_region_volume0(region) + off;
}
