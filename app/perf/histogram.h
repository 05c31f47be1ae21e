/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#ifndef HISTOGRAM_H
#define HISTOGRAM_H

/**
 * @file
 * Counts of numbers, exact below HISTOGRAM_LINEAR, above that within 1/64. Adding one is a few instructions and one
 * write. Owned by one thread.
 */

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 6						       /**< 64 buckets per doubling, */
#define HISTOGRAM_LINEAR   (2UL << HISTOGRAM_SUB_BITS)			       /**< but one per number below this. */
#define HISTOGRAM_CNT	   ((65UL - HISTOGRAM_SUB_BITS) << HISTOGRAM_SUB_BITS) /**< The last: from 2^64 - 2^57. */

struct histogram {
	uint64_t cnt;
	uint64_t sum;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_CNT];
};

static inline uint64_t
histogram_bucket(uint64_t value)
{
	if (value < HISTOGRAM_LINEAR)
		return value;

	const unsigned int shift = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;

	return ((uint64_t)shift << HISTOGRAM_SUB_BITS) + (value >> shift);
}

static inline void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->cnt++;
	histogram->sum += value;
	if (__builtin_expect(value > histogram->max, 0))
		histogram->max = value;
	histogram->buckets[histogram_bucket(value)]++;
}

/** Start anew. */
void histogram_clear(struct histogram *histogram);

/** Add all numbers of another. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/** The number that a share of all numbers does not exceed, within 1/64; 0 when there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif /* HISTOGRAM_H */
