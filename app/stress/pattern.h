/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef STRESS_PATTERN_H
#define STRESS_PATTERN_H

/**
 * @file
 * The pattern that fills an object: 64-bit words that only this tag has at this place, so that a stray write, a lost
 * write and two objects that overlap all show. Made from the tag and the position in the range, hence the same in every
 * process. Runs at the speed of memory.
 */

#include <stddef.h>
#include <stdint.h>

/** Fill sz bytes, a multiple of 8, at an 8-byte aligned address with the pattern of a tag. */
void stress_pattern_fill(void *start, size_t sz, uint64_t tag);

/** Offset of the first byte that is not the tag's pattern; sz when all are. Same terms as fill. */
size_t stress_pattern_check(const void *start, size_t sz, uint64_t tag);

/** The byte that the pattern of a tag has at an offset. */
uint8_t stress_pattern_byte(uint64_t tag, size_t off);

#endif /* STRESS_PATTERN_H */
