/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The groove authors
 */

#include <string.h>

#include "histogram.h"

void
histogram_clear(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

void
histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	histogram->cnt += other->cnt;
	histogram->sum += other->sum;
	if (other->max > histogram->max)
		histogram->max = other->max;
	for (uint64_t i = 0; i < HISTOGRAM_CNT; i++)
		histogram->buckets[i] += other->buckets[i];
}

/* Largest number of a bucket. */
static uint64_t
bucket_top(uint64_t bucket)
{
	if (bucket < HISTOGRAM_LINEAR)
		return bucket;

	const uint64_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
	const uint64_t sub = bucket - (shift << HISTOGRAM_SUB_BITS);

	return ((sub + 1) << shift) - 1;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double share)
{
	const double want = share * (double)histogram->cnt;
	uint64_t seen = 0;

	for (uint64_t i = 0; i < HISTOGRAM_CNT; i++) {
		seen += histogram->buckets[i];
		if (seen > 0 && (double)seen >= want) {
			const uint64_t top = bucket_top(i);

			return top < histogram->max ? top : histogram->max;
		}
	}
	return histogram->max;
}
