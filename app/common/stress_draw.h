/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_DRAW_H
#define STRESS_DRAW_H

/**
 * @file
 * Random draws of the main job: repeatable from the seed, and cheap compared with the memory traffic of a turn.
 */

#include <stdint.h>

/** A stream of random numbers. Owned by one thread. */
struct stress_rng {
	uint64_t state;
};

/** One-to-one scrambling of 64 bits: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static inline uint64_t
stress_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

/** Next 64 random bits: SplitMix64. */
static inline uint64_t
stress_draw(struct stress_rng *rng)
{
	rng->state += 0x9e3779b97f4a7c15UL;
	return stress_mix(rng->state);
}

/** Start the stream of a tile: each seed and tile has its own. */
static inline void
stress_rng_seed(struct stress_rng *rng, uint64_t seed, uint64_t tile)
{
	rng->state = stress_mix(stress_mix(seed) + tile + 1);
}

/** A number in [0, n), n in [1, 2^32]. The bias, under n / 2^32, is of no matter to a burn-in. */
static inline uint64_t
stress_draw_below(struct stress_rng *rng, uint64_t n)
{
	return (stress_draw(rng) >> 32) * n >> 32;
}

#define STRESS_SZ_EVEN_BITS 16

/**
 * Bits of a size, [0, bit_max]: up to 16 each number as often as any other, above that each half as often as the one
 * before.
 */
static inline uint64_t
stress_draw_bits(struct stress_rng *rng, uint64_t bit_max)
{
	const uint64_t last = bit_max <= STRESS_SZ_EVEN_BITS ? bit_max : STRESS_SZ_EVEN_BITS + 1;
	uint64_t bits = stress_draw_below(rng, last + 1);

	if (bits > STRESS_SZ_EVEN_BITS)
		bits += (uint64_t)__builtin_ctzll(stress_draw(rng) | 1UL << 63); /* coin tosses */
	return bits < bit_max ? bits : bit_max;
}

/**
 * Size of an object, in [0, sz_max], sz_max below 2^32: small ones far more often than large ones.
 *
 * Draws a number of bits, then evenly a size of at most so many bits. So every doubling up to 64 KiB has about the same
 * number of objects, every doubling above it about the same number of bytes, and every size up to sz_max can come.
 *
 * With sz_max 10 MiB the mean is 18 KiB and the standard deviation 185 KiB. Two slots in three hold an object in the
 * long run (an empty slot always gets one, a full one loses it every other time): 5,461 of 8,192, which is 97 MiB with
 * a standard deviation of 13 MiB. That fits one volume of 1 GiB with room to spare, though families of size classes
 * have parts of it for themselves.
 */
static inline uint64_t
stress_draw_sz(struct stress_rng *rng, uint64_t sz_max)
{
	const uint64_t bit_max = sz_max > 0 ? 64 - (uint64_t)__builtin_clzll(sz_max) : 0;
	const uint64_t top = (1UL << stress_draw_bits(rng, bit_max)) - 1;

	return stress_draw_below(rng, (top < sz_max ? top : sz_max) + 1);
}

/** Alignment of an object: 0 (the default), 1, 2, 4, ..., 512, evenly. */
static inline uint64_t
stress_draw_align(struct stress_rng *rng)
{
	const uint64_t choice = stress_draw_below(rng, 11);

	return choice > 0 ? 1UL << (choice - 1) : 0;
}

#endif /* STRESS_DRAW_H */
